"""JPEG's rounding, as the pixels still show it: the blocks' grid, and the quality with which they were once written.

    rounding ..... the lowest quality that explains the blocks' coefficients
    Rounding ..... quality, trust and how much there was to judge by
    grid ......... where the blocks of 8 x 8 begin, after a crop, and how much they stand out
    by_blocks .... the quality that so much stands for, roughly

A JPEG writes each block's frequencies as whole multiples of a step, and a quality is a table of steps. Decoded, saved
as PNG or once more as JPEG of a better quality, the coefficients still stand near these multiples. So the likelihood of
each coefficient under each step is compared with that of coefficients which were never rounded (the idea of Fan and
de Queiroz 2003, "Identification of bitmap compression history"; steps as in ITU T.81, annex K, scaled as libjpeg does).
That 0 is a multiple tells nothing: most coefficients of a photograph are near it anyway.

Strong compression of strong colours leaves colours that do not exist; cut off at 0 and 255, they leave no multiples.
What is left then are the steps between blocks, as in Wang, Sheikh and Bovik 2002, "No-reference perceptual quality
assessment of JPEG compressed images", but against the same pictures' steps at the other seven places.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ..shared.sample import measure
from .sample import ImageSample
from .strips import strips

Floats = NDArray[np.float32]

BLOCK, WAVES = 8, 4
"""Side of a JPEG's block, and how many of its frequencies are looked at in each direction."""
LUMA_STEPS = np.array([[16, 11, 10, 16], [12, 12, 14, 19], [14, 13, 16, 24], [14, 17, 22, 29]], np.float32)
"""Steps of these frequencies at quality 50 (ITU T.81, table K.1)."""
BLOCKS, FEW = 1100, 1500
"""How many blocks are enough, unless there are so few coefficients in them that tell something."""
COARSE = 50.0
"""A quality so low needs no second look."""
UNTOUCHED = 100.0
"""The quality of what was never compressed."""
QUALITIES = np.array([*range(3, 10), *range(10, 80, 2), *range(80, 93)], np.float32)
STEPS = np.unique(np.concatenate([np.arange(1, 40), np.rint(np.geomspace(40, 270, 48))])).astype(np.float32)
BINS, FINENESS = 512, 2
"""Coefficients are counted in bins of half a grey level, up to 256."""
OUTLIERS = 0.12
"""Share of coefficients that clipping at black and white, or a retouch, has moved anywhere."""
CAP = 16
"""Grey levels beyond which a step between neighbours is an edge of the scene, whatever the grid."""
PEAK, BEYOND = 0.7, -0.5
"""Nats that a peak stands out by; nats a coefficient that are no evidence against a second, coarser rounding."""
ENOUGH, LEAST, MANY = 8.0, 0.02, 100
"""Nats in all from which on a rounding is believed (odds of 3000 to 1), and a coefficient; how many make a peak."""
CLEARLY = 2.0
"""Deviations of the other seven places by which the place of a grid stands out."""
FLOOR = 0.02
"""Grey levels that steps at the other places have at least."""
HALF, GROWTH = 4.9, 1.6
"""Contrast of blocks that passes for quality 50, as high as a smooth scene has at 80; how the odds grow with it."""
BUSY = 0.55
"""Share of coefficients that are not nearly 0, from which on no strong compression can have left so many."""


class Rounding(NamedTuple):
    """What the pixels tell of a compression.

    quality: 3 to 92, 100 when there is no trace. trust: nats a coefficient. judged: coefficients that tell something.
    blocks: the quality 1 to 100 that the steps between blocks stand for, roughly; 100 where there is too much in them.
    busy: the share of coefficients that tell something.
    """

    quality: float
    trust: float
    judged: int
    blocks: float = UNTOUCHED
    busy: float = 0.0


class Grid(NamedTuple):
    """Row and column 0 to 7 of the first block's corner, 0 where none stands out.

    contrast: steps between blocks that are larger than at other places, as a multiple of these; the weaker direction's.
    """

    row: int
    column: int
    contrast: float


