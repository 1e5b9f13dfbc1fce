"""Surface noise: is the surface smooth where the thing is, without spikes and grain?

A spike is a vertex that sticks out (or in): the edges at it bend sharply one way, those around it the other way. At a
cone's tip or a box's corner those around it do not bend back. Grain is what remains of a vertex's height when its
neighbours' heights above their own neighbours are taken off (the square of the umbrella operator, Kobbelt et al. 1998):
curvature goes on from vertex to vertex and cancels, noise does not. Its median is told as the standard deviation of the
noise, in mean edge lengths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from ..shared.data import FeatureExtractor
from ..shared.estimators import Floats, RuleBasedModel
from ..shared.limits import Limit
from ..shared.modality import Property
from ..shared.results import Evidence, Finding
from ..shared.sample import measure
from .bending import bends, sharp_edges
from .faults import Heat, around_points, at_point, beyond, marked
from .geometry import crosses, squared_sides
from .rendering import picture
from .sample import MeshSample
from .topology import after, edges, summed, twins
from .welding import Floats as Points
from .welding import Index, Longs, Mask, welded

LABELS = ("spiky", "rough", "smooth")
MOSTLY = 0.6
"""Share of the edges at a vertex, and around it, that bend sharply at a spike."""
LOOKED_AT, RUN = 20_000, 200
ENOUGH, FEWEST = 0.1, 30
"""Points away from edges that there have to be: as a share of all, and as a number."""
FLAT = float(np.cos(np.radians(0.5)))
AROUND = 3
"""Neighbours that are on no edge of the thing, at least, of a point that is beside one."""
SIGMA = 0.6745 * 1.45
"""Median of what remains over the deviation of the noise: of a normal distribution, and of two umbrellas."""


class SurfaceNoiseExtractor(FeatureExtractor):
    """spikes: vertices. roughness: standard deviation of the grain, in mean edge lengths."""

    names: ClassVar[tuple[str, ...]] = ("spikes", "roughness")

    def row(self, sample: MeshSample) -> Sequence[float]:
        """The numbers of one mesh."""
        return len(spikes(sample)), roughness(sample)


class SurfaceNoiseRule(RuleBasedModel):
    """Spiky from one spike on, rough above `roughness` mean edge lengths."""

    columns: ClassVar[int] = 2
    labels: ClassVar[tuple[str, ...]] = LABELS
    limits: ClassVar[Mapping[str, Limit]] = {"spikes": Limit(0, "above", 0), "roughness": Limit(1, "above", 1)}

    def __init__(self, spikes: float = 0.5, roughness: float = 0.05, softness: float = 0.1) -> None:
        self.spikes = spikes
        self.roughness = roughness
        self.softness = softness

    def margins(self, table: Floats) -> Floats:
        """Margins in logits, (n, 3)."""
        spiky = np.clip(table[:, 0] - self.spikes, -1, 1) / self.softness
        rough = np.log(np.maximum(table[:, 1], 1e-9) / self.roughness) / self.softness
        return np.column_stack([spiky, rough, np.zeros(len(table))])


@measure
def spikes(sample: MeshSample) -> Index:
    """Points that stick out or in, (k,)."""
    heads, count = welded(sample).faces.ravel(), len(welded(sample).points)
    around = np.maximum(np.bincount(heads, minlength=count), 1)
    half, convex = sharp_edges(sample)
    found = np.zeros(count, bool)
    for outwards in (True, False):
        spokes = half[convex == outwards]
        rims = half[convex != outwards]
        at = np.bincount(heads[spokes], minlength=count) / around
        opposite = np.bincount(heads[after(after(rims))], minlength=count) / around
        found |= (at >= MOSTLY) & (opposite >= MOSTLY) & (around >= 3)
    return np.flatnonzero(found).astype(np.int32)


@measure
def roughness(sample: MeshSample) -> float:
    """Standard deviation of the grain, in mean edge lengths."""
    _, rest = grain(sample)
    if not len(rest):
        return 0.0
    length = float(np.sqrt(squared_sides(sample)).mean())
    return float(np.median(rest)) / SIGMA / max(length, 1e-30)


@measure
def grain(sample: MeshSample) -> tuple[Longs, Points]:
    """The points that are looked at, (k,), and what remains of the height of each, in the file's unit, (k,)."""
    mesh, found = welded(sample), edges(sample)
    inner = looked_at(len(mesh.points)) & smooth_around(sample)
    ring = inner.copy()
    touching = inner[found.start] | inner[found.end]
    ring[found.start[touching]] = ring[found.end[touching]] = True
    wide = np.flatnonzero(ring[found.start] | ring[found.end])
    members, start, end = renumbered_edges(found.start[wide], found.end[wide], len(mesh.points))
    heights = umbrella(mesh.points[members].astype(np.float64), start, end)
    clear = ~np.asarray(thing_edges(sample)[members])
    within = clear[start] & clear[end]
    heights = umbrella(heights, start[within], end[within])
    rest = np.abs(np.einsum("ij,ij->i", heights, point_normals(sample, inner)[members]))
    return members[inner[members]], rest[inner[members]]


