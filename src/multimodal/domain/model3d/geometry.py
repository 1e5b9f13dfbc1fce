"""Normals, areas and lengths of the triangles of a welded mesh, as precise as its coordinates are.

Columns stand one after the other in memory and are worked on one by one, which is several times faster than rows of
three; only what is later picked triangle by triangle is kept as rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..shared.sample import measure
from .sample import MeshSample, bounds
from .welding import Index, Longs, welded

Reals = NDArray[Any]
"""Floats of single or double precision."""
Columns = tuple[Reals, Reals, Reals]
LEAST = 1e-30


@measure
def corners(sample: MeshSample) -> Reals:
    """x, y and z of the first corners, then of the second and third ones, (9, m)."""
    mesh = welded(sample)
    axes = np.ascontiguousarray(mesh.points.T)
    found = np.empty((9, len(mesh.faces)), mesh.points.dtype)
    for corner, column in enumerate(np.ascontiguousarray(mesh.faces.T)):
        for axis in range(3):
            np.take(axes[axis], column, out=found[3 * corner + axis], mode="clip")
    return found


@measure
def crosses(sample: MeshSample) -> Reals:
    """x, y and z of the cross products of two sides: along the normal, twice the area long, (3, m)."""
    ax, ay, az, bx, by, bz, cx, cy, cz = corners(sample)
    return np.stack(crossed((bx - ax, by - ay, bz - az), (cx - ax, cy - ay, cz - az)))


def crossed(one: Columns, other: Columns) -> Columns:
    """The cross product, column by column."""
    (a, b, c), (x, y, z) = one, other
    return b * z - c * y, c * x - a * z, a * y - b * x


def cross(one: Reals, other: Reals) -> Reals:
    """The cross product of rows (n, 3)."""
    return np.column_stack(crossed((one[:, 0], one[:, 1], one[:, 2]), (other[:, 0], other[:, 1], other[:, 2])))


def dot(one: Reals, other: Reals) -> Reals:
    """The dot product of rows, (n,)."""
    return np.asarray(np.einsum("ij,ij->i", one, other))


@measure
def areas(sample: MeshSample) -> Reals:
    """The area of each triangle, (m,)."""
    x, y, z = crosses(sample)
    return np.asarray(np.sqrt(x * x + y * y + z * z) / 2)


@measure
def normals(sample: MeshSample) -> Reals:
    """The unit normal of each triangle, (m, 3); zero where there is no area."""
    scale = 1 / np.maximum(2 * areas(sample), LEAST)
    return np.column_stack([column * scale for column in crosses(sample)])


@measure
def squared_sides(sample: MeshSample) -> Reals:
    """The squared lengths of the sides from each corner to the next, (3, m)."""
    at = corners(sample)
    found = np.empty((3, at.shape[1]), at.dtype)
    for side, (start, end) in enumerate(((0, 3), (3, 6), (6, 0))):
        x, y, z = (at[end + axis] - at[start + axis] for axis in range(3))
        found[side] = x * x + y * y + z * z
    return found


@measure
def longest_squared(sample: MeshSample) -> Reals:
    """The squared length of each triangle's longest side, (m,)."""
    a, b, c = squared_sides(sample)
    return np.asarray(np.maximum(np.maximum(a, b), c))


@measure
def diagonal(sample: MeshSample) -> float:
    """The diagonal of the bounding box of all that is used."""
    points = welded(sample).points
    low, high = bounds(points) if len(points) else (np.zeros(3), np.zeros(3))
    return float(np.linalg.norm(high - low))


@measure
def tolerance(sample: MeshSample) -> float:
    """Below this length two positions cannot be told apart: some roundings of a 32-bit coordinate."""
    points = welded(sample).points
    farthest = max(abs(float(points.min())), abs(float(points.max()))) if len(points) else 0.0
    rounding = 2e-7 if points.dtype == np.float32 else 1e-15
    return 4e-7 * diagonal(sample) + rounding * farthest


def place_of(sample: MeshSample, faces: Index | Longs) -> tuple[float, ...]:
    """The middle of the first of these triangles, or nothing."""
    if not len(faces):
        return ()
    middle = welded(sample).points[welded(sample).faces[faces[0]]].mean(axis=0)
    return tuple(round(float(x), 6) for x in middle)
