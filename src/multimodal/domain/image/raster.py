"""Arrays of any kind to upright RGB at the working scale.

    to_rgb ........... gray, alpha, 16-bit, float -> uint8 RGB
    composite ........ transparent pixels over white, as a page shows them
    halvings ......... how often a picture is halved to reach the working scale
    shrink ........... halve it, averaging areas
    upright .......... undo the eight EXIF orientations

Working scale: halved while its short side stays at 480 or more, so that the short side lies in 480..959; a smaller
picture keeps its pixels. No side is longer than 4096, which only panoramas above 4:1 reach.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..shared.errors import BrokenCapture

Pixels = NDArray[np.uint8]

WORKING_SHORT_SIDE = 480
WORKING_LONG_SIDE = 4096


def halvings(width: int, height: int) -> int:
    """How often a picture of this native size is halved to reach the working scale.

    >>> halvings(640, 480), halvings(1920, 1080), halvings(4000, 3000)
    (0, 1, 2)
    """
    times = 0
    while min(width, height) >> (times + 1) >= WORKING_SHORT_SIDE or max(width, height) > WORKING_LONG_SIDE << times:
        times += 1
    return times


def halved(size: tuple[int, int], times: int) -> tuple[int, int]:
    """A size after this many halvings, rounded up as JPEG decoders do.

    >>> halved((1001, 1), 3)
    (126, 1)
    """
    return -(-size[0] >> times), -(-size[1] >> times)


def shrink(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """The picture at (width, height), each pixel the mean of what it covers; the same array if it fits already."""
    if pixels.shape[1::-1] == size:
        return pixels
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def upright(pixels: Pixels, orientation: int) -> Pixels:
    """Undo an EXIF orientation (1 to 8; CIPA DC-008, tag 274)."""
    if orientation >= 5:
        pixels = np.asarray(cv2.transpose(pixels), np.uint8)
    flip = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}.get(orientation)
    return pixels if flip is None else np.asarray(cv2.flip(pixels, flip), np.uint8)


def to_rgb(array: NDArray[Any]) -> Pixels:
    """RGB uint8 (h, w, 3) of gray (h, w) or (h, w, 1), gray with alpha (h, w, 2), RGB (h, w, 3), or RGBA (h, w, 4).

    uint16 is scaled by 1/257, bool and floats (0 to 1) by 255. `BrokenCapture` for anything else.
    """
    if array.ndim not in (2, 3) or 0 in array.shape or (array.ndim == 3 and array.shape[2] > 4):
        raise BrokenCapture(f"A picture has the shape (h, w) or (h, w, 1 to 4), got {array.shape}.")
    levels = eight_bit(array)
    channels = 1 if levels.ndim == 2 else levels.shape[2]
    if channels == 3:
        return levels
    if channels in (2, 4):
        return composite(levels)
    return np.asarray(cv2.cvtColor(levels, cv2.COLOR_GRAY2RGB), np.uint8)


def eight_bit(array: NDArray[Any]) -> Pixels:
    """The values as 0 to 255, rounded; the array itself when it is uint8."""
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind == "u" and array.dtype.itemsize == 2:
        return _scaled(array.astype(np.uint16, copy=False), 1 / 257)
    if array.dtype == np.bool_:
        return _scaled(array.view(np.uint8), 255)
    if array.dtype.kind == "f":
        return _scaled(_unit_range(array.astype(np.float32, copy=False)), 255)
    raise BrokenCapture(
        f"Values of type {array.dtype} have no defined white. Use uint8, uint16, or floats from 0 to 1."
    )


def composite(levels: Pixels) -> Pixels:
    """RGB of (h, w, 2) or (h, w, 4) over white: what lies under a transparent pixel was never meant to be seen."""
    alpha = levels[..., -1:]
    colour = levels[..., :-1] if levels.shape[2] == 4 else np.repeat(levels[..., :1], 3, axis=2)
    if alpha.min() == 255:
        return np.ascontiguousarray(colour)
    veil = 255 - cv2.cvtColor(np.ascontiguousarray(alpha), cv2.COLOR_GRAY2RGB)
    weighted = cv2.multiply(np.ascontiguousarray(colour), 255 - veil, scale=1 / 255)
    return np.asarray(cv2.add(weighted, veil), np.uint8)


def _unit_range(array: NDArray[np.float32]) -> NDArray[np.float32]:
    low, high = float(array.min()), float(array.max())
    if not (low >= -1e-3 and high <= 1 + 1e-3):  # also false when either is not a number
        raise BrokenCapture(f"Float pixels lie between 0 and 1, these from {low:g} to {high:g}. Scale them first.")
    return np.clip(array, 0, 1)


def _scaled(array: NDArray[Any], factor: float) -> Pixels:
    return np.asarray(cv2.convertScaleAbs(np.ascontiguousarray(array), alpha=factor), np.uint8).reshape(array.shape)
