"""Whether a photograph was cut out of another one: a little off any sides, at any size and quality.

    look ........... a sample -> its small picture, and the fingerprints of windows of it
    WINDOWS ........ which windows: each side cut by one of `CUTS`
    is_part ........ whether a small picture shows a part of another one: the window is fitted to it
    Box, fitted .... where the part lies in the whole

The fingerprint of a window (see fingerprint.py) is near that of a part which was cut within some 3 % of it. That alone
takes 1 pair in 6,500 of bare procedural scenes for parts of each other. So the window is moved and stretched until it
shows what the part shows (Gauss-Newton on the squared difference, brightness and contrast free: Lucas and Kanade 1981,
"An Iterative Image Registration Technique"; Baker and Matthews 2004, "Lucas-Kanade 20 Years On"). The edges of a true
part are then known to 0.3 % of a side (median; 2 % at the 99th percentile); it lies inside, has the shape that the
sizes of the files say, and correlates with 0.95 or more (99 in 100). docs/collection.md has the figures.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from functools import cache
from itertools import product
from math import log

import cv2
import numpy as np
from numpy.typing import NDArray

from .fingerprint import COLUMNS, ROWS, SIDE, Lit, equalised_all, reduced
from .raster import Pixels

SMALL = 48
"""Pixels of a side of the small picture, whatever the photograph's shape."""
CUTS = (0.0, 0.06, 0.12)
"""What is cut off a side, as a share of the whole."""
SPANS = [(low, 1 - high) for low, high in product(CUTS, CUTS)]
"""Where a window begins and ends along an axis."""

LIKE = 0.93
"""Correlation with the fitted window from which on a picture is a part."""
OUTSIDE, SHAPE = 0.02, 0.06
"""Share of a side by which a part may seem to reach out of the whole; logarithm by which its shape may be off."""
LEAST = 0.5
"""Share of a side that a part has at least: fits do not go below it."""
STEPS, STEP, STILL = 15, 0.06, 3e-4
"""How many steps a fit has at most, how far one moves an edge at most, and how little is none."""
SMOOTH = 1.0
"""Sigma of the Gaussian, in pixels of the small picture, under which pictures are fitted."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Box:
    """A window, in shares of the sides of the whole."""

    left: float
    right: float
    top: float
    bottom: float

    def moved(self, by: Floats) -> Box | None:
        """The box with its four edges moved; None when too little is left of it."""
        found = Box(*(edge + float(step) for edge, step in zip(astuple(self), np.clip(by, -STEP, STEP), strict=True)))
        return found if min(found.right - found.left, found.bottom - found.top) >= LEAST else None

    def fits(self, stretch: float) -> bool:
        """Whether it lies inside the whole and has the part's shape. stretch: see `is_part`."""
        outside = max(-self.left, -self.top, self.right - 1, self.bottom - 1)
        shape = (self.right - self.left) / (self.bottom - self.top) * stretch
        return outside <= OUTSIDE and abs(log(shape)) <= SHAPE


WINDOWS = [Box(*across, *down) for down, across in product(SPANS, SPANS)]


def look(sample: Lit) -> tuple[Pixels, NDArray[np.uint64]]:
    """The small picture, uint8 (48, 48), and the fingerprints of its windows, uint64 (81,), the whole one first."""
    small = reduced(sample.luma, SMALL)
    return small, window_fingerprints(small)


def window_fingerprints(small: Pixels) -> NDArray[np.uint64]:
    """The fingerprints of all windows of a small picture, uint64 (81,), in the order of `WINDOWS`."""
    spans, count = _spans(), len(SPANS)
    averaged = (spans @ small.astype(np.float32) @ spans.T).reshape(count, SIDE, count, SIDE)
    grey = np.rint(averaged.transpose(0, 2, 1, 3)).astype(np.uint8).reshape(-1, SIDE, SIDE)
    waves = _cosines() @ ((grey + equalised_all(grey)) / 2) @ _cosines().T
    positive = waves[:, ROWS, COLUMNS] > 0
    return np.ascontiguousarray(np.packbits(positive, axis=1)).view(np.uint64)[:, 0]