def looked_at(count: int) -> Mask:
    """Which points are looked at: all, or runs of neighbours from everywhere, (count,)."""
    if count <= LOOKED_AT:
        return np.ones(count, bool)
    chosen = np.zeros(count, bool)
    starts = np.linspace(0, count - RUN, LOOKED_AT // RUN).astype(np.int64)
    chosen[(starts[:, None] + np.arange(RUN)).ravel()] = True
    return chosen


def renumbered_edges(start: Index, end: Index, count: int) -> tuple[Longs, Index, Index]:
    """The points that edges have, and the edges between their numbers among these."""
    used = np.zeros(count, bool)
    used[start] = used[end] = True
    members = np.flatnonzero(used)
    number = np.zeros(count, np.int32)
    number[members] = np.arange(len(members), dtype=np.int32)
    return members, number[start], number[end]


@measure
def thing_edges(sample: MeshSample) -> Mask:
    """Points on a border or on an edge of the thing, (k,).

    There all sharp bends go one way, or faces are flat beside them; grain bends both ways and leaves nothing flat.
    """
    found, heads = edges(sample), welded(sample).faces.ravel()
    half, convex = sharp_edges(sample)
    count = len(welded(sample).points)
    outwards, inwards = (np.bincount(heads[half[convex == way]], minlength=count) > 0 for way in (True, False))
    edge = outwards | inwards
    both = outwards & inwards
    if both.any():
        one, other = (heads[each[bends(sample) > FLAT]] for each in twins(sample))
        both[one] = both[other] = False
        edge &= ~both
    edge[found.start[found.count != 2]] = edge[found.end[found.count != 2]] = True
    return np.asarray(edge)


def smooth_around(sample: MeshSample) -> Mask:
    """Points that are on no edge of the thing, nor beside one, (k,).

    Where the whole surface is grainy, too few are left by that, and those beside an edge count as well, as far as they
    have other neighbours. Where few are left even so, none are.
    """
    found, edge = edges(sample), thing_edges(sample)
    count = len(edge)
    touched = edge[found.start] | edge[found.end]
    inner = ~edge
    inner[found.start[touched]] = inner[found.end[touched]] = False
    if inner.sum() < ENOUGH * count:
        ends = np.concatenate([found.start[~touched], found.end[~touched]])
        inner = ~edge & (np.bincount(ends, minlength=count) >= AROUND)
    return inner if inner.sum() >= FEWEST else np.zeros(count, bool)


def umbrella(values: Points, start: Index, end: Index) -> Points:
    """What each value has over the mean of its neighbours, (n, 3)."""
    count = len(values)
    neighbours = np.bincount(start, minlength=count) + np.bincount(end, minlength=count)
    total = summed(start, values[end], count) + summed(end, values[start], count)
    return np.asarray(values - total / np.maximum(neighbours, 1)[:, None])


def point_normals(sample: MeshSample, wanted: Mask) -> Points:
    """Unit normals at the points that are wanted, by area, (k, 3); zero at those that are not."""
    faces, count = welded(sample).faces, len(welded(sample).points)
    a, b, c = faces.T
    rows = np.flatnonzero(wanted[a] | wanted[b] | wanted[c])
    normal = crosses(sample)[:, rows].T.astype(np.float64)
    total = np.zeros((count, 3))
    for column in (a, b, c):
        np.add.at(total, column[rows], normal)
    total[~wanted] = 0
    return np.asarray(total / np.maximum(np.linalg.norm(total, axis=1), 1e-30)[:, None])


def findings(sample: MeshSample) -> list[Finding]:
    """The spikes with the first one's place, and the grain where there is much."""
    found, sticking, rough = [], spikes(sample), roughness(sample)
    if len(sticking):
        place = at_point(welded(sample).points[sticking[0]])
        found.append(Finding("spike", len(sticking), "vertices", float(len(sticking)), "vertices", None, place))
    limit = SurfaceNoiseRule().roughness
    if rough > limit:
        members, rest = grain(sample)
        place = at_point(welded(sample).points[members[np.argmax(rest)]])
        count = len(welded(sample).points)
        found.append(Finding("grain", count, "vertices", round(rough, 6), "edge lengths", limit, place))
    return found


def heat(sample: MeshSample) -> Heat:
    """The triangles at spikes; all, by how much there is, where there is too much grain."""
    hot = marked(sample, around_points(sample, spikes(sample)))
    return np.maximum(hot, beyond(np.array(roughness(sample)), SurfaceNoiseRule().roughness))


def evidence(sample: MeshSample) -> Evidence:
    """Where they are."""
    return picture(sample, heat(sample), "Bright: spikes, or grain all over.")


PROPERTY = Property(
    name="surface_noise",
    labels=LABELS,
    accepted=frozenset({"smooth"}),
    summary="Is the surface free of spikes and grain?",
    evidence=evidence,
    heat=heat,
    findings=findings,
    sample=MeshSample,
)
