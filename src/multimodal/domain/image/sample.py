"""Photographs: bytes or pixels to an upright sample at the working scale.

ImageSample .......... what all image measures read
decode ............... bytes -> sample; whatever the bytes, only a `CaptureError` comes out
sample_from_pixels ... array -> sample, brought to the working scale in the same way
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..shared.errors import BrokenCapture, CaptureError, TooManyPixels, UnsupportedFormat
from ..shared.modality import Limits
from ..shared.sample import Sample, read_only, refuse_large
from .decoders import DECODERS, NATIVE_PIXELS, Decoded, Rows, Size, refuse_pixels
from .fingerprint import fingerprint
from .formats import sniff
from .raster import WORKING_SHORT_SIDE, Pixels, halved, halvings, shrink, to_rgb, upright

__all__ = ["WORKING_SHORT_SIDE", "ImageSample", "decode", "decode_pixels", "sample_from_pixels"]

DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, eq=False, kw_only=True)
class ImageSample(Sample):
    """A photograph, upright, at the working scale (`raster.py` says which).

    pixels: uint8 RGB (h, w, 3), read-only. luma: uint8 (h, w), read-only: 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601),
    as JPEG stores it. size: native (width, height), upright. format: of the file, or "pixels". scale: working pixels
    per native pixel, 1 or less. rows: how many -> luma of the upper rows at native pixels, None where the luma itself
    is native; they are not upright, `orientation` is EXIF's (`native` in measures.py asks for the right number).
    taken: when, by the camera's clock as ISO 8601 text, "" where the file does not say.
    quality: of a JPEG file, 1 to 100, as its tables say.
    """

    pixels: Pixels
    luma: Pixels
    size: Size
    format: str = "pixels"
    scale: float = 1.0
    rows: Rows | None = field(default=None, repr=False)
    orientation: int = 1
    taken: str = ""
    quality: float | None = None

    @property
    def info(self) -> dict[str, Any]:
        """What is known without a model; `fingerprint` (16 hex digits) and `taken` where there is one."""
        width, height = self.size
        own = fingerprint(self.luma)
        known = {"fingerprint": "" if own is None else f"{own:016x}", "taken": self.taken}
        return {"width": width, "height": height, "format": self.format} | {k: v for k, v in known.items() if v}


def decode(data: bytes, name: str = "capture", limits: Limits = DEFAULT_LIMITS) -> ImageSample:
    """Decode a photograph; its type is told by its content, its size is checked before pixels are allocated.

    Raises `CaptureTooLarge`, `UnsupportedFormat`, `TooManyPixels` or `BrokenCapture`, and nothing else.
    """
    found = _format_of(data, limits)
    with _typed_errors(found):
        return _sample(DECODERS[found](data, limits, False), name, found)


def decode_pixels(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Pixels:
    """All native pixels of a photograph, uint8 RGB (h, w, 3), upright; raises as `decode` does."""
    found = _format_of(data, limits)
    with _typed_errors(found):
        decoded = DECODERS[found](data, limits, True)
        return np.ascontiguousarray(upright(decoded.pixels, decoded.orientation))


def _format_of(data: bytes, limits: Limits) -> str:
    refuse_large(len(data), limits.bytes)
    if not data:
        raise BrokenCapture("The capture is empty.")
    found = sniff(data)
    if found is None:
        raise UnsupportedFormat(f"This is no image that can be read. Readable are: {', '.join(sorted(DECODERS))}.")
    return found


def sample_from_pixels(
    pixels: NDArray[Any], name: str = "pixels", limits: Limits = DEFAULT_LIMITS, format: str = "pixels"
) -> ImageSample:
    """A sample of an upright array: gray or RGB, with or without alpha, uint8, uint16, bool or floats from 0 to 1.

    The array is copied, never changed. `BrokenCapture` when it is no picture.
    """
    array = np.asarray(pixels)
    rgb = to_rgb(array)
    size = (array.shape[1], array.shape[0])
    refuse_pixels(size, limits)
    own = rgb.copy() if np.may_share_memory(rgb, array) else rgb
    return _sample(Decoded(own, size), name, format)


def _sample(decoded: Decoded, name: str, format: str) -> ImageSample:
    size = decoded.size
    working = halved(size, halvings(*size))
    small = shrink(decoded.pixels, working)
    pixels = read_only(np.ascontiguousarray(upright(small, decoded.orientation)))
    native = size if decoded.orientation < 5 else size[::-1]
    rows = decoded.rows if small is decoded.pixels or decoded.rows else _kept_rows(decoded.pixels)
    return ImageSample(
        name=name,
        pixels=pixels,
        luma=luma_of(pixels),
        size=native,
        format=format,
        scale=max(working) / max(size),
        rows=rows,
        orientation=decoded.orientation,
        taken=decoded.taken,
        quality=decoded.quality,
    )


def _kept_rows(pixels: Pixels) -> Rows:
    """Native luma of the upper rows, of a picture that is not kept in full."""
    luma = luma_of(pixels[: max(1, NATIVE_PIXELS // pixels.shape[1])])
    return lambda count: luma[:count]


def luma_of(pixels: Pixels) -> Pixels:
    """Luma uint8 (h, w), read-only, of RGB."""
    return read_only(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8))


@contextmanager
def _typed_errors(format: str) -> Iterator[None]:
    """Decoders raise anything from `SyntaxError` to `struct.error`: here it gets a type and a message of ours."""
    try:
        yield
    except CaptureError:
        raise
    except MemoryError as error:
        raise TooManyPixels("There is not enough memory to decode the picture.") from error
    except Exception as error:  # the edge to foreign decoders of untrusted bytes
        if type(error).__name__.startswith("DecompressionBomb"):
            raise TooManyPixels("The picture would unpack to far more than its size says.") from error
        raise BrokenCapture(
            f"The {format.upper()} file is damaged, truncated or of a rare kind: it cannot be decoded."
        ) from error
