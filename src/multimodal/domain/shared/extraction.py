"""Extraction: the captures of a data set are decoded at most once, and what was measured once is never measured again.

    Column ..... something to be measured: how, and a key that changes when the way of measuring does
    Measured ... what came out: contents, rows, and the captures that are broken
    measure .... data set + columns -> Measured

Memory is that of a few samples: each is decoded, measured and let go.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .data import Dataset, FeatureTable, digest_of
from .errors import CaptureError, DataError
from .pipelines import FeaturePipeline
from .ports import Engine, FeatureStore, Progress, silent
from .sample import Capture, Sample

BATCH = 128


@dataclass(frozen=True)
class Column:
    """Something to be measured of each sample, as bytes."""

    key: str
    measure: Callable[[Sample], bytes]

    @classmethod
    def of_features(cls, key: str, features: FeaturePipeline) -> Column:
        """The float32 row of a feature pipeline."""
        return cls(key, lambda sample: features.transform([sample])[0].astype(np.float32).tobytes())

    @classmethod
    def of_fingerprints(cls, key: str, fingerprints: Callable[[Any], NDArray[np.uint64] | None]) -> Column:
        """The uint64 fingerprints of a sample; no bytes where it has none."""

        def measure(sample: Sample) -> bytes:
            found = fingerprints(sample)
            return b"" if found is None else found.astype(np.uint64).tobytes()

        return cls(key, measure)

    @classmethod
    def of_info(cls, key: str) -> Column:
        """What a sample knows of itself (`Sample.info`), as JSON."""
        return cls(key, lambda sample: json.dumps(dict(sample.info), default=str).encode())


@dataclass(frozen=True, eq=False)
class Measured:
    """What was measured of a data set.

    index: positions in the data set of the captures that could be read, (n,). contents: their sha256. rows: column ->
    one row a capture. broken: position -> what is wrong with a capture that could not be read. sizes: bytes of
    each that could.
    """

    dataset: Dataset
    index: NDArray[np.intp]
    contents: tuple[str, ...]
    rows: Mapping[str, Sequence[bytes]]
    broken: Mapping[int, CaptureError]
    sizes: tuple[int, ...] = ()

    @property
    def digest(self) -> str:
        """Identifies the data set without its broken captures."""
        return digest_of([self.dataset.captures[i] for i in self.index], self.contents)

    def table(self, column: str, features: FeaturePipeline, target: str = "") -> FeatureTable:
        """The feature table of a column; the fact `target`, where given, stands for the label."""
        flat = np.frombuffer(b"".join(self.rows[column]), np.float32).reshape(len(self.index), len(features.names))
        table = table_of(self.dataset.subset(self.index.tolist()), flat, features.names, target)
        return replace(table, contents=np.array(self.contents, str), index=self.index)

    def fingerprints(self, column: str) -> list[NDArray[np.uint64] | None]:
        """The fingerprints of each capture that could be read, None where there is nothing to recognise it by."""
        return [np.frombuffer(row, np.uint64) if row else None for row in self.rows[column]]

    def infos(self, column: str) -> list[Mapping[str, Any]]:
        """What each sample that could be read knows of itself."""
        return [json.loads(row) for row in self.rows[column]]


def measure(
    dataset: Dataset,
    columns: Mapping[str, Column],
    engine: Engine,
    store: FeatureStore,
    progress: Progress = silent,
) -> Measured:
    """Measure all columns of all captures side by side; `DataError` when no capture can be read."""
    made = Making(dataset, columns, store)
    try:
        for position, found in enumerate(engine.map(made.one, range(len(dataset)))):
            made.add(position, found)
            progress("features", position + 1, len(dataset))
    finally:
        made.flush()
    if not made.index:
        reason = next(iter(made.broken.values()), "it is empty")
        raise DataError(f"No capture of {dataset.name!r} can be read: {reason}")
    return made.measured


@dataclass(frozen=True)
class Row:
    """One capture: its content, and of each column what was known and what was measured now."""

    content: str
    size: int
    known: Mapping[str, bytes]
    fresh: Mapping[str, bytes]


class Making:
    """A measurement under way; what is new goes to the store in batches."""

    def __init__(self, dataset: Dataset, columns: Mapping[str, Column], store: FeatureStore) -> None:
        self.dataset = dataset
        self.columns = columns
        self.store = store
        self.broken: dict[int, CaptureError] = {}
        self.index: list[int] = []
        self.contents: list[str] = []
        self.sizes: list[int] = []
        self.rows: dict[str, list[bytes]] = {name: [] for name in columns}
        self.waiting: dict[str, dict[str, bytes]] = {name: {} for name in columns}

    def one(self, position: int) -> Row | CaptureError:
        """Measure one capture, in any thread: decoded only when a column is missing."""
        capture = self.dataset.captures[position]
        try:
            data = capture.read(self.dataset.limit)
            content = hashlib.sha256(data).hexdigest()
            known = {n: row for n, c in self.columns.items() for row in self.store.read(c.key, [content]).values()}
            missing = [name for name in self.columns if name not in known]
            sample = self.dataset.decode(replace(capture, content=data)) if missing else None
        except CaptureError as error:
            return error
        fresh = {name: self.columns[name].measure(sample) for name in missing if sample is not None}
        return Row(content, len(data), known, fresh)

    def add(self, position: int, found: Row | CaptureError) -> None:
        """Take in what was found of one capture."""
        if isinstance(found, CaptureError):
            self.broken[position] = found
            return
        self.index.append(position)
        self.contents.append(found.content)
        self.sizes.append(found.size)
        for name in self.columns:
            self.rows[name].append(found.known[name] if name in found.known else found.fresh[name])
        for name, row in found.fresh.items():
            self.waiting[name][found.content] = row
        if any(len(some) >= BATCH for some in self.waiting.values()):
            self.flush()

    def flush(self) -> None:
        """Keep what is new."""
        for name, fresh in self.waiting.items():
            self.store.write(self.columns[name].key, fresh)
            fresh.clear()

    @property
    def measured(self) -> Measured:
        """What came out."""
        index = np.array(self.index, np.intp)
        return Measured(self.dataset, index, tuple(self.contents), self.rows, self.broken, tuple(self.sizes))


def table_of(dataset: Dataset, features: NDArray[np.float32], names: tuple[str, ...], target: str = "") -> FeatureTable:
    """Features with what the captures say of themselves; the fact `target`, where given, stands for the label."""

    def label(capture: Capture) -> str:
        return str((capture.facts.get(target) if target else None) or capture.label or "")

    captures = dataset.captures
    return FeatureTable(
        features,
        names,
        np.array([label(c) for c in captures], dtype=str),
        np.array(dataset.groups, dtype=str),
        np.array([c.split or "" for c in captures], dtype=str),
        tuple(c.facts for c in captures),
    )
