"""How the triangles of a mesh hang together.

    welded ......... vertices at one position are one: seams of texture and normals are no holes
    edges .......... each edge once, with how many triangles meet there
    twins .......... pairs of triangles across an edge
    bodies ......... which connected part each triangle belongs to
    fans ........... vertices where several surfaces meet in a point
    loops .......... rims of holes

A half-edge is one side of one triangle: number `3 * face + corner` runs from that corner to the next one. What has to
be sorted is packed into one 64-bit number with its own index in the low bits: sorting plain numbers is several times
faster than sorting by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..shared.sample import measure
from .sample import MeshSample

Floats = NDArray[np.float64]
Index = NDArray[np.int32]
Longs = NDArray[np.int64]
Keys = NDArray[np.uint64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Welded:
    """The mesh with each position once.

    points: float64 (k, 3), all finite, all used. faces: int32 (m, 3), without collapsed and repeated ones. kept: (m,)
    which faces of the sample they are. collapsed, repeated, reversed: faces of the sample that have a corner twice,
    that are there already, and that are there already the other way round. invalid: faces with a corner that is not
    finite. vertices: (k,) a vertex of the sample at each point.
    """

    points: Floats
    faces: Index
    kept: Index
    collapsed: Index
    repeated: Index
    reversed: Index
    invalid: Index
    vertices: Index


@dataclass(frozen=True, eq=False)
class Edges:
    """The edges of a welded mesh.

    start, end: points, start < end, (e,). count: triangles that meet there, (e,). halves: half-edges in the order of
    their edges, (3m,). first: where each edge's half-edges begin, (e,).
    """

    start: Index
    end: Index
    count: Index
    halves: Index
    first: Longs


@measure
def welded(sample: MeshSample) -> Welded:
    """The mesh with each position once; -0 is 0."""
    finite = np.asarray(np.isfinite(sample.vertices).all(axis=1))
    faces, source = sample.faces, np.arange(len(sample.faces), dtype=np.int32)
    invalid = np.zeros(0, np.int32)
    if not finite.all():
        good = finite[faces].all(axis=1)
        invalid, faces, source = source[~good], faces[good], source[good]
    vertices, place = used(faces, len(sample.vertices))
    coordinates = sample.vertices[vertices] if len(vertices) < len(sample.vertices) else sample.vertices
    first, same = alike(np.ascontiguousarray(coordinates))
    number = same if place is None else same[place]
    faces = number[faces] if place is not None or len(first) < len(coordinates) else faces
    a, b, c = faces.T
    collapsed = (a == b) | (b == c) | (c == a)
    solid = ~collapsed
    repeated, turned = repeats(faces, solid)
    solid[repeated] = False
    solid[turned] = False
    return Welded(
        points=np.ascontiguousarray(coordinates[first], np.float64),
        faces=np.ascontiguousarray(faces[solid], np.int32),
        kept=source[solid],
        collapsed=source[collapsed],
        repeated=source[repeated],
        reversed=source[turned],
        invalid=invalid,
        vertices=vertices[first].astype(np.int32),
    )


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


def bits(rows: NDArray[Any]) -> list[Keys]:
    """The columns as whole numbers that are equal exactly where the floats are."""
    kind = np.uint32 if rows.dtype == np.float32 else np.uint64
    return [(column + 0.0).view(kind).astype(np.uint64) for column in rows.T]


def mixed(columns: list[Keys]) -> Keys:
    """One 64-bit hash of several columns (the multipliers are those of SplitMix64)."""
    found = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        found = (found ^ column) * np.uint64(0x9E3779B97F4A7C15)
        found ^= found >> np.uint64(29)
        found *= np.uint64(0xBF58476D1CE4E5B9)
        found ^= found >> np.uint64(32)
    return found


def packed_order(hashes: Keys) -> tuple[Longs, Mask] | None:
    """The rows in the order of their hashes and where a new hash begins; None when no two are equal."""
    width = np.uint64(max(1, len(hashes) - 1).bit_length())
    packed = np.sort((hashes >> width << width) | np.arange(len(hashes), dtype=np.uint64))
    hash_only = packed >> width
    starts = np.empty(len(packed), bool)
    starts[:1] = True
    np.not_equal(hash_only[1:], hash_only[:-1], out=starts[1:])
    if starts.all():
        return None
    return (packed & np.uint64((1 << int(width)) - 1)).astype(np.int64), starts


def columns_agree(columns: list[Keys], positions: Longs, starts: Mask) -> bool:
    """Whether rows of one hash are truly equal."""
    same = np.flatnonzero(~starts)
    return all(np.array_equal(column[positions[same]], column[positions[same - 1]]) for column in columns)


def repeats(faces: Index, solid: Mask) -> tuple[Longs, Longs]:
    """Faces on the same three points as an earlier one: those that run the same way round, and the others."""
    none = np.zeros(0, np.int64)
    low, high = faces.min(axis=1), faces.max(axis=1)
    middle = faces.sum(axis=1, dtype=np.int64) - low - high
    columns = [column.astype(np.uint64) for column in (low, middle, high)]
    order = packed_order(mixed(columns))
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


@measure
def edges(sample: MeshSample) -> Edges:
    """The edges of the welded mesh, in the order of their points."""
    mesh = welded(sample)
    faces = mesh.faces
    heads, tails = faces.ravel(), faces[:, [1, 2, 0]].ravel()
    low, high = np.minimum(heads, tails).astype(np.uint64), np.maximum(heads, tails).astype(np.uint64)
    point_bits, half_bits = (max(1, n - 1).bit_length() for n in (len(mesh.points), len(heads)))
    if 2 * point_bits + half_bits <= 64:
        shift = np.uint64(half_bits)
        packed = np.sort(((low << np.uint64(point_bits) | high) << shift) | np.arange(len(low), dtype=np.uint64))
        halves, keys = (packed & np.uint64((1 << half_bits) - 1)).astype(np.int32), packed >> shift
    else:
        unsorted = low << np.uint64(32) | high
        halves = np.argsort(unsorted, kind="stable").astype(np.int32)
        keys, point_bits = unsorted[halves], 32
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else np.zeros(0, np.int64)
    own = keys[first]
    return Edges(
        start=(own >> np.uint64(point_bits)).astype(np.int32),
        end=(own & np.uint64((1 << point_bits) - 1)).astype(np.int32),
        count=np.diff(first, append=len(keys)).astype(np.int32),
        halves=halves,
        first=first,
    )


@measure
def twins(sample: MeshSample) -> tuple[Index, Index]:
    """The two half-edges of each edge where exactly two triangles meet, (t,) each."""
    found = edges(sample)
    paired = found.first[found.count == 2]
    return found.halves[paired], found.halves[paired + 1]


@measure
def same_way(sample: MeshSample) -> Mask:
    """For each pair of twins whether both run the same way: then the triangles' normals disagree, (t,)."""
    heads = welded(sample).faces.ravel()
    one, other = twins(sample)
    return np.asarray(heads[one] == heads[other])


