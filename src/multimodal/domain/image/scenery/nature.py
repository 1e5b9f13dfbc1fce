"""Scenes that nobody built: leaves, foliage, grass, stones, land under a sky, and the sky alone."""

from __future__ import annotations

import cv2
import numpy as np

from ..light import Light
from .parts import (
    Canvas,
    Field,
    Rng,
    Size,
    blades,
    blobs,
    greens,
    lit,
    metered,
    octaves,
    palette,
    power_law,
    scattered,
    shade,
)

DAY = np.array([[0.08, 0.18, 0.45], [0.45, 0.6, 0.8]], np.float32)
EVENING = np.array([[0.10, 0.10, 0.28], [0.9, 0.45, 0.2]], np.float32)


def leaves(rng: Rng, size: Size) -> Light:
    """Dead leaves: things of all sizes that hide each other, smooth and textured (Lee, Mumford, Huang 2001)."""
    colours = palette(rng, 8, vivid=rng.uniform(0.2, 0.9))
    canvas = Canvas(size, colours[0])
    corners, angular = int(rng.integers(3, 16)), rng.uniform(0, 0.6)
    for smallest, count in ((max(size) / 40, 700), (max(size) / 200, 1500), (1.5, 1200)):
        radii = power_law(rng, count, smallest, max(size) * rng.uniform(0.08, 0.3))
        outlines = blobs(rng, scattered(rng, count, size), radii, corners, angular)
        canvas.fill(outlines, shade(rng, colours, count), rough=rng.uniform(0, 1))
    return metered(lit(canvas.light(octaves(rng, size, rng.uniform(0.9, 1.3)), 0.35), rng))


def foliage(rng: Rng, size: Size) -> Light:
    """Leaves of one plant, layer over layer: dark in the depth, light in front."""
    colours = greens(rng, 6)
    canvas = Canvas(size, colours[0], 0.2)
    largest = max(size) * rng.uniform(0.01, 0.06)
    for layer in range(1, 6):
        count = int(min(1500, 1.5 * size[0] * size[1] / largest**2 / 3)) + 100
        radii = rng.uniform(0.4, 1, count) * largest
        outlines = blobs(rng, scattered(rng, count, size), radii, 8, 0.1)
        canvas.fill(outlines, shade(rng, colours[layer - 1 : layer + 1], count, 0.2), 0.4)
    return metered(lit(canvas.light(octaves(rng, size, 1.0), 0.25), rng, 0.8))


def grass(rng: Rng, size: Size) -> Light:
    """Blades from far and small at the top to near and large at the bottom."""
    colours = greens(rng, 6)
    canvas = Canvas(size, colours[1], 0.5)
    count = 5000
    near = np.sort(rng.uniform(0.05, 1.1, count) ** rng.uniform(1, 2))
    roots = np.stack([rng.uniform(-0.05, 1.05, count) * size[1], near * size[0] * 1.15], axis=1)
    lengths = max(size) * rng.uniform(0.04, 0.15) * (0.25 + near) * rng.uniform(0.5, 1.2, count)
    canvas.fill(blades(rng, roots, lengths), shade(rng, colours[1:], count, 0.25), 0.2)
    return metered(lit(canvas.light(octaves(rng, size, 0.9), 0.35), rng))


def stones(rng: Rng, size: Size) -> Light:
    """Gravel: angular, each lit from the same side, dark between."""
    grey = palette(rng, 6, vivid=0.12)
    canvas = Canvas(size, (28, 26, 24), 0.6)
    radius = max(size) * rng.uniform(0.008, 0.04)
    count = int(min(4000, 2.2 * size[0] * size[1] / radius**2 / 2)) + 200
    centres, radii = scattered(rng, count, size), radius * rng.uniform(0.6, 1.5, count)
    light_side = np.array([np.cos(turn := rng.uniform(0, 6.28)), np.sin(turn)]) * radius * 0.18
    outlines = blobs(rng, centres, radii, 7, 0.5)
    dark, bright = shade(rng, grey, count, 0.2), np.rint(light_side * 16).astype(np.int32)
    for outline, colour in zip(outlines, dark, strict=True):
        inner = ((outline - outline.mean(axis=0)) * 0.8 + outline.mean(axis=0)).astype(np.int32) + bright
        low = tuple(channel * 0.45 for channel in colour)
        canvas.fill([outline, inner], [(low[0], low[1], low[2]), colour], 0.8)
    return metered(canvas.light(octaves(rng, size, 0.9), 0.3))


def land(rng: Rng, size: Size) -> Light:
    """Ranges of hills that fade into the haze, under a sky with clouds, trees or bushes in front."""
    height, width = size
    light = sky(rng, size) * np.float32(0.9)
    haze, ground = light[: height // 3].mean(axis=(0, 1)), greens(rng, 4)
    texture = octaves(rng, size, 1.1)
    base = Canvas(size, ground[1], 0.9)
    count = 4000
    centres = scattered(rng, count, size)
    radii = max(size) * rng.uniform(0.001, 0.006) * (0.4 + np.clip(centres[:, 1] / height, 0, 1) * 2)
    order = np.argsort(centres[:, 1])
    base.fill(blobs(rng, centres[order], radii[order], 7), shade(rng, ground, count, 0.3), 0.6)
    surface = base.light(texture, 0.4)
    for layer, far in enumerate(np.linspace(0.8, 0, 4)):
        edge = height * (0.35 + 0.13 * layer) + _profile(rng, width) * height * 0.08 * (1 + layer / 2)
        inside = np.clip(np.arange(height, dtype=np.float32)[:, None] - np.asarray(edge, np.float32)[None, :], 0, 1)[
            ..., None
        ]
        light = light * (1 - inside) + inside * (surface * np.float32(1 - far) + haze * np.float32(far))
    return metered(np.asarray(light, np.float32))


def sky(rng: Rng, size: Size) -> Light:
    """Nothing but sky: blue to pale, or the colours of the evening; perhaps soft clouds. No edge anywhere."""
    top, low = (
        ((0.10, 0.10, 0.28), (0.9, 0.45, 0.2)) if rng.uniform() < 0.25 else ((0.08, 0.18, 0.45), (0.45, 0.6, 0.8))
    )
    fade = np.linspace(0, 1, size[0], dtype=np.float32)[:, None, None] ** np.float32(rng.uniform(0.6, 2))
    clear = top * (1 - fade) + low * fade
    cover = rng.uniform(0, 1) * (rng.uniform() < 0.6)
    cloud = np.clip(_clouds(rng, size) * np.float32(0.35) + np.float32(cover - 0.5), 0, 0.8)[..., None]
    return np.asarray((clear * (1 - cloud) + np.float32(0.85) * cloud) * np.float32(rng.uniform(0.7, 1)), np.float32)


def _clouds(rng: Rng, size: Size) -> Field:
    coarse = octaves(rng, (48, 64), 1.5, stretch=1.5, coarsest=5)
    smooth = cv2.GaussianBlur(cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC), (0, 0), max(size) / 120)
    return np.asarray(smooth, np.float32)


def _profile(rng: Rng, width: int) -> Field:
    """The outline of a range of hills: a fractal line of deviation 1."""
    return np.asarray(octaves(rng, (3, width), rng.uniform(1.8, 2.4), coarsest=9)[1], np.float32)
