"""A contact sheet: a few captures of each label at a glance, as a PNG.

chosen ... which captures are shown
sheet .... rows of pictures with their names -> PNG
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .data import Dataset

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

SIDE, GAP, TITLE, CAPTION = 176, 10, 30, 18
"""Pixels: longest side of a picture, between pictures, heights of a row's title and of a picture's name."""
LETTERS = 26
"""Of a name; its end is shown."""
PAPER, INK, EMPTY = (250, 250, 250), (30, 30, 30), (215, 215, 215)


@dataclass(frozen=True, eq=False)
class Tile:
    """A picture, RGB uint8 (h, w, 3) with no side longer than SIDE, and its name; None where there is none."""

    name: str
    picture: NDArray[np.uint8] | None


@dataclass(frozen=True, eq=False)
class Row:
    """Pictures under a title."""

    title: str
    tiles: Sequence[Tile]


def chosen(dataset: Dataset, label: str | None, most: int) -> list[int]:
    """Positions of at most `most` captures of a label: always the same ones, from as many groups as possible."""
    groups, taken = dataset.groups, dict[str, int]()
    ranked = []
    of_label = [i for i, capture in enumerate(dataset.captures) if capture.label == label]
    for i in sorted(of_label, key=lambda i: _by_chance(dataset.captures[i].name)):
        taken[groups[i]] = taken.get(groups[i], 0) + 1
        ranked.append((taken[groups[i]], i))
    return [i for _, i in sorted(ranked, key=lambda rank: rank[0])[:most]]


def _by_chance(name: str) -> bytes:
    """An order that does not follow the names, and is the same every time."""
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()


def sheet(rows: Sequence[Row]) -> bytes:
    """The rows one below the other, as the bytes of a PNG."""
    from PIL import Image, ImageDraw

    columns = max([1, *(len(row.tiles) for row in rows)])
    height = TITLE + SIDE + CAPTION + GAP
    page = Image.new("RGB", (GAP + columns * (SIDE + GAP), GAP + len(rows) * height), PAPER)
    draw = ImageDraw.Draw(page)
    for number, row in enumerate(rows):
        top = GAP + number * height
        _write(draw, (GAP, top), row.title, 18)
        for column, tile in enumerate(row.tiles):
            left = GAP + column * (SIDE + GAP)
            if tile.picture is None:
                draw.rectangle((left, top + TITLE, left + SIDE, top + TITLE + SIDE), fill=EMPTY)
            else:
                shown = Image.fromarray(tile.picture)
                offset = (SIDE - shown.width) // 2, (SIDE - shown.height) // 2
                page.paste(shown, (left + offset[0], top + TITLE + offset[1]))
            _write(draw, (left, top + TITLE + SIDE + 2), _end(tile.name), 12)
    buffer = io.BytesIO()
    page.save(buffer, "PNG")
    return buffer.getvalue()


def _write(draw: ImageDraw, place: tuple[int, int], text: str, size: int) -> None:
    from PIL import ImageFont

    plain = "".join(letter if letter.isprintable() else "?" for letter in text)
    draw.text(place, plain, INK, ImageFont.load_default(size))


def _end(name: str) -> str:
    return name if len(name) <= LETTERS else "…" + name[1 - LETTERS :]
