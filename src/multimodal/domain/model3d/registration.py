"""Registration: do the scans fit on each other?

Where scans overlap, points of one should lie on the surface that another one shows. Told is how far they are off it, in
what the noise of both explains: the upper quartile of their distance to the plane through the nearest twelve points of
the other scan, for the pair that fits worst. A scan that slid along a flat wall is not seen by that (Lague et al.
2013). Needs the number of each point's scan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from ..shared.data import FeatureExtractor
from ..shared.modality import Property
from ..shared.results import Finding
from ..shared.sample import measure
from .faults import FaultRule
from .neighbours import LEAST, Search, fitted, search_among, typical, usable
from .sample import CloudSample
from .welding import Floats

LOOKED_AT, PLANE = 2000, 12
UPPER = 0.75
"""The quantile that is told: where the surface runs along a shift nothing shows."""
FEWEST, LEAST_OVERLAP = 50, 0.05
"""Points of another scan that have to be covered, as a number and as a share."""
REACH = 3.0
"""Spacings within which another scan covers a point."""
GRAIN = 0.05
"""Of a spacing, that is always explained: a surface is not flat between points."""
MOST_SCANS = 24


class RegistrationExtractor(FeatureExtractor):
    """ghosting: the upper quartile of the distance, in what noise explains; 1.15 of noise alone.

    distance: the same in the file's unit.
    scans: how many there are. overlap: share of the points looked at that another scan covers.
    """

    names: ClassVar[tuple[str, ...]] = ("ghosting", "distance", "scans", "overlap")

    def row(self, sample: CloudSample) -> Sequence[float]:
        """The numbers of one cloud."""
        found = comparison(sample)
        return found.ghosting, found.distance, found.scans, found.overlap


class RegistrationRule(FaultRule):
    """Ghosting above `threshold` times what noise explains."""

    labels: ClassVar[tuple[str, ...]] = ("ghosting", "registered")

    def __init__(self, threshold: float = 1.5, softness: float = 0.1) -> None:
        super().__init__(threshold, softness)


@dataclass(frozen=True)
class Comparison:
    """What comparing scans gives."""

    ghosting: float
    distance: float
    scans: int
    overlap: float


@measure
def comparison(sample: CloudSample) -> Comparison:
    """Each scan against each of the others; the pair that fits worst is told."""
    if sample.scans is None:
        return Comparison(0.0, 0.0, 0, 0.0)
    points, number = usable(sample).points, sample.scans[usable(sample).rows]
    names, sizes = np.unique(number, return_counts=True)
    scans = [points[number == name] for name in names[sizes >= 4 * PLANE][:MOST_SCANS]]
    some = [thinned(scan, LOOKED_AT) for scan in scans]
    searches = [search_among(scan) for scan in scans]
    steps = [step(scan, search) for scan, search in zip(scans, searches, strict=True)]
    pairs = [(i, j) for i in range(len(scans)) for j in range(len(scans)) if i != j]
    found = [against(scans[i], searches[i], steps[i], some[j]) for i, j in pairs]
    told = [each for each in found if each.overlap]
    if not told:
        return Comparison(0.0, 0.0, len(scans), 0.0)
    worst = max(told, key=lambda each: each.ghosting)
    return replace(worst, scans=len(scans))


def thinned(points: Floats, most: int) -> Floats:
    """At most so many of the points, evenly."""
    return points[:: max(1, -(-len(points) // most))]


def step(scan: Floats, search: Search) -> float:
    """The spacing of a scan's points, as some of them tell it."""
    return max(typical(search(thinned(scan, 1000), PLANE)[1][:, -1]) * float(np.sqrt(np.pi / PLANE)), LEAST)


def against(scan: Floats, search: Search, step: float, other: Floats) -> Comparison:
    """How far points of another scan are off the surface that a scan shows, where it covers them."""
    index, reach = search(other, PLANE)
    covered = reach[:, 0] <= REACH * step
    if covered.sum() < max(FEWEST, LEAST_OVERLAP * len(other)):
        return Comparison(0.0, 0.0, 2, 0.0)
    at = scan[index[covered]] - other[covered][:, None]
    x, y, z = ((at[:, 1:, i] - at[:, :1, i]).T.astype(np.float32) for i in range(3))
    normal, rest = fitted(x, y, z)
    distance = np.abs(np.einsum("ij,ij->i", at.mean(axis=1), normal))
    explained = np.sqrt(2 * rest.astype(np.float64) ** 2 + (GRAIN * step) ** 2)
    ratio = float(np.quantile(distance / explained, UPPER))
    return Comparison(ratio, float(np.quantile(distance, UPPER)), 2, float(covered.mean()))


def findings(sample: CloudSample) -> list[Finding]:
    """How far the scans are apart, where that is too much."""
    found = comparison(sample)
    limit = RegistrationRule().threshold
    if found.ghosting <= limit:
        return []
    return [Finding("ghosting", found.scans, "scans", round(found.ghosting, 6), "times the noise", limit)]


PROPERTY = Property(
    name="registration",
    labels=RegistrationRule.labels,
    accepted=frozenset({"registered"}),
    summary="Do the scans fit on each other?",
    findings=findings,
    sample=CloudSample,
)
