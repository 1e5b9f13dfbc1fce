"""`multimodal config thresholds`: every threshold in force, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from .figures import show_json
from .shell import Json, Shell, thresholds_option
from .table import Cell, table

if TYPE_CHECKING:
    from ...domain.shared.adjusting import Threshold

HEADER = ("property", "pipeline", "threshold", "value", "unit", "from")


@click.command()
@thresholds_option
@click.option("-f", "--format", "form", type=Json, default="table", show_default=True, help="How to write it.")
@click.pass_obj
def thresholds(shell: Shell, form: str, thresholds: tuple[str, ...]) -> None:
    """Show every threshold in force, and where it comes from: recipe, trained, thresholds.yaml, or --set.

    Yours stand in thresholds.yaml in your configuration folder (`config path config`), as `image/blur: {accept: 0.7}`;
    `multimodal calibrate` writes them for pictures of your own.
    """
    found = shell.app(thresholds=thresholds).assessor.thresholds()
    if form == "json":
        show_json([asdict(threshold) for threshold in found])
    else:
        click.echo("\n".join(lines(found)))


def lines(found: Sequence[Threshold]) -> Iterator[str]:
    """The table; the user's own are in colour."""
    rows: list[list[Cell]] = []
    for t in found:
        colour = "" if t.source in ("recipe", "trained") else "green"
        texts = (t.property, t.pipeline, t.name, number(t.value), t.unit, t.source)
        rows.append([(text, colour) for text in texts])
    return table(HEADER, rows)


def number(value: float) -> str:
    """A threshold for people, with enough digits to write it down.

    >>> number(53.0571421), number(0.55), number(1200.0)
    ('53.06', '0.55', '1200')
    """
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:.0f}"
