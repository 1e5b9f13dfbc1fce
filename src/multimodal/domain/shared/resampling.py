"""The metrics of many weightings of the same rows at once: what bootstraps and permutation tests are made of.

    Sheet ........... the truth and a model's answers, row by row, and which rows belong together
    figures ......... one metric, once for each weighting of the groups
    class_figures ... precision, recall and F1 of each label, likewise
    bootstrap ....... how often each group was drawn, for each resample
    spread .......... a figure and its resampled values as an `Interval`

Every classification metric of `evaluation.METRICS` depends on weights of rows through sums only: over a confusion
matrix, over losses, or along the order of the scores. So thousands of resamples are a few matrix products, where
calling the metric for each would take a minute. The figures are the same (a test holds them to scikit-learn's), and so
are the resamples of `evaluation.cluster_interval` with the same seed. Where a metric is not defined it is not-a-number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .estimators import Floats
from .evaluation import CLASSIFICATION, Interval

Codes = NDArray[np.intp]
DECIDED = "decided"
"""Share of rows on which the model does not abstain: no metric of the table, but reported beside them."""
FIGURES = (*CLASSIFICATION, DECIDED)
CELLS = 500_000  # weights in memory at once


@dataclass(frozen=True, eq=False)
class Sheet:
    """The truth and a model's answers, n rows.

    labels: all k of them. truth, given: codes (n,), the label when abstaining is not allowed. probabilities: (n, k), or
    (n,) the second label's. decided: (n,) bool. group: codes (n,) from 0, what belongs together.
    """

    labels: tuple[str, ...]
    truth: Codes
    given: Codes
    probabilities: Floats
    decided: NDArray[np.bool_]
    group: Codes

    @classmethod
    def of(
        cls,
        labels: Sequence[str],
        truth: NDArray[np.str_],
        groups: NDArray[np.str_],
        *,
        given: NDArray[np.str_],
        probabilities: Floats,
        decided: NDArray[np.bool_],
    ) -> Sheet:
        """A sheet of labels and names of groups."""
        code = {label: number for number, label in enumerate(labels)}
        codes, answers = (np.array([code[str(label)] for label in column], np.intp) for column in (truth, given))
        group = np.unique(groups, return_inverse=True)[1].astype(np.intp)
        return cls(tuple(labels), codes, answers, np.asarray(probabilities, np.float64), decided, group)

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return int(self.group.max()) + 1 if len(self) else 0

    def above(self, other: Sheet) -> Sheet:
        """Both answers to the same rows, one below the other; the other's groups are counted on from ours."""
        return replace(
            self,
            truth=np.concatenate([self.truth, other.truth]),
            given=np.concatenate([self.given, other.given]),
            probabilities=np.concatenate([self.probabilities, other.probabilities]),
            decided=np.concatenate([self.decided, other.decided]),
            group=np.concatenate([self.group, other.group + self.groups]),
        )


def figures(sheet: Sheet, name: str, weights: Floats) -> Floats:
    """The metric `name`, or the share decided, for each weighting of the groups (r, groups): (r,)."""
    return _FORMULAS[name](sheet)(weights)


def class_figures(sheet: Sheet, weights: Floats) -> Mapping[str, Floats]:
    """Precision, recall and F1 of each label for each weighting (r, groups): (r, k) each."""
    hits, given, true = _marginals(_confusion(sheet)(weights))
    return {
        "precision": _ratio(hits, given),
        "recall": _ratio(hits, true),
        "f1": _ratio(2 * hits, given + true),
    }


def even(sheet: Sheet) -> Floats:
    """The weighting (1, groups) that counts every row once."""
    return np.ones((1, sheet.groups))


def bootstrap(groups: int, resamples: int, seed: int) -> Floats:
    """How often each group is drawn when as many as there are are drawn with replacement, (resamples, groups)."""
    rng = np.random.default_rng(seed)
    drawn = (np.bincount(rng.integers(groups, size=groups), minlength=groups) for _ in range(resamples))
    return np.array(list(drawn), np.float64).reshape(resamples, groups)


