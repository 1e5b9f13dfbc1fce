"""What a file says about itself before a pixel is decoded.

sniff ................ the format by content; a name's suffix is never believed
JpegFacts ............ what a JPEG's segments say: kind, bit depth, EXIF orientation, when it was taken, quality
table_quality ........ the quality 1 to 100 that a table of quantisation steps stands for
exif_orientation ..... 1 to 8 from a raw EXIF block
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .exif import exif_taken

SUFFIXES = frozenset(
    (
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
        *(".png", ".apng", ".gif", ".webp", ".tif", ".tiff", ".bmp", ".dib"),
        *(".avif", ".heic", ".heif", ".hif"),
    )
)
"""Endings under which the formats are found in a folder."""

SIGNATURES = {
    "jpeg": rb"\xff\xd8\xff",
    "png": rb"\x89PNG\r\n\x1a\n",
    "gif": rb"GIF8[79]a",
    "webp": rb"RIFF.{4}WEBP",
    "tiff": rb"II[*+]\0|MM\0[*+]",
    "bmp": rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0",
    "avif": rb".{4}ftyp(?:avif|avis|(?:mif1|msf1|miaf).{4}.{0,36}avif)",
    "heif": rb".{4}ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)",
}
_PATTERNS = {name: re.compile(signature, re.DOTALL) for name, signature in SIGNATURES.items()}

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # start of frame; the rest are tables
_DECODED_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})  # baseline, extended, progressive; Huffman or arithmetic
_PROGRESSIVE = frozenset({0xC2, 0xCA})
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a segment
_SCAN, _END, _APP1, _TABLES = 0xDA, 0xD9, 0xE1, 0xDB
_EXIF = b"Exif\0\0"
_ORIENTATION = 0x0112
_USUAL_STEPS = (16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40)
"""Of the lowest frequencies at quality 50 (ITU T.81, table K.1), in the order of a file (zigzag)."""


def sniff(data: bytes) -> str | None:
    """The format of the bytes, None when it is not among `SIGNATURES`.

    >>> sniff(b"GIF89a..."), sniff(b"<svg>")
    ('gif', None)
    """
    head = data[:64]
    return next((name for name, pattern in _PATTERNS.items() if pattern.match(head)), None)


def recognises(data: bytes) -> bool:
    """Whether the bytes begin like an image that can be decoded here."""
    return sniff(data) is not None


@dataclass(frozen=True)
class JpegFacts:
    """What a JPEG's segments say up to its first scan; `depth` 0 when there is no frame.

    place: where the frame's header begins. whole_scan: the first scan holds all colours, so that a decoder reads no
    other (unless it is progressive). taken: see `exif_taken`. quality: 1 to 100, as the steps of the luma say; None
    when there are none.
    """

    frame: int = 0
    depth: int = 0
    orientation: int = 1
    whole_scan: bool = False
    place: int = 0
    taken: str = ""
    quality: float | None = None

    @classmethod
    def of(cls, data: bytes) -> JpegFacts:
        """Read the segments; never raises, whatever the bytes."""
        frame = depth = colours = place = 0
        orientation, whole_scan, taken = 1, False, ""
        number = 0
        tables: dict[int, Sequence[int]] = {}
        for marker, start, end in jpeg_segments(data):
            if marker in _FRAMES and start + 5 < end:
                frame, depth, colours, place = marker, data[start], data[start + 5], start
                number = data[start + 8] if start + 8 < end else 0
            elif marker == _TABLES:
                tables |= _step_tables(data[start:end])
            elif marker == _APP1 and data.startswith(_EXIF, start):
                block = data[start + len(_EXIF) : end]
                orientation, taken = exif_orientation(block), exif_taken(block)
            elif marker == _SCAN and start < end:
                whole_scan = data[start] == colours
        quality = table_quality(tables[number]) if number in tables else None
        return cls(frame, depth, orientation, whole_scan, place, taken, quality)

    @property
    def has_one_scan(self) -> bool:
        """Whether a decoder reads one scan only."""
        return self.whole_scan and self.frame not in _PROGRESSIVE

    @property
    def decodable(self) -> bool:
        """Whether it is a kind of JPEG that browsers and cameras use: 8 bits, neither lossless nor hierarchical."""
        return self.depth == 8 and self.frame in _DECODED_FRAMES


def jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, start, end) of each segment's content up to the first scan's header (ITU T.81, annex B)."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == _END:
            return
        if marker == 0xFF or marker in _ALONE:
            at += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        yield marker, at + 4, min(at + 2 + length, len(data))
        if marker == _SCAN:
            return
        at += 2 + max(length, 2)


def table_quality(steps: Sequence[int]) -> float:
    """The quality 1 to 100 that a table of 64 steps in a file's order stands for.

    libjpeg's tables are multiples of one; makers have their own, which at the low frequencies are nearly so. Least
    squares of the logarithms of these; steps that are cut off at 1 or 255 tell nothing.

    >>> table_quality([32, 22, 24, 28, 24, 20, 32, 28, 26, 28, 36, 34, 32, 38, 48, 80, *[99] * 48])
    25.0
    """
    ratios = [step / usual for step, usual in zip(steps, _USUAL_STEPS, strict=False) if 1 < step < 255]
    if not ratios:
        return 99.0 if steps[0] == 1 else 1.0
    scale = math.prod(ratios) ** (1 / len(ratios))
    return round(max(1.0, min(100.0, 100 - 50 * scale if scale < 1 else 50 / scale)), 1)


def _step_tables(content: bytes) -> dict[int, Sequence[int]]:
    """The tables of a DQT segment by their number; one that is cut off is left out."""
    tables: dict[int, Sequence[int]] = {}
    at = 0
    while at < len(content):
        size, number = 1 + (content[at] >> 4 & 1), content[at] & 15
        steps = content[at + 1 : at + 1 + 64 * size]
        if len(steps) < 64 * size:
            break
        tables[number] = steps if size == 1 else [256 * a + b for a, b in zip(steps[::2], steps[1::2], strict=True)]
        at += 1 + 64 * size
    return tables


def exif_orientation(block: bytes) -> int:
    """Orientation 1 to 8 of an EXIF block (a TIFF header and its first directory); 1 when absent or damaged.

    >>> exif_orientation(b"not exif")
    1
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    if order is None:
        return 1
    try:
        return _find_orientation(block, order)
    except struct.error:
        return 1


def _find_orientation(block: bytes, order: str) -> int:
    (directory,) = struct.unpack_from(order + "I", block, 4)
    (count,) = struct.unpack_from(order + "H", block, directory)
    for entry in range(count):
        tag, kind, number, value = struct.unpack_from(order + "HHIH", block, directory + 2 + 12 * entry)
        if (tag, kind, number) == (_ORIENTATION, 3, 1):
            return value if 1 <= value <= 8 else 1
    return 1
