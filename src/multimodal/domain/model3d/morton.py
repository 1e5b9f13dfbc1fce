"""Morton numbers: points that are near in space are near in their order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .sample import extremes

LEAST = 1e-30
CELLS = 10
"""Bits for each axis."""


def morton(points: NDArray[Any], ends: tuple[NDArray[Any], NDArray[Any]] | None = None) -> NDArray[np.uint32]:
    """For each point the bits of its cell along x, y and z in turn, uint32 (n,).

    ends: the corners of the box that the cells divide; by default the one around the points.
    """
    low, high = extremes(points) if ends is None else ends
    scale = ((1 << CELLS) - 1) / np.maximum(high - low, LEAST)
    cells = ((points - low) * scale).astype(np.uint32)
    found = spread(cells[:, 0]) | spread(cells[:, 1]) << np.uint32(1) | spread(cells[:, 2]) << np.uint32(2)
    return np.asarray(found, np.uint32)


def spread(bits: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Ten bits with two zeros between any two."""
    for shift, mask in ((16, 0x030000FF), (8, 0x0300F00F), (4, 0x030C30C3), (2, 0x09249249)):
        bits = (bits | bits << np.uint32(shift)) & np.uint32(mask)
    return np.asarray(bits, np.uint32)
