"""Each position once: seams of texture and normals are no holes, and an STL's triangles share their corners.

    welded ......... the mesh with each position once, and the triangles that fall away by that
    alike .......... which rows of a table are equal
    packed_order ... rows in the order of a hash

What has to be sorted is packed into one 64-bit number with its own index in the low bits: sorting plain numbers is
several times faster than sorting by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..shared.sample import measure
from .morton import morton
from .sample import Coordinates, MeshSample

Floats = NDArray[np.float64]
Index = NDArray[np.int32]
Longs = NDArray[np.int64]
Keys = NDArray[np.uint64]
Words = NDArray[np.uint32] | NDArray[np.uint64]
Mask = NDArray[np.bool_]

LARGE = 50_000
"""Triangles from which on it pays to put them in order."""


@dataclass(frozen=True, eq=False)
class Welded:
    """The mesh with each position once.

    points: float (k, 3) as precise as the sample's, all finite, all used. faces: int32 (m, 3), without collapsed and
    repeated ones. kept: (m,) which faces of the sample they are. collapsed, repeated, reversed: faces of the sample
    that have a corner twice, that are there already, and that are there already the other way round. invalid: faces
    with a corner that is not finite. vertices: (k,) a vertex of the sample at each point.
    """

    points: Coordinates
    faces: Index
    kept: Index
    collapsed: Index
    repeated: Index
    reversed: Index
    invalid: Index
    vertices: Index


@measure
def welded(sample: MeshSample) -> Welded:
    """The mesh with each position once; -0 is 0."""
    faces, source = sample.faces, np.arange(len(sample.faces), dtype=np.int32)
    invalid = np.zeros(0, np.int32)
    if not np.isfinite(sample.vertices).all():
        finite: Mask = np.asarray(np.isfinite(sample.vertices).all(axis=1))
        good = finite[faces].all(axis=1)
        invalid, faces, source = source[~good], faces[good], source[good]
    vertices, place = used(faces, len(sample.vertices))
    coordinates = sample.vertices[vertices] if len(vertices) < len(sample.vertices) else sample.vertices
    first, same = alike(np.ascontiguousarray(coordinates))
    number = same if place is None or not len(same) else same[place]
    faces = number[faces] if place is not None or len(first) < len(coordinates) else faces
    if len(faces) >= LARGE:
        first, faces, order = near_together(coordinates, first, faces)
        source = source[order]
    a, b, c = faces.T
    collapsed = (a == b) | (b == c) | (c == a)
    repeated, turned = repeats(faces, ~collapsed)
    solid = ~collapsed
    solid[repeated] = solid[turned] = False
    whole = bool(solid.all())
    return Welded(
        points=coordinates.take(first, axis=0),
        faces=np.ascontiguousarray(faces if whole else faces[solid], np.int32),
        kept=source if whole else source[solid],
        collapsed=source[collapsed],
        repeated=source[repeated],
        reversed=source[turned],
        invalid=invalid,
        vertices=vertices[first].astype(np.int32),
    )


def near_together(points: Coordinates, first: Longs, faces: Index) -> tuple[Longs, Index, Longs]:
    """Points and triangles so that neighbours in space are neighbours in memory, and the order of the triangles.

    All that follows is then two to five times faster on a mesh whose order tells nothing.
    """
    order = sorted_by(morton(points.take(first, axis=0)).astype(np.uint64))
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    faces = rank[faces]
    a, b, c = faces.T
    rows = sorted_by(np.minimum(np.minimum(a, b), c).astype(np.uint64))
    return first[order], faces.take(rows, axis=0), rows


def sorted_by(keys: Keys) -> Longs:
    """The order of keys of at most 32 bits; equal ones stay in theirs."""
    packed = keys << np.uint64(32)
    packed |= np.arange(len(keys), dtype=np.uint64)
    packed.sort()
    return (packed & np.uint64(0xFFFFFFFF)).astype(np.int64)


def used(faces: Index, count: int) -> tuple[Longs, Index | None]:
    """The vertices that a face refers to, and the new number of each; None when all are used."""
    mask = np.zeros(count, bool)
    mask[faces.ravel()] = True
    vertices = np.flatnonzero(mask)
    if len(vertices) == count:
        return vertices, None
    place = np.zeros(count, np.int32)
    place[vertices] = np.arange(len(vertices), dtype=np.int32)
    return vertices, place


def alike(rows: NDArray[Any]) -> tuple[Longs, Index]:
    """Which rows are the first of their kind, (k,), in their order; and the number of its kind for each row, (n,)."""
    columns = bits(rows)
    order = packed_order(mixed(columns))
    if order is None:  # all hashes differ: so do all rows
        return np.arange(len(rows)), np.arange(len(rows), dtype=np.int32)
    positions, starts = order
    if not columns_agree(columns, positions, starts):
        _, first, number = np.unique(rows, axis=0, return_index=True, return_inverse=True)
        return renumbered(first, number.reshape(-1))
    number = np.empty(len(rows), np.int64)
    number[positions] = np.cumsum(starts) - 1
    first = np.minimum.reduceat(positions, np.flatnonzero(starts))
    return renumbered(first, number)


def renumbered(first: Longs, number: Longs) -> tuple[Longs, Index]:
    """Kinds numbered in the order in which they first occur."""
    order = np.argsort(first, kind="stable")
    rank = np.empty(len(first), np.int32)
    rank[order] = np.arange(len(first), dtype=np.int32)
    return first[order], rank[number]


def bits(rows: NDArray[Any]) -> list[Words]:
    """The columns as whole numbers that are equal exactly where the floats are."""
    kind = np.uint32 if rows.dtype == np.float32 else np.uint64
    return [(column + 0.0).view(kind) for column in rows.T]


def mixed(columns: list[Words]) -> Keys:
    """One 64-bit hash of several columns (the multipliers are those of SplitMix64)."""
    found = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        found ^= column
        found *= np.uint64(0x9E3779B97F4A7C15)
        found ^= found >> np.uint64(29)
        found *= np.uint64(0xBF58476D1CE4E5B9)
        found ^= found >> np.uint64(32)
    return found


def packed_order(hashes: Keys) -> tuple[Longs, Mask] | None:
    """The rows in the order of their hashes and where a new hash begins; None when no two are equal."""
    width = np.uint64(max(1, len(hashes) - 1).bit_length())
    packed = hashes >> width << width
    packed |= np.arange(len(hashes), dtype=np.uint64)
    packed.sort()
    hash_only = packed >> width
    starts = np.empty(len(packed), bool)
    starts[:1] = True
    np.not_equal(hash_only[1:], hash_only[:-1], out=starts[1:])
    if starts.all():
        return None
    return (packed & np.uint64((1 << int(width)) - 1)).astype(np.int64), starts


def columns_agree(columns: list[Words], positions: Longs, starts: Mask) -> bool:
    """Whether rows of one hash are truly equal."""
    same = np.flatnonzero(~starts)
    return all(np.array_equal(column[positions[same]], column[positions[same - 1]]) for column in columns)


def repeats(faces: Index, solid: Mask) -> tuple[Longs, Longs]:
    """Faces on the same three points as an earlier one: those that run the same way round, and the others."""
    none = np.zeros(0, np.int64)
    a, b, c = faces.T
    low, high = np.minimum(np.minimum(a, b), c), np.maximum(np.maximum(a, b), c)
    middle = a ^ b ^ c ^ low ^ high
    order = packed_order(mixed([column.view(np.uint32) for column in (low, middle, high)]))
    if order is None:
        return none, none
    positions, starts = order
    sharing = ~starts | ~np.append(starts[1:], True)
    rows = np.sort(positions[sharing])
    rows = rows[solid[rows]]
    first, number = np.unique(np.sort(faces[rows], axis=1), axis=0, return_index=True, return_inverse=True)[1:]
    original = rows[first[number.reshape(-1)]]
    again = rows != original
    same_way = (turn(faces[rows]) == turn(faces[original]))[again]
    return rows[again][same_way], rows[again][~same_way]


def turn(faces: Index) -> Mask:
    """Whether the corners, from the lowest on, run upwards: tells the two ways round apart."""
    lowest = faces.argmin(axis=1)
    rows = np.arange(len(faces))
    return np.asarray(faces[rows, (lowest + 1) % 3] < faces[rows, (lowest + 2) % 3])
