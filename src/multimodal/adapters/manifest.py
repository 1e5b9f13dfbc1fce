"""Manifests: tables of captures as CSV, JSON lines or Parquet, wherever they lie.

path .... relative to the manifest, or a path or URL of its own
label, group, split (train, validation, test) ... optional
other columns ................................... are kept as facts
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..domain.shared.errors import CaptureError, DataError
from ..domain.shared.sample import Capture
from .storage import Place, content, located, read

COLUMNS = ("path", "label", "group", "split")
SPLITS = ("train", "validation", "test")
MOST_BYTES = 512 * 2**20
MOST_ROWS = 5_000_000
Rows = Iterator[Mapping[Any, Any]]


def manifest_captures(place: Place, limit: int) -> list[Capture]:
    """Captures of a manifest; each mistake is a `DataError` that names the row. limit: bytes of a capture."""
    if isinstance(place, Path) and not place.is_file():
        raise DataError(f"There is no manifest {place.name!r}.")
    captures = [_from_row(row, number, place.parent, limit) for number, row in enumerate(_rows(place), start=1)]
    missing = [c.name for c in captures if isinstance(c.content, Path) and not _is_file(c.content)]
    if missing:
        shown = ", ".join(missing[:3])
        raise DataError(f"{len(missing)} of {len(captures)} files of {place.name!r} are missing, such as {shown}.")
    return captures


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # such as a name that is too long
        return False


def _from_row(row: Mapping[Any, Any], number: int, base: Place, limit: int) -> Capture:
    values: dict[str, Any] = {key: str(row[key]) for key in COLUMNS if row.get(key) not in (None, "")}
    if number > MOST_ROWS:
        raise DataError(f"The manifest has more than {MOST_ROWS:,} rows. Split it.")
    if None in row:
        raise DataError(f"Row {number} of the manifest has more values than there are columns.")
    if "path" not in values:
        raise DataError(f"Row {number} of the manifest has no path. Columns: {', '.join(COLUMNS)}.")
    if values.get("split", "train") not in SPLITS:
        raise DataError(f"Row {number} of the manifest: split is one of {', '.join(SPLITS)}, got {values['split']!r}.")
    facts = {str(key): value for key, value in row.items() if key not in COLUMNS and value not in (None, "")}
    name = values.pop("path")
    return replace(Capture(name, content(located(name, base), limit), facts=facts), **values)


def _rows(place: Place) -> Rows:
    if place.suffix.lower() not in READERS:
        raise DataError(f"A manifest is one of {', '.join(READERS)}, got {place.name!r}.")
    try:
        yield from READERS[place.suffix.lower()](read(place, MOST_BYTES))
    except (CaptureError, UnicodeDecodeError, ValueError, OSError, csv.Error, RecursionError) as error:
        raise DataError(f"The manifest {place.name!r} cannot be read: {str(error).rstrip('.')}.") from error


def _csv(data: bytes) -> Rows:
    yield from csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))


def _jsonl(data: bytes) -> Rows:
    for line in filter(str.strip, io.StringIO(data.decode("utf-8-sig"))):
        row = json.loads(line)
        if not isinstance(row, dict):
            raise ValueError("each line is an object")
        yield row


def _parquet(data: bytes) -> Rows:
    import pyarrow
    import pyarrow.parquet

    for batch in pyarrow.parquet.ParquetFile(pyarrow.BufferReader(data)).iter_batches():
        yield from batch.to_pylist()


READERS: Mapping[str, Callable[[bytes], Rows]] = {".csv": _csv, ".jsonl": _jsonl, ".parquet": _parquet}
