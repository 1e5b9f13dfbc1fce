"""Figures on the terminal: with their intervals, as a table or as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from .table import Cell, table

Parts = Mapping[str, Mapping[str, Sequence[float]]]


def figure(values: Sequence[float] | None) -> str:
    """A figure with its interval, where it has one.

    >>> figure([0.912, 0.88, 0.94]), figure([0.5, None, None])
    ('0.912 [0.880, 0.940]', '0.500')
    """
    if not values or values[0] is None or values[0] != values[0]:
        return ""
    value, low, high = values
    return f"{value:.3f}" if low is None or low != low else f"{value:.3f} [{low:.3f}, {high:.3f}]"


def metrics_table(parts: Parts) -> Iterator[str]:
    """One line a metric, one column a part (train, validation, test)."""
    names = dict.fromkeys(name for figures in parts.values() for name in figures)
    rows: list[list[Cell]] = [
        [(name, ""), *((figure(figures.get(name)), "") for figures in parts.values())] for name in names
    ]
    return table(["metric", *parts], rows)


def write_json(value: Any) -> None:
    """Plain values as JSON on stdout; what is not a number is null."""
    import orjson

    options = orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY
    click.echo(orjson.dumps(value, default=dict, option=options))
