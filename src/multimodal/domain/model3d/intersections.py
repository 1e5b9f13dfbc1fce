"""Where a mesh cuts itself, in classes that tools usually mix up.

    crossing ... two triangles go through each other
    overlap .... two triangles lie on each other in one plane, with a part of their area
    duplicate .. two triangles have the same three corners (see welding.py)
    touching ... two triangles that share no corner meet without going through each other

Triangles that share a corner or an edge always meet there; they cross or overlap when they also meet elsewhere. The
test is that of Guigue and Devillers (2003): where each triangle has corners on both sides of the other's plane, the
order of four points along the line where the planes meet decides, which exact predicates tell. Corners nearer to a
plane than coordinates can tell (`tolerance`) are on it, so that a rigid motion changes no verdict.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..shared.sample import measure
from .bending import bends
from .boxes import overlapping
from .geometry import LEAST, areas, cross, dot, longest_squared, tolerance
from .patches import doubtful_pairs, face_boxes
from .predicates import Signs, orientations
from .sample import MeshSample
from .topology import across
from .welding import Floats, Longs, Mask, welded

SMALL = 20_000
"""Triangles up to which all pairs whose boxes overlap are looked at."""
MOST_PAIRS = 8_000_000
CHUNK = 400_000
SLIVER = 1e-6
"""Height over length below which a triangle has no plane to speak of."""
FOLDED = -0.9999
"""Cosine between the normals of neighbours from which on one lies on the other."""


@dataclass(frozen=True, eq=False)
class Intersections:
    """Pairs of triangles (k, 2) of the welded mesh by class; complete: whether all pairs were looked at."""

    crossing: Longs
    overlap: Longs
    touching: Longs
    complete: bool = True


@measure
def intersections(sample: MeshSample) -> Intersections:
    """Where a mesh cuts itself."""
    one, other, complete = pairs(sample)
    kinds = np.concatenate(
        [np.zeros(0, np.int8), *(classified(sample, *part) for part in chunks(one, other))],
    )
    both = np.column_stack([one, other])
    folded = folds(sample)
    return Intersections(
        crossing=both[kinds == CROSSING],
        overlap=np.concatenate([both[kinds == OVERLAP], folded]),
        touching=both[kinds == TOUCHING],
        complete=complete,
    )


NONE, CROSSING, OVERLAP, TOUCHING = range(4)


def pairs(sample: MeshSample) -> tuple[Longs, Longs, bool]:
    """Pairs of triangles that could meet elsewhere than at a common edge."""
    faces = welded(sample).faces
    if not len(faces):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), True
    if len(faces) <= SMALL:
        one, other, complete = overlapping(face_boxes(sample), MOST_PAIRS)
    else:
        one, other, complete = doubtful_pairs(sample, MOST_PAIRS)
    flat = is_sliver(sample)
    kept = ~(flat[one] | flat[other])
    return one[kept], other[kept], complete


def is_sliver(sample: MeshSample) -> Mask:
    """Triangles without a plane to speak of."""
    return np.asarray(2 * areas(sample) <= SLIVER * longest_squared(sample))


def chunks(one: Longs, other: Longs) -> list[tuple[Longs, Longs]]:
    """The pairs in parts that fit the cache."""
    return [(one[i : i + CHUNK], other[i : i + CHUNK]) for i in range(0, len(one), CHUNK)]


def classified(sample: MeshSample, one: Longs, other: Longs) -> Signs:
    """The class of each pair, (k,)."""
    faces, points = welded(sample).faces, welded(sample).points
    first, second = faces[one], faces[other]
    shared = (first[:, :, None] == second[:, None, :]).sum(axis=(1, 2))
    kinds = np.zeros(len(one), np.int8)
    near = tolerance(sample)
    a, b = points[first].astype(np.float64), points[second].astype(np.float64)
    sides_b, sides_a = sides(a, b, near), sides(b, a, near)
    apart = same_side(sides_a) | same_side(sides_b) | (shared > 1)
    flat = ~apart & ((sides_a == 0).all(axis=1) | (sides_b == 0).all(axis=1))
    rows = np.flatnonzero(flat)
    kinds[rows[overlap_in_plane(a[rows], b[rows], near)]] = OVERLAP
    rows = np.flatnonzero(~apart & ~flat)
    meets, strictly = on_line(a[rows], b[rows], sides_a[rows], sides_b[rows])
    through = both_sides(sides_a[rows]) & both_sides(sides_b[rows])
    kinds[rows[meets & (shared[rows] == 0)]] = TOUCHING
    kinds[rows[strictly & through]] = CROSSING
    return kinds


def sides(triangle: Floats, points: Floats, near: float) -> Signs:
    """On which side of each triangle's plane each of three points is, (k, 3)."""
    normal = normal_of(triangle)
    distance = np.einsum("kij,kj->ki", points - triangle[:, :1], normal)
    return np.asarray(np.sign(distance) * (np.abs(distance) > near), np.int8)


