"""How values are spread, in bins that a person can look at, with what was decided about them.

    Histogram ... edges of the bins and counts, a row for each outcome
    histogram ... values and their outcomes -> Histogram

The axis shows the middle 99 % of the values and every mark (a threshold); what lies beyond is counted in the outermost
bin, so one mistaken file does not squeeze all others into one bar. Skewed positive values get a logarithmic axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEWEST, MOST = 8, 48
"""Bins."""
EDGE = 0.005
"""Share of the values that may lie beyond each end of the axis."""
SKEWED = 4.0
"""From how many times as long an upper half (in the middle 90 %) as a lower one an axis is logarithmic."""
POSITIVE = 0.95
"""Share of the values that have a logarithm where an axis is logarithmic."""


@dataclass(frozen=True, eq=False)
class Histogram:
    """Counts in bins.

    edges: (n + 1,), in the value's unit, rising. counts: int (k, n), a row for each outcome. logarithmic: whether the
    bins are of the same width in logarithms. beyond: values outside of the edges, counted in the outermost bins.
    missing: values that are no number, counted nowhere.
    """

    edges: Floats
    counts: NDArray[np.int64]
    logarithmic: bool
    beyond: int
    missing: int

    @property
    def total(self) -> int:
        """How many values were counted."""
        return int(self.counts.sum())

    def place(self, value: float) -> float:
        """Where a value lies on the axis, from 0 (left end) to 1; what lies beyond is at the end."""
        low, high, at = (_scaled(np.array([v]), self.logarithmic)[0] for v in (self.edges[0], self.edges[-1], value))
        return float(np.clip((at - low) / (high - low), 0, 1))


def histogram(
    values: Floats,
    outcomes: NDArray[np.int64],
    *,
    kinds: int,
    marks: Sequence[float] = (),
    within: Floats | None = None,
) -> Histogram:
    """The histogram of values (n,) with their outcomes (n,), each from 0 to `kinds` - 1.

    marks: values that the axis shows in any case. within: the two ends of the axis, where they are known (scores).

    >>> histogram(np.array([1.0, 2.0, np.nan]), np.array([0, 1, 1]), kinds=2).counts.sum(axis=1).tolist()
    [1, 1]
    """
    finite = np.isfinite(values)
    known, of = values[finite].astype(float), outcomes[finite]
    logarithmic = within is None and is_skewed(known) and all(mark > 0 for mark in marks)
    low, high = (within[0], within[1]) if within is not None else _ends(known, marks, logarithmic)
    bins = int(np.clip(2 * np.sqrt(len(known)), FEWEST, MOST))
    edges = np.geomspace(low, high, bins + 1) if logarithmic else np.linspace(low, high, bins + 1)
    shown = np.clip(known, edges[0], edges[-1])
    counts = [np.histogram(shown[of == kind], edges)[0] for kind in range(kinds)]
    beyond = int(np.count_nonzero((known < edges[0]) | (known > edges[-1])))
    return Histogram(edges, np.array(counts, np.int64).reshape(kinds, bins), logarithmic, beyond, int((~finite).sum()))


def is_skewed(values: Floats) -> bool:
    """Whether values are positive and reach much farther upwards than downwards.

    >>> is_skewed(np.geomspace(1, 1000, 50)), is_skewed(np.linspace(1, 1000, 50)), is_skewed(np.array([5.0]))
    (True, False, False)
    """
    if len(values) < FEWEST or np.mean(values > 0) < POSITIVE:
        return False
    low, middle, high = np.quantile(values[values > 0], [0.05, 0.5, 0.95])
    return bool(high - middle > SKEWED * (middle - low) and high > SKEWED * low)


def _ends(values: Floats, marks: Sequence[float], logarithmic: bool) -> tuple[float, float]:
    """Both ends of the axis; they are apart also when all values are the same, or there are none."""
    shown = values[values > 0] if logarithmic else values
    ends = [*np.quantile(shown, [EDGE, 1 - EDGE]).tolist()] if len(shown) else []
    low, high = (min([*ends, *marks], default=0.0), max([*ends, *marks], default=1.0))
    if logarithmic:
        wider = (high / low) ** 0.04
        return low / wider, high * wider
    wider = 0.04 * (high - low) or max(abs(high) * 0.1, 0.5)
    return low - wider, high + wider


def _scaled(values: Floats, logarithmic: bool) -> Floats:
    return np.log(np.maximum(values, 1e-300)) if logarithmic else values
