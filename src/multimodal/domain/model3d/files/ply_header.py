"""The header of a PLY file: what comes how often, and in which form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ...shared.errors import BrokenCapture

TYPES: Mapping[str, str] = {
    **dict.fromkeys(("char", "int8"), "i1"),
    **dict.fromkeys(("uchar", "uint8"), "u1"),
    **dict.fromkeys(("short", "int16"), "i2"),
    **dict.fromkeys(("ushort", "uint16"), "u2"),
    **dict.fromkeys(("int", "int32"), "i4"),
    **dict.fromkeys(("uint", "uint32"), "u4"),
    **dict.fromkeys(("float", "float32"), "f4"),
    **dict.fromkeys(("double", "float64"), "f8"),
}
ORDERS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}
LONGEST_HEADER = 65_536
UNIT = re.compile(r"\bunits?\b\s*[:=]?\s*([a-z]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Field:
    """A property of an element. count: type of a list's length, "" when it is no list."""

    name: str
    type: str
    count: str = ""


@dataclass(frozen=True)
class Element:
    """What comes `count` times, with the same fields each time."""

    name: str
    count: int
    fields: tuple[Field, ...]

    @property
    def has_lists(self) -> bool:
        """Whether its records may differ in length."""
        return any(field.count for field in self.fields)

    @property
    def least(self) -> int:
        """Bytes that one record has at least."""
        return sum(np.dtype(field.count or field.type).itemsize for field in self.fields)


@dataclass(frozen=True)
class Header:
    """What stands before the data. order: of the bytes, "" for text. size: bytes of the header itself."""

    order: str
    elements: tuple[Element, ...]
    unit: str
    size: int


def header_of(data: bytes) -> Header:
    """The header; `BrokenCapture` when it has no end or says what nobody knows."""
    found = re.search(rb"^end_header[ \t]*\r?\n", data[:LONGEST_HEADER], re.MULTILINE)
    if found is None:
        raise BrokenCapture("The PLY header has no end.")
    order, unit, elements = None, "", list[Element]()
    for line in data[: found.start()].decode("latin-1").splitlines():
        words = line.split()
        if words[:1] == ["format"] and len(words) > 1:
            order = ORDERS.get(words[1])
        elif words[:1] in (["comment"], ["obj_info"]):
            unit = unit or next(iter(UNIT.findall(line)), "")
        elif words[:1] == ["element"] and len(words) == 3 and words[2].isdigit():
            elements.append(Element(words[1], int(words[2]), ()))
        elif words[:1] == ["property"]:
            if not elements:
                raise BrokenCapture("The PLY header has a property of nothing.")
            last = elements[-1]
            elements[-1] = Element(last.name, last.count, (*last.fields, field_of(words)))
    if order is None:
        raise BrokenCapture("The PLY header does not say whether text or which bytes follow.")
    return Header(order, tuple(elements), unit, found.end())


def field_of(words: list[str]) -> Field:
    """The property that a line of the header declares."""
    match words:
        case ["property", "list", count, kind, name] if count in TYPES and kind in TYPES:
            return Field(name, TYPES[kind], TYPES[count])
        case ["property", kind, name] if kind in TYPES:
            return Field(name, TYPES[kind])
    raise BrokenCapture(f"The PLY header has a property that nobody knows: {' '.join(words)[:80]!r}.")
