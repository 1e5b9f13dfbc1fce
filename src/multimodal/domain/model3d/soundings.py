"""How far is it from the surface to the next one, inwards and outwards?

From points spread evenly over the surface a line runs along the normal, both ways; what it hits within a short reach is
kept. That tells thin walls and double sheets. Lines are tested against the boxes of pieces (patches.py), then against
the triangles of those that they meet (Moeller and Trumbore 1997).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..shared.sample import measure
from .boxes import Boxes, tree
from .geometry import Reals, areas, crossed, diagonal, dot, normals, tolerance
from .morton import morton
from .patches import patches
from .sample import MeshSample
from .welding import Floats, Longs, Mask, welded

LINES = 4000
REACH = 0.02
"""Of the lines, to each side, as a share of the diagonal."""
MOST = 4_000_000
STEEP = 1e-12
"""Directions smaller than this along an axis count as this: so that no zero is divided by."""


@dataclass(frozen=True, eq=False)
class Soundings:
    """Hits of lines: `line`, the triangle `hit`, and the `distance` along the normal, outwards positive, (k,) each.

    face: which triangle each line starts from, (n,). start: where, (n, 3).
    """

    face: Longs
    start: Floats
    line: Longs
    hit: Longs
    distance: Floats


@measure
def soundings(sample: MeshSample) -> Soundings:
    """Hits of lines along the normals, within reach."""
    face, start = spread_over(sample, LINES)
    if not len(face):
        return Soundings(face, start, face, face, np.zeros(0))
    direction = normals(sample)[face].astype(np.float64)
    reach = REACH * diagonal(sample)
    found = patches(sample)
    rays = Rays.of(start, direction, reach)
    line, patch = lines_through(found.around, rays)
    sizes = np.diff(found.first, append=len(found.faces))
    steps = sizes[patch]
    pair = np.repeat(np.arange(len(patch)), steps)[:MOST]
    position = found.first[patch][pair] + np.arange(len(pair)) - np.repeat(np.cumsum(steps) - steps, steps)[: len(pair)]
    near = meets(found.boxes, position, rays, line[pair])
    line, hit = line[pair[near]], found.faces[position[near]]
    distance, inside = along(sample, hit, start[line], direction[line])
    kept = inside & (np.abs(distance) <= reach) & ~neighbours(sample, face[line], hit)
    return Soundings(face, start, line[kept], hit[kept], distance[kept])


def spread_over(sample: MeshSample, count: int) -> tuple[Longs, Floats]:
    """Triangles and points in them, evenly over the surface; the same ones each time."""
    mesh = welded(sample)
    total = np.cumsum(areas(sample).astype(np.float64))
    if not len(total) or total[-1] <= 0:
        return np.zeros(0, np.int64), np.zeros((0, 3))
    face = np.searchsorted(total, (np.arange(count) + 0.5) / count * total[-1]).clip(0, len(total) - 1)
    u, v = np.random.default_rng(0).uniform(0.05, 0.95, size=(2, count))
    over = u + v > 1
    u[over], v[over] = 1 - u[over], 1 - v[over]
    a, b, c = (mesh.points[mesh.faces[face, i]].astype(np.float64) for i in range(3))
    return face, a + u[:, None] * (b - a) + v[:, None] * (c - a)


class Rays(NamedTuple):
    """Lines as the slab test wants them: start and one over the direction, axis by axis, float32 (3, n); the reach."""

    start: Reals
    inverse: Reals
    reach: float

    @classmethod
    def of(cls, start: Floats, direction: Floats, reach: float) -> Rays:
        """The lines that start there and run along the direction, so far both ways."""
        steep = np.where(np.abs(direction) < STEEP, np.copysign(STEEP, direction), direction)
        return cls(np.asarray(start.T, np.float32), np.asarray(1 / steep.T, np.float32), reach)


def lines_through(boxes: Boxes, rays: Rays) -> tuple[Longs, Longs]:
    """Pairs of a line and a box that it meets within reach."""
    order = np.argsort(morton((boxes[:, :3] - boxes[:, 3:]) / 2))
    line = np.arange(rays.start.shape[1])
    node = np.zeros(len(line), np.int64)
    for number, level in enumerate(tree(boxes[order])):
        if number:
            line, node = np.repeat(line, 2), np.repeat(2 * node, 2)
            node[1::2] += 1
        met = meets(level, node, rays, line)
        line, node = line[met][:MOST], node[met][:MOST]
    return line, order[node]


def meets(boxes: Boxes, box: Longs, rays: Rays, line: Longs) -> Mask:
    """Whether each line meets its box within reach: the three slabs are met at the same time."""
    chosen = np.ascontiguousarray(boxes.take(box, axis=0).T)
    enter = np.full(len(box), -rays.reach, np.float32)
    leave = np.full(len(box), rays.reach * (1 + 1e-5), np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        for axis in range(3):
            start, inverse = rays.start[axis].take(line), rays.inverse[axis].take(line)
            one, other = (chosen[axis] - start) * inverse, (-chosen[axis + 3] - start) * inverse
            np.maximum(enter, np.minimum(one, other), out=enter)
            np.minimum(leave, np.maximum(one, other), out=leave)
        margin = np.float32(1e-6 * rays.reach) + np.float32(1e-6) * np.maximum(np.abs(enter), np.abs(leave))
        return np.asarray((enter <= leave + margin) & (chosen[0] < np.inf))


def along(sample: MeshSample, faces: Longs, start: Floats, direction: Floats) -> tuple[Floats, Mask]:
    """Where each line goes through the plane of its triangle, and whether that is in the triangle."""
    mesh = welded(sample)
    a, b, c = (mesh.points[mesh.faces[faces, i]].astype(np.float64).T for i in range(3))
    one, other, towards, ray = b - a, c - a, start.T - a, direction.T
    across = np.stack(crossed(tuple(ray), tuple(other)))
    scale = (one * across).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        u = (towards * across).sum(axis=0) / scale
        around = np.stack(crossed(tuple(towards), tuple(one)))
        v = (ray * around).sum(axis=0) / scale
        distance = (other * around).sum(axis=0) / scale
        inside = (u >= 0) & (v >= 0) & (u + v <= 1) & np.isfinite(distance)
    return distance, np.asarray(inside)


def neighbours(sample: MeshSample, one: Longs, other: Longs) -> Mask:
    """Whether two triangles share a corner."""
    faces = welded(sample).faces
    return np.asarray((faces[one][:, :, None] == faces[other][:, None, :]).any(axis=(1, 2)))


def facing(sample: MeshSample, found: Soundings) -> Floats:
    """The cosine between the normals of where each hit's line starts and of what it hits, (k,)."""
    normal = normals(sample)
    return np.asarray(dot(normal[found.face[found.line]], normal[found.hit]), np.float64)


def coincident(sample: MeshSample, found: Soundings) -> Mask:
    """Hits on what lies on the start itself, as far as can be told."""
    return np.asarray(np.abs(found.distance) <= 4 * tolerance(sample))
