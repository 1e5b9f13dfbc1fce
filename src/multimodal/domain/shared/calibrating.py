"""Calibrating: thresholds of a pipeline that fit somebody's own kind of picture.

    Change ...... one threshold, before and after
    budget_of ... how many good pictures a pipeline may reject
    chosen ...... the thresholds for a budget
    rejected .... which rows of a table a pipeline rejects

Each limit is put where as many good pictures lie beyond it as the budget allows. Where bad pictures of the property are
known, it is put halfway from there to the first of those that it catches: as many are caught, with room on both sides.
With too few good pictures to claim the wanted rate, a limit is only ever loosened, until it rejects none of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .adjusting import RANGE, Threshold, thresholds_of
from .alarms import Budget, Flags, independent
from .calibration import Thresholds
from .estimators import Floats
from .pipelines import InferencePipeline

UNDECIDED = 0.10
"""Share of the good pictures that may lie between `reject` and `accept`, as in `Thresholds.choose`."""
DIGITS = 4
NO_LIMIT = -np.inf  # of a picture that no threshold can reject
Table = NDArray[np.float32]


@dataclass(frozen=True)
class Change:
    """One threshold: as it was in force, and as it shall be."""

    threshold: Threshold
    now: float

    @property
    def is_one(self) -> bool:
        """Whether anything changes."""
        return self.now != self.threshold.value


def rejecting(pipeline: InferencePipeline) -> list[Threshold]:
    """The thresholds that reject: the limits of a rule, else `reject`."""
    found = thresholds_of(pipeline)
    return [t for t in found if not t.name.startswith(RANGE) and (t.measure != "score" or t.name == "reject")]


def budget_of(pipeline: InferencePipeline, good: Table, groups: NDArray[np.str_], wanted: float) -> Budget:
    """How many good pictures a pipeline may reject; those of a group count as often as they differ."""
    limits = rejecting(pipeline)
    return Budget(min(independent(faults(pipeline, t, good), groups) for t in limits), wanted, len(limits))


def rejected(pipeline: InferencePipeline, table: Table) -> Flags:
    """Which rows are rejected, (n,)."""
    return np.array([answer.accepted is False for answer in pipeline.predict_features(table)], bool)


def chosen(pipeline: InferencePipeline, good: Table, bad: Table, budget: Budget) -> tuple[Change, ...]:
    """All thresholds of the pipeline for these good and bad pictures (rows of its table; bad may be none)."""
    shares = budget.shares(len(good))
    changes = []
    for number, threshold in enumerate(rejecting(pipeline)):
        how_bad = faults(pipeline, threshold, good), faults(pipeline, threshold, bad)
        before = _signed(threshold, threshold.value)
        cut = _loosened(how_bad[0], before) if shares is None else _cut(*how_bad, shares[number])
        cut = before if cut is None or cut == before else _rounded_up(cut, beyond=threshold.measure == "score")
        changes.append(Change(threshold, _signed(threshold, cut)))
    return tuple(changes) if changes[0].threshold.measure != "score" else _with_accept(pipeline, good, changes[0])


def faults(pipeline: InferencePipeline, threshold: Threshold, table: Table) -> Floats:
    """How bad each row is, as the threshold sees it, (n,): more is worse; minus infinity for what it cannot judge."""
    if not len(table):
        return np.zeros(0)
    column = scores(pipeline, table) if threshold.measure == "score" else _column(pipeline, threshold, table)
    return np.where(abstains(pipeline, table), NO_LIMIT, _sign(threshold) * column)


def scores(pipeline: InferencePipeline, table: Table) -> Floats:
    """Scores of all rows, (n,)."""
    return pipeline.decision.scores(pipeline.decision.predicted(pipeline.estimator, table))


def abstains(pipeline: InferencePipeline, table: Table) -> Flags:
    """Which rows lie out of the range in which the pipeline can tell, (n,)."""
    found = np.zeros(len(table), bool)
    for abstention in pipeline.recipe.cannot_tell:
        measure = table[:, pipeline.features.names.index(abstention.measure)]
        found |= (measure < abstention.below) | (measure > abstention.above)
    return found


def values_of(changes: tuple[Change, ...]) -> Mapping[str, float]:
    """The values of the thresholds that change, as they are set."""
    return {change.threshold.name: change.now for change in changes if change.is_one}


def _column(pipeline: InferencePipeline, threshold: Threshold, table: Table) -> Floats:
    return np.asarray(table[:, pipeline.features.names.index(threshold.measure)], np.float64)


def _sign(threshold: Threshold) -> float:
    return 1.0 if threshold.rejects == "above" else -1.0


def _signed(threshold: Threshold, value: float) -> float:
    """A value as a fault, and back."""
    return _sign(threshold) * value + 0.0  # no minus zero


def _loosened(good: Floats, before: float) -> float | None:
    """A cut that rejects none of the good, where the one before does."""
    worst = float(good.max())
    return worst if worst > before else None


def _cut(good: Floats, bad: Floats, count: int) -> float | None:
    """The cut with so many of the good beyond it, or halfway from there to the first of the bad; None for nowhere."""
    cut = float(np.sort(good)[-1 - count])
    caught = bad[bad > cut]
    if not math.isfinite(cut):
        return None
    return (cut + float(caught.min())) / 2 if len(caught) else cut


def _rounded_up(value: float, *, beyond: bool) -> float:
    """Few digits, never below the value; `beyond`: really above it.

    >>> _rounded_up(1.23456, beyond=False), _rounded_up(-53.057, beyond=False), _rounded_up(2.0, beyond=True)
    (1.235, -53.05, 2.001)
    """
    if value == 0:
        return 10.0**-DIGITS if beyond else 0.0
    places = DIGITS - 1 - math.floor(math.log10(abs(value)))
    steps = math.ceil(round(value * 10.0**places, 6))
    up = round(steps * 10.0**-places, max(places, 0))
    up = up if up >= value else round((steps + 1) * 10.0**-places, max(places, 0))
    return up if up > value or not beyond else round((steps + 1) * 10.0**-places, max(places, 0))


def _with_accept(pipeline: InferencePipeline, good: Table, change: Change) -> tuple[Change, ...]:
    """`reject` with an `accept` that leaves few of the good undecided and is no stricter than the one in force."""
    accept = next(t for t in thresholds_of(pipeline) if t.name == "accept")
    judged = scores(pipeline, good)[~abstains(pipeline, good)]
    reject = min(1.0, max(0.0, change.now))
    usual = float(np.quantile(judged, UNDECIDED)) if len(judged) else accept.value
    own = accept.value if usual >= accept.value else math.floor(usual * 1e4) / 1e4
    both = Thresholds(reject, max(reject, own))
    return (Change(change.threshold, both.reject), Change(accept, both.accept))
