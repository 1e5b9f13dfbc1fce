"""Registration: do the scans fit on each other?

Where scans overlap, points of one should lie on the surface that another one shows. Told is how far they are off it, in
what the noise of both explains: the upper quartile of their distance to the plane through the nearest twelve points of
the other scan, for the pair that fits worst; and how far that scan has to move to fit. A scan that slid along a flat
wall is not seen by that (Lague et al. 2013). Needs the number of each point's scan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from ..shared.data import FeatureExtractor
from ..shared.modality import Property
from ..shared.results import Evidence, Finding
from ..shared.sample import measure
from .chunks import in_chunks
from .faults import FaultRule, Heat, at_point, beyond
from .neighbours import LEAST, Search, fitted, search_among, typical, usable
from .rendering import picture, spread_back
from .sample import CloudSample
from .welding import Floats, Longs

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
UNTOLD = 0.05
"""Motions that planes tell less well than this, beside the best told one, are left out."""


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
    """What comparing scans gives.

    pair: the numbers of the scan whose surface it is and of the one that is off it. shift: how far the latter has to
    move to fit, in the file's unit. place: where it is farthest off, in the file's coordinates.
    """

    ghosting: float
    distance: float
    scans: int
    overlap: float
    pair: tuple[int, int] = (0, 0)
    shift: float = 0.0
    place: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Surface:
    """What a scan shows: its points, (n, 3), the search among them, and how far apart they are."""

    points: Floats
    search: Search
    step: float


@dataclass(frozen=True, eq=False)
class Beside:
    """Points of one scan beside the surface that another one shows, where that covers them.

    rows: which points, (k,). distance: from the plane through the nearest points there, along its normal, (k,) and
    (k, 3). explained: the distance that the noise of both explains, (k,).
    """

    rows: Longs
    distance: Floats
    normal: Floats
    explained: Floats


@measure
def comparison(sample: CloudSample) -> Comparison:
    """Each scan against each of the others; the pair that fits worst is told."""
    if sample.scans is None:
        return Comparison(0.0, 0.0, 0, 0.0)
    points, number = usable(sample).points, sample.scans[usable(sample).rows]
    names, sizes = np.unique(number, return_counts=True)
    names = names[sizes >= 4 * PLANE][:MOST_SCANS]
    scans = [points[number == name] for name in names]
    some = [thinned(scan, LOOKED_AT) for scan in scans]
    surfaces = [surface(scan) for scan in scans]
    pairs = [(i, j) for i in range(len(scans)) for j in range(len(scans)) if i != j]
    found = [
        replace(against(surfaces[i], some[j], usable(sample).middle), pair=(int(names[i]), int(names[j])))
        for i, j in pairs
    ]
    told = [each for each in found if each.overlap]
    if not told:
        return Comparison(0.0, 0.0, len(scans), 0.0)
    return replace(max(told, key=lambda each: each.ghosting), scans=len(scans))


def thinned(points: Floats, most: int) -> Floats:
    """At most so many of the points, evenly."""
    return points[:: max(1, -(-len(points) // most))]


def surface(scan: Floats) -> Surface:
    """What a scan shows; its spacing as some of its points tell it."""
    search = search_among(scan)
    step = typical(search(thinned(scan, 1000), PLANE)[1][:, -1]) * float(np.sqrt(np.pi / PLANE))
    return Surface(scan, search, max(step, LEAST))


def beside(shown: Surface, other: Floats) -> Beside:
    """Points of another scan beside the surface that a scan shows, where it covers them."""
    index, reach = shown.search(other, PLANE)
    rows = np.flatnonzero(reach[:, 0] <= REACH * shown.step)
    at = shown.points[index[rows]] - other[rows][:, None]
    x, y, z = ((at[:, 1:, i] - at[:, :1, i]).T.astype(np.float32) for i in range(3))
    normal, rest = fitted(x, y, z)
    explained = np.sqrt(2 * rest.astype(np.float64) ** 2 + (GRAIN * shown.step) ** 2)
    return Beside(rows, np.einsum("ij,ij->i", at.mean(axis=1), normal), normal.astype(np.float64), explained)


def against(shown: Surface, other: Floats, middle: Floats) -> Comparison:
    """How far points of another scan are off the surface that a scan shows."""
    found = beside(shown, other)
    if len(found.rows) < max(FEWEST, LEAST_OVERLAP * len(other)):
        return Comparison(0.0, 0.0, 2, 0.0)
    distance = np.abs(found.distance)
    ratio = distance / found.explained
    return Comparison(
        ghosting=float(np.quantile(ratio, UPPER)),
        distance=float(np.quantile(distance, UPPER)),
        scans=2,
        overlap=len(found.rows) / len(other),
        shift=shift(found, other[found.rows]),
        place=at_point(other[found.rows[np.argmax(ratio)]] + middle),
    )


def shift(found: Beside, points: Floats) -> float:
    """How far points move, in the mean, by the rigid motion that brings them nearest to the planes beside them.

    One step of point-to-plane registration (Chen and Medioni 1992), in least squares; along what no plane tells, they
    do not move.
    """
    arm = points - points.mean(axis=0)
    size = max(float(np.abs(arm).max()), LEAST)
    motions = np.hstack([found.normal, np.cross(arm / size, found.normal)])
    moved = np.linalg.lstsq(motions, found.distance, rcond=UNTOLD)[0]
    return float(np.linalg.norm(moved[:3] + np.cross(moved[3:], arm / size), axis=1).mean())


def findings(sample: CloudSample) -> list[Finding]:
    """How far the scans are apart, where that is too much, and how far one has to move."""
    found, limit = comparison(sample), RegistrationRule().threshold
    if found.ghosting <= limit:
        return []
    ghosting = round(found.ghosting, 6)
    return [
        Finding("ghosting", found.scans, "scans", ghosting, "times the noise", limit, found.place),
        Finding("misaligned_scan", 1, "scans", round(found.shift, 6), sample.units.name, None, found.place),
    ]


def heat(sample: CloudSample) -> Heat:
    """Points of the pair that fits worst that are off the other scan's surface."""
    found, limit = comparison(sample), RegistrationRule().threshold
    points = usable(sample).points
    hot = np.zeros(len(points), np.float32)
    if sample.scans is not None and found.ghosting > limit:
        number = sample.scans[usable(sample).rows]
        shown, rows = surface(points[number == found.pair[0]]), np.flatnonzero(number == found.pair[1])

        def mark(part: slice) -> None:
            there = beside(shown, points[rows[part]])
            hot[rows[part][there.rows]] = beyond(np.abs(there.distance) / there.explained, limit)

        in_chunks(len(rows), mark)
    return spread_back(sample, hot)


def evidence(sample: CloudSample) -> Evidence:
    """Where they are."""
    return picture(sample, heat(sample), "Bright: points off the surface that another scan shows.")


PROPERTY = Property(
    name="registration",
    labels=RegistrationRule.labels,
    accepted=frozenset({"registered"}),
    summary="Do the scans fit on each other?",
    evidence=evidence,
    heat=heat,
    findings=findings,
    sample=CloudSample,
)
