"""One table of nearest neighbours serves all that is asked of a cloud.

    usable ....... the points that were seen, each once, near ones one after the other
    Neighbours ... their nearest neighbours
    planes ....... the plane through each point's neighbours, and how far they are off it
    spacing ...... how far apart the points are

Rows that are not finite never reach a tree. The points are put in Morton order first, so that neighbours in space are
neighbours in memory: that halves the time of what follows. small-gicp searches (extra `scan`), or SciPy without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..shared.sample import measure
from .chunks import THREADS, in_chunks
from .morton import CELLS, morton
from .sample import CloudSample, extremes
from .welding import Floats, Index, Keys, Longs, alike, bits, mixed

COUNT = 16
"""Neighbours in the table."""
NEAR = 8
"""Neighbours that tell density and outliers, as PDAL and PCL have it by default."""
ASKED = 65_536
"""Points that are asked about at a time."""
LEAST = 1e-30
Singles = NDArray[np.float32]
Search = Callable[[Floats, int], tuple[Index, Singles]]
"""Points asked about (m, 3) and how many -> their nearest ones, int32 (m, count), and the distances, float32."""


@dataclass(frozen=True, eq=False)
class Usable:
    """The points that were seen, each once, near ones one after the other.

    points: float64 (n, 3) from the middle of the cloud. rows: (n,) where they stand in the sample. middle: (3,).
    invalid, duplicates: points that are not among them.
    """

    points: Floats
    rows: Longs
    middle: Floats
    invalid: int
    duplicates: int


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The nearest neighbours of each usable point, the nearest first, itself not among them.

    index: their number among the usable points, int32 (n, k). distance: float32 (n, k). k is 16, or fewer in a smaller
    cloud.
    """

    index: Index
    distance: Singles


@dataclass(frozen=True, eq=False)
class Planes:
    """normal: unit, float32 (n, 3), of either sign. residual: the deviation of the neighbours from it, float32 (n,)."""

    normal: Singles
    residual: Singles


@measure
def usable(sample: CloudSample) -> Usable:
    """The points that were seen, each once."""
    given = sample.points
    seen = None if np.isfinite(given).all() else np.flatnonzero(np.isfinite(given).all(axis=1))
    finite = given if seen is None else given[seen]
    if not len(finite):
        return Usable(np.zeros((0, 3)), np.zeros(0, np.int64), np.zeros(3), len(given), 0)
    ends = extremes(finite)
    middle = (ends[0].astype(np.float64) + ends[1]) / 2
    order, repeated = arranged(finite, ends)
    points = finite[order].astype(np.float64, copy=False)
    points -= middle
    rows = order if seen is None else seen[order]
    return Usable(points, rows, middle, len(given) - len(finite), repeated)


def arranged(points: NDArray[Any], ends: tuple[NDArray[Any], NDArray[Any]]) -> tuple[Longs, int]:
    """The rows of finite points in Morton order, each position once, (k,), and how many fall away by that.

    One sort tells both: by Morton number, then by a few bits of a hash, so that equal rows come one after the other.
    """
    width = max(1, len(points) - 1).bit_length()
    free = np.uint64(64 - 3 * CELLS - width)
    left, down = np.uint64(width), np.uint64(64) - free

    def packed(part: slice) -> Keys:
        some = points[part]
        code = morton(some, ends).astype(np.uint64) << free | mixed(bits(some)) >> down
        return np.asarray(code << left | np.arange(part.start, part.stop, dtype=np.uint64))

    codes = np.sort(np.concatenate(in_chunks(len(points), packed)))
    order = (codes & np.uint64((1 << width) - 1)).astype(np.int64)
    codes >>= left
    again = np.flatnonzero(codes[1:] == codes[:-1]) + 1
    if not len(again):
        return order, 0
    if not np.array_equal(points[order[again]], points[order[again - 1]]):  # other rows with the same bits between them
        first, _ = alike(np.ascontiguousarray(points))
        order = order[np.isin(order, first)]
    else:
        order = np.delete(order, again)
    return order, len(points) - len(order)


@measure
def neighbours(sample: CloudSample) -> Neighbours:
    """The table of nearest neighbours."""
    points = usable(sample).points
    count = min(COUNT, len(points) - 1)
    if count < 1:
        return Neighbours(np.zeros((len(points), 0), np.int32), np.zeros((len(points), 0), np.float32))
    index, distance = search(sample)(points, count + 1)
    return Neighbours(index[:, 1:], distance[:, 1:])


@measure
def search(sample: CloudSample) -> Search:
    """The search among the usable points, of which there is one at least."""
    return search_among(usable(sample).points)


def search_among(points: Floats) -> Search:
    """A search among points by small-gicp (extra `scan`), or by SciPy without it."""
    try:
        from small_gicp import KdTree
    except ImportError:
        return search_by_scipy(points)
    tree = KdTree(points, num_threads=THREADS)

    def nearest(asked: Floats, count: int) -> tuple[Index, Singles]:
        index, distance = np.empty((len(asked), count), np.int32), np.empty((len(asked), count), np.float32)
        for start in range(0, len(asked), ASKED):  # in parts, whose memory is used again
            part = slice(start, start + ASKED)
            index[part], squared = tree.batch_knn_search(asked[part], count, num_threads=THREADS)
            np.sqrt(squared, out=distance[part], casting="same_kind")
        return index, distance

    return nearest


