"""Coverage: is the surface covered, without holes?

Seen along its normal, a point within a surface has neighbours all around; at the rim of a hole an angle of more than
125 degrees is empty (Bendels et al. 2006). Rim points that hang together are a hole, unless they reach over three
quarters of the cloud: then they are its outer border.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ..shared.data import FeatureExtractor
from ..shared.modality import Property
from ..shared.results import Evidence, Finding
from ..shared.sample import measure
from .faults import FaultRule, Heat, at_point
from .neighbours import LEAST, Singles, in_chunks, neighbours, offsets, planes, search, spacing, typical, usable
from .rendering import picture, spread_back
from .sample import CloudSample
from .topology import connected
from .welding import Floats, Index, Longs, Mask

EMPTY, DIAMOND = np.radians(125.0), 1.315
"""The empty angle at a rim, and the least that becomes of it where a full turn is four (|x| + |y| = 1)."""
FEWEST, SMALLEST = 12, 4.0
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
        on_rim = rims(sample)
        return len(holes(sample)), float(on_rim.mean()) if len(on_rim) else 0.0, len(on_rim)


class CoverageRule(FaultRule):
    """Incomplete from `threshold` holes on."""

    labels: ClassVar[tuple[str, ...]] = ("incomplete", "complete")

    def __init__(self, threshold: float = 0.5, softness: float = 0.1) -> None:
        super().__init__(threshold, softness)


@measure
def rims(sample: CloudSample) -> Mask:
    """Whether an angle of more than 125 degrees is empty around each point, (n,)."""
    points, index = usable(sample).points.astype(np.float32), neighbours(sample).index
    if index.shape[1] < 6:
        return np.zeros(len(points), bool)
    axes, normal = np.ascontiguousarray(points.T), planes(sample).normal
    return np.concatenate(in_chunks(len(points), lambda part: open_sided(offsets(axes, index, part), normal[part])))


def open_sided(at: tuple[Singles, Singles, Singles], normal: Singles) -> Mask:
    """Whether an angle of more than 125 degrees is empty around points as seen along their normals, (rows,)."""
    x, y, z = np.ascontiguousarray(normal.T)
    sign = np.where(z >= 0, np.float32(1), np.float32(-1))  # Duff et al. 2017: two axes across a normal, no branches
    a = -1 / (sign + z)
    b = x * y * a
    one, other = (1 + sign * x * x * a, sign * b, -sign * x), (b, sign + y * y * a, -y)
    right, up = (sum(d * axis for d, axis in zip(at, axes, strict=True)) for axes in (one, other))
    around = up / np.maximum(np.abs(right) + np.abs(up), LEAST)  # rises with the angle: four for a full turn
    found = widest_gap(np.where(right < 0, 2 - around, around), 4) > DIAMOND
    suspects = np.flatnonzero(found)
    angles = np.arctan2(up[:, suspects], right[:, suspects])
    found[suspects] = widest_gap(angles, 2 * np.pi) > EMPTY
    return found


def widest_gap(angles: Singles, turn: float) -> Singles:
    """The widest gap between angles, (k, rows), all around: (rows,)."""
    ordered = np.ascontiguousarray(np.sort(np.ascontiguousarray(angles.T), axis=1).T)
    inner = np.diff(ordered, axis=0).max(axis=0)
    return np.asarray(np.maximum(inner, ordered[0] + np.float32(turn) - ordered[-1]))


@measure
def holes(sample: CloudSample) -> tuple[Longs, ...]:
    """The points of each hole's rim, the longest first: wide, not the border of all, and with nothing in its middle."""
    flat = planes(sample).residual <= FLAT * typical(spacing(sample))
    members = np.flatnonzero(rims(sample) & flat)
    if not len(members):
        return ()
    number = np.full(len(flat), -1, np.int32)
    number[members] = np.arange(len(members), dtype=np.int32)
    _, label = connected(len(members), *links(neighbours(sample).index[members], number))
    points = usable(sample).points
    size, step = extent(points), typical(spacing(sample))
    longest = largest_groups(members, label)
    wide = [group for group in longest if SMALLEST * step <= extent(points[group]) < BORDER * size]
    if not wide:
        return ()
    empty = search(sample)(np.array([points[group].mean(axis=0) for group in wide]), 1)[1][:, 0]
    clear = (max(CLEAR * step, NARROW * extent(points[group])) for group in wide)
    return tuple(group for group, reach, least in zip(wide, empty, clear, strict=True) if reach >= least)


def largest_groups(members: Longs, label: Index) -> list[Longs]:
    """The members of each label, the largest groups first: of those that are large enough, and not too many."""
    sizes = np.bincount(label)
    ends, order = np.cumsum(sizes), np.argsort(label, kind="stable")
    kept = [each for each in np.argsort(-sizes, kind="stable")[:MOST] if sizes[each] >= FEWEST]
    return [members[order[ends[each] - sizes[each] : ends[each]]] for each in kept]


def links(index: Index, number: Index) -> tuple[Index, Index]:
    """Pairs of rim points that are neighbours."""
    other = number[index]
    one = np.repeat(np.arange(len(index), dtype=np.int32), index.shape[1]).reshape(index.shape)
    return one[other >= 0], other[other >= 0]


def extent(points: Floats) -> float:
    """The diagonal of the box around points."""
    return float(np.linalg.norm(np.ptp(points, axis=0)))


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
