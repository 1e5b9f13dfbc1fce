"""Pictures of meshes and clouds, without a graphics card: points are drawn from four sides, the nearest one on top.

    picture ...... evidence: gray shape, heat where faults are
    thumbnail .... a small gray picture

A surface is drawn as points that are spread evenly over it, and some more on each faulty triangle, so that no fault is
too small to be seen. Orthographic projection, light from the viewer; the work does not grow with the mesh.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ..shared.results import Evidence
from .faults import Heat
from .geometry import areas, normals
from .neighbours import usable
from .sample import CloudSample, MeshSample, Model3dSample
from .welding import welded

SIDE = 384
"""Pixels of one view's side."""
VIEWS = (("front left", -60.0, 25.0), ("back right", 120.0, 25.0), ("top", -90.0, 89.0), ("bottom", -90.0, -89.0))
"""Azimuth and elevation in degrees of where the viewer stands."""
POINTS, MARKS = 250_000, 60_000
MARGIN, DOT, HOT_DOT = 0.06, 2, 4
BACKGROUND, SHADED, DARKEST = 250, 200, 70
Array = NDArray[np.float64]
Whole = NDArray[np.int_]


def picture(sample: Model3dSample, heat: Heat, caption: str) -> Evidence:
    """Four views, with the heat on top; the captions' views are front left, back right, top and bottom."""
    points, normal, hot = scattered(sample, heat)
    views = [view(points, normal, hot, azimuth, elevation) for _, azimuth, elevation in VIEWS]
    gray = tiled([shade for shade, _ in views])
    return Evidence(tiled([warm for _, warm in views]), np.repeat(gray[..., None], 3, axis=2).astype(np.uint8), caption)


def thumbnail(sample: Model3dSample, side: int) -> NDArray[np.uint8]:
    """The first view, at most this large, uint8 RGB (h, w, 3)."""
    count = len(welded(sample).faces) if isinstance(sample, MeshSample) else len(finite_points(sample))
    points, normal, hot = scattered(sample, np.zeros(count, np.float32))
    shade, _ = view(points, normal, hot, *VIEWS[0][1:], side=min(side, SIDE))
    return np.repeat(shade[..., None], 3, axis=2).astype(np.uint8)


def scattered(sample: Model3dSample, heat: Heat) -> tuple[Array, Array | None, Array]:
    """Points over the whole, (n, 3), their normals where it has them, and their heat (n,)."""
    if isinstance(sample, MeshSample):
        return on_surface(sample, heat)
    points = finite_points(sample)
    chosen = np.unique(np.concatenate([spaced(len(points), POINTS), some(np.flatnonzero(heat > 0), MARKS)]))
    return points[chosen], None, heat[chosen].astype(np.float64)


def finite_points(sample: Model3dSample) -> Array:
    """The points of a cloud that were seen, (k, 3)."""
    points = sample.points if isinstance(sample, CloudSample) else np.zeros((0, 3))
    return np.asarray(points[np.isfinite(points).all(axis=1)], np.float64)


def spread_back(sample: CloudSample, values: NDArray[np.floating]) -> Heat:
    """Values of the usable points (neighbours.py) as heat of the finite ones, in the sample's order."""
    heat = np.zeros(len(sample.points), np.float32)
    heat[usable(sample).rows] = values
    return np.asarray(heat[np.isfinite(sample.points).all(axis=1)])


def on_surface(sample: MeshSample, heat: Heat) -> tuple[Array, Array, Array]:
    """Points evenly over a surface, and on each faulty triangle."""
    mesh = welded(sample)
    if not len(mesh.faces):
        return np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0)
    total = np.cumsum(areas(sample).astype(np.float64))
    even = np.searchsorted(total, (np.arange(POINTS) + 0.5) / POINTS * total[-1]).clip(0, len(total) - 1)
    hot = some(np.flatnonzero(heat > 0), MARKS)
    faces = np.concatenate([even, np.repeat(hot, max(1, MARKS // max(len(hot), 1) // 4))])
    u, v = np.random.default_rng(0).uniform(size=(2, len(faces)))
    over = u + v > 1
    u[over], v[over] = 1 - u[over], 1 - v[over]
    a, b, c = (mesh.points[mesh.faces[faces, i]].astype(np.float64) for i in range(3))
    points = a + u[:, None] * (b - a) + v[:, None] * (c - a)
    return points, normals(sample)[faces].astype(np.float64), heat[faces].astype(np.float64)


def view(
    points: Array, normal: Array | None, hot: Array, azimuth: float, elevation: float, side: int = SIDE
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """One view: shades (side, side) and heat of the same size. What is hot is seen through what is not."""
    shades = np.full((side, side), BACKGROUND, np.uint8)
    warm = np.zeros((side, side), np.float32)
    if not len(points):
        return shades, warm
    right, up, ahead = axes(azimuth, elevation)
    low, high = points.min(axis=0), points.max(axis=0)
    size = max(float(np.linalg.norm(high - low)), 1e-30) * (1 + MARGIN)
    centred = points - (low + high) / 2
    column = ((centred @ right / size + 0.5) * (side - 1)).astype(int)
    row = ((0.5 - centred @ up / size) * (side - 1)).astype(int)
    depth = centred @ ahead
    light = np.abs(normal @ ahead) if normal is not None else 1 - (depth - depth.min()) / max(np.ptp(depth), 1e-30)
    shade = DARKEST + (BACKGROUND - 40 - DARKEST) * light
    order = np.argsort(-depth, kind="stable")  # the nearest last: it stays
    for at in dots(row[order], column[order], DOT, side):
        shades[at] = shade[order]
    marks = np.flatnonzero(hot > 0)
    for at in dots(row[marks], column[marks], HOT_DOT if normal is None else DOT, side):
        np.maximum.at(warm, at, hot[marks].astype(np.float32))
        shades[at] = np.minimum(shades[at], SHADED)
    return shades, warm


def dots(row: Whole, column: Whole, size: int, side: int) -> Iterator[tuple[Whole, Whole]]:
    """The pixels of square dots, one pixel of each at a time."""
    for down, across in product(range(size), repeat=2):
        yield np.minimum(row + down, side - 1), np.minimum(column + across, side - 1)


def axes(azimuth: float, elevation: float) -> tuple[Array, Array, Array]:
    """What is to the right, up, and away from a viewer who stands there."""
    turn, rise = np.radians([azimuth, elevation])
    towards = np.array([np.cos(turn) * np.cos(rise), np.sin(turn) * np.cos(rise), np.sin(rise)])
    right = np.cross([0.0, 0.0, 1.0], towards)
    right /= np.linalg.norm(right)
    return right, np.cross(towards, right), -towards


def tiled(views: list[NDArray[np.floating]] | list[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """Four views in a square."""
    return np.asarray(np.block([[views[0], views[1]], [views[2], views[3]]]), np.float32)


def spaced(count: int, most: int) -> NDArray[np.int64]:
    """At most so many positions, evenly spaced."""
    return np.arange(count) if count <= most else np.linspace(0, count - 1, most).astype(np.int64)


def some(positions: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """At most so many of them, evenly spaced."""
    return positions[spaced(len(positions), most)]