@measure
def bodies(sample: MeshSample) -> tuple[int, Index]:
    """How many connected parts there are, and each triangle's part, (m,): triangles that share an edge."""
    found = edges(sample)
    inner = np.ones(len(found.halves), bool)
    inner[found.first] = False
    later = np.flatnonzero(inner)
    return connected(len(welded(sample).faces), found.halves[later] // 3, found.halves[later - 1] // 3)


def connected(count: int, one: Index, other: Index) -> tuple[int, Index]:
    """How many connected parts a graph of `count` nodes has, and each node's part, int32 (count,)."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    links = coo_matrix((np.ones(len(one), np.int8), (one, other)), shape=(count, count))
    parts, labels = connected_components(links, directed=False)
    return int(parts), np.asarray(labels, np.int32)


@measure
def bordering(sample: MeshSample) -> Index:
    """The half-edges on a border, where only one triangle is, (b,)."""
    found = edges(sample)
    return np.asarray(found.halves[found.first[found.count == 1]], np.int32)


@measure
def pinches(sample: MeshSample) -> Index:
    """Points where several fans of triangles meet that share no edge there (and no edge has more than two), (p,).

    From one corner of each point one goes round it, from triangle to triangle, all points at once. Where that ends
    before all triangles of the point were seen, there is another fan.
    """
    mesh, found = welded(sample), edges(sample)
    corners = np.bincount(mesh.faces.ravel(), minlength=len(mesh.points))
    across = opposite(sample)
    begin = np.full(len(mesh.points), -1, np.int64)
    begin[mesh.faces.ravel()] = np.arange(mesh.faces.size)
    border = bordering(sample)
    heads = mesh.faces.ravel()[border]
    begin[heads] = border
    seen = walked(begin, across, corners)
    crowded = np.zeros(len(mesh.points), bool)
    many = found.count > 2
    crowded[found.start[many]] = crowded[found.end[many]] = True
    mixed_up = twins(sample)[0][same_way(sample)]
    crowded[mesh.faces.ravel()[mixed_up]] = crowded[mesh.faces.ravel()[after(mixed_up)]] = True
    return np.flatnonzero((seen < corners) & ~crowded).astype(np.int32)


def opposite(sample: MeshSample) -> Longs:
    """For each half-edge the one of the neighbour that runs against it, -1 where there is none, (3m,)."""
    one, other = twins(sample)
    sound = ~same_way(sample)
    found = np.full(welded(sample).faces.size, -1, np.int64)
    found[one[sound]] = other[sound]
    found[other[sound]] = one[sound]
    return found


def after(halves: Index | Longs) -> Longs:
    """The next half-edge of the same triangle."""
    return np.asarray(halves + 1 - 3 * (halves % 3 == 2), np.int64)


def before(halves: Index | Longs) -> Longs:
    """The half-edge of the same triangle that ends where this one begins."""
    return np.asarray(halves - 1 + 3 * (halves % 3 == 0), np.int64)


def walked(begin: Longs, across: Longs, most: NDArray[np.int64]) -> Longs:
    """How many triangles of each point are seen on a walk that begins with a half-edge that leaves the point."""
    seen = np.ones(len(begin), np.int64)
    points = np.arange(len(begin))
    here = begin
    while len(points):
        here = across[before(here)]
        going = (here >= 0) & (here != begin[points]) & (seen[points] < most[points])
        points, here = points[going], here[going]
        seen[points] += 1
    return seen
