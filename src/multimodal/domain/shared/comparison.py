"""Comparison: is one model better than another on the same captures, or is it chance?

    compare ...... two models' answers to the same rows -> Comparison
    Comparison ... each metric's difference with interval and p-values, and how often the two agree
    unseen ....... the rows that none of some bundles has learned from

The test is a paired permutation test: if the two models were equally good, it would not matter which of them gave which
answers. So the answers are swapped, whole groups at a time since the captures of a scene are alike, and the p-value is
the share of swaps that make as large a difference (Good 2005, "Permutation, parametric and bootstrap tests"; the one is
added to both counts as Phipson and Smyth 2010 ask).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .bundle import Bundle
from .data import FeatureTable
from .errors import DataError
from .estimators import Floats
from .evaluation import METRICS, Interval
from .provenance import SEEN
from .resampling import FIGURES, Sheet, bootstrap, even, figures, spread

log = logging.getLogger(__name__)
EXACT = 11
"""Up to so many groups all swaps are tried."""
SWAPS = 2000
RESAMPLES = 1000
SAME = 1e-12  # differences that are the same but for rounding


@dataclass(frozen=True)
class Difference:
    """One metric of two models. difference: b - a, with its 95 % interval.

    p: how likely a difference at least as large, either way, is by chance (two-sided). p_worse: the same for b at least
    as much worse as it is, whichever way the metric is better (one-sided): small means that b is worse. Not-a-number
    where the metric is not defined.
    """

    a: float
    b: float
    difference: Interval
    p: float
    p_worse: float


@dataclass(frozen=True)
class Comparison:
    """Two models on the same rows. The counts are of rows: both right, only one, none.

    agreement: share of rows with the same answer. swaps: how many the test tried; exact: whether those were all.
    """

    a: str
    b: str
    rows: int
    groups: int
    metrics: Mapping[str, Difference] = field(default_factory=dict)
    agreement: float = float("nan")
    both_right: int = 0
    only_a_right: int = 0
    only_b_right: int = 0
    both_wrong: int = 0
    swaps: int = 0
    exact: bool = False


def compare(a: Sheet, b: Sheet, *, names: tuple[str, str] = ("a", "b"), seed: int = 0) -> Comparison:
    """The difference that b makes to a; both answer the same rows in the same order, else `DataError`."""
    if len(a) == 0 or a.labels != b.labels or not _same_rows(a, b):
        raise DataError("Two models are compared on the same captures; these differ, or there are none.")
    n, both = a.groups, a.above(b)
    drawn = np.concatenate([even(a), bootstrap(n, RESAMPLES, seed)])
    swapped = swaps(n, seed)
    differences = {
        name: _difference(
            name,
            figures(a, name, drawn),
            figures(b, name, drawn),
            permuted=_apart(both, name, swapped),
            exact=n <= EXACT,
        )
        for name in FIGURES
    }
    right_a, right_b = a.truth == a.given, b.truth == b.given
    return Comparison(
        *names,
        rows=len(a),
        groups=n,
        metrics=differences,
        agreement=float(np.mean(a.given == b.given)),
        both_right=int(np.sum(right_a & right_b)),
        only_a_right=int(np.sum(right_a & ~right_b)),
        only_b_right=int(np.sum(~right_a & right_b)),
        both_wrong=int(np.sum(~right_a & ~right_b)),
        swaps=len(swapped),
        exact=n <= EXACT,
    )


def swaps(groups: int, seed: int) -> Floats:
    """Which groups swap their answers (1), for each try: all ways for few groups, else random ones, (tries, groups)."""
    if groups <= EXACT:
        tries = np.arange(2**groups)[:, None] >> np.arange(groups) & 1
        return tries.astype(np.float64)
    return np.random.default_rng(seed).integers(0, 2, (SWAPS, groups)).astype(np.float64)


def unseen(table: FeatureTable, *bundles: Bundle) -> NDArray[np.bool_]:
    """A mask (n,) of the rows that none of these bundles has learned from.

    A row counts as seen when its content, or any content of its group, was in the train or validation part. A bundle
    that does not say what it saw has seen nothing that could be left out; that is logged.
    """
    told = [bundle for bundle in bundles if "seen" in bundle.data]
    for bundle in bundles:
        if bundle not in told:
            log.warning("%s does not say what it learned from: figures may be too good. Train it again.", bundle.ref)
    seen = {content for bundle in told for content in bundle.data["seen"]}
    if not seen:
        return np.ones(len(table), bool)
    if not len(table.contents):
        raise DataError("What a model has learned from is known by content, but this table has none.")
    known = np.array([content[:SEEN] in seen for content in table.contents.tolist()])
    return ~np.isin(table.groups, table.groups[known])


def _same_rows(a: Sheet, b: Sheet) -> bool:
    return np.array_equal(a.truth, b.truth) and np.array_equal(a.group, b.group)


def _apart(both: Sheet, name: str, swapped: Floats) -> Floats:
    """The difference b - a of a metric for each way of swapping."""
    stays = 1 - swapped
    as_b, as_a = np.hstack([swapped, stays]), np.hstack([stays, swapped])
    return figures(both, name, as_b) - figures(both, name, as_a)


def _difference(name: str, of_a: Floats, of_b: Floats, *, permuted: Floats, exact: bool) -> Difference:
    """The first of `of_a` and `of_b` is the figure itself, the others are resampled."""
    apart = of_b - of_a
    found, sign = apart[0], 1 if name not in METRICS or METRICS[name].maximise else -1
    p = p_worse = float("nan")
    if not np.isnan(found):
        p = _share(np.abs(permuted) >= abs(found) - SAME, exact)
        p_worse = _share(sign * permuted <= sign * found + SAME, exact)
    return Difference(float(of_a[0]), float(of_b[0]), spread(found, apart[1:]), p, p_worse)


def _share(as_extreme: NDArray[np.bool_], exact: bool) -> float:
    """The p-value; what was found counts as one of the tries, which an exact test has among them already."""
    return float(np.mean(as_extreme) if exact else (np.sum(as_extreme) + 1) / (len(as_extreme) + 1))
