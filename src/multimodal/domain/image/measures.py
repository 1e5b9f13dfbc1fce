"""Measures that several image properties share, each computed at most once a sample.

    judged ............ luma at the size at which a photograph is judged: long side 1024 or less, cut to whole tiles
    octaves ........... `judged`, and three times half of the one before
    thumbnail ......... the octave with four pixels to the side of a tile: regions, not specks
    luma_histogram .... how many pixels have each luma
    native ............ luma at native pixels, as much of it as tells noise, compression and enlargement
    small ............. RGB with a long side of 128 to 255
    tile_side, pixel .. the scale of `judged`: side of a tile, and size of its pixels

Nothing here is measured of a photograph's every native pixel: those cost more than all the rest.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ..shared.sample import measure
from .raster import upright
from .sample import ImageSample

Gray = NDArray[np.uint8]

OCTAVES = 4
JUDGED_LONG_SIDE, JUDGED_SHORT_SIDE = 1024, 480
"""A photograph is judged where its long side is 1024, but a panorama not below a short side of 480."""
NATIVE_ROWS = 192
SHARES = (1 / 8, 1 / 4, 1 / 2)
"""Native rows that are enough where they show something; shares of all rows that are looked at where they do not."""
TELLING, STRUCTURE = 0.0015, 12
"""Share of the frame that has to tell something; grey levels between neighbours of a thumbnail that are structure."""
SMALL_SIDE = 128
TOLERANCE = 0.8
"""A little larger is judged as it is: resampling by nearly one blurs unevenly."""


@measure
def judged(sample: ImageSample) -> Gray:
    """Luma with a long side of 1024 (or smaller, as it is), cut centrally to whole tiles."""
    luma = sample.luma
    height, width = luma.shape
    factor = max(JUDGED_LONG_SIDE / max(height, width), JUDGED_SHORT_SIDE / min(height, width))
    if factor < TOLERANCE:
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        luma = np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)
    return _whole_tiles(luma)


@measure
def octaves(sample: ImageSample) -> tuple[Gray, ...]:
    """Luma at `judged` size and at a half, a quarter and an eighth of it."""
    pictures = [judged(sample)]
    while len(pictures) < OCTAVES:
        pictures.append(_halved(pictures[-1]))
    return tuple(pictures)


@measure
def thumbnail(sample: ImageSample) -> Gray:
    """Luma with a long side of 100 to 199 (a small photograph's is a quarter of its own)."""
    pictures = octaves(sample)
    return pictures[3] if tile_side(pictures[0]) == 32 else pictures[2]


@measure
def luma_histogram(sample: ImageSample) -> NDArray[np.float32]:
    """Pixels of each luma 0 to 255 at half the judged size, float32 (256,), whole numbers."""
    return np.asarray(cv2.calcHist([octaves(sample)[1]], [0], None, [256], [0, 256]), np.float32).ravel()


@measure
def native(sample: ImageSample) -> Gray:
    """Luma at native pixels, uint8 (rows, width), as the file stores it (not upright): all of a small photograph.

    Of a larger one the upper 192 rows, or more where there is nothing to be seen in them but something below (sky).
    """
    if sample.rows is None:
        return sample.luma
    height = sample.size[1] if sample.orientation < 5 else sample.size[0]
    fewest = min(1.0, NATIVE_ROWS / height)
    return sample.rows(round(height * _telling_share(sample, [fewest, *(more for more in SHARES if more > fewest)])))


def _telling_share(sample: ImageSample, shares: Sequence[float]) -> float:
    """The first of the shares of the rows as stored that holds enough structure which is neither black nor white."""
    back = {6: 8, 8: 6}.get(sample.orientation, sample.orientation)
    stored = upright(thumbnail(sample), back)
    structure = cv2.morphologyEx(stored, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > STRUCTURE
    telling = np.cumsum((structure & (stored > 16) & (stored < 240)).sum(axis=1)) / stored.size
    return next((share for share in shares if telling[max(1, round(share * len(telling))) - 1] > TELLING), shares[0])


@measure
def small(sample: ImageSample) -> NDArray[np.uint8]:
    """RGB uint8 (h, w, 3) with a long side of 128 to 255 (or its own, if that is smaller).

    By four as long as it takes (of sixteen pixels the middle ones count), then by two: far quicker than by the same
    factor at once. Odd rows and columns fall off.
    """
    pixels = sample.pixels
    while (longest := max(pixels.shape[:2])) >= 2 * SMALL_SIDE:
        factor, how = (4, cv2.INTER_LINEAR) if longest >= 4 * SMALL_SIDE else (2, cv2.INTER_AREA)
        height, width = (max(1, side // factor) for side in pixels.shape[:2])
        whole = pixels[: factor * height, : factor * width]
        pixels = np.asarray(cv2.resize(whole, (width, height), interpolation=how), np.uint8)
    return pixels


def tile_side(luma: Gray) -> int:
    """Side of a tile in judged pixels: some forty tiles along the long side."""
    return 32 if max(luma.shape) >= 800 else 16


def pixel(sample: ImageSample) -> float:
    """Pixels at a long side of 1024 per judged pixel; 1 for a photograph that is smaller than that."""
    native, shown = max(sample.size), max(sample.luma.shape)
    scale = 1.0 if native <= JUDGED_LONG_SIDE else JUDGED_LONG_SIDE / shown
    factor = max(JUDGED_LONG_SIDE / shown, JUDGED_SHORT_SIDE / min(sample.luma.shape))
    return scale / factor if factor < TOLERANCE else scale


def _whole_tiles(luma: Gray) -> Gray:
    """The middle of the picture, as many whole tiles as fit; smaller than a tile is continued by its border."""
    side = tile_side(luma)
    missing = [max(0, side - length) for length in luma.shape]
    if any(missing):
        luma = np.asarray(cv2.copyMakeBorder(luma, 0, missing[0], 0, missing[1], cv2.BORDER_REPLICATE), np.uint8)
    height, width = (length // side * side for length in luma.shape)
    top, left = (luma.shape[0] - height) // 2, (luma.shape[1] - width) // 2
    return np.ascontiguousarray(luma[top : top + height, left : left + width])


def _halved(luma: Gray) -> Gray:
    """Half the size by the kernel 1 3 3 1: unlike the usual pyramid, the same for a mirrored picture."""
    smooth = cv2.GaussianBlur(luma, (3, 3), 0)
    size = (luma.shape[1] // 2, luma.shape[0] // 2)
    return np.asarray(cv2.resize(smooth, size, interpolation=cv2.INTER_AREA), np.uint8)
