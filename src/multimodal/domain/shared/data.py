"""Data: labelled captures, and what turns samples into tables.

Dataset ............ labelled captures: indexable, iterable, lazy or in memory
DataTransformer .... scikit-learn transformer: samples -> samples
FeatureExtractor ... scikit-learn transformer: samples -> feature table (n, d)
FeatureTable ....... features, labels, groups and splits: all that training ever sees
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self, overload

import numpy as np
from numpy.typing import NDArray

from .errors import DataError
from .parameters import Parameters
from .sample import Capture, Sample

Labelled = tuple[Sample, str | None]
LARGEST = 3e38  # just inside float32


class Dataset(Sequence[Labelled]):
    """Labelled captures: `dataset[i]` is `(sample, label)`, decoded when asked for.

    captures: what the data set is made of; a slice is a data set again. decode: capture -> sample.
    class_names: the labels in their order (default: sorted, as they occur). in_memory: keep each decoded sample.
    limit: bytes that a capture may have.
    """

    def __init__(
        self,
        captures: Sequence[Capture],
        decode: Callable[[Capture], Sample],
        *,
        class_names: Sequence[str] | None = None,
        in_memory: bool = False,
        name: str = "dataset",
        limit: int | None = None,
    ) -> None:
        self.captures = captures
        self.limit = limit
        self.decode = decode
        self.name = name
        self.in_memory = in_memory
        self._class_names = tuple(class_names) if class_names is not None else None
        self._kept: dict[int, Sample] = {}

    @property
    def class_names(self) -> tuple[str, ...]:
        """The labels in their order."""
        if self._class_names is None:
            self._class_names = tuple(sorted({c.label for c in self.captures if c.label is not None}))
        return self._class_names

    @property
    def labels(self) -> list[str | None]:
        """One label a capture; nothing is decoded."""
        return [capture.label for capture in self.captures]

    @property
    def groups(self) -> list[str]:
        """What must stay together in a split, one a capture: its group, else its own name."""
        return [capture.group or capture.name for capture in self.captures]

    @property
    def digest(self) -> str:
        """Identifies the data set, see `digest_of`; all captures are read."""
        return digest_of(self.captures, [capture.digest() for capture in self.captures])

    def sample(self, index: int) -> Sample:
        """The decoded sample, kept when the data set is in memory."""
        if index in self._kept:
            return self._kept[index]
        sample = self.decode(self.captures[index])
        if self.in_memory:
            self._kept[index] = sample
        return sample

    def subset(self, indices: Sequence[int]) -> Dataset:
        """The data set of these captures, in this order."""
        return self.with_captures([self.captures[i] for i in indices])

    def relabel(self, mapping: Mapping[str, str]) -> Dataset:
        """Labels renamed; captures whose label the mapping lacks are left out."""
        kept = [replace(c, label=mapping[c.label]) for c in self.captures if c.label is not None and c.label in mapping]
        return Dataset(kept, self.decode, in_memory=self.in_memory, name=self.name, limit=self.limit)

    def with_captures(self, captures: Sequence[Capture]) -> Dataset:
        """A data set like this one of other captures."""
        return Dataset(
            captures,
            self.decode,
            class_names=self.class_names,
            in_memory=self.in_memory,
            name=self.name,
            limit=self.limit,
        )

    def __len__(self) -> int:
        return len(self.captures)

    def __iter__(self) -> Iterator[Labelled]:
        return (self[i] for i in range(len(self)))

    @overload
    def __getitem__(self, index: int) -> Labelled: ...
    @overload
    def __getitem__(self, index: slice) -> Dataset: ...
    def __getitem__(self, index: int | slice) -> Labelled | Dataset:
        if isinstance(index, slice):
            return self.subset(range(len(self))[index])
        position = range(len(self))[index]
        return self.sample(position), self.captures[position].label

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {len(self)} captures, classes {list(self.class_names)})"


def digest_of(captures: Sequence[Capture], contents: Sequence[str]) -> str:
    """Identifies a data set: sha256 over label, group, split and content of all captures, in any order, hexadecimal.

    contents: sha256 of each capture's bytes. Where the files lie and what they are called makes no difference.
    """
    pairs = zip(captures, contents, strict=True)
    rows = sorted(f"{content}\0{c.label}\0{c.group}\0{c.split}\n" for c, content in pairs)
    return hashlib.sha256("".join(rows).encode("utf-8", "surrogateescape")).hexdigest()


class DataTransformer(Parameters):
    """Samples to samples, with the scikit-learn contract; most learn nothing.

    `to_dict` and `from_dict` hold the parameters as plain values, ready for YAML.
    """

    def fit(self, samples: Sequence[Sample], labels: Sequence[str] | None = None) -> Self:
        """Learn from samples (nothing, unless a subclass says so)."""
        return self

    def transform(self, samples: Sequence[Sample]) -> Any:
        """The transformed samples, in their order."""
        return [self.transform_one(sample) for sample in samples]

    def transform_one(self, sample: Sample) -> Sample:
        """One transformed sample (the same one, unless a subclass says so)."""
        return sample

    def fit_transform(self, samples: Sequence[Sample], labels: Sequence[str] | None = None) -> Any:
        """`fit`, then `transform`."""
        return self.fit(samples, labels).transform(samples)

    def to_dict(self) -> dict[str, Any]:
        """The parameters as plain values."""
        return self.get_params(deep=False)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """A transformer with these parameters; an unknown one is a `ValueError` that names the nearest."""
        return cls().set_params(**values)


class FeatureExtractor(DataTransformer):
    """Samples to a table: one row a sample, one column a name; float32 (n, d), always finite."""

    names: ClassVar[tuple[str, ...]] = ()

    def row(self, sample: Any) -> Sequence[float]:
        """The features of one sample, in the order of `names`."""
        raise TypeError(f"{type(self).__name__} does not say how a row is measured: define row().")

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """The columns' names (scikit-learn's contract)."""
        return np.array(self.names, dtype=object)

    def transform(self, samples: Sequence[Sample]) -> NDArray[np.float32]:
        """The feature table, float32 (n, d)."""
        rows = np.array([self.row(sample) for sample in samples], np.float64).reshape(len(samples), len(self.names))
        if not (np.abs(rows) <= LARGEST).all():  # or one is not a number
            rows = np.clip(np.nan_to_num(rows), -LARGEST, LARGEST)
        return rows.astype(np.float32)


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """All that training sees: features float32 (n, d), labels and groups (n,) of str, splits (n,) of str or empty.

    facts: what is known of each capture. contents: sha256 of each capture's bytes, (n,) of str. index: each row's
    position in the data set. Those three are empty or have n entries.
    """

    features: NDArray[np.float32]
    names: tuple[str, ...]
    labels: NDArray[np.str_]
    groups: NDArray[np.str_]
    splits: NDArray[np.str_]
    facts: tuple[Mapping[str, Any], ...] = ()
    contents: NDArray[np.str_] = field(default_factory=lambda: np.array([], str))
    index: NDArray[np.intp] = field(default_factory=lambda: np.array([], np.intp))

    def __post_init__(self) -> None:
        n = len(self.features)
        if self.features.ndim != 2 or self.features.shape[1] != len(self.names):
            raise DataError(f"Expected a table (n, {len(self.names)}), got {self.features.shape}.")
        if not n == len(self.labels) == len(self.groups) == len(self.splits):
            raise DataError("Features, labels, groups and splits differ in length.")
        if any(len(part) not in (0, n) for part in (self.facts, self.contents, self.index)):
            raise DataError("Facts, contents or index differ in length from the features.")

    def __len__(self) -> int:
        return len(self.features)

    def rows(self, index: NDArray[Any]) -> FeatureTable:
        """The rows of an index or a mask."""
        chosen = np.arange(len(self))[index]
        return replace(
            self,
            features=self.features[index],
            labels=self.labels[index],
            groups=self.groups[index],
            splits=self.splits[index],
            facts=tuple(self.facts[i] for i in chosen) if self.facts else (),
            contents=self.contents[index] if len(self.contents) else self.contents,
            index=self.index[index] if len(self.index) else self.index,
        )
