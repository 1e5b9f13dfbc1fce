"""What readers of files share: the limits that they keep, and the arrays that they give.

A reader gives a `Parsed` with the arrays `vertices` (n, 3), `faces` (m, 3) of a mesh, `colours` uint8 (n, 3), `normals`
(n, 3), `intensity` (n,) and `scans` (n,), where the file has them. Its facts are `format`, and `unit` or `metres` (of
one unit) where the file says them or its format defines them (`unit_source`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...shared.errors import BrokenCapture, TooManyPixels
from ...shared.modality import Limits


def refuse_elements(count: int, limits: Limits) -> None:
    """Raise `TooManyPixels` for more elements than the limit allows."""
    if count > limits.pixels:
        raise TooManyPixels(f"The capture has {count:,} points or faces; at most {limits.pixels:,} are allowed.")


def refuse_promises(count: int, least: int, there: int, what: str) -> None:
    """Raise `BrokenCapture` when `count` elements of at least `least` bytes cannot be in the bytes that are there."""
    if count < 0 or count * least > there:
        raise BrokenCapture(f"The file says it holds {count:,} {what}, but it is too short for them.")


def triangulated(corners: NDArray[Any], counts: NDArray[Any]) -> NDArray[np.int64]:
    """Triangles of polygons, as fans from their first corner.

    corners: of all polygons one after the other. counts: how many each has, those with less than three give nothing.

    >>> triangulated(np.array([0, 1, 2, 3, 4, 5, 6]), np.array([4, 3])).tolist()
    [[0, 1, 2], [0, 2, 3], [4, 5, 6]]
    """
    counts = np.asarray(counts, np.int64)
    fans = np.maximum(counts - 2, 0)
    begins = np.repeat(np.cumsum(counts) - counts, fans)
    step = np.arange(len(begins)) - np.repeat(np.cumsum(fans) - fans, fans)
    return np.column_stack([corners[begins], corners[begins + step + 1], corners[begins + step + 2]]).astype(np.int64)


def colours_of(columns: Sequence[NDArray[Any]]) -> NDArray[np.uint8]:
    """RGB uint8 (n, 3) of three columns: bytes, 16 bits, or floats from 0 to 1."""
    table = np.column_stack(columns)
    if table.dtype.kind == "f":
        scale = 255.0 if np.nanmax(table, initial=0.0) <= 1.0 else 1.0
        return np.asarray(np.clip(np.nan_to_num(table) * scale, 0, 255), np.uint8)
    if table.max(initial=0) > 255:
        return np.asarray(table.astype(np.uint32) >> 8, np.uint8)
    return np.asarray(table, np.uint8)


def whole(column: NDArray[Any]) -> NDArray[np.int64]:
    """Whole numbers; what is none, or larger than any, becomes -1, which no index is."""
    if column.dtype.kind != "f":
        return np.asarray(column, np.int64)
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(column) < 2.0**62, column, -1).astype(np.int64)