def search_by_scipy(points: Floats) -> Search:
    """The same by SciPy."""
    from scipy.spatial import cKDTree

    tree = cKDTree(points, balanced_tree=False)

    def nearest(asked: Floats, count: int) -> tuple[Index, Singles]:
        distance, index = tree.query(asked, list(range(1, count + 1)), workers=THREADS)
        return np.asarray(index, np.int32), np.asarray(distance, np.float32)

    return nearest


@measure
def spacing(sample: CloudSample) -> Singles:
    """How far apart points are around each one, (n,): of a square grid as dense as its nearest eight neighbours."""
    distance = neighbours(sample).distance
    if not distance.shape[1]:
        return np.zeros(len(distance), np.float32)
    place = min(NEAR, distance.shape[1]) - 1
    return np.asarray(distance[:, place] * np.float32(np.sqrt(np.pi / (place + 1))))


def typical(values: NDArray[Any]) -> float:
    """The median, 0 of nothing."""
    return float(np.median(values)) if len(values) else 0.0


@measure
def planes(sample: CloudSample) -> Planes:
    """The plane through each point and its neighbours, by their covariance."""
    points, index = usable(sample).points.astype(np.float32), neighbours(sample).index
    if index.shape[1] < 3:
        return Planes(np.zeros((len(points), 3), np.float32), np.zeros(len(points), np.float32))
    axes = np.ascontiguousarray(points.T)
    parts = in_chunks(len(points), lambda part: fitted(*offsets(axes, index, part)))
    return Planes(np.concatenate([normal for normal, _ in parts]), np.concatenate([rest for _, rest in parts]))


def offsets(axes: Singles, index: Index, part: slice) -> tuple[Singles, Singles, Singles]:
    """How far along x, y and z each neighbour is from its point, (k, rows) each."""
    near = np.ascontiguousarray(index[part].T)
    x, y, z = (axis.take(near) - axis[part] for axis in axes)
    return x, y, z


def fitted(x: Singles, y: Singles, z: Singles) -> tuple[Singles, Singles]:
    """Normal and residual of the plane through neighbours, (k, rows), seen from their point, which is one of them."""
    count = np.float32(len(x) + 1)
    mean_x, mean_y, mean_z = (values.sum(axis=0) / count for values in (x, y, z))
    scale = np.maximum(np.abs(x).max(axis=0) + np.abs(y).max(axis=0) + np.abs(z).max(axis=0), LEAST)

    def moment(one: Singles, other: Singles, mean: Singles, of_other: Singles) -> Floats:
        return np.asarray((np.einsum("ij,ij->j", one, other) / count - mean * of_other).astype(np.float64) / scale**2)

    xx, yy, zz = (moment(v, v, m, m) for v, m in ((x, mean_x), (y, mean_y), (z, mean_z)))
    xy, xz, yz = moment(x, y, mean_x, mean_y), moment(x, z, mean_x, mean_z), moment(y, z, mean_y, mean_z)
    least = smallest_eigenvalue(xx, yy, zz, xy, xz, yz)
    normal = eigenvector(xx - least, yy - least, zz - least, xy, xz, yz)
    return normal.astype(np.float32), (np.sqrt(np.maximum(least, 0)) * scale).astype(np.float32)


def smallest_eigenvalue(xx: Floats, yy: Floats, zz: Floats, xy: Floats, xz: Floats, yz: Floats) -> Floats:
    """Of symmetric 3 x 3 matrices, in closed form (Smith 1961)."""
    mean = (xx + yy + zz) / 3
    a, b, c = xx - mean, yy - mean, zz - mean
    size = np.sqrt(np.maximum((a * a + b * b + c * c + 2 * (xy * xy + xz * xz + yz * yz)) / 6, LEAST))
    determinant = a * (b * c - yz * yz) - xy * (xy * c - yz * xz) + xz * (xy * yz - b * xz)
    angle = np.arccos(np.clip(determinant / (2 * size**3), -1, 1)) / 3
    return np.asarray(mean + 2 * size * np.cos(angle + 2 * np.pi / 3))


def eigenvector(a: Floats, b: Floats, c: Floats, xy: Floats, xz: Floats, yz: Floats) -> Floats:
    """The unit vector that symmetric matrices of rank two send to zero, (n, 3): the longest cross product of rows."""
    rows = (a, xy, xz), (xy, b, yz), (xz, yz, c)
    found, longest = np.zeros((len(a), 3)), np.full(len(a), -1.0)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        (d, e, f), (g, h, i) = rows[one], rows[other]
        across = np.column_stack([e * i - f * h, f * g - d * i, d * h - e * g])
        length = np.einsum("ij,ij->i", across, across)
        better = length > longest
        found[better], longest[better] = across[better], length[better]
    return np.asarray(found / np.sqrt(np.maximum(longest, 1e-60))[:, None])
