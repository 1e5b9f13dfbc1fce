"""Measures that several image properties share, each computed at most once a sample.

    gray .............. luma at the working scale
    canonical_gray .... luma at the canonical scale: short side 480, whatever the camera
    luma_histogram .... how many pixels have each luma

Luma is the sRGB-encoded 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), 0 to 255, as JPEG stores it.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from ..shared.sample import measure
from .raster import WORKING_SHORT_SIDE
from .sample import ImageSample

Gray = NDArray[np.uint8]


@measure
def gray(sample: ImageSample) -> Gray:
    """Luma uint8 (h, w) at the working scale."""
    return np.asarray(cv2.cvtColor(sample.pixels, cv2.COLOR_RGB2GRAY), np.uint8)


@measure
def canonical_gray(sample: ImageSample) -> Gray:
    """Luma uint8 with a short side of 480; a smaller photograph keeps its pixels, since none can be invented."""
    luma = gray(sample)
    height, width = luma.shape
    factor = min(width, height) / WORKING_SHORT_SIDE
    if factor <= 1:
        return luma
    return _reduce(luma, factor, (max(1, round(width / factor)), max(1, round(height / factor))))


@measure
def luma_histogram(sample: ImageSample) -> NDArray[np.float32]:
    """Pixels of each luma 0 to 255 at the canonical scale, float32 (256,), whole numbers."""
    return np.asarray(cv2.calcHist([canonical_gray(sample)], [0], None, [256], [0, 256]), np.float32).ravel()


def _reduce(luma: Gray, factor: float, size: tuple[int, int]) -> Gray:
    """Reduce by a factor between 1 and 2: as smooth as averaging areas, at a third of the cost.

    The Gaussian takes what the new grid cannot hold and vanishes towards factor 1.
    """
    smooth = cv2.GaussianBlur(luma, (3, 3), 0.4 * math.sqrt(factor**2 - 1))
    return np.asarray(cv2.resize(smooth, size, interpolation=cv2.INTER_LINEAR), np.uint8)
