"""Enlargement as a fault: more pixels than detail.

    shrunk_and_enlarged ... a small copy of the photograph, brought back to its size
    digital_zoom .......... the middle of the photograph, brought to the size of the whole
    enlarged .............. what both do: a file perhaps, an interpolation, perhaps an unsharp mask
    ENLARGEMENT, ZOOM ..... both as degradations; strengths in times, along a side

A messenger's copy that somebody enlarges was compressed when it was small. Its pixels may be sharp to the last one; the
middle of a photograph has the softness of lens and mosaic, which is enlarged with it.
"""

from __future__ import annotations

import cv2
import numpy as np

from ..shared.modality import Degradation
from .camera import sharpened
from .degradations import compress_jpeg
from .light import Pixels

Rng = np.random.Generator

KERNELS = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4, cv2.INTER_NEAREST)
SHARES = (0.32, 0.36, 0.22, 0.1)
"""How often each interpolation is met; the last repeats pixels."""
SAVED, SHARPENED = 0.5, 0.2
"""Shares of small copies that were JPEG files, and of enlargements that were sharpened."""
TIMES = (1.4, 1.7, 2.0, 2.5, 3.2, 4.0)
UNNOTICED = 1.04


def shrunk_and_enlarged(pixels: Pixels, times: float, rng: Rng) -> Pixels:
    """The photograph at its size, with the detail of one `times` smaller."""
    if times <= 1:
        return pixels.copy()
    height, width = _smaller(pixels, times)
    return enlarged(np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)), pixels.shape, rng)


def digital_zoom(pixels: Pixels, times: float, rng: Rng) -> Pixels:
    """The middle of the photograph, `times` as large."""
    if times <= 1:
        return pixels.copy()
    height, width = _smaller(pixels, times)
    top, left = (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2
    return enlarged(pixels[top : top + height, left : left + width], pixels.shape, rng)


def enlarged(pixels: Pixels, shape: tuple[int, ...], rng: Rng) -> Pixels:
    """The photograph at the height and width of `shape`, as some program enlarges it."""
    if rng.uniform() < SAVED:
        pixels = compress_jpeg(pixels, int(rng.integers(75, 98)))
    way = KERNELS[int(rng.choice(len(KERNELS), p=SHARES))]
    large = np.asarray(cv2.resize(pixels, (shape[1], shape[0]), interpolation=way), np.uint8)
    amount = rng.uniform(0.2, 1.0) if rng.uniform() < SHARPENED else 0.0
    return sharpened(large, amount, rng.uniform(0.6, 2.0))


def _smaller(pixels: Pixels, times: float) -> tuple[int, int]:
    return max(1, round(pixels.shape[0] / times)), max(1, round(pixels.shape[1] / times))


ENLARGEMENT = Degradation("enlargement", "enlarged", "times", TIMES, shrunk_and_enlarged, unnoticed=UNNOTICED)
ZOOM = Degradation("digital_zoom", "enlarged", "times", TIMES, digital_zoom, unnoticed=UNNOTICED)
