"""Colours of a photograph at a glance: what colour cast and saturation measure on.

    swatches ..... RGB with a long side of 64 to 127, areas averaged: objects, neither noise nor texture
    lab .......... the same in CIELAB (CIE 1976, D65), 8 bits as OpenCV packs them
    chroma ....... its chroma, distance from grey in Delta E
    chromatic .... a* and b* of linear RGB, all brought to the same lightness

Between two colours of the same lightness the distance in a* and b* is Delta E (CIE 1976): 2 to 3 are just seen side by
side, 10 at a glance.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..shared.sample import measure
from .measures import small
from .sample import ImageSample

Floats = NDArray[np.floating]

SWATCH_SIDE = 64
XYZ_OF_RGB = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
"""CIE XYZ of linear sRGB (IEC 61966-2-1); the white is that of its rows' sums."""
COMMON_LIGHTNESS = 85.0
_COMMON_Y = ((COMMON_LIGHTNESS + 16) / 116) ** 3
_LEAST = 1e-6


@measure
def swatches(sample: ImageSample) -> NDArray[np.uint8]:
    """RGB uint8 (h, w, 3) with a long side of 64 to 127 (or its own, if that is smaller)."""
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
def chroma(sample: ImageSample) -> NDArray[np.float32]:
    """Chroma C*ab of `swatches`, float32 (h, w), in Delta E."""
    a, b = (plane.astype(np.float32) - 128 for plane in cv2.split(lab(sample))[1:])
    return np.asarray(cv2.magnitude(a, b), np.float32)


def chromatic(light: Floats) -> Floats:
    """(n, 2), a* and b* of linear RGB (n, 3), each made as light as L* = 85 first; grey is (0, 0).

    >>> chromatic(np.array([[0.2, 0.2, 0.2], [0.3, 0.2, 0.1]])).round().tolist()
    [[0.0, 0.0], [16.0, 45.0]]
    """
    xyz = np.maximum(light, _LEAST) @ XYZ_OF_RGB.T
    x, y, z = np.cbrt(xyz * (_COMMON_Y / xyz[:, 1:2]) / XYZ_OF_RGB.sum(axis=1)).T
    return np.column_stack([500 * (x - y), 200 * (y - z)])


def light_of(a: float, b: float) -> Floats:
    """Linear RGB (3,) of luminance 1 and this a* and b* at L* = 85: the inverse of `chromatic`."""
    y = (COMMON_LIGHTNESS + 16) / 116
    xyz = np.array([y + a / 500, y, y - b / 200]) ** 3 * XYZ_OF_RGB.sum(axis=1)
    light = np.linalg.solve(XYZ_OF_RGB, xyz)
    return np.asarray(light / (XYZ_OF_RGB[1] @ light))