def spread(value: float, resampled: Floats) -> Interval:
    """A figure with the 95 % percentile interval of its resampled values (r,); undefined ones are left out."""
    defined = resampled[~np.isnan(resampled)]
    if not len(defined) or np.isnan(value):
        return Interval(float(value), float("nan"), float("nan"))
    low, high = np.percentile(defined, [2.5, 97.5])
    return Interval(float(value), float(low), float(high))


def intervals(sheet: Sheet, *, resamples: int = 400, seed: int = 0) -> dict[str, Interval]:
    """All figures with their intervals over groups."""
    weights = np.concatenate([even(sheet), bootstrap(sheet.groups, resamples, seed)])
    found = {name: figures(sheet, name, weights) for name in FIGURES}
    return {name: spread(float(values[0]), values[1:]) for name, values in found.items()}


def _in_parts(sheet: Sheet, weights: Floats) -> Iterator[Floats]:
    """A few weightings at a time, since each will be spread over all rows."""
    step = max(1, CELLS // max(1, len(sheet)))
    return (weights[start : start + step] for start in range(0, len(weights), step))


def _totals(sheet: Sheet, columns: Floats) -> Floats:
    """Sums (groups, c) of columns of rows (n, c) or (n,): a weighting then is one product with them."""
    flat = columns.reshape(len(sheet), -1)
    return np.stack([np.bincount(sheet.group, column, sheet.groups) for column in flat.T], axis=1)


def _confusion(sheet: Sheet) -> Callable[[Floats], Floats]:
    """Weighted counts (r, k true, k given)."""
    k = len(sheet.labels)
    cells = _totals(sheet, np.eye(k * k)[sheet.truth * k + sheet.given])
    return lambda weights: (weights @ cells).reshape(-1, k, k)


def _average(sheet: Sheet, values: NDArray[Any]) -> Callable[[Floats], Floats]:
    """The weighted mean of the rows' values (n,)."""
    sums = _totals(sheet, np.column_stack([values, np.ones(len(sheet))]))

    def average(weights: Floats) -> Floats:
        both = weights @ sums
        return _ratio(both[:, 0], both[:, 1])

    return average


def _marginals(counts: Floats) -> tuple[Floats, Floats, Floats]:
    """Hits, given and true of each label, (r, k) each."""
    return np.diagonal(counts, axis1=1, axis2=2), counts.sum(axis=1), counts.sum(axis=2)


def _ratio(above: Floats, below: Floats) -> Floats:
    """A quotient; not-a-number where there is nothing to divide by."""
    nothing = np.full(np.broadcast(above, below).shape, np.nan)
    return np.asarray(np.divide(above, below, out=nothing, where=below > 0))


def _mean_over(values: Floats, counted: NDArray[np.bool_]) -> Floats:
    """The mean of each row over the columns that count; one that is not defined is 0."""
    return _ratio(np.where(counted, np.nan_to_num(values), 0).sum(axis=1), counted.sum(axis=1))


Formula = Callable[[Floats], Floats]


def _several(true: Floats, figure: Floats) -> Floats:
    """The figure where at least two labels occur in the truth, as `Metric` asks."""
    return np.where((true > 0).sum(axis=-1) > 1, figure, np.nan)


def _accuracy(sheet: Sheet) -> Formula:
    return _average(sheet, sheet.truth == sheet.given)


def _balanced(sheet: Sheet) -> Formula:
    counts = _confusion(sheet)

    def formula(weights: Floats) -> Floats:
        hits, _, true = _marginals(counts(weights))
        return _several(true, _mean_over(_ratio(hits, true), true > 0))

    return formula


def _macro(above: float, of_given: float, of_true: float) -> Callable[[Sheet], Formula]:
    """The mean over labels of above * hits / (of_given * given + of_true * true)."""

    def of_sheet(sheet: Sheet) -> Formula:
        counts = _confusion(sheet)

        def formula(weights: Floats) -> Floats:
            hits, given, true = _marginals(counts(weights))
            each = _ratio(above * hits, of_given * given + of_true * true)
            return _several(true, _mean_over(each, (given > 0) | (true > 0)))

        return formula

    return of_sheet


def _mean(losses: Callable[[Sheet], Floats]) -> Callable[[Sheet], Formula]:
    def of_sheet(sheet: Sheet) -> Formula:
        average, true = _average(sheet, losses(sheet)), _support(sheet)
        return lambda weights: _several(weights @ true, average(weights))

    return of_sheet


def _support(sheet: Sheet) -> Floats:
    """How many rows of each label each group has, (groups, k)."""
    return _totals(sheet, np.eye(len(sheet.labels))[sheet.truth])


def _columns(sheet: Sheet) -> Floats:
    p = sheet.probabilities
    return np.column_stack([1 - p, p]) if p.ndim == 1 else p


def _log_loss(sheet: Sheet) -> Floats:
    p = np.clip(_columns(sheet), 1e-12, 1.0)
    return np.asarray(-np.log(p[np.arange(len(sheet)), sheet.truth] / p.sum(axis=1)))


def _brier(sheet: Sheet) -> Floats:
    k = len(sheet.labels)
    return np.asarray(np.sum((np.eye(k)[sheet.truth] - _columns(sheet)) ** 2, axis=1) / (2 if k == 2 else 1))


def _ranked(area: Callable[[Floats, Floats], Floats]) -> Callable[[Sheet], Formula]:
    """An area under a curve along the scores: of the second label, or the mean of each label against the rest."""

    def of_sheet(sheet: Sheet) -> Formula:
        columns, k = _columns(sheet), len(sheet.labels)
        chosen = [1] if k == 2 else list(range(k))
        walks = [_walk(columns[:, label], sheet.truth == label, sheet.group) for label in chosen]
        support = _support(sheet)

        def formula(weights: Floats) -> Floats:
            true = weights @ support
            parts = (np.column_stack([area(*walk(some)) for walk in walks]) for some in _in_parts(sheet, weights))
            each = np.concatenate(list(parts))
            return _several(true, _mean_over(each, true[:, chosen] > 0))

        return formula

    return of_sheet


def _walk(scores: Floats, positive: NDArray[np.bool_], group: Codes) -> Callable[[Floats], tuple[Floats, Floats]]:
    """Weighted hits and false alarms (r, thresholds) from the highest score down, equal scores in one step."""
    order = np.argsort(-scores, kind="stable")
    steps = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))

    def walk(weights: Floats) -> tuple[Floats, Floats]:
        ranked = weights[:, group[order]]
        total = np.cumsum(ranked, axis=1)[:, steps]
        hits = np.cumsum(np.multiply(ranked, positive[order], out=ranked), axis=1)[:, steps]
        return hits, total - hits

    return walk


def _under_roc(hits: Floats, alarms: Floats) -> Floats:
    before = np.pad(hits, ((0, 0), (1, 0)))[:, :-1]
    strips = np.diff(alarms, axis=1, prepend=0) * (hits + before) / 2
    return _ratio(strips.sum(axis=1), hits[:, -1] * alarms[:, -1])


def _average_precision(hits: Floats, alarms: Floats) -> Floats:
    gained = np.diff(hits, axis=1, prepend=0) * np.nan_to_num(_ratio(hits, hits + alarms))
    return _ratio(gained.sum(axis=1), hits[:, -1])


_FORMULAS: Mapping[str, Callable[[Sheet], Formula]] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced,
    "f1": _macro(2, 1, 1),
    "precision": _macro(1, 1, 0),
    "recall": _macro(1, 0, 1),
    "roc_auc": _ranked(_under_roc),
    "average_precision": _ranked(_average_precision),
    "log_loss": _mean(_log_loss),
    "brier": _mean(_brier),
    DECIDED: lambda sheet: _average(sheet, sheet.decided),
}
