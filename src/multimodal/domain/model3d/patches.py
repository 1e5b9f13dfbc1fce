"""Pieces of a surface that cannot cut themselves.

A connected piece whose normals all lie within 90 degrees of one direction hides no part of itself from there, so it
does not cut itself (Volino and Magnenat-Thalmann 1994). A large mesh is cut into such pieces of some tens of
triangles: only pairs of pieces whose boxes overlap, and which are no such piece together, have to be looked at. (A
piece could still wind up like a spiral stair; within some tens of triangles of a large mesh none does.)

    patches ......... the pieces of a mesh
    doubtful_pairs .. pairs of triangles of different pieces that could cut each other
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..shared.sample import measure
from .boxes import Boxes, boxes_of, grouped, overlap, overlapping
from .chunks import in_chunks
from .geometry import LEAST, Reals, areas, corners, crosses, dot, normals
from .sample import MeshSample
from .topology import across, connected, same_way
from .welding import Floats, Index, Longs, Mask

FACES = 128
"""Triangles of a piece, about."""
CELL_BITS = 19
CHUNK = 2_000_000
MARGIN = 1e-3


@dataclass(frozen=True, eq=False)
class Patches:
    """Pieces of the surface.

    label: each triangle's piece, (m,). faces: the triangles in the order of their pieces, (m,). first: where each piece
    begins there, (p,). boxes: around each triangle in that order, (m, 6). around: each piece, (p, 6). direction: mean
    normal, (p, 3). spread: the widest angle between it and a normal, radians, (p,).
    """

    label: Index
    faces: Longs
    first: Longs
    boxes: Boxes
    around: Boxes
    direction: Floats
    spread: Floats


@measure
def patches(sample: MeshSample) -> Patches:
    """The pieces of a mesh: connected triangles of one cell of a grid whose normals are nearest to the same axis."""
    count, label = connected(len(areas(sample)), *joined(sample, keys(sample)))
    faces = np.sort(label.astype(np.int64) << 32 | np.arange(len(label))) & 0xFFFFFFFF
    sizes = np.bincount(label, minlength=count)
    first = np.cumsum(sizes) - sizes
    boxes = face_boxes(sample).take(faces, axis=0)
    normal = normals(sample).T
    total = np.column_stack([np.bincount(label, column, minlength=count) for column in normal])
    direction = total / np.maximum(np.linalg.norm(total, axis=1), LEAST)[:, None]
    cosine = sum(
        column * mean.take(label) for column, mean in zip(normal, direction.T.astype(normal.dtype), strict=True)
    )
    spread = np.arccos(np.clip(np.minimum.reduceat(cosine.take(faces), first), -1, 1))
    around = np.column_stack([np.minimum.reduceat(column, first) for column in boxes.T])
    return Patches(label, faces, first, boxes, around, direction, spread)


@measure
def face_boxes(sample: MeshSample) -> Boxes:
    """The box around each triangle, (m, 6)."""
    at = corners(sample)

    def around(part: slice) -> Boxes:
        a, b, c = at[:, part].reshape(3, 3, -1)
        return boxes_of(np.minimum(np.minimum(a, b), c), np.maximum(np.maximum(a, b), c))

    return np.concatenate(in_chunks(at.shape[1], around))


def keys(sample: MeshSample) -> Longs:
    """Cell and axis of each triangle as one number, (m,)."""
    places = corners(sample)[:3]
    low, high = places.min(axis=1), places.max(axis=1)
    side = max(
        float(np.sqrt(FACES * np.mean(areas(sample)))), float((high - low).max()) / ((1 << CELL_BITS) - 1), LEAST
    )
    upwards = crosses(sample)

    def packed(part: slice) -> Longs:
        found = np.zeros(part.stop - part.start, np.int64)
        for column, start in zip(places[:, part], low, strict=True):
            found = found << CELL_BITS | ((column - start) / side).astype(np.int64)
        return np.asarray(found << 3 | nearest_axis(*upwards[:, part]))

    return np.concatenate(in_chunks(places.shape[1], packed))


def nearest_axis(x: Reals, y: Reals, z: Reals) -> Longs:
    """Which axis normals are nearest to, and whether they point along or against it: 0 to 5, (n,)."""
    wide, deep, high = np.abs(x), np.abs(y), np.abs(z)
    sideways = (wide >= deep) & (wide >= high)
    upright = ~sideways & (high > deep)
    chosen = np.where(sideways, x, np.where(upright, z, y))
    return np.asarray((sideways + 2 * upright).astype(np.int64) << 1 | (chosen > 0))


def joined(sample: MeshSample, key: Longs) -> tuple[Index, Index]:
    """Neighbours across an edge that have the same key, and whose normals agree."""
    one, other = across(sample)
    kept = (key[one] == key[other]) & ~same_way(sample)
    return one[kept], other[kept]


def doubtful_pairs(sample: MeshSample, most: int) -> tuple[Longs, Longs, bool]:
    """Pairs of triangles of different pieces whose boxes overlap and that could cut each other; whether these are all.

    most: pairs that are looked at.
    """
    found = patches(sample)
    one, other, complete = overlapping(found.around, most)
    one, other = np.minimum(one, other), np.maximum(one, other)
    kept = doubtful(sample, one, other)
    one, other = one[kept], other[kept]
    sizes = np.diff(found.first, append=len(found.faces))
    work = np.cumsum(sizes[one] * sizes[other])
    pairs: list[tuple[Longs, Longs]] = []
    seen = 0
    for part in np.split(
        np.arange(len(one)), np.searchsorted(work, np.arange(CHUNK, work[-1] if len(work) else 0, CHUNK))
    ):
        if seen > most:
            complete = False
            break
        pairs.append(face_pairs(found, sizes, one[part], other[part]))
        seen += len(pairs[-1][0])
    first, second = (np.concatenate([pair[i] for pair in pairs] or [np.zeros(0, np.int64)]) for i in (0, 1))
    return found.faces[first], found.faces[second], complete


def doubtful(sample: MeshSample, one: Longs, other: Longs) -> Mask:
    """Which pairs of pieces are no uncut piece together, themselves or with a third one between them."""
    found = patches(sample)
    a, b = (found.label.take(face) for face in across(sample))
    apart = (a != b) & ~same_way(sample)
    a, b = a[apart].astype(np.int64), b[apart].astype(np.int64)
    count = len(found.first)
    neighbours = np.sort(np.concatenate([a * count + b, b * count + a]))
    neighbours = neighbours[np.diff(neighbours, prepend=-1) > 0]
    a, b = np.divmod(neighbours, count)
    a, b = a[safe := agree(found, a, b)], b[safe]
    known = a * count + b
    doubt = np.flatnonzero(~member(one * count + other, known))
    first = np.searchsorted(a, np.arange(count + 1))
    steps = np.diff(first)[one[doubt]]
    pair = np.repeat(np.arange(len(doubt)), steps)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(steps) - steps, steps)
    third = b[first[one[doubt][pair]] + within]
    through = member(third * count + other[doubt][pair], known)
    pair, third = pair[through], third[through]
    fine = agree(found, one[doubt][pair], other[doubt][pair], third)
    mask = np.zeros(len(one), bool)
    mask[doubt] = True
    mask[doubt[pair[fine]]] = False
    return mask


def agree(found: Patches, *pieces: Longs | Index) -> Mask:
    """Whether all normals of these pieces lie within 90 degrees of their common direction."""
    total = sum(found.direction[piece] for piece in pieces)
    common = total / np.maximum(np.linalg.norm(total, axis=1), 1e-12)[:, None]
    widest = np.zeros(len(common))
    for piece in pieces:
        angle = np.arccos(np.clip(dot(found.direction[piece], common), -1, 1)) + found.spread[piece]
        widest = np.maximum(widest, angle)
    return np.asarray(widest < np.pi / 2 - MARGIN)


def member(values: Longs, known: Longs) -> Mask:
    """Which values are in a sorted list."""
    if not len(known):
        return np.zeros(len(values), bool)
    place = np.searchsorted(known, values)
    return np.asarray(known[np.minimum(place, len(known) - 1)] == values)


def face_pairs(found: Patches, sizes: Longs, one: Longs, other: Longs) -> tuple[Longs, Longs]:
    """Positions of triangles of two pieces each whose boxes overlap."""
    shared = np.maximum(found.around[one], found.around[other])
    (left, at_left), (right, at_right) = (within_box(found, sizes, piece, shared) for piece in (one, other))
    first, second = grouped(at_left, at_right, len(one))
    a, b = left[first], right[second]
    kept = overlap(found.boxes, a, b)
    return a[kept], b[kept]


def within_box(found: Patches, sizes: Longs, piece: Longs, boxes: Boxes) -> tuple[Longs, Longs]:
    """Positions of the triangles of each piece that reach into its box, and which pair each belongs to."""
    steps = sizes[piece]
    pair = np.repeat(np.arange(len(piece)), steps)
    position = found.first[piece][pair] + np.arange(len(pair)) - np.repeat(np.cumsum(steps) - steps, steps)
    first, second = found.boxes.take(position, axis=0), boxes.take(pair, axis=0)
    apart = (first[:, :3] + second[:, 3:] > 0) | (second[:, :3] + first[:, 3:] > 0)
    kept = ~apart.any(axis=1)
    return position[kept], pair[kept]
