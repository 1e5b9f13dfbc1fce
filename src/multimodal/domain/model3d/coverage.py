"""Coverage: is the surface covered, without holes?

Seen along its normal, a point within a surface has neighbours all around; at the rim of a hole an angle of more than
125 degrees is empty (Bendels et al. 2006). Points thrown at random leave such gaps everywhere; before the rim of a hole
a whole disc is empty. Rim points whose discs overlap are one hole, unless they reach over three quarters of the cloud:
then they are its outer border.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..shared.data import FeatureExtractor
from ..shared.modality import Property
from ..shared.results import Evidence, Finding
from ..shared.sample import measure
from .chunks import in_chunks
from .faults import FaultRule, Heat, at_point
from .neighbours import (
    COUNT,
    LEAST,
    Singles,
    neighbours,
    offsets,
    planes,
    search,
    search_among,
    spacing,
    typical,
    usable,
)
from .rendering import picture, spread_back
from .sample import CloudSample, extremes
from .topology import connected
from .welding import Floats, Index, Longs

EMPTY, DIAMOND = np.radians(125.0), 1.315
"""The empty angle at a rim, and the least that becomes of it where a full turn is four (|x| + |y| = 1)."""
NEARLY = 0.95
"""How much of the disc before a rim point has to be empty."""
FEWEST, SMALLEST = 8, 4.0
"""Rim points of a hole, and spacings that it is wide, at least."""
MOST = 50
"""Rims that are looked at, the longest ones."""
CLEAR, NARROW = 1.8, 0.12
"""How far it is from the middle of a hole to the nearest point, in spacings and of its width, at least."""
BORDER = 0.75
"""Share of the diagonal from which on a rim is the cloud's own border."""
FLAT = 0.35
"""Residual in spacings above which a neighbourhood is no surface, so that nothing is told of its rim."""


class CoverageExtractor(FeatureExtractor):
    """holes: rims of holes. rim: share of points on any rim. points: how many are usable."""

    names: ClassVar[tuple[str, ...]] = ("holes", "rim", "points")

    def row(self, sample: CloudSample) -> Sequence[float]:
        """The numbers of one cloud."""
        count = len(usable(sample).points)
        return len(holes(sample)), len(rims(sample).rows) / max(count, 1), count


class CoverageRule(FaultRule):
    """Incomplete from `threshold` holes on."""

    labels: ClassVar[tuple[str, ...]] = ("incomplete", "complete")

    def __init__(self, threshold: float = 0.5, softness: float = 0.1) -> None:
        super().__init__(threshold, softness)


@dataclass(frozen=True, eq=False)
class Rims:
    """Points with an empty angle of more than 125 degrees around them.

    rows: (k,) among the usable points. outward: unit vectors along the middle of the empty angle, float32 (k, 3).
    """

    rows: Longs
    outward: Singles


@measure
def rims(sample: CloudSample) -> Rims:
    """The points on rims."""
    points, index = usable(sample).points.astype(np.float32), neighbours(sample).index
    if index.shape[1] < 6:
        return Rims(np.zeros(0, np.int64), np.zeros((0, 3), np.float32))
    axes, normal = np.ascontiguousarray(points.T), planes(sample).normal
    found = in_chunks(len(points), lambda part: open_sided(offsets(axes, index, part), normal[part], part.start))
    return Rims(np.concatenate([each.rows for each in found]), np.concatenate([each.outward for each in found]))


def open_sided(at: tuple[Singles, Singles, Singles], normal: Singles, first: int) -> Rims:
    """Which points have neighbours, (k, rows), on one side only, as seen along their normals. first: their number."""
    x, y, z = np.ascontiguousarray(normal.T)
    sign = np.where(z >= 0, np.float32(1), np.float32(-1))  # Duff et al. 2017: two axes across a normal, no branches
    a = -1 / (sign + z)
    b = x * y * a
    one, other = (1 + sign * x * x * a, sign * b, -sign * x), (b, sign + y * y * a, -y)
    right, up = (sum(d * axis for d, axis in zip(at, axes, strict=True)) for axes in (one, other))
    around = up / np.maximum(np.abs(right) + np.abs(up), LEAST)  # rises with the angle: four for a full turn
    suspects = np.flatnonzero(widest_gap(np.where(right < 0, 2 - around, around), 4)[0] > DIAMOND)
    gap, middle = widest_gap(np.arctan2(up[:, suspects], right[:, suspects]), 2 * np.pi)
    open_ = gap > EMPTY
    rows, middle = suspects[open_], middle[open_]
    outward = [np.cos(middle) * u[rows] + np.sin(middle) * v[rows] for u, v in zip(one, other, strict=True)]
    return Rims(rows + first, np.column_stack(outward).astype(np.float32))