@measure
def rounding(sample: ImageSample) -> Rounding:
    """The quality of the worst JPEG compression that the pixels show; its grid begins in the corner, or was cropped.

    A part of the blocks is enough, twice as many where there is little in them.
    """
    whole = strips(sample)
    more = every(whole, 2 * BLOCKS)
    seen = grid(more)
    places = sorted({(0, 0), (seen.row, seen.column)})
    found = _worst(every(whole, BLOCKS), places)
    if found.judged <= FEW and found.quality > COARSE and whole.size > BLOCKS * BLOCK * BLOCK:
        found = _worst(more, places)
    return found._replace(blocks=by_blocks(seen.contrast) if found.busy < BUSY else UNTOUCHED)


def every(stack: NDArray[np.uint8], blocks: int) -> NDArray[np.uint8]:
    """Some of the strips, evenly, with about so many blocks of a JPEG."""
    often = min(max(1, stack.size // (blocks * BLOCK * BLOCK)), len(stack))
    return np.ascontiguousarray(stack[often // 2 :: often])


def _worst(stack: NDArray[np.uint8], places: Sequence[tuple[int, int]]) -> Rounding:
    return min((_explained(_histograms(stack, place)) for place in places), key=lambda found: found.quality)


def by_blocks(contrast: float) -> float:
    """The quality that blocks of such a contrast have, roughly.

    >>> by_blocks(0.0), by_blocks(4.9)
    (100.0, 50.0)
    """
    odds = (max(contrast, 0.0) / HALF) ** GROWTH
    return max(1.0, UNTOUCHED / (1.0 + float(odds)))


def grid(blocks: NDArray[np.uint8]) -> Grid:
    """Where steps between neighbours stand out in strips (n, rows, columns), by both directions."""
    count, rows, columns = blocks.shape
    if rows < 4 * BLOCK or columns < 8 * BLOCK:
        return Grid(0, 0, 0.0)
    flat = blocks.reshape(count * rows, columns)
    beside = cv2.absdiff(flat[:, 1:], flat[:, :-1])
    below = cv2.absdiff(flat[1:], flat[:-1])
    across = cv2.reduce(_alone(beside[:, 1:-1], beside[:, :-2], beside[:, 2:]), 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F)
    down = cv2.reduce(_alone(below[1:-1], below[:-2], below[2:]), 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F)
    by_row = np.zeros(count * rows, np.float32)
    by_row[:-3] = down.ravel()
    (row, by_rows), (column, by_columns) = (
        _outstanding(by_row.reshape(count, rows)[:, :-BLOCK]),  # without the strips' seams
        _outstanding(across),
    )
    return Grid(row, column, min(by_rows, by_columns))


def _alone(step: NDArray[Any], before: NDArray[Any], after: NDArray[Any]) -> NDArray[Any]:
    """By how many grey levels a step is larger than those on both sides, at most CAP: it may be the scene's edge."""
    return cv2.threshold(cv2.subtract(step, cv2.max(before, after)), CAP, CAP, cv2.THRESH_TRUNC)[1]


def _outstanding(profile: NDArray[Any]) -> tuple[int, float]:
    """Place and contrast of the blocks in a profile (n, length) of steps, whose first is between the pixels 1 and 2."""
    whole = profile.shape[1] // BLOCK * BLOCK
    by_place = profile[:, :whole].reshape(-1, BLOCK).mean(axis=0)
    best = int(by_place.argmax())
    highest = float(by_place[best])
    mean = (float(by_place.sum()) - highest) / (BLOCK - 1)
    variance = (float(by_place @ by_place) - highest**2) / (BLOCK - 1) - mean**2
    clear = highest - mean > CLEARLY * math.sqrt(max(variance, 0.0))
    elsewhere = max(mean, float(by_place[(best + BLOCK // 2) % BLOCK]))  # so do pixels made four times as large
    return (best + 2) % BLOCK if clear else 0, (highest - elsewhere) / (mean + FLOOR)


def _histograms(blocks: NDArray[np.uint8], place: tuple[int, int]) -> Floats:
    """How many coefficients have each size, (frequencies, BINS); instead of a block's mean, its step to the next."""
    rows, columns = blocks.shape[1:]
    down, across = (rows - place[0]) // BLOCK, (columns - place[1]) // BLOCK
    if not down or not across:
        return np.zeros((LUMA_STEPS.size, BINS), np.float32)
    inside = blocks[:, place[0] : place[0] + down * BLOCK, place[1] : place[1] + across * BLOCK].astype(np.float32)
    found = (_waves() @ inside.reshape(-1, BLOCK, across * BLOCK)).reshape(-1, BLOCK) @ _waves().T
    sizes = found.reshape(-1, WAVES, across, WAVES)
    sizes[:, 0, :-1, 0] -= sizes[:, 0, 1:, 0]
    sizes[:, 0, -1, 0] = 0
    places = np.minimum(np.abs(sizes) * FINENESS + 0.5, BINS - 1).astype(np.int64)
    places += np.arange(LUMA_STEPS.size).reshape(WAVES, 1, WAVES) * BINS
    return np.bincount(places.ravel(), minlength=LUMA_STEPS.size * BINS).reshape(-1, BINS).astype(np.float32)


def _explained(counts: Floats) -> Rounding:
    """The coarsest quality that explains the coefficients.

    A photograph compressed twice has its coefficients near multiples of both steps: the finer ones explain it best,
    but the coarser ones still stand out against their neighbours.
    """
    judged = int(counts[:, FINENESS + 1 :].sum())
    if judged == 0:
        return Rounding(UNTOUCHED, 0.0, 0)
    busy = judged / float(counts.sum())
    by_step = counts @ _likelihoods()
    nats = by_step[np.arange(len(counts)), _steps_of_qualities()].sum(axis=1) / judged
    around = np.concatenate((nats[:1], nats[:1], nats[:1], nats, nats[-1:], nats[-1:], nats[-1:]))
    peak = nats - 0.5 * (around[:-6] + around[6:])
    highest = (nats >= around[2:-4]) & (nats >= around[4:-2])
    alone = (nats * judged > ENOUGH) & (nats > LEAST)
    beneath = (nats > BEYOND) & (peak > PEAK) & (judged > MANY)
    believed = np.flatnonzero(highest & (alone | beneath))
    if not believed.size:
        return Rounding(UNTOUCHED, 0.0, judged, busy=busy)
    return Rounding(float(QUALITIES[believed[0]]), float(nats[believed[0]]), judged, busy=busy)


@cache
def _waves() -> Floats:
    """The first cosines of a block, (WAVES, BLOCK), of length 1."""
    number, place = np.arange(WAVES)[:, None], 2 * np.arange(BLOCK) + 1
    waves = np.cos(number * place * np.pi / 16) * np.where(number == 0, np.sqrt(1 / 8), 0.5)
    return np.asarray(waves, np.float32)


@cache
def _likelihoods() -> Floats:
    """Nats by which a coefficient of each size speaks for each step, (BINS, steps)."""
    size = np.arange(BINS) / FINENESS
    step = STEPS[:, None].astype(float)
    multiple = np.rint(size / step)
    off, width = size - multiple * step, np.where(multiple == 0, 0.8, 0.5 + 0.03 * step)
    near = step * np.exp(-0.5 * (off / width) ** 2) / (width * np.sqrt(2 * np.pi))
    nats = np.log((1 - OUTLIERS) * near + OUTLIERS)
    nats[:, -1] = 0  # all that is larger
    return np.ascontiguousarray(np.where(multiple == 0, np.minimum(nats, 0), nats).T, np.float32)


@cache
def _steps_of_qualities() -> NDArray[np.intp]:
    """For each quality, which of STEPS each frequency has, (qualities, frequencies)."""
    scale = np.where(QUALITIES < 50, 50 / QUALITIES, 2 - QUALITIES / 50)
    steps = np.clip(np.floor(np.outer(scale, LUMA_STEPS.ravel()) + 0.5), 1, 255)
    return np.asarray(np.abs(STEPS - steps[..., None]).argmin(axis=2))
