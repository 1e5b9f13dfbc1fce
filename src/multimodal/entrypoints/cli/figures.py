"""Figures on a terminal: metrics with their intervals, in columns or as JSON."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from .table import Cell, printable, table

Parts = Mapping[str, Mapping[str, Sequence[float]]]
"""Part of the data -> metric -> value, low, high."""


def show_json(found: Any) -> None:
    """Anything of plain values, for programs; what is not a number is null."""
    import orjson

    click.echo(orjson.dumps(found, default=dict, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY))


def show(found: Mapping[str, Any], form: str) -> None:
    """The figures of `found["metrics"]` in columns, or all of it as JSON."""
    if form == "json":
        show_json(found)
    else:
        click.echo("\n".join(metrics(found["metrics"])))


def metrics(parts: Parts) -> Iterable[str]:
    """One line a metric, one column a part."""
    names = list(dict.fromkeys(name for figures in parts.values() for name in figures))
    rows = [[(name, ""), *((figure(figures.get(name)), "") for figures in parts.values())] for name in names]
    return table(["metric", *parts], rows)


def figure(values: Sequence[float] | None) -> str:
    """A figure with its interval, where it has one.

    >>> figure([0.912, 0.88, 0.94])
    '0.912 [0.880, 0.940]'
    """
    if not values:
        return ""
    value, low, high = (float("nan") if number is None else number for number in values)
    return f"{value:.3f}" if math.isnan(low) else f"{value:.3f} [{low:.3f}, {high:.3f}]"


def confusion(counts: Mapping[str, Mapping[str, int]]) -> Iterable[str]:
    """Which label got which answer how often."""
    answers = sorted({answer for row in counts.values() for answer in row})
    rows: list[list[Cell]] = [
        [(printable(label), ""), *((str(row.get(answer, 0)), "") for answer in answers)]
        for label, row in counts.items()
    ]
    return table(["label \\ answer", *answers], rows)
