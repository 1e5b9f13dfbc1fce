"""A photograph small enough to be shown among many."""

from __future__ import annotations

from .raster import Pixels, shrink
from .sample import ImageSample


def thumbnail(sample: ImageSample, side: int) -> Pixels:
    """The photograph with this longest side (or its own, if that is smaller), uint8 RGB (h, w, 3), areas averaged."""
    height, width = sample.luma.shape
    factor = min(1.0, side / max(height, width))
    return shrink(sample.pixels, (max(1, round(width * factor)), max(1, round(height * factor))))
