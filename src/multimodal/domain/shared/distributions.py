"""Distributions: what a model's inputs and answers look like, as small histograms.

    Histogram ...... counts between edges, with an open bin at each end
    Distribution ... the histogram of a training, and how many independent rows it is worth
    Reference ...... all distributions of a training: its features, and the scores and labels that the model gave
    learned_from ... a finished training -> Reference
    quantile_edges . where the bins of a feature end

What is seen later is counted in the bins of the training (`Reference.count`), so that counts can be added up wherever
and whenever they were made, and compared (drift.py).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bundle import Bundle
from .data import FeatureTable
from .errors import ArtifactError
from .results import CANNOT_TELL, Prediction
from .training import Trained

LEVELS = (0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99)
SCORE_EDGES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
SLACK = 1e-6  # of the largest value: two machines may differ by that in a value that is always the same
SCORE, LABELS, FEATURE = "score", "labels", "feature/"
Counts = Mapping[str, NDArray[np.int64]]
"""What was counted: `score`, `labels`, `feature/NAME` -> counts of its bins."""


@dataclass(frozen=True)
class Histogram:
    """Counts of k + 1 bins between k edges, ascending; a value on an edge is in the upper bin.

    >>> Histogram.of([0.5, 1.0, 1.5, 9.0], (1.0, 2.0))
    Histogram(edges=(1.0, 2.0), counts=(1, 2, 1))
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.counts) != len(self.edges) + 1 or not self.edges or min(self.counts) < 0:
            raise ValueError(f"{len(self.edges)} edges need one count more, none below 0; got {self.counts}.")
        if not all(map(math.isfinite, self.edges)) or any(low >= high for low, high in pairwise(self.edges)):
            raise ValueError(f"Edges are finite numbers that ascend, got {self.edges}.")

    @classmethod
    def of(cls, values: Sequence[float] | NDArray[Any], edges: Sequence[float]) -> Histogram:
        """The histogram of some values."""
        return cls(tuple(edges), tuple(binned(np.asarray(values), edges).tolist()))

    @property
    def total(self) -> int:
        """How many values were counted."""
        return sum(self.counts)

    @property
    def shares(self) -> NDArray[np.float64]:
        """The share of each bin, (k + 1,); zeros when nothing was counted."""
        return np.array(self.counts) / max(self.total, 1)

    def add(self, values: Sequence[float] | NDArray[Any]) -> Histogram:
        """These values counted as well."""
        return self.merge(Histogram.of(values, self.edges))

    def merge(self, other: Histogram) -> Histogram:
        """Both counts together; `ValueError` when the edges differ."""
        if other.edges != self.edges:
            raise ValueError("Only histograms with the same edges can be merged.")
        return Histogram(self.edges, tuple(a + b for a, b in zip(self.counts, other.counts, strict=True)))

    def median(self) -> float:
        """The value in the middle, interpolated inside its bin; in an open bin infinite, without values not a number.

        >>> Histogram((0.0, 1.0, 2.0), (0, 3, 1, 0)).median()
        0.6666666666666666
        """
        if not self.total:
            return math.nan
        half, below = self.total / 2, np.concatenate([[0], np.cumsum(self.counts)])
        k = int(np.searchsorted(below[1:], half))
        ends = (-math.inf, *self.edges, math.inf)
        low, high = ends[k], ends[k + 1]
        if math.isinf(low) or math.isinf(high):
            return low if math.isinf(low) else high
        return float(low + (high - low) * (half - below[k]) / self.counts[k])

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"edges": list(self.edges), "counts": list(self.counts)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Histogram:
        """The inverse of `to_dict`."""
        return cls(tuple(map(float, values["edges"])), tuple(map(int, values["counts"])))


@dataclass(frozen=True)
class Distribution:
    """The histogram of a training.

    worth: how many independent rows would tell as much, since rows of one group are alike.
    """

    histogram: Histogram
    worth: int

    def __post_init__(self) -> None:
        if not 1 <= self.worth <= max(self.histogram.total, 1):
            raise ValueError(f"{self.histogram.total} rows cannot be worth {self.worth}.")

    @classmethod
    def of(cls, values: NDArray[Any], edges: Sequence[float], groups: NDArray[Any]) -> Distribution:
        """The distribution of values (n,) in groups (n,)."""
        return cls(Histogram.of(values, edges), worth(np.searchsorted(edges, values, "right"), groups))

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {**self.histogram.to_dict(), "worth": self.worth}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Distribution:
        """The inverse of `to_dict`."""
        return cls(Histogram.from_dict(values), int(values["worth"]))


