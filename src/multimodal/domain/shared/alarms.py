"""What counts of pictures can tell about a rate, and what they cannot.

    upper_bound ... the largest rate that so few alarms among so many pictures are compatible with
    Budget ........ how many good pictures may be rejected so that a wanted rate can be claimed
    independent ... how many independent pictures tell as much as these, of which some belong together
    share_of ...... a share with an interval that knows which pictures belong together
    folds_of ...... parts that share no group, to find out what a choice achieves on other pictures

Sources: Clopper and Pearson (1934), "The use of confidence or fiducial limits illustrated in the case of the binomial";
Wilks (1941) and Tukey (1947) for limits that are order statistics: cutting `k` pictures off with `m` limits is as
`k + m - 1` alarms of a limit that stood before. Kish (1965), "Survey sampling", for the effect of groups.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .estimators import Floats
from .evaluation import Interval
from .resampling import bootstrap

CONFIDENCE = 0.95
RESAMPLES = 400
MOST_PICTURES = 10_000_000
Flags = NDArray[np.bool_]


def upper_bound(alarms: int, pictures: int, confidence: float = CONFIDENCE) -> float:
    """The rate, 0 to 1, that is not exceeded with this confidence when so many pictures gave so many alarms.

    >>> round(upper_bound(0, 299), 4), round(upper_bound(3, 10), 3), upper_bound(5, 5)
    (0.01, 0.607, 1.0)
    """
    if alarms >= pictures:
        return 1.0
    counts = range(alarms + 1)
    ways = [math.lgamma(pictures + 1) - math.lgamma(i + 1) - math.lgamma(pictures - i + 1) for i in counts]
    logs, up, down = np.array(ways), np.arange(alarms + 1), pictures - np.arange(alarms + 1)
    low, high = 0.0, 1.0
    for _ in range(60):
        rate = (low + high) / 2
        as_few = float(np.exp(logs + up * math.log(rate) + down * math.log1p(-rate)).sum())
        low, high = (rate, high) if as_few > 1 - confidence else (low, rate)
    return high


def lower_bound(alarms: int, pictures: int, confidence: float = CONFIDENCE) -> float:
    """The rate that is reached at least, with this confidence.

    >>> lower_bound(0, 10), round(lower_bound(7, 10), 3)
    (0.0, 0.393)
    """
    return 1.0 - upper_bound(pictures - alarms, pictures, confidence)


@dataclass(frozen=True)
class Budget:
    """How many of the good pictures a pipeline with so many limits may reject. pictures: as many as are independent.

    >>> Budget(299, 0.01).count, Budget(298, 0.01).count, Budget(298, 0.01).needed
    (0, None, 299)
    """

    pictures: int
    wanted: float
    limits: int = 1

    def claim_of(self, count: int) -> float:
        """The rate that can be claimed when so many are cut off."""
        return upper_bound(count + self.limits - 1, self.pictures)

    @cached_property
    def count(self) -> int | None:
        """The most that can be cut off for the wanted rate; None when the pictures are too few to claim it at all."""
        if self.claim_of(0) > self.wanted:
            return None
        low, high = 0, max(1, int(self.wanted * self.pictures) + 1)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.claim_of(middle) <= self.wanted else (low, middle)
        return low

    @property
    def claim(self) -> float:
        """The rate that can be claimed."""
        return self.claim_of(self.count or 0)

    @cached_property
    def needed(self) -> int:
        """How many good pictures it takes to claim the wanted rate."""
        low, high = 0, 1
        while upper_bound(self.limits - 1, high) > self.wanted and high < MOST_PICTURES:
            low, high = high, high * 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if upper_bound(self.limits - 1, middle) > self.wanted else (low, middle)
        return high

    def shares(self, pictures: int) -> tuple[int, ...] | None:
        """What each limit may cut off of so many pictures, in the same proportion; None when too few are there."""
        if self.count is None:
            return None
        total = self.count * pictures // self.pictures
        return tuple(total // self.limits + (i < total % self.limits) for i in range(self.limits))


def independent(values: Floats, groups: ArrayLike) -> int:
    """How many independent pictures tell as much as these, by how alike the ranks of their values (n,) are in groups.

    With one group alone that cannot be known, and all are taken as independent.

    >>> independent(np.array([1.0, 1.0, 2.0, 2.0, 3.0, 3.0]), [1, 1, 2, 2, 3, 3])
    3
    """
    n, member = len(values), np.unique(np.asarray(groups), return_inverse=True)[1]
    sizes = np.bincount(member)
    if len(sizes) < 2 or len(sizes) == n:
        return n
    ranks = np.unique(values, return_inverse=True)[1].astype(float)
    means = np.bincount(member, ranks) / sizes
    between = float(sizes @ (means - ranks.mean()) ** 2) / (len(sizes) - 1)
    within = float(((ranks - means[member]) ** 2).sum()) / (n - len(sizes))
    usual = (n - float(sizes @ sizes) / n) / (len(sizes) - 1)
    total = between + (usual - 1) * within
    alike = min(1.0, max(0.0, (between - within) / total)) if total > 0 else 0.0
    return max(1, math.floor(n / (1 + (float(sizes @ sizes) / n - 1) * alike) + 1e-9))


def share_of(flags: Flags, groups: ArrayLike) -> Interval:
    """The share of pictures that are flagged, with a 95 % interval: the wider of exact binomial and group bootstrap."""
    n, hits = len(flags), int(flags.sum())
    if not n:
        return Interval(math.nan, math.nan, math.nan)
    member = np.unique(np.asarray(groups), return_inverse=True)[1]
    weights = bootstrap(int(member.max()) + 1, RESAMPLES, seed=0)
    drawn = weights @ np.bincount(member, flags) / (weights @ np.bincount(member))
    low, high = np.percentile(drawn, [2.5, 97.5])
    exact = lower_bound(hits, n, 0.975), upper_bound(hits, n, 0.975)
    return Interval(hits / n, min(float(low), exact[0]), max(float(high), exact[1]))


def folds_of(groups: ArrayLike, folds: int = 5) -> list[NDArray[np.intp]]:
    """Row numbers of each fold, about equally many, no group in two; no fold when there is only one group."""
    member = np.unique(np.asarray(groups), return_inverse=True)[1]
    sizes = np.bincount(member)
    if len(sizes) < 2:
        return []
    number, filled = np.zeros(len(sizes), int), np.zeros(min(folds, len(sizes)), int)
    order = np.random.default_rng(0).permutation(len(sizes))
    for group in order[np.argsort(-sizes[order], kind="stable")]:
        number[group] = int(np.argmin(filled))
        filled[number[group]] += sizes[group]
    return [np.flatnonzero(number[member] == fold) for fold in range(len(filled))]
