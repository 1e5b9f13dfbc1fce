"""Aligned columns in plain text, coloured on a terminal.

Plain string formatting: a library for tables takes longer for a row than the assessment of a small photograph.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

import click

Cell = tuple[str, str]  # text, colour or ""
GAP = "  "


def table(header: Sequence[str], rows: Sequence[Sequence[Cell]], *, bold: bool = True) -> Iterator[str]:
    """The lines of a table; columns that are empty throughout are left out.

    >>> list(table(["name", "note", "verdict"], [[("a.jpg", ""), ("", ""), ("good", "")]], bold=False))
    ['name   verdict', 'a.jpg  good']
    """
    used = [i for i in range(len(header)) if not rows or any(row[i][0] for row in rows)]
    widths = [max(width(header[i]), *(width(row[i][0]) for row in rows)) if rows else width(header[i]) for i in used]
    title = "bright_white" if bold else ""
    yield line(((header[i], title) for i in used), widths)
    for row in rows:
        yield line((row[i] for i in used), widths)


def line(cells: Iterable[Cell], widths: Sequence[int]) -> str:
    """One line; the last cell is not padded."""
    parts = [coloured(cell, size) for cell, size in zip(cells, widths, strict=True)]
    return GAP.join(parts).rstrip()


def coloured(cell: Cell, size: int) -> str:
    """The cell's text in its colour, padded outside of the colour."""
    text, colour = cell
    padding = " " * (size - width(text))
    return (click.style(text, fg=colour) if colour else text) + padding


def width(text: str) -> int:
    """Columns that a terminal needs for a text: East Asian wide characters take two."""
    return len(text) if text.isascii() else sum(columns(character) for character in text)


def columns(character: str) -> int:
    """Columns of one character."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def printable(text: str) -> str:
    r"""The text without anything that a terminal would obey.

    >>> printable("a\x1b[31m.jpg")
    'a\\x1b[31m.jpg'
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def shortened(text: str, size: int) -> str:
    """The end of a path when it is longer than `size`.

    >>> shortened("holidays/2024/IMG_0001.jpg", 16)
    '…24/IMG_0001.jpg'
    """
    return text if width(text) <= size or size < 2 else "…" + text[1 - size :]
