"""Strips of native pixels, the same ones for noise, compression and resolution.

    strips ............ rows of native luma, 310,000 pixels of them at most
    flat_strips ....... the same as one picture
    means ............. mean of a picture of strips over tiles

What a sensor, a codec and an enlargement leave behind is seen at native pixels only, and is the same all over: a sample
of the rows tells it. Rows of a strip are neighbours; the first of each strip lies on the 8 x 8 grid of a JPEG.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..shared.sample import measure
from .measures import Gray, native
from .sample import ImageSample

Floats = NDArray[np.floating]

ROWS = 32
"""Height of a strip: four blocks of a JPEG."""
TILE = 16
ENOUGH = 310_000
"""Native pixels that are looked at, unless a single strip has more."""


@measure
def strips(sample: ImageSample) -> Gray:
    """Luma uint8 (strips, 32, width), evenly taken from `native`, cut to whole tiles.

    What is smaller than a strip or a tile is continued by its border.
    """
    luma = native(sample)
    missing = max(0, ROWS - luma.shape[0]), max(0, TILE - luma.shape[1])
    if any(missing):
        luma = np.asarray(cv2.copyMakeBorder(luma, 0, missing[0], 0, missing[1], cv2.BORDER_REPLICATE), np.uint8)
    count, width = luma.shape[0] // ROWS, luma.shape[1] // TILE * TILE
    kept = min(count, max(1, ENOUGH // (ROWS * width)))
    chosen = np.arange(kept) * count // kept
    return np.asarray(luma[: count * ROWS].reshape(count, ROWS, -1)[:, :, :width][chosen])


def flat_strips(sample: ImageSample) -> Gray:
    """The strips one below the other, uint8 (32 strips, width); a view."""
    stack = strips(sample)
    return stack.reshape(-1, stack.shape[2])


def means(picture: NDArray[Any], side: int, high: int = 0) -> Floats:
    """Mean over tiles `side` pixels wide and `high` rows high (usually as many), float32 (rows, columns).

    >>> means(np.array([[1, 3], [5, 7]], np.uint8), 2).tolist()
    [[4.0]]
    """
    high, width = high or side, picture.shape[1]
    rows = np.matmul(np.full((1, high), 1 / high, np.float32), picture.astype(np.float32).reshape(-1, high, width))
    return np.asarray(rows.reshape(-1, side) @ np.full(side, 1 / side, np.float32)).reshape(len(rows), -1)