def same_side(signs: Signs) -> Mask:
    """Whether all three points are on one side."""
    return np.asarray(np.abs(signs.sum(axis=1)) == 3)


def both_sides(signs: Signs) -> Mask:
    """Whether there are points on both sides."""
    return np.asarray((signs.max(axis=1) > 0) & (signs.min(axis=1) < 0))


def on_line(a: Floats, b: Floats, sides_a: Signs, sides_b: Signs) -> tuple[Mask, Mask]:
    """Whether the parts of the common line that two triangles cover meet, and whether in more than a point."""
    a, upward_a = alone_first(a, sides_a)
    b, upward_b = alone_first(b, sides_b)
    a = np.where(upward_b[:, None, None], a, a[:, [0, 2, 1]])
    b = np.where(upward_a[:, None, None], b, b[:, [0, 2, 1]])
    one = orientations(a[:, 0], a[:, 1], b[:, 0], b[:, 1])
    other = orientations(a[:, 0], a[:, 2], b[:, 2], b[:, 0])
    return np.asarray((one >= 0) & (other >= 0)), np.asarray((one > 0) & (other > 0))


def alone_first(triangle: Floats, signs: Signs) -> tuple[Floats, Mask]:
    """The triangles turned so that the corner comes first that is alone on its side; and whether that is above."""
    above, below = (signs > 0).sum(axis=1), (signs < 0).sum(axis=1)
    upward = (above == 1) | ((above == 0) & (below == 2))
    wanted = np.where(above == 1, 1, np.where(below == 1, -1, 0))
    alone = np.argmax(signs == wanted[:, None], axis=1)
    order = (alone[:, None] + np.arange(3)) % 3
    return np.take_along_axis(triangle, order[:, :, None], axis=1), np.asarray(upward)


def overlap_in_plane(a: Floats, b: Floats, near: float) -> Mask:
    """Whether triangles in one plane share a part of their area: no side of either parts them."""
    parted = np.zeros(len(a), bool)
    for one, other, turned in ((a, b, normal_of(a)), (b, a, normal_of(b))):
        for corner in range(3):
            start, end = one[:, corner], one[:, (corner + 1) % 3]
            inward = cross(turned, end - start)
            inward = inward / np.maximum(np.sqrt(dot(inward, inward)), LEAST)[:, None]
            height = np.einsum("kij,kj->ki", other - start[:, None], inward)
            parted |= (height <= 2 * near).all(axis=1)
    return ~parted


def normal_of(triangle: Floats) -> Floats:
    """The unit normals of triangles (k, 3, 3)."""
    found = cross(triangle[:, 1] - triangle[:, 0], triangle[:, 2] - triangle[:, 0])
    return np.asarray(found / np.maximum(np.sqrt(dot(found, found)), LEAST)[:, None], np.float64)


def folds(sample: MeshSample) -> Longs:
    """Pairs of neighbours of which one lies on the other, (k, 2)."""
    one, other = across(sample)
    flat = is_sliver(sample)
    folded = np.flatnonzero(bends(sample) < FOLDED)
    folded = folded[~flat[one[folded]] & ~flat[other[folded]]]
    return np.column_stack([one[folded], other[folded]]).astype(np.int64)
