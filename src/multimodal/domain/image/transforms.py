"""Transformers of photographs: samples to samples.

    ImageResizer ..... another size
    ImageFormatter ... with or without colour

The working pixels are changed; `size` still says how large the capture was.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..shared.data import DataTransformer
from ..shared.errors import UnknownName
from ..shared.sample import Sample, read_only
from .image_utils import Fit, change_image_channels, fit_image
from .raster import Pixels, to_rgb
from .sample import ImageSample, luma_of

MODES = ("rgb", "gray")


class ImageResizer(DataTransformer):
    """Resizes to one of `size` (width, height), `longest` and `shortest` side; see `image_utils.Fit`."""

    def __init__(
        self,
        size: tuple[int, int] | None = None,
        longest: int | None = None,
        shortest: int | None = None,
        keep_aspect: bool = True,
    ) -> None:
        self.size = size
        self.longest = longest
        self.shortest = shortest
        self.keep_aspect = keep_aspect

    def transform_one(self, sample: Any) -> Sample:
        """The sample at the new size."""
        size = None if self.size is None else (int(self.size[0]), int(self.size[1]))
        fit = Fit(size, self.longest, self.shortest, self.keep_aspect)
        return _with_pixels(sample, fit_image(sample.pixels, fit))


class ImageFormatter(DataTransformer):
    """Keeps colours (`rgb`) or takes them away (`gray`: three equal channels, so that every measure still works)."""

    def __init__(self, channels: str = "rgb") -> None:
        self.channels = channels

    def transform_one(self, sample: Any) -> Sample:
        """The sample in the format."""
        if self.channels not in MODES:
            raise UnknownName("format", self.channels, MODES)
        if self.channels == "rgb":
            return sample  # type: ignore[no-any-return]
        return _with_pixels(sample, to_rgb(change_image_channels(sample.pixels, "gray")))


def _with_pixels(sample: ImageSample, pixels: Pixels) -> ImageSample:
    if pixels is sample.pixels:
        return sample
    ready, scale = read_only(pixels), max(pixels.shape[:2]) / max(sample.size)
    return replace(sample, pixels=ready, luma=luma_of(ready), scale=scale, rows=None)
