"""Curves: how scores and truth go together, over all thresholds at once.

Curve .............. points, ready to be drawn, and the area below
roc ................ share of false alarms -> share of hits (Fawcett 2006, "An introduction to ROC analysis")
precision_recall ... recall -> precision; its area is the average precision
Reliability ........ what the scores promise and what is so (Guo et al. 2017, "On calibration of modern networks")
Curves ............. those three for one positive label
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import DataError

MOST = 200
"""Points that a curve has at most: more cannot be seen."""
BINS = 10
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """Points (x, y) from 0 to 1, along falling thresholds, and the exact area below all points, before thinning."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    area: float


@dataclass(frozen=True)
class Reliability:
    """Scores in equal bins, empty ones left out: their mean, the share that is positive, and how many there are.

    error: expected calibration error, the mean distance of the two, weighted by rows; 0 is perfect.
    """

    predicted: tuple[float, ...]
    observed: tuple[float, ...]
    rows: tuple[int, ...]
    error: float


@dataclass(frozen=True)
class Curves:
    """The curves of one label (or of acceptance) against the rest."""

    positive: str
    roc: Curve
    precision_recall: Curve
    reliability: Reliability

    @classmethod
    def of(cls, positive: str, scores: ArrayLike, is_positive: ArrayLike) -> Curves:
        """The curves of scores from 0 to 1, (n,), and which rows are positive, (n,) bool."""
        return cls(
            positive, roc(scores, is_positive), precision_recall(scores, is_positive), reliability(scores, is_positive)
        )


def roc(scores: ArrayLike, positive: ArrayLike) -> Curve:
    """False alarms among the negative rows -> hits among the positive ones; `DataError` when one sort is missing.

    >>> roc([0.1, 0.4, 0.35, 0.8], [False, False, True, True]).area
    0.75
    """
    hits, alarms = _walk(scores, positive)
    x, y = alarms / alarms[-1], hits / hits[-1]
    return _curve(x, y, float(np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2)))


def precision_recall(scores: ArrayLike, positive: ArrayLike) -> Curve:
    """Recall -> precision, from the highest threshold down; the area is the sum of steps, nothing interpolated."""
    hits, alarms = _walk(scores, positive)
    recall = hits / hits[-1]
    precision = np.concatenate([[1.0], hits[1:] / (hits[1:] + alarms[1:])])
    return _curve(recall, precision, float(np.sum(np.diff(recall) * precision[1:])))


def reliability(scores: ArrayLike, positive: ArrayLike, bins: int = BINS) -> Reliability:
    """What scores from 0 to 1 promise, against what is so, in equal bins.

    >>> reliability([0.2, 0.3, 0.9], [False, True, True], bins=2)
    Reliability(predicted=(0.25, 0.9), observed=(0.5, 1.0), rows=(2, 1), error=0.2)
    """
    given, true = _checked(scores, positive)
    if given.min() < 0 or given.max() > 1:
        raise DataError(f"Reliability needs probabilities from 0 to 1; these go from {given.min()} to {given.max()}.")
    member = np.minimum((given * bins).astype(int), bins - 1)
    rows = np.bincount(member, minlength=bins)
    used = rows > 0
    predicted = np.bincount(member, given, bins)[used] / rows[used]
    observed = np.bincount(member, true, bins)[used] / rows[used]
    error = float(np.sum(np.abs(predicted - observed) * rows[used]) / len(given))
    return Reliability(_plain(predicted), _plain(observed), tuple(rows[used].tolist()), round(error, 6))


def thinned(x: Floats, y: Floats, most: int = MOST) -> NDArray[np.intp]:
    """Numbers of at most `most` points, evenly along the way from the first to the last, which are kept."""
    if len(x) <= most:
        return np.arange(len(x))
    way = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
    return np.unique(np.append(np.searchsorted(way, np.linspace(0, way[-1], most - 1)), len(x) - 1))


def _walk(scores: ArrayLike, positive: ArrayLike) -> tuple[Floats, Floats]:
    """Hits and false alarms from the highest score down, beginning with none of either; equal scores in one step."""
    given, true = _checked(scores, positive)
    if true.all() or not true.any():
        raise DataError(
            f"A curve needs rows of both sorts; all {len(true)} are {'positive' if true.all() else 'negative'}."
        )
    order = np.argsort(-given, kind="stable")
    steps = np.flatnonzero(np.append(np.diff(given[order]) != 0, True))
    hits = np.cumsum(true[order])[steps]
    return np.append(0.0, hits), np.append(0.0, steps + 1 - hits)


def _checked(scores: ArrayLike, positive: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    given, true = np.asarray(scores), np.asarray(positive)
    if given.dtype.kind not in "fiub" or given.ndim != 1 or not np.isfinite(given).all():
        raise DataError("A curve needs scores: finite numbers, one a row.")
    if not len(given) or given.shape != true.shape or true.dtype.kind != "b":
        raise DataError(f"A curve needs a yes or no a score: {len(given)} scores, {len(true)} answers of {true.dtype}.")
    return given.astype(np.float64), true


def _curve(x: Floats, y: Floats, area: float) -> Curve:
    kept = thinned(x, y)
    return Curve(_plain(x[kept]), _plain(y[kept]), round(area, 6))


def _plain(values: Floats) -> tuple[float, ...]:
    return tuple(np.round(values, 6).tolist())
