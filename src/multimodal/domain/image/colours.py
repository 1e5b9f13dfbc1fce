"""Colours of a photograph at a glance: what colour cast and saturation measure on.

    swatches ..... RGB with a long side of 48 to 71, areas averaged: objects, neither noise nor texture
    lab .......... the same in CIELAB (CIE 1976, D65), 8 bits as OpenCV packs them
    opponents .... its a* and b*
    chroma ....... distance from grey in Delta E
    chromatic .... a* and b* of linear RGB, all brought to the same lightness

Between two colours of the same lightness the distance in a* and b* is Delta E (CIE 1976): 2 to 3 are just seen side by
side, 10 at a glance.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ..shared.sample import measure
from .measures import small
from .sample import ImageSample

Floats = NDArray[np.floating]

SWATCH_SIDE = 48
XYZ_OF_RGB = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
"""CIE XYZ of linear sRGB (IEC 61966-2-1); the white is that of its rows' sums."""
COMMON_LIGHTNESS = 85.0
_COMMON_Y = ((COMMON_LIGHTNESS + 16) / 116) ** 3
_XYZ, _WHITE = XYZ_OF_RGB.tolist(), XYZ_OF_RGB.sum(axis=1).tolist()
_LEAST = 1e-6


@measure
def swatches(sample: ImageSample) -> NDArray[np.uint8]:
    """RGB uint8 (h, w, 3) with a long side of 48 to 71 (or its own, if that is smaller)."""
    pixels = small(sample)
    height, width = pixels.shape[:2]
    times = max(1, max(height, width) // SWATCH_SIDE)
    size = (max(1, width // times), max(1, height // times))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


@measure
def lab(sample: ImageSample) -> NDArray[np.uint8]:
    """`swatches` in CIELAB, uint8 (h, w, 3): L* times 2.55, a* and b* plus 128."""
    return np.asarray(cv2.cvtColor(swatches(sample), cv2.COLOR_RGB2LAB), np.uint8)


@measure
def opponents(sample: ImageSample) -> NDArray[np.float32]:
    """a* (red against green) and b* (yellow against blue) of `swatches`, float32 (2, n), in Delta E."""
    return np.ascontiguousarray(lab(sample).reshape(-1, 3).T[1:], np.float32) - np.float32(128)


def chroma(sample: ImageSample) -> NDArray[np.float32]:
    """Chroma C*ab of `swatches`, float32 (n,), in Delta E."""
    a, b = opponents(sample)
    return np.asarray(np.sqrt(a * a + b * b), np.float32)


def chromatic(light: Sequence[float]) -> tuple[float, float]:
    """a* and b* of a linear RGB colour, made as light as L* = 85 first; grey is (0, 0).

    Plain numbers: a few colours take arrays ten times as long.

    >>> [round(v) for v in chromatic((0.3, 0.2, 0.1))]
    [7, 33]
    """
    red, green, blue = (max(channel, _LEAST) for channel in light)
    x, y, z = (r * red + g * green + b * blue for r, g, b in _XYZ)
    fx, fy, fz = ((_COMMON_Y * part / (y * white)) ** (1 / 3) for part, white in zip((x, y, z), _WHITE, strict=True))
    return 500 * (fx - fy), 200 * (fy - fz)


def light_of(a: float, b: float) -> Floats:
    """Linear RGB (3,) of luminance 1 and this a* and b* at L* = 85: the inverse of `chromatic`."""
    y = (COMMON_LIGHTNESS + 16) / 116
    xyz = np.array([y + a / 500, y, y - b / 200]) ** 3 * XYZ_OF_RGB.sum(axis=1)
    light = np.linalg.solve(XYZ_OF_RGB, xyz)
    return np.asarray(light / (XYZ_OF_RGB[1] @ light))
