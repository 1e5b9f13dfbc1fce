"""OFF: vertices and polygons as text (Geomview)."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...shared.errors import BrokenCapture
from ...shared.modality import Limits
from ...shared.parsed import Parsed
from . import text
from .parsed import colours_of, refuse_elements, refuse_promises, triangulated

KEYWORD = re.compile(rb"\s*(ST)?(C)?(N)?(4)?(n)?OFF\b")
COMMENT = re.compile(rb"#[^\n]*")


def read(data: bytes, limits: Limits) -> Parsed:
    """The mesh of an OFF file, or the cloud when it has no faces."""
    body = COMMENT.sub(b"", data.removeprefix(b"\xef\xbb\xbf"))
    keyword = KEYWORD.match(body)
    if keyword is None or keyword.group(5) or body[keyword.end() :].lstrip().startswith(b"BINARY"):
        raise BrokenCapture("This kind of OFF file is not read. Save it as a plain one, or as PLY.")
    lines = [line for line in body[keyword.end() :].splitlines() if line.strip()]
    counts = text.exactly(lines[0] if lines else b"", 2).astype(np.int64)
    vertices, faces = int(counts[0]), int(counts[1])
    for count in (vertices, faces):
        refuse_elements(count, limits)
        refuse_promises(count, 2, len(data), "vertices or faces")
    if len(lines) < 1 + vertices + faces:
        raise BrokenCapture(f"The OFF file ends before its {vertices:,} vertices and {faces:,} faces do.")
    table = text.table(lines[1 : 1 + vertices])
    arrays = points_of(table, *(bool(keyword.group(i)) for i in (2, 3, 4)))
    if faces:
        arrays["faces"] = polygons(lines[1 + vertices : 1 + vertices + faces])
    return Parsed(arrays, {"format": "OFF"})


def points_of(table: NDArray[np.float64], coloured: bool, normals: bool, weighted: bool) -> dict[str, NDArray[Any]]:
    """The arrays of the vertices' columns: a weight, a normal and a colour stand in this order."""
    arrays: dict[str, NDArray[Any]] = {"vertices": table[:, :3]}
    at = 4 if weighted else 3
    if normals and table.shape[1] >= at + 3:
        arrays["normals"] = table[:, at : at + 3]
        at += 3
    if coloured and table.shape[1] >= at + 3:
        arrays["colours"] = colours_of([*table[:, at : at + 3].T])
    return arrays


def polygons(lines: list[bytes]) -> NDArray[np.int64]:
    """Triangles of lines that say how many corners there are, and which; a colour may follow."""
    words = [line.split() for line in lines]
    try:
        counts = np.array([int(word[0]) for word in words], np.int64)
        corners = [int(corner) for word, count in zip(words, counts, strict=True) for corner in word[1 : 1 + count]]
    except ValueError as error:
        raise BrokenCapture("A face of the OFF file is no list of numbers.") from error
    if (counts < 0).any() or len(corners) != counts.sum():
        raise BrokenCapture("A face of the OFF file has fewer corners than it says.")
    return triangulated(np.array(corners, np.int64), counts)
