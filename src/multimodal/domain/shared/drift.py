"""Drift: is what a model sees now still what it was trained on, and if not, what moved by how much, and where to?

    compare ........ the distribution of a training and a histogram of today -> FeatureDrift
    compare_all .... the same for the score and all features of a model
    PipelineDrift .. what came out for one model
    psi ............ population stability index: how far apart two distributions are
    chance ......... how large the index is by chance alone
    p_value ........ how probable such a difference is when nothing moved
    direction ...... where it moved to, in words

Something moved when both hold: chance hardly explains it (p, corrected for all that is looked at), and it matters (the
index is so much above what chance gives). So few captures do not cry wolf, and millions do not find what is no matter.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .distributions import FEATURE, Distribution, Histogram, Reference

Status = Literal["steady", "moved", "strongly moved", "too few", "no reference"]
Floats = NDArray[np.float64]
ORDER: Mapping[Status, int] = {"strongly moved": 0, "moved": 1, "steady": 2, "too few": 3, "no reference": 4}
FEWEST = 50  # captures from which on anything is said
MOVED, STRONGLY = 0.1, 0.25  # the usual limits of the index
ALPHA = 0.01  # how often a model whose inputs are steady may be told to have moved
SMOOTHING = 0.5  # of a value, in each bin


@dataclass(frozen=True)
class FeatureDrift:
    """How far one feature (or the score) moved.

    psi: population stability index, from 0. chance: what it would be by chance. p: probability of such a difference
    when nothing moved, 0 to 1. trained_median, seen_median: None where an open bin holds it. below, above: the shares
    of what is seen that lie beyond the lowest and the highest edge, which for a feature are the 1 % and 99 % ends of
    the training. direction: the same in words.
    """

    name: str
    status: Status
    psi: float
    chance: float
    p: float
    trained_median: float | None
    seen_median: float | None
    below: float
    above: float
    direction: str

    @property
    def excess(self) -> float:
        """The index above what chance gives."""
        return max(0.0, self.psi - self.chance)


@dataclass(frozen=True)
class LabelShare:
    """How often a label is given: the share in training (captures kept out) and the share seen, 0 to 1."""

    label: str
    trained: float
    seen: float


@dataclass(frozen=True)
class PipelineDrift:
    """What one model saw from one day to another, both included (UTC), beside what it was trained on.

    features: those that moved most come first. score: None when there is nothing to compare with.
    """

    pipeline: str
    model: str
    status: Status
    captures: int
    since: date
    until: date
    score: FeatureDrift | None = None
    features: tuple[FeatureDrift, ...] = ()
    labels: tuple[LabelShare, ...] = ()

    @property
    def excess(self) -> float:
        """How far that moved which moved most."""
        return max((drift.excess for drift in self.moved), default=0.0)

    @property
    def moved(self) -> tuple[FeatureDrift, ...]:
        """All that moved, most first; the score where it belongs among the features."""
        found = (*([self.score] if self.score else []), *self.features)
        return tuple(sorted((d for d in found if ORDER[d.status] < ORDER["steady"]), key=lambda d: -d.excess))


def compare_all(
    reference: Reference, seen: Mapping[str, Histogram], units: Mapping[str, str]
) -> tuple[FeatureDrift, tuple[FeatureDrift, ...]]:
    """Score, and features with what moved most first.

    seen, units: by the words under which they are counted (`score`, `feature/NAME`); a unit where there is one.
    """
    known = reference.distributions()
    found = {what: compare(distribution, seen[what], units.get(what, "")) for what, distribution in known.items()}
    corrected = holm([drift.p for drift in found.values()])
    told = [
        replace(drift, name=what.removeprefix(FEATURE), p=p, status=status(drift.excess, p, seen[what].total))
        for (what, drift), p in zip(found.items(), corrected, strict=True)
    ]
    return told[0], tuple(sorted(told[1:], key=lambda d: (ORDER[d.status], -d.excess, d.p)))


def compare(reference: Distribution, seen: Histogram, unit: str = "") -> FeatureDrift:
    """How far what is seen is from the reference."""
    trained, captures = reference.histogram, seen.total
    before, after = trained.shares * reference.worth, np.array(seen.counts, np.float64)
    index, p = psi(before, after), p_value(before, after)
    floor = chance(before, after)
    return FeatureDrift(
        name="",
        status=status(max(0.0, index - floor), p, captures),
        psi=round(index, 6),
        chance=round(floor, 6),
        p=p,
        trained_median=finite(trained.median()),
        seen_median=finite(seen.median()),
        below=round(float(seen.shares[0]), 6),
        above=round(float(seen.shares[-1]), 6),
        direction=direction(trained, seen, unit) if captures else "",
    )


def status(excess: float, p: float, captures: int) -> Status:
    """What an index above chance and a corrected probability mean."""
    if captures < FEWEST:
        return "too few"
    if p >= ALPHA or excess < MOVED:
        return "steady"
    return "strongly moved" if excess >= STRONGLY else "moved"


def psi(before: Floats, after: Floats) -> float:
    """Population stability index of two counts of the same bins (k,): sum of (q - p) ln(q / p) over their shares.

    Both are smoothed: half a value a bin, spread as both together are, so that an empty bin costs a finite amount and
    the same shares give 0. Symmetric. Source: Siddiqi (2006), "Credit risk scorecards"; it is Jeffreys' divergence.

    >>> round(psi(np.array([500.0, 500.0]), np.array([400.0, 600.0])), 3)
    0.04
    """
    n, m = before.sum(), after.sum()
    if not (n and m):
        return 0.0
    used = (before + after) > 0
    extra = SMOOTHING * used.sum() * (before + after)[used] / (n + m)
    p = (before[used] + extra) / (n + extra.sum())
    q = (after[used] + extra) / (m + extra.sum())
    return float(((q - p) * np.log(q / p)).sum())


def chance(before: Floats, after: Floats) -> float:
    """The index that chance alone gives: (k - 1) (1/n + 1/m) with k bins in use.

    Source: Yurdakul & Naranjo (2020), "Statistical properties of the population stability index".
    """
    n, m = before.sum(), after.sum()
    return max(bins_in_use(before, after) - 1, 0) * float(1 / n + 1 / m) if n and m else 0.0


def p_value(before: Floats, after: Floats) -> float:
    """Pearson's chi-square test of homogeneity of two counts of the same bins (k,)."""
    n, m = before.sum(), after.sum()
    k = bins_in_use(before, after)
    if not (n and m) or k < 2:
        return 1.0
    both = ((before + after) / (n + m))[(before + after) > 0]
    apart = (after / m - before / n)[(before + after) > 0]
    return chi_square_tail(float((apart**2 / both).sum() * n * m / (n + m)), k - 1)