@cache
def _spans() -> Floats:
    """Means over the 32 equal parts of each span of 48 pixels: (9 * 32, 48)."""
    edges = [np.linspace(low, high, SIDE + 1) * SMALL for low, high in SPANS]
    pixel = np.arange(SMALL)
    shares = [np.minimum(e[1:, None], pixel + 1) - np.maximum(e[:-1, None], pixel) for e in edges]
    weights = np.concatenate([np.clip(share, 0, None) for share in shares])
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


@cache
def _cosines() -> Floats:
    """The discrete cosine transform of 32 values, as far as fingerprints need it: (11, 32)."""
    return np.asarray(cv2.dct(np.eye(SIDE, dtype=np.float32), flags=cv2.DCT_ROWS).T[: ROWS.max() + 1], np.float32)


def is_part(whole: Pixels, part: Pixels, *, window: int, stretch: float) -> bool:
    """Whether a small picture was cut out of another one, both uint8 (48, 48).

    window: which of `WINDOWS` is nearest. stretch: width over height of the whole, divided by that of the part.
    """
    box, likeness = fitted(whole, part, WINDOWS[window])
    return likeness >= LIKE and box.fits(stretch)


def fitted(whole: Pixels, part: Pixels, box: Box) -> tuple[Box, float]:
    """The window of the whole, near `box`, that shows what the part does, and their correlation."""
    seen, target = _smooth(whole), _normal(_smooth(part))[0]
    likeness = -1.0
    for _ in range(STEPS):
        shown = _shown(seen, box)
        normal, contrast = _normal(shown)
        likeness = float((normal * target).sum())
        step = _step(shown, box, contrast * (normal - target), target)
        moved = box.moved(step)
        if moved is None or np.abs(step).max() < STILL:
            break
        box = moved
    return box, likeness


def _smooth(small: Pixels) -> Floats:
    return np.asarray(cv2.GaussianBlur(small.astype(np.float32), (0, 0), SMOOTH), np.float32)


def _normal(picture: Floats) -> tuple[Floats, float]:
    """The picture with mean 0 and norm 1, and the norm that it had."""
    centred = picture - picture.mean()
    norm = float(np.linalg.norm(centred)) or 1.0
    return np.asarray(centred / norm, np.float32), norm


def _shown(seen: Floats, box: Box) -> Floats:
    """A window of a picture, with as many pixels as it."""
    across, down = (
        ((low + (high - low) * _places()) * SMALL - 0.5).astype(np.float32)
        for low, high in ((box.left, box.right), (box.top, box.bottom))
    )
    columns, rows = np.meshgrid(across, down)
    return np.asarray(cv2.remap(seen, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


@cache
def _places() -> Floats:
    """Where the middles of pixels lie along a side, from 0 to 1."""
    return np.asarray((np.arange(SMALL) + 0.5) / SMALL, np.float32)


def _step(shown: Floats, box: Box, difference: Floats, target: Floats) -> Floats:
    """How far to move each edge (left, right, top, bottom), so that least is left of the difference."""
    down, across = np.gradient(shown)
    down, across = down * (SMALL / (box.bottom - box.top)), across * (SMALL / (box.right - box.left))
    far, near = _places(), 1 - _places()
    edges = (across * near, across * far, down * near[:, None], down * far[:, None])
    changes = np.stack([*edges, np.ones_like(shown), target], axis=-1).reshape(-1, len(edges) + 2)
    scale = np.linalg.norm(changes, axis=0) + 1e-6  # brightness and contrast come in units of their own
    found, *_ = np.linalg.lstsq(changes / scale, -difference.ravel(), rcond=0.03)
    return np.asarray((found / scale)[: len(edges)], np.float32)
