"""PCD: the clouds of the Point Cloud Library, as text, binary, or compressed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...shared.errors import BrokenCapture
from ...shared.modality import Limits
from ...shared.parsed import Parsed
from . import text
from .parsed import colours_of, refuse_elements, refuse_promises

LONGEST_HEADER = 65_536
TYPES: Mapping[str, str] = {
    **{f"F{size}": f"<f{size}" for size in (4, 8)},
    **{f"I{size}": f"<i{size}" for size in (1, 2, 4, 8)},
    **{f"U{size}": f"<u{size}" for size in (1, 2, 4, 8)},
}
COLOURS = ("rgb", "rgba")
NORMALS = ("normal_x", "normal_y", "normal_z")
MOST_COUNT = 4096
RATIO = 132
"""LZF writes at most 264 bytes for two."""
Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Header:
    """names, types: one a field. widths: numbers a field has. form: of the data. size: bytes of the header itself."""

    names: tuple[str, ...]
    types: tuple[str, ...]
    widths: tuple[int, ...]
    points: int
    form: str
    size: int

    @property
    def record(self) -> np.dtype[Any]:
        """A point's record, with a position for each field."""
        parts = zip(self.types, self.widths, strict=True)
        return np.dtype([(f"{i}", kind, (width,)) for i, (kind, width) in enumerate(parts)])


def read(data: bytes, limits: Limits) -> Parsed:
    """The cloud of a PCD file."""
    header = header_of(data)
    refuse_elements(header.points, limits)
    body = memoryview(data)[header.size :]
    columns = {"ascii": of_text, "binary": of_records, "binary_compressed": of_compressed}[header.form](body, header)
    return assembled(columns)


def header_of(data: bytes) -> Header:
    """The header; `BrokenCapture` when it has no end or says what nobody knows."""
    lines: dict[str, list[str]] = {}
    at = 0
    while "DATA" not in lines:
        end = data.find(b"\n", at, LONGEST_HEADER)
        if end < 0:
            raise BrokenCapture("The PCD header has no end.")
        words = data[at:end].decode("latin-1").split()
        lines[words[0] if words else ""] = words[1:]
        at = end + 1
    try:
        return understood(lines, at)
    except (KeyError, ValueError, IndexError) as error:
        raise BrokenCapture("The PCD header lacks a line, or one has words where numbers belong.") from error


def understood(lines: Mapping[str, list[str]], size: int) -> Header:
    """The header that its lines describe."""
    names = tuple(lines["FIELDS"])
    kinds = zip(lines["TYPE"], lines["SIZE"], strict=True)
    types = tuple(TYPES[kind + length] for kind, length in kinds)
    widths = tuple(int(word) for word in lines.get("COUNT", ["1"] * len(names)))
    points = int(lines["POINTS"][0]) if "POINTS" in lines else int(lines["WIDTH"][0]) * int(lines["HEIGHT"][0])
    form = lines["DATA"][0]
    if form not in ("ascii", "binary", "binary_compressed") or not len(names) == len(types) == len(widths):
        raise ValueError(form)
    if points < 0 or not all(0 < width <= MOST_COUNT for width in widths):
        raise ValueError(points)
    return Header(names, types, widths, points, form, size)


def of_text(body: memoryview, header: Header) -> Columns:
    """The columns of text."""
    width = sum(header.widths)
    refuse_promises(header.points, 2 * width - 1, len(body), "points")
    table = text.exactly(bytes(body), header.points * width).reshape(-1, width)
    starts = np.cumsum((0, *header.widths[:-1]))
    columns = {name: table[:, start] for name, start in zip(header.names, starts, strict=True)}
    for name, kind in zip(header.names, header.types, strict=True):
        if name in COLOURS:  # four bytes, written as one number of this type
            columns[name] = np.ascontiguousarray(np.nan_to_num(columns[name]), "<f4" if kind[1] == "f" else "<u4")
    return columns


def of_records(body: memoryview, header: Header) -> Columns:
    """The columns of binary records."""
    refuse_promises(header.points, header.record.itemsize, len(body), "points")
    block = np.frombuffer(body, header.record, header.points)
    return {name: block[f"{i}"][:, 0] for i, name in enumerate(header.names)}


def of_compressed(body: memoryview, header: Header) -> Columns:
    """The columns of compressed data: there the columns stand one after the other."""
    if len(body) < 8:
        raise BrokenCapture("The PCD file ends before its data begins.")
    packed, size = (int(number) for number in np.frombuffer(body[:8], "<u4"))
    if packed > len(body) - 8 or size != header.points * header.record.itemsize or size > RATIO * packed:
        raise BrokenCapture("The PCD file's compressed data is not as long as its header says.")
    plain, at, columns = unpacked(bytes(body[8 : 8 + packed]), size), 0, Columns()
    for name, kind, width in zip(header.names, header.types, header.widths, strict=True):
        columns[name] = np.frombuffer(plain, kind, header.points * width, at).reshape(-1, width)[:, 0]
        at += header.points * width * np.dtype(kind).itemsize
    return columns


def unpacked(packed: bytes, size: int) -> bytes:
    """What LZF (Lehmann 2000) packed: runs of new bytes, and references to bytes that were there before."""
    plain, at = bytearray(), 0
    try:
        while at < len(packed) and len(plain) <= size:
            control = packed[at]
            at += 1
            if control < 32:
                plain += packed[at : at + control + 1]
                at += control + 1
                continue
            length = control >> 5
            if length == 7:
                length += packed[at]
                at += 1
            start = len(plain) - ((control & 31) << 8) - packed[at] - 1
            at += 1
            if start < 0:
                raise IndexError(start)
            repeat(plain, start, length + 2)
    except IndexError as error:
        raise BrokenCapture("The PCD file's compressed data is damaged.") from error
    if len(plain) != size:
        raise BrokenCapture("The PCD file's compressed data is not as long as its header says.")
    return bytes(plain)


def repeat(plain: bytearray, start: int, length: int) -> None:
    """Append `length` bytes from `start` on; they may run into themselves."""
    period = plain[start : start + length]
    whole, rest = divmod(length, len(period))
    plain += period * whole + period[:rest]


def assembled(columns: Columns) -> Parsed:
    """The arrays of a cloud from the columns of its fields."""
    if not {"x", "y", "z"} <= columns.keys():
        raise BrokenCapture("The PCD file has no points with x, y and z.")
    arrays: dict[str, NDArray[Any]] = {"vertices": np.column_stack([columns[name] for name in "xyz"])}
    packed = next((columns[name] for name in COLOURS if name in columns), None)
    if packed is not None and packed.dtype.itemsize == 4:
        numbers = np.ascontiguousarray(packed).view("<u4")
        arrays["colours"] = colours_of([numbers >> shift & 255 for shift in (16, 8, 0)])
    if columns.keys() >= {*NORMALS}:
        arrays["normals"] = np.column_stack([columns[name] for name in NORMALS])
    if "intensity" in columns:
        arrays["intensity"] = columns["intensity"]
    return Parsed(arrays, {"format": "PCD"})
