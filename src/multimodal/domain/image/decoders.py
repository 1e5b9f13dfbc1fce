"""One decoder a format: bytes -> RGB near the working scale, with some of the native rows at hand.

    Decoded .......... pixels as they come, native size, orientation, native rows
    DECODERS ......... format -> decoder
    refuse_pixels .... the limit, checked on the header before pixels are allocated

JPEG is decoded by libjpeg-turbo at a reduced DCT scale (ITU T.81). HEIF is decoded by libheif, the rest by Pillow's own
readers, called one by one: no other reader can be reached, and no global registry is touched. Colour profiles are not
applied.

Noise, compression and enlargement are seen at native pixels only, and a few rows of them are enough. A JPEG's scan is
read from the top, so its upper rows cost only their share of a decode: the frame's header is told to end there.
"""

from __future__ import annotations

import importlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..shared.errors import BrokenCapture, TooManyPixels, UnsupportedFormat
from ..shared.modality import Limits
from .exif import exif_taken
from .formats import JpegFacts
from .raster import Pixels, halved, halvings, to_rgb

if TYPE_CHECKING:
    from PIL import Image

Size = tuple[int, int]
Rows = Callable[[int], Pixels]
"""How many -> luma uint8 (about as many, width) at native pixels, from the top of the picture as stored."""

MCU_ROWS, BLOCK, JPEG_END = 32, 8, b"\xff\xd9"
"""Blocks of a JPEG that are coded together are at most as high; side of a block; the marker that ends a file."""
AMPLE, SPARE = 1.5, 65536
"""Of a JPEG's bytes, how many times the share of the wanted rows is read, and bytes besides."""
UNSEEN = 128
"""What a decoder shows where it had no data."""
NATIVE_PIXELS = 8_000_000
"""Native pixels that are kept of a picture which is no JPEG: enough rows of the largest photographs."""

SCAN_PIXELS = 10_000_000_000
"""Scans of a JPEG times its pixels: what a decoder is made to walk through. Usual are 1 to 10 scans."""

_READERS = {
    "png": ("PngImagePlugin", "PngImageFile"),
    "gif": ("GifImagePlugin", "GifImageFile"),
    "webp": ("WebPImagePlugin", "WebPImageFile"),
    "tiff": ("TiffImagePlugin", "TiffImageFile"),
    "bmp": ("BmpImagePlugin", "BmpImageFile"),
    "avif": ("AvifImagePlugin", "AvifImageFile"),
}
_ORIENTATION, _SUBFILE, _DNG_VERSION = 274, 254, 50706


@dataclass(frozen=True)
class Decoded:
    """A picture as stored: not yet upright, perhaps reduced already.

    pixels: uint8 RGB (h, w, 3). size: native, as stored. orientation: EXIF's, 1 to 8. rows: the upper native rows of a
    picture that is reduced already, None where `pixels` are native. taken: when, as EXIF says (see exif.py).
    quality: a JPEG's, 1 to 100, as its tables say.
    """

    pixels: Pixels
    size: Size
    orientation: int = 1
    rows: Rows | None = None
    taken: str = ""
    quality: float | None = None


Decoder = Callable[[bytes, Limits, bool], Decoded]
"""(data, limits, whether all native pixels are wanted); what is not JPEG is never reduced here."""


def refuse_pixels(size: Size, limits: Limits) -> None:
    """`TooManyPixels` when a picture of this size is over the limit, `BrokenCapture` when it has no pixel."""
    width, height = size
    if width < 1 or height < 1:
        raise BrokenCapture(f"The header says {width} x {height} pixels: there is no picture in it.")
    if width * height > limits.pixels:
        raise TooManyPixels(f"The picture has {width} x {height} pixels; at most {limits.pixels:,} are allowed.")


def decode_jpeg(data: bytes, limits: Limits, full: bool) -> Decoded:
    """Decode a JPEG at the largest DCT reduction that the working scale allows; strict: half a picture is an error."""
    import simplejpeg

    facts = JpegFacts.of(data)
    if facts.depth and not facts.decodable:
        raise UnsupportedFormat(
            f"A JPEG of this kind ({facts.depth} bits, frame {facts.frame:#x}) is not read. Convert it."
        )
    height, width, space, _ = simplejpeg.decode_jpeg_header(data)
    size = (width, height)
    refuse_pixels(size, limits)
    if not facts.has_one_scan:
        _refuse_scans(data, size)
    target = size if full else halved(size, min(halvings(*size), 3))
    ink = space in ("CMYK", "YCCK")
    stored = simplejpeg.decode_jpeg(data, "CMYK" if ink else "RGB", min_width=target[0], min_height=target[1])
    rows = None if target == size or ink else partial(_upper_rows, data, facts, height)
    pixels = _ink_to_rgb(stored) if ink else np.asarray(stored, np.uint8)
    return Decoded(pixels, size, facts.orientation, rows, facts.taken, facts.quality)


