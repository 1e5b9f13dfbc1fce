"""How the triangles of a welded mesh hang together.

    edges .......... each edge once, with how many triangles meet there
    twins .......... pairs of triangles across an edge
    bodies ......... which connected part each triangle belongs to
    pinches ........ points where several surfaces meet that share no edge there
    loops .......... rims of holes

A half-edge is one side of one triangle: number `3 * face + corner` runs from that corner to the next one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..shared.sample import measure
from .sample import MeshSample
from .welding import Floats, Index, Keys, Longs, Mask, welded


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
def edges(sample: MeshSample) -> Edges:
    """The edges of the welded mesh, in the order of their points."""
    mesh = welded(sample)
    faces = mesh.faces
    point_bits, half_bits = (max(1, n - 1).bit_length() for n in (len(mesh.points), faces.size))
    if 2 * point_bits + half_bits <= 64:
        packed = ends(faces, point_bits)
        packed <<= np.uint64(half_bits)
        packed |= np.arange(len(packed), dtype=np.uint64)
        packed.sort()
        halves = (packed & np.uint64((1 << half_bits) - 1)).astype(np.int32)
        keys = np.right_shift(packed, np.uint64(half_bits), out=packed)
    else:
        point_bits = 32
        unsorted = ends(faces, point_bits)
        halves = np.argsort(unsorted, kind="stable").astype(np.int32)
        keys = unsorted[halves]
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else np.zeros(0, np.int64)
    own = keys[first]
    return Edges(
        start=(own >> np.uint64(point_bits)).astype(np.int32),
        end=(own & np.uint64((1 << point_bits) - 1)).astype(np.int32),
        count=np.diff(first, append=len(keys)).astype(np.int32),
        halves=halves,
        first=first,
    )


def ends(faces: Index, bits: int) -> Keys:
    """Both points of each half-edge in one number, the lower one above the `bits` of the higher one, (3 m,)."""
    found = np.empty(faces.shape, np.uint64)
    for side in range(3):  # one after the other: three times less memory to ask for
        one, other = faces[:, side], faces[:, (side + 1) % 3]
        low = np.minimum(one, other).astype(np.uint64)
        low <<= np.uint64(bits)
        low |= np.maximum(one, other).astype(np.uint32)
        found[:, side] = low
    return found.ravel()


@measure
def twins(sample: MeshSample) -> tuple[Index, Index]:
    """The two half-edges of each edge where exactly two triangles meet, (t,) each."""
    found = edges(sample)
    paired = found.first[found.count == 2]
    return found.halves[paired], found.halves[paired + 1]


@measure
def across(sample: MeshSample) -> tuple[Index, Index]:
    """The two triangles of each pair of twins, (t,) each."""
    one, other = twins(sample)
    return one // 3, other // 3


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
    heads = mesh.faces.ravel()
    corners = np.bincount(heads, minlength=len(mesh.points)).astype(np.int32)
    begin = np.full(len(mesh.points), -1, np.int32)
    begin[heads] = np.arange(len(heads), dtype=np.int32)
    border = bordering(sample)
    begin[heads[border]] = border
    onward = opposite(sample).reshape(-1, 3)[:, [2, 0, 1]].ravel()  # over the edge that ends at the point
    seen = walked(begin, onward, corners)
    crowded = np.zeros(len(mesh.points), bool)
    many = found.count > 2
    crowded[found.start[many]] = crowded[found.end[many]] = True
    mixed_up = twins(sample)[0][same_way(sample)]
    crowded[heads[mixed_up]] = crowded[heads[after(mixed_up)]] = True
    return np.flatnonzero((seen < corners) & ~crowded).astype(np.int32)


def opposite(sample: MeshSample) -> Index:
    """For each half-edge the one of the neighbour that runs against it, -1 where there is none, (3m,)."""
    one, other = twins(sample)
    sound = ~same_way(sample)
    found = np.full(welded(sample).faces.size, -1, np.int32)
    found[one[sound]] = other[sound]
    found[other[sound]] = one[sound]
    return found


def after(halves: Index) -> Index:
    """The next half-edge of the same triangle."""
    return np.asarray(halves + 1 - 3 * (halves % 3 == 2), np.int32)


def walked(begin: Index, onward: Index, most: Index) -> Index:
    """How many triangles of each point are seen on a walk around it.

    begin: a half-edge that leaves the point. onward: for each half-edge the next one that leaves the same point.
    """
    seen = np.ones(len(begin), np.int32)
    if not len(onward):
        return seen
    points = np.arange(len(begin), dtype=np.int32)
    here = begin
    while len(points):
        here = onward[here]
        going = (here >= 0) & (here != begin[points]) & (seen[points] < most[points])
        points, here = points[going], here[going]
        seen[points] += 1
    return seen


@dataclass(frozen=True, eq=False)
class Loops:
    """The rims of holes, the longest first.

    label: of each bordering half-edge, which rim it belongs to, (b,). edges, perimeter, area, place: of each rim, (r,)
    and (r, 3): its edges, their length, the area of the flat fan that would close it, and its middle.
    """

    label: Index
    edges: Index
    perimeter: Floats
    area: Floats
    place: Floats


@measure
def loops(sample: MeshSample) -> Loops:
    """The rims of holes: bordering edges that hang together. An area is half the sum of cross products."""
    mesh, border = welded(sample), bordering(sample)
    start, end = mesh.faces.ravel()[border], mesh.faces.ravel()[after(border)]
    used_points, number = np.unique(np.concatenate([start, end]), return_inverse=True)
    count, label = connected(
        len(used_points), number[: len(border)].astype(np.int32), number[len(border) :].astype(np.int32)
    )
    own = label[number[: len(border)]]
    a, b = mesh.points[start].astype(np.float64), mesh.points[end].astype(np.float64)
    edges_of = np.bincount(own, minlength=count)
    middle = summed(own, (a + b) / 2, count) / np.maximum(edges_of, 1)[:, None]
    length = np.bincount(own, np.linalg.norm(b - a, axis=1), minlength=count).astype(np.float64)
    area = np.linalg.norm(summed(own, np.cross(a - middle[own], b - middle[own]), count), axis=1) / 2
    order = np.argsort(-length, kind="stable")
    rank = np.empty(count, np.int32)
    rank[order] = np.arange(count, dtype=np.int32)
    return Loops(rank[own], edges_of[order].astype(np.int32), length[order], area[order], middle[order])


def summed(label: Index, rows: Floats, count: int) -> Floats:
    """The sum of the rows (n, 3) of each label, (count, 3)."""
    return np.column_stack([np.bincount(label, column, minlength=count) for column in rows.T])