def bins_in_use(before: Floats, after: Floats) -> int:
    """Bins that hold anything of either."""
    return int(((before + after) > 0).sum())


def chi_square_tail(x: float, df: int) -> float:
    """Probability that chi-square with `df` degrees of freedom is above x (Abramowitz & Stegun 26.4.4, 26.4.5).

    SciPy has it, too, but serving does not load SciPy.

    >>> round(chi_square_tail(3.841459, 1), 6), round(chi_square_tail(5.991465, 2), 6)
    (0.05, 0.05)
    """
    if x <= 0:
        return 1.0
    half, a = x / 2, (df % 2) / 2
    tail = math.erfc(math.sqrt(half)) if df % 2 else 0.0
    while a < df / 2:
        tail += math.exp(a * math.log(half) - half - math.lgamma(a + 1))
        a += 1
    return min(tail, 1.0)


def holm(p: Sequence[float]) -> list[float]:
    """Probabilities corrected for their number (Holm 1979): one below alpha by chance is as rare as alpha.

    >>> [round(x, 6) for x in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    corrected, worst = [0.0] * len(p), 0.0
    for rank, i in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        worst = max(worst, min(1.0, (len(p) - rank) * p[i]))
        corrected[i] = worst
    return corrected


def direction(trained: Histogram, seen: Histogram, unit: str = "") -> str:
    """Where it moved, in words: the middle, what lies beyond the training's ends, or else the bin that changed most.

    >>> direction(Histogram((0, 2), (1, 98, 1)), Histogram((0, 2), (0, 10, 90)), "px")
    'median 1 px -> over 2 px; 90 % above 2 px (1 % in training)'
    """
    before, after = trained.shares, seen.shares
    ends = [
        f"{percent(after[end])} {where} {number(edge, unit)} ({percent(before[end])} in training)"
        for end, where, edge in ((0, "below", seen.edges[0]), (-1, "above", seen.edges[-1]))
        if after[end] >= 0.05 and after[end] > 2 * before[end]
    ]
    k = int(np.abs(after - before).argmax())
    shape = [f"{percent(before[k])} -> {percent(after[k])} {place(seen.edges, k, unit)}"]
    apart = bin_of_median(trained) != bin_of_median(seen)
    middles = [f"median {middle(trained, unit)} -> {middle(seen, unit)}"] if apart else []
    return "; ".join(middles + (ends or shape))


def bin_of_median(histogram: Histogram) -> int:
    """Number of the bin that holds the middle."""
    return int(np.searchsorted(np.cumsum(histogram.counts), histogram.total / 2))


def middle(histogram: Histogram, unit: str) -> str:
    """The median, or on which side of all edges it is."""
    median = histogram.median()
    if math.isinf(median):
        return (
            f"over {number(histogram.edges[-1], unit)}" if median > 0 else f"under {number(histogram.edges[0], unit)}"
        )
    return number(median, unit)


def place(edges: Sequence[float], k: int, unit: str) -> str:
    """Where a bin is."""
    if k == 0:
        return f"below {number(edges[0], unit)}"
    if k == len(edges):
        return f"above {number(edges[-1], unit)}"
    return f"between {number(edges[k - 1])} and {number(edges[k], unit)}"


def number(value: float, unit: str = "") -> str:
    """Three digits and the unit.

    >>> number(1.43712, "px")
    '1.44 px'
    """
    return f"{value:.3g} {unit}".rstrip()


def percent(share: float) -> str:
    """A share for people.

    >>> percent(0.3142)
    '31 %'
    """
    return f"{100 * share:.0f} %"


def finite(value: float) -> float | None:
    """The value, or None when it is infinite or no number."""
    return value if math.isfinite(value) else None