def _upper_rows(data: bytes, facts: JpegFacts, height: int, count: int) -> Pixels:
    """Luma of the upper rows of a JPEG that has been decoded before, so that it is known to be sound.

    The header says how many rows there are; the rest of the scan is then to the decoder what it skips before the next
    marker, which only a strict one complains about. Most of it is left out, since skipping takes time as well.
    """
    import simplejpeg

    rows = min(height, -(-count // MCU_ROWS) * MCU_ROWS)
    header = data[: facts.place + 1] + rows.to_bytes(2, "big")
    ample = int(AMPLE * len(data) * rows / height) + SPARE if facts.has_one_scan else len(data)
    for end in (facts.place + ample, len(data)):
        shorter = b"".join((header, memoryview(data)[facts.place + 3 : end], JPEG_END))
        pixels = np.asarray(simplejpeg.decode_jpeg(shorter, "GRAY", strict=False)[..., 0], np.uint8)
        if end >= len(data) or (pixels[-BLOCK:, -BLOCK:] != UNSEEN).any():
            break
    return pixels


def _refuse_scans(data: bytes, size: Size) -> None:
    if data.count(b"\xff\xda") * size[0] * size[1] > SCAN_PIXELS:
        raise BrokenCapture("The JPEG has far more scans than a photograph needs.")


def _ink_to_rgb(ink: NDArray[np.uint8]) -> Pixels:
    """RGB of Adobe's inverted CMYK, where 255 is no ink: each colour darkened by black."""
    cyan_magenta_yellow = np.ascontiguousarray(ink[..., :3])
    black = cv2.cvtColor(np.ascontiguousarray(ink[..., 3]), cv2.COLOR_GRAY2RGB)
    return np.asarray(cv2.multiply(cyan_magenta_yellow, black, scale=1 / 255), np.uint8)


def decode_heif(data: bytes, limits: Limits, full: bool) -> Decoded:
    """Decode the primary picture of a HEIF file; libheif has applied its rotation, EXIF's copy of it is ignored."""
    import pi_heif

    picture = pi_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
    refuse_pixels(picture.size, limits)
    pixels = np.array(picture)  # a copy: the memory behind it ends with the picture
    return Decoded(to_rgb(pixels), picture.size, taken=exif_taken(picture.info.get("exif")))


def pillow_decoder(name: str) -> Decoder:
    """The decoder of a format that one of Pillow's readers knows."""

    def decode(data: bytes, limits: Limits, full: bool) -> Decoded:
        image = open_image(data, name)
        refuse_pixels(image.size, limits)
        pixels = to_rgb(array_of(image))
        orientation = int(
            image.getexif().get(_ORIENTATION, 1)
        )  # asked for late: loading makes a TIFF upright by itself
        taken = exif_taken(data if name == "tiff" else image.info.get("exif"))
        return Decoded(pixels, (pixels.shape[1], pixels.shape[0]), orientation, taken=taken)

    return decode


def open_image(data: bytes, name: str) -> Image.Image:
    """Read the header only, with the one reader of this format (not `Image.open`: it would try others)."""
    module, reader = _READERS[name]
    image: Any = getattr(importlib.import_module(f"PIL.{module}"), reader)(io.BytesIO(data))
    if name == "tiff" and _is_raw(image.tag_v2, data):
        raise UnsupportedFormat("This is a camera's raw file; only its thumbnail could be read. Export a JPEG or TIFF.")
    return image  # type: ignore[no-any-return]


def _is_raw(tags: Any, data: bytes) -> bool:
    return bool(tags.get(_SUBFILE, 0) & 1) or _DNG_VERSION in tags or data[8:10] == b"CR"


def array_of(image: Image.Image) -> NDArray[Any]:
    """The first frame's values: (h, w) or (h, w, 2 to 4), 8 or 16 bits or float."""
    if image.mode in ("1", "P", "L", "RGB") and "transparency" in image.info:
        return np.asarray(image.convert("RGBA"))
    if image.mode == "I":
        return _sixteen_bits(np.asarray(image))
    plain = {"1": "L", "P": "RGB", "PA": "RGBA", "La": "LA", "RGBa": "RGBA"}.get(image.mode, image.mode)
    if plain not in ("L", "LA", "RGB", "RGBA", "F") and not plain.startswith("I;16"):
        plain = "RGB"
    return np.asarray(image.convert(plain) if plain != image.mode else image)


def _sixteen_bits(values: NDArray[Any]) -> NDArray[np.uint16]:
    if values.min() < 0 or values.max() > 65535:
        raise UnsupportedFormat("Pixels of 32 bits have no defined white. Save the picture with 8 or 16 bits.")
    return values.astype(np.uint16)


DECODERS: dict[str, Decoder] = {
    "jpeg": decode_jpeg,
    "heif": decode_heif,
    **{name: pillow_decoder(name) for name in _READERS},
}
