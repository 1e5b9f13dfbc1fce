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

    def one(position: int) -> tuple[str, int, dict[str, bytes], dict[str, bytes]] | CaptureError:
        capture = dataset.captures[position]
        try:
            data = capture.read(dataset.limit)
            content = hashlib.sha256(data).hexdigest()
            known = {name: row for name, c in columns.items() for row in store.read(c.key, [content]).values()}
            missing = [name for name in columns if name not in known]
            sample = dataset.decode(replace(capture, content=data)) if missing else None
        except CaptureError as error:
            return error
        fresh = {name: columns[name].measure(sample) for name in missing if sample is not None}
        return content, len(data), known, fresh

    broken: dict[int, CaptureError] = {}
    index: list[int] = []
    contents: list[str] = []
    sizes: list[int] = []
    rows: dict[str, list[bytes]] = {name: [] for name in columns}
    waiting: dict[str, dict[str, bytes]] = {name: {} for name in columns}

    def flush() -> None:
        for name, fresh in waiting.items():
            store.write(columns[name].key, fresh)
            fresh.clear()

    try:
        for position, found in enumerate(engine.map(one, range(len(dataset)))):
            progress("features", position + 1, len(dataset))
            if isinstance(found, CaptureError):
                broken[position] = found
                continue
            content, size, known, fresh = found
            index.append(position)
            contents.append(content)
            sizes.append(size)
            for name in columns:
                rows[name].append(known[name] if name in known else fresh[name])
                waiting[name] |= {content: fresh[name]} if name in fresh else {}
            if any(len(some) >= BATCH for some in waiting.values()):
                flush()
    finally:
        flush()
    if not index:
        raise DataError(f"No capture of {dataset.name!r} can be read: {next(iter(broken.values()), 'it is empty')}")
    return Measured(dataset, np.array(index, np.intp), tuple(contents), rows, broken, tuple(sizes))


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