@dataclass(frozen=True)
class Reference:
    """What a model's features, scores and labels looked like in training. labels: how often each was given."""

    features: Mapping[str, Distribution]
    score: Distribution
    labels: Mapping[str, int]

    @classmethod
    def of_bundle(cls, bundle: Bundle) -> Reference | None:
        """The reference that a bundle carries; None when it is older than that. `ArtifactError` for nonsense."""
        try:
            return cls.from_dict(bundle.distributions) if bundle.distributions else None
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise ArtifactError(f"The distributions of {bundle.ref} cannot be understood. Train it again.") from error

    def distributions(self) -> dict[str, Distribution]:
        """Score and features, by the words under which they are counted."""
        return {SCORE: self.score, **{FEATURE + name: found for name, found in self.features.items()}}

    def count(self, predictions: Sequence[Prediction]) -> Counts:
        """Counts of predictions of this model, in the bins of the training; labels in the order of `labels`."""
        names = tuple(self.features)
        rows = np.array([[p.measures[name] for name in names] for p in predictions], np.float64)
        columns = np.ascontiguousarray(rows.reshape(-1, len(names)).T)
        counted = {
            FEATURE + name: binned(column, self.features[name].histogram.edges)
            for name, column in zip(names, columns, strict=True)
        }
        counted[SCORE] = binned(np.array([p.score for p in predictions]), self.score.histogram.edges)
        given = [p.label for p in predictions]
        counted[LABELS] = np.array([given.count(label) for label in self.labels], np.int64)
        return counted

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        features = {name: found.to_dict() for name, found in self.features.items()}
        return {"features": features, "score": self.score.to_dict(), "labels": dict(self.labels)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Reference:
        """The inverse of `to_dict`."""
        features = {str(name): Distribution.from_dict(inner) for name, inner in values["features"].items()}
        labels = {str(label): int(count) for label, count in values["labels"].items()}
        return cls(features, Distribution.from_dict(values["score"]), labels)


def learned_from(
    trained: Trained, table: FeatureTable, predict: Callable[[NDArray[np.float32]], Iterable[Prediction]]
) -> Reference:
    """The reference of a finished training on a table; `predict` answers rows of features as the model will serve.

    Features are those of the training part. Scores and labels are those of the validation and test part: of what it
    learned from a model is surer than it will ever be again.
    """
    inside = table.rows(trained.splits["train"])
    held = table.rows(np.concatenate([trained.splits["validation"], trained.splits["test"]]))
    answers = list(predict(held.features))
    given = [answer.label for answer in answers]
    scores = np.array([answer.score for answer in answers])
    columns = zip(table.names, inside.features.astype(np.float64).T, strict=True)
    return Reference(
        {name: Distribution.of(values, quantile_edges(values), inside.groups) for name, values in columns},
        Distribution.of(scores, SCORE_EDGES, held.groups),
        {label: given.count(label) for label in (*trained.decision.property.labels, CANNOT_TELL)},
    )


def quantile_edges(values: NDArray[np.float64]) -> tuple[float, ...]:
    """Edges of ten bins with as many of the values (n,) in each, and of the outermost 1 % at each end.

    A value that fills a bin alone (a constant, a tie, a discrete feature) gets a narrow bin of its own.

    >>> quantile_edges(np.array([3.0, 3.0, 3.0]))
    (2.999997, 3.000003)
    """
    points, times = np.unique(np.quantile(values, LEVELS, method="inverted_cdf"), return_counts=True)
    slack = SLACK * (float(np.abs(values).max()) or 1.0)
    often = points[times > 1]
    edges = np.concatenate([points[times == 1], often - slack, often + slack])
    return tuple(sorted({float(f"{edge:.7g}") for edge in edges}))


def binned(values: NDArray[Any], edges: Sequence[float]) -> NDArray[np.int64]:
    """How many values fall into each bin."""
    return np.bincount(np.searchsorted(edges, values, "right"), minlength=len(edges) + 1)


def worth(bins: NDArray[np.intp], groups: NDArray[Any]) -> int:
    """How many independent rows tell as much of a distribution as these rows (n,) in groups (n,).

    n over the design effect: how much larger the variance of a share is because whole groups were drawn (Kish 1965,
    "Survey sampling"), as a mean over the shares below each edge. (The shares of single bins vary less: what moves in a
    group moves through neighbouring bins. Their mean, Rao & Scott 1981, lets a few large groups cry wolf.)

    >>> worth(np.array([0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1]), np.array(list("aaabbbcccddd")))
    3
    """
    _, group = np.unique(groups, return_inverse=True)
    m, n = int(group.max()) + 1, len(bins)
    if m == 1:
        return 1
    counts = np.zeros((m, bins.max() + 1))
    np.add.at(counts, (group, bins), 1.0)
    below, size = counts.cumsum(axis=1)[:, :-1], counts.sum(axis=1, keepdims=True)
    share = below.sum(axis=0) / n
    variance = ((below - share * size) ** 2).sum(axis=0) / n**2 * m / (m - 1)
    varies = (share > 0) & (share < 1)
    effects = variance[varies] * n / (share * (1 - share))[varies]
    return max(1, round(n / max(float(effects.mean()), 1.0))) if len(effects) else n