def widest_gap(angles: Singles, turn: float) -> tuple[Singles, Singles]:
    """The widest gap between angles, (k, rows), all around, and its middle: (rows,) each."""
    ordered = np.ascontiguousarray(np.sort(np.ascontiguousarray(angles.T), axis=1).T)
    gaps = np.diff(ordered, axis=0, append=ordered[:1] + np.float32(turn))
    widest = gaps.argmax(axis=0)[None]
    gap = np.take_along_axis(gaps, widest, axis=0)[0]
    return gap, np.take_along_axis(ordered, widest, axis=0)[0] + gap / 2


@measure
def holes(sample: CloudSample) -> tuple[Longs, ...]:
    """The points of each hole's rim, the longest first: wide, not the border of all, and with nothing in its middle."""
    members, ahead, local = facing_nothing(sample)
    if len(members) < FEWEST:
        return ()
    index, far = search_among(ahead)(ahead, min(COUNT, len(ahead)))
    near = far <= 2 * reach(len(usable(sample).points)) * local[:, None]  # discs that overlap are the same hole
    one = np.broadcast_to(np.arange(len(ahead), dtype=np.int32)[:, None], near.shape)
    _, label = connected(len(ahead), one[near], index[near])
    points = usable(sample).points
    size, step = extent(points), typical(spacing(sample))
    longest = largest_groups(members, label)
    wide = [group for group in longest if SMALLEST * step <= extent(points[group]) < BORDER * size]
    if not wide:
        return ()
    empty = search(sample)(np.array([points[group].mean(axis=0) for group in wide]), 1)[1][:, 0]
    clear = (max(CLEAR * step, NARROW * extent(points[group])) for group in wide)
    return tuple(group for group, free, least in zip(wide, empty, clear, strict=True) if free >= least)


def facing_nothing(sample: CloudSample) -> tuple[Longs, Floats, Singles]:
    """Rim points of a surface before which a disc is empty: their rows, its middle (k, 3), and the spacing there."""
    found, points, apart = rims(sample), usable(sample).points, spacing(sample)
    rows = found.rows[planes(sample).residual[found.rows] <= FLAT * typical(apart)]
    if not len(rows):
        return rows, np.zeros((0, 3)), np.zeros(0, np.float32)
    outward = found.outward[np.isin(found.rows, rows)]
    local = np.median(apart[neighbours(sample).index[rows]], axis=1)
    radius = reach(len(points)) * local
    ahead = points[rows] + outward * radius[:, None]
    empty = search(sample)(ahead, 1)[1][:, 0] >= NEARLY * radius
    return rows[empty], ahead[empty], local[empty]


def largest_groups(members: Longs, label: Index) -> list[Longs]:
    """The members of each label, the largest groups first: of those that are large enough, and not too many."""
    sizes = np.bincount(label)
    ends, order = np.cumsum(sizes), np.argsort(label, kind="stable")
    kept = [each for each in np.argsort(-sizes, kind="stable")[:MOST] if sizes[each] >= FEWEST]
    return [members[order[ends[each] - sizes[each] : ends[each]]] for each in kept]


def reach(count: int) -> float:
    """Radius in spacings of a disc that is hardly ever empty by chance: once in fifty clouds of so many random points.

    Empty discs of radius r are about n pi r^2 exp(-pi r^2); 2.3 spacings for 2,000 points, 2.7 for a million.
    """
    return float(np.sqrt(np.log(1000 * count) / np.pi)) / NEARLY


def extent(points: Floats) -> float:
    """The diagonal of the box around points."""
    low, high = extremes(points)
    return float(np.linalg.norm(high - low))


def findings(sample: CloudSample) -> list[Finding]:
    """The largest holes, with how wide they are, in the file's unit."""
    told = []
    for rim in holes(sample)[:10]:
        points = usable(sample).points[rim]
        width = extent(points)
        place = at_point(points.mean(axis=0) + usable(sample).middle)
        told.append(Finding("hole", len(rim), "rim points", round(width, 6), sample.units.name, None, place))
    return told


def heat(sample: CloudSample) -> Heat:
    """The rims of holes."""
    hot = np.zeros(len(usable(sample).points), np.float32)
    for rim in holes(sample):
        hot[rim] = 1
    return spread_back(sample, hot)


def evidence(sample: CloudSample) -> Evidence:
    """Where they are."""
    return picture(sample, heat(sample), "Bright: the rim of a hole.")


PROPERTY = Property(
    name="coverage",
    labels=CoverageRule.labels,
    accepted=frozenset({"complete"}),
    summary="Is the surface covered, without holes?",
    evidence=evidence,
    heat=heat,
    findings=findings,
    sample=CloudSample,
)
