"""How results are written: one class a format, each streaming where the format allows it.

table ..... aligned, coloured on a terminal; JSON, JSON lines: assessments as the API gives them
csv, parquet: flat, `path, verdict, PIPELINE_label, _accepted, _score, _value, ..., failure`
"""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import orjson

from .documents import Columns, Document, failures, flat
from .table import Cell, printable, shortened, table

BATCH = 1024  # rows of Parquet that are kept before they are written
COLOURS = {"good": "green", "bad": "red", "cannot_tell": "yellow", "failed": "magenta", True: "green", False: "red"}


class Writer(Protocol):
    """Takes documents one by one; `close` writes what is still to be written and leaves the stream open."""

    def add(self, document: Document) -> None:
        """Write one document."""

    def close(self) -> None:
        """Write the end."""


class JsonLinesWriter:
    """One assessment a line, at once."""

    def __init__(self, stream: BinaryIO, columns: Columns) -> None:
        self.stream = stream

    def add(self, document: Document) -> None:
        self.stream.write(orjson.dumps(document) + b"\n")
        self.stream.flush()

    def close(self) -> None:
        self.stream.flush()


class JsonWriter:
    """An array of assessments, one a line."""

    def __init__(self, stream: BinaryIO, columns: Columns) -> None:
        self.stream = stream
        self.before = b"[\n"

    def add(self, document: Document) -> None:
        self.stream.write(self.before + orjson.dumps(document))
        self.before = b",\n"

    def close(self) -> None:
        self.stream.write(b"[]\n" if self.before == b"[\n" else b"\n]\n")
        self.stream.flush()


class CsvWriter:
    """One row a capture, UTF-8, with a header."""

    def __init__(self, stream: BinaryIO, columns: Columns) -> None:
        self.columns = columns
        self.text = io.TextIOWrapper(stream, "utf-8", newline="", write_through=True)
        self.writer = csv.DictWriter(self.text, list(columns.flat), lineterminator="\n")
        self.writer.writeheader()

    def add(self, document: Document) -> None:
        row = flat(document, self.columns)
        self.writer.writerow(
            {key: str(value).lower() if isinstance(value, bool) else value for key, value in row.items()}
        )

    def close(self) -> None:
        self.text.detach().flush()


class ParquetWriter:
    """One row a capture, with types."""

    def __init__(self, stream: BinaryIO, columns: Columns) -> None:
        import pyarrow
        import pyarrow.parquet

        kinds = {str: pyarrow.string(), bool: pyarrow.bool_(), float: pyarrow.float64()}
        self.schema = pyarrow.schema([(name, kinds[kind]) for name, kind in columns.flat.items()])
        self.batch = pyarrow.RecordBatch
        self.columns = columns
        self.rows: list[Mapping[str, Any]] = []
        self.file = pyarrow.parquet.ParquetWriter(stream, self.schema)

    def add(self, document: Document) -> None:
        self.rows.append(flat(document, self.columns))
        if len(self.rows) >= BATCH:
            self._flush()

    def close(self) -> None:
        self._flush()
        self.file.close()

    def _flush(self) -> None:
        if self.rows:
            self.file.write_batch(self.batch.from_pylist(self.rows, schema=self.schema))
        self.rows = []


class TableWriter:
    """Name, verdict, and each property's label and score; drawn at the end, when all widths are known."""

    def __init__(self, stream: BinaryIO, columns: Columns) -> None:
        self.stream = stream
        self.columns = columns
        self.rows: list[list[Cell]] = []

    def add(self, document: Document) -> None:
        verdict = document["verdict"]
        answers = speakers(document)
        cells = [answer_cell(answers.get(name)) for name in self.columns.properties]
        self.rows.append([(document["name"], ""), (verdict, COLOURS[verdict]), *cells, (note(document), "")])

    def close(self) -> None:
        terminal = self.stream.isatty()
        rows = [[(name_cell(row[0][0], terminal), ""), *row[1:]] for row in self.rows]
        header = ["name", "verdict", *(name.partition("/")[2] for name in self.columns.properties), "note"]
        for text in table(
            header, rows if terminal else [[(text, "") for text, _ in row] for row in rows], bold=terminal
        ):
            self.stream.write(f"{text}\n".encode(errors="replace"))
        self.stream.flush()


FORMATS: Mapping[str, type] = {
    "table": TableWriter,
    "json": JsonWriter,
    "jsonl": JsonLinesWriter,
    "csv": CsvWriter,
    "parquet": ParquetWriter,
}


def speakers(document: Document) -> dict[str, Mapping[str, Any]]:
    """Property -> the prediction that speaks for it: the deciding one, else the first."""
    found: dict[str, Mapping[str, Any]] = {}
    for prediction in document["predictions"]:
        if prediction["decides"] or prediction["property"] not in found:
            found[prediction["property"]] = prediction
    return found


def answer_cell(prediction: Mapping[str, Any] | None) -> Cell:
    """`label score` in the colour of its acceptance."""
    if prediction is None:
        return "", ""
    return f"{prediction['label']} {prediction['score']:.2f}", COLOURS.get(prediction["accepted"], "yellow")


def note(document: Document) -> str:
    """Why something failed, or why a deciding pipeline cannot tell."""
    reasons = (p["reason"] for p in document["predictions"] if p["decides"])
    return printable(failures(document) or "; ".join(dict.fromkeys(filter(None, reasons))))


def name_cell(name: str, terminal: bool) -> str:
    """The name, on a terminal no longer than half a line."""
    safe = printable(name)
    return shortened(safe, max(24, shutil.get_terminal_size().columns // 2)) if terminal else safe


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file that appears under its name when it is complete, or not at all."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        with unfinished.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
