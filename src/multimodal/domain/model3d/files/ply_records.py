"""The records of a PLY file, as text or binary: columns by the name of their property.

A list's column holds its values one after the other; its lengths are in a column of their own, `NAME counts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...shared.errors import BrokenCapture
from . import text
from .parsed import whole
from .ply_header import Element, Field, Header

Columns = dict[str, NDArray[Any]]


def as_text(data: bytes, header: Header) -> dict[str, Columns]:
    """The columns of a text file's elements; a list's are its lengths, and its values one after the other."""
    values = text.numbers(data[header.size :])
    tables, at = dict[str, Columns](), 0
    for element in header.elements:
        if element.has_lists:
            tables[element.name], at = lists_of_text(element, values, at)
            continue
        size = element.count * len(element.fields)
        if at + size > len(values):
            raise BrokenCapture(f"The file ends before its {element.count:,} {element.name} records do.")
        block = values[at : at + size].reshape(element.count, len(element.fields))
        tables[element.name] = {f.name: as_declared(block[:, i], f) for i, f in enumerate(element.fields)}
        at += size
    return tables


def as_declared(column: NDArray[np.float64], field: Field) -> NDArray[Any]:
    """Whole numbers where the header says so; those that do not fit there wrap around, as in C."""
    return column if field.type[0] == "f" else whole(column).astype(field.type)


def lists_of_text(element: Element, values: NDArray[np.float64], at: int) -> tuple[Columns, int]:
    """The columns of an element with lists, and where it ends."""
    width = record_width(element, values, at)
    size = width * element.count
    block = values[at : at + size].reshape(-1, width) if at + size <= len(values) else None
    if block is not None and regular(element, block):
        return dict(split_regular(element, block)), at + size
    return irregular(element, values.tolist(), at)


def record_width(element: Element, values: NDArray[np.float64], at: int) -> int:
    """How many numbers the first record has."""
    width = 0
    for field in element.fields:
        place = at + width
        if place >= len(values) and element.count:
            raise BrokenCapture(f"The file ends before its {element.name} records do.")
        length = values[place] if field.count and element.count else 0
        if not 0 <= length <= len(values):
            raise BrokenCapture("A list of the file is longer than the file.")
        width += 1 + int(length) if field.count else 1
    return width


def regular(element: Element, block: NDArray[np.float64]) -> bool:
    """Whether all records are as long as the first."""
    place = 0
    for field in element.fields:
        if field.count:
            if len(block) and not (block[:, place] == block[0, place]).all():
                return False
            place += int(block[0, place]) if len(block) else 0
        place += 1
    return True


def split_regular(element: Element, block: NDArray[np.float64]) -> list[tuple[str, NDArray[Any]]]:
    """The columns of records that are all equally long."""
    found, place = list[tuple[str, NDArray[Any]]](), 0
    for field in element.fields:
        if not field.count:
            found.append((field.name, block[:, place]))
            place += 1
            continue
        length = int(block[0, place]) if len(block) else 0
        found.append((f"{field.name} counts", np.full(len(block), length)))
        found.append((field.name, block[:, place + 1 : place + 1 + length].ravel()))
        place += 1 + length
    return found


def irregular(element: Element, values: list[float], at: int) -> tuple[Columns, int]:
    """The columns of records of different lengths, one record after the other."""
    columns: dict[str, list[float]] = {}
    for field in element.fields:
        columns[field.name] = []
        if field.count:
            columns[f"{field.name} counts"] = []
    try:
        for _ in range(element.count):
            for field in element.fields:
                length = 1
                if field.count:
                    length = int(values[at])
                    columns[f"{field.name} counts"].append(length)
                    at += 1
                if not 0 <= length <= len(values) - at:
                    raise BrokenCapture("A list of the file is longer than the file.")
                columns[field.name] += values[at : at + length]
                at += length
    except (IndexError, ValueError, OverflowError) as error:
        raise BrokenCapture(f"The file ends before its {element.count:,} {element.name} records do.") from error
    return {name: np.array(column) for name, column in columns.items()}, at


@dataclass
class Binary:
    """Reads the elements of a binary file one after the other."""

    data: bytes
    header: Header

    def tables(self) -> dict[str, Columns]:
        """The columns of all elements."""
        at = self.header.size
        found: dict[str, Columns] = {}
        for element in self.header.elements:
            found[element.name], at = self.element(element, at)
        return found

    def element(self, element: Element, at: int) -> tuple[Columns, int]:
        """The columns of one element, and where it ends."""
        if not element.has_lists:
            record = np.dtype([(f"{i}", self.order(f.type)) for i, f in enumerate(element.fields)])
            block = self.block(record, element, at)
            return {f.name: block[f"{i}"] for i, f in enumerate(element.fields)}, at + record.itemsize * element.count
        if element.count == 0:
            return {}, at
        found = self.equally_long(element, at)
        return found if found is not None else self.differently_long(element, at)

    def order(self, kind: str) -> str:
        """The type with the file's order of bytes."""
        return self.header.order + kind

    def block(self, record: np.dtype[Any], element: Element, at: int) -> NDArray[Any]:
        """The records of an element."""
        if at + record.itemsize * element.count > len(self.data):
            raise BrokenCapture(f"The file ends before its {element.count:,} {element.name} records do.")
        return np.frombuffer(self.data, record, element.count, at)

    def equally_long(self, element: Element, at: int) -> tuple[Columns, int] | None:
        """The columns when all records are as long as the first one; None when they are not."""
        parts, place = list[tuple[str, str] | tuple[str, str, tuple[int]]](), at
        lengths: dict[int, int] = {}
        for i, field in enumerate(element.fields):
            if field.count:
                counting = np.dtype(self.order(field.count))
                lengths[i] = self.length(counting, place)
                parts.append((f"n{i}", counting.str))
                parts.append((f"{i}", self.order(field.type), (lengths[i],)))
                place += counting.itemsize + lengths[i] * np.dtype(field.type).itemsize
            else:
                parts.append((f"{i}", self.order(field.type)))
                place += np.dtype(field.type).itemsize
        record = np.dtype(parts)
        if at + record.itemsize * element.count > len(self.data):
            return None
        block = np.frombuffer(self.data, record, element.count, at)
        if not all((block[f"n{i}"] == length).all() for i, length in lengths.items()):
            return None
        columns: Columns = {}
        for i, field in enumerate(element.fields):
            columns[field.name] = block[f"{i}"].reshape(-1) if field.count else block[f"{i}"]
            if field.count:
                columns[f"{field.name} counts"] = np.full(element.count, lengths[i])
        return columns, at + record.itemsize * element.count

    def length(self, counting: np.dtype[Any], place: int) -> int:
        """The length of a list that begins at this place."""
        if place + counting.itemsize > len(self.data):
            raise BrokenCapture("The file ends within a list.")
        length = int(np.frombuffer(self.data, counting, 1, place)[0])
        if not 0 <= length <= len(self.data) - place:
            raise BrokenCapture("A list of the file is longer than the file.")
        return length

    def differently_long(self, element: Element, at: int) -> tuple[Columns, int]:
        """The columns of records of different lengths, one record after the other."""
        values: dict[str, list[NDArray[Any]]] = {field.name: [] for field in element.fields}
        counts: dict[str, list[int]] = {f"{field.name} counts": [] for field in element.fields if field.count}
        kinds = [
            (f, np.dtype(self.order(f.type)), np.dtype(self.order(f.count)) if f.count else None)
            for f in element.fields
        ]
        for _ in range(element.count):
            for field, kind, counting in kinds:
                length = 1
                if counting is not None:
                    length = self.length(counting, at)
                    at += counting.itemsize
                    counts[f"{field.name} counts"].append(length)
                if at + length * kind.itemsize > len(self.data):
                    raise BrokenCapture(f"The file ends before its {element.count:,} {element.name} records do.")
                values[field.name].append(np.frombuffer(self.data, kind, length, at))
                at += length * kind.itemsize
        joined: Columns = {name: np.concatenate(parts) for name, parts in values.items()}
        return joined | {name: np.array(each) for name, each in counts.items()}, at
