"""Files as nobody should send them, and files of every kind that somebody will; all made here, none stored."""

import base64
import io
import struct
import zlib
from collections.abc import Mapping

import cv2
import numpy as np
from PIL import Image

from multimodal.domain.shared.errors import BrokenCapture, CaptureError, TooManyPixels, UnsupportedFormat

LEFT, RIGHT = (200, 40, 40), (40, 40, 200)

HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAAAERA"
    "AAEAAQAAAAABoQABAAAAAAAAACQAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/WlwcnAAAADdaXBjbwAA"
    "AHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq"
    "5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAA"
    "MAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAACxtZGF0AAAAICgBrxmA70mlv//cOZ/1"
    "Ni/4Xshf/6xod84un+4dI21v"
)
"""64 x 48 pixels, `LEFT` and `RIGHT`: nothing among the test's packages can write HEIF."""


def halves(width: int = 64, height: int = 48) -> np.ndarray:
    """A picture whose left half is `LEFT` and whose right half is `RIGHT`."""
    picture = np.empty((height, width, 3), np.uint8)
    picture[:, : width // 2], picture[:, width // 2 :] = LEFT, RIGHT
    return picture


def corners(width: int = 96, height: int = 64) -> np.ndarray:
    """A picture with four different corners, so that no orientation looks like another."""
    picture = np.full((height, width, 3), 128, np.uint8)
    for (row, column), colour in zip(
        ((0, 0), (0, 1), (1, 0), (1, 1)), ((250, 0, 0), (0, 250, 0), (0, 0, 250), (250, 250, 0)), strict=True
    ):
        rows, columns = slice(row * height // 2, None), slice(column * width // 2, None)
        picture[rows, columns] = colour
    return picture


def encoded(picture: np.ndarray, kind: str = "PNG", mode: str | None = None, **options: object) -> bytes:
    """The picture as a file of this kind, by Pillow."""
    image = Image.fromarray(picture)
    buffer = io.BytesIO()
    (image.convert(mode) if mode else image).save(buffer, kind, **options)
    return buffer.getvalue()


def by_opencv(picture: np.ndarray, suffix: str) -> bytes:
    """The RGB picture as a file by OpenCV, which writes 16 bits and floats."""
    return cv2.imencode(suffix, np.ascontiguousarray(picture[..., ::-1]))[1].tobytes()


def turned(orientation: int, kind: str = "JPEG") -> bytes:
    """`corners` as stored by a camera that was held so: upright it is `corners` again."""
    undo = {
        1: [],
        2: ["fl"],
        3: ["ud", "fl"],
        4: ["ud"],
        5: ["t"],
        6: ["fl", "t"],
        7: ["ud", "fl", "t"],
        8: ["ud", "t"],
    }
    steps = {"fl": np.fliplr, "ud": np.flipud, "t": lambda picture: picture.transpose(1, 0, 2)}
    stored = corners()
    for step in undo[orientation]:
        stored = steps[step](stored)
    exif = Image.Exif()
    exif[274] = orientation
    return encoded(np.ascontiguousarray(stored), kind, exif=exif, quality=95)


def png(width: int, height: int, depth: int = 8, colour: int = 2, rows: bytes = b"") -> bytes:
    """A PNG whose header may promise anything."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def patched_jpeg(**changes: int) -> bytes:
    """A JPEG whose frame header is changed: `depth`, `width`, `height` or the `marker` of the frame."""
    data = bytearray(encoded(halves(), "JPEG"))
    at = data.find(b"\xff\xc0")
    for name, value in changes.items():
        form, offset = {"marker": (">B", 1), "depth": (">B", 4), "height": (">H", 5), "width": (">H", 7)}[name]
        struct.pack_into(form, data, at + offset, value)
    return bytes(data)


def many_scans(scans: int = 5_000) -> bytes:
    """A progressive JPEG of 4000 x 4000 pixels with thousands of scans: small to send, long to decode."""
    data = encoded(np.full((4000, 4000, 3), 90, np.uint8), "JPEG", progressive=True)
    last = data.rfind(b"\xff\xda")
    return data[:last] + data[last:-2] * scans + data[-2:]


def animation(kind: str) -> bytes:
    """Two frames: the first all `LEFT`, the second all `RIGHT`."""
    first, second = (Image.fromarray(np.full((32, 32, 3), colour, np.uint8)) for colour in (LEFT, RIGHT))
    buffer = io.BytesIO()
    first.save(buffer, kind, save_all=True, append_images=[second], **({"lossless": True} if kind == "WEBP" else {}))
    return buffer.getvalue()


def see_through() -> np.ndarray:
    """RGBA: the left half opaque `LEFT`, the right half fully transparent black."""
    picture = np.zeros((48, 64, 4), np.uint8)
    picture[:, :32] = (*LEFT, 255)
    return picture


def half(data: bytes) -> bytes:
    """What arrives when the line breaks in the middle."""
    return data[: len(data) // 2]


def bad_floats() -> bytes:
    """A float TIFF with something in it that is no number."""
    values = np.full((32, 32), 0.5, np.float32)
    values[3, 3] = np.nan
    return encoded(values, "TIFF")


REFUSED: Mapping[str, tuple[bytes, type[CaptureError]]] = {
    "empty": (b"", BrokenCapture),
    "one-byte": (b"\xff", UnsupportedFormat),
    "only-a-signature": (b"\xff\xd8\xff", BrokenCapture),
    "text": (b"Dear Sir or Madam, please find attached" * 9, UnsupportedFormat),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", UnsupportedFormat),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", UnsupportedFormat),
    "jpeg-half": (half(encoded(corners(640, 480), "JPEG")), BrokenCapture),
    "jpeg-without-its-end": (encoded(corners(), "JPEG")[:-2], BrokenCapture),
    "jpeg-progressive-half": (half(encoded(corners(640, 480), "JPEG", progressive=True)), BrokenCapture),
    "jpeg-12-bit": (patched_jpeg(depth=12), UnsupportedFormat),
    "jpeg-lossless": (patched_jpeg(marker=0xC3), UnsupportedFormat),
    "jpeg-zero-height": (patched_jpeg(height=0), BrokenCapture),
    "jpeg-huge": (patched_jpeg(width=60_000, height=60_000), TooManyPixels),
    "jpeg-many-scans": (many_scans(), BrokenCapture),
    "png-half": (half(encoded(corners(640, 480))), BrokenCapture),
    "png-bomb": (png(60_000, 60_000), TooManyPixels),
    "png-without-pixels": (png(5_000, 5_000), BrokenCapture),
    "png-zero-size": (png(0, 10), BrokenCapture),
    "gif-half": (encoded(corners(), "GIF")[:60], BrokenCapture),
    "webp-half": (half(encoded(corners(640, 480), "WEBP", lossless=True)), BrokenCapture),
    "tiff-half": (half(encoded(corners(640, 480), "TIFF")), BrokenCapture),
    "bmp-half": (half(encoded(corners(), "BMP")), BrokenCapture),
    "bmp-negative-size": (b"BM" + bytes(12) + struct.pack("<IiiHHI", 40, -5, -5, 1, 24, 0) + bytes(40), TooManyPixels),
    "heif-half": (half(HEIC), BrokenCapture),
    "avif-half": (half(encoded(corners(), "AVIF")), BrokenCapture),
    "tiff-not-a-number": (bad_floats(), BrokenCapture),
    "tiff-floats-beyond-white": (encoded(np.full((9, 9), 40.0, np.float32), "TIFF"), BrokenCapture),
    "tiff-32-bit": (encoded(np.full((9, 9), 2**30, np.int32), "TIFF"), UnsupportedFormat),
    "camera-raw": (encoded(halves(), "TIFF", tiffinfo={254: 1}), UnsupportedFormat),
}
"""Files that are refused, each with the error that it gets."""

_GRAY16 = np.full((48, 64), 128 * 257, np.uint16)
READABLE: Mapping[str, bytes] = {
    "jpeg": encoded(halves(), "JPEG", quality=95),
    "jpeg-progressive": encoded(halves(), "JPEG", quality=95, progressive=True),
    "jpeg-cmyk": encoded(halves(), "JPEG", "CMYK", quality=95),
    "jpeg-trailing-garbage": encoded(halves(), "JPEG", quality=95) + b"<?php " + bytes(999),
    "png": encoded(halves()),
    "png-16-bit": by_opencv(halves().astype(np.uint16) * 257, ".png"),
    "png-palette": encoded(halves(), mode="P"),
    "png-trailing-garbage": encoded(halves()) + b"PK\x03\x04" + bytes(99),
    "gif": encoded(halves(), "GIF"),
    "webp": encoded(halves(), "WEBP", lossless=True),
    "tiff": encoded(halves(), "TIFF"),
    "tiff-16-bit": by_opencv(halves().astype(np.uint16) * 257, ".tiff"),
    "tiff-cmyk": encoded(halves(), "TIFF", "CMYK"),
    "bmp": encoded(halves(), "BMP"),
    "avif": encoded(halves(), "AVIF", quality=95),
    "heif": HEIC,
}
"""`halves` in every format; the colours may differ a little."""
