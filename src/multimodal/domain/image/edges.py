"""Edges tile by tile on four octaves: what is left of fine detail, in which direction, and how much of it is noise.

    judged ............ luma at the size at which sharpness is judged
    pixel ............. how many pixels at 1024 a judged pixel is
    edge_tiles ........ gradients, curvature, noise and light of each tile, octave by octave
    blur_width ........ what curvature and gradient say about the width of an edge

Squared over an edge that a lens has blurred by a Gaussian of sigma s, second derivatives are 1 / (2 (s^2 + a)) of first
derivatives, where `a` is what the operators add; first derivatives at one octave and the next have a ratio that depends
on s as well. Neither depends on contrast or on how many edges there are (the idea of Elder and Zucker 1998 and of Zhuo
and Sim 2011, with energies of tiles instead of single pixels). Directions come for free: motion blurs the gradients
along it and spares those across.

Octave 0 is the judged luma, each further one half as large. Tiles are squares of 16 or 32 judged pixels; tables have
the shape (rows, columns) of tiles.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ..shared.sample import measure
from .measures import Gray, gray
from .sample import ImageSample

Floats = NDArray[np.floating]

OCTAVES = 4
JUDGED_LONG_SIDE, JUDGED_SHORT_SIDE = 1024, 480
"""A photograph is judged where its long side is 1024, but a panorama not below a short side of 480."""
TOLERANCE = 0.8
"""A little larger is judged as it is: resampling by nearly one blurs unevenly."""

OPERATOR = (0.19, 1.25, 5.25, 21.0)
"""Variance, in judged pixels², that pixel, pyramid and derivatives add to an edge at each octave; measured on edges."""

_SECOND = np.array([1, -2, 1], np.float32)


class EdgeTiles(NamedTuple):
    """What is measured of each tile; gradients in grey levels per judged pixel, whatever the octave.

    gradient: (octave, [xx, yy, xy], rows, columns), means of products of the two derivatives. curvature: (octave,
    rows, columns), mean squared Laplacian. grain: variance of what only noise can be (diagonal detail at the finest
    scale) at octaves 0 and 1, as of white noise. light: mean luma.
    """

    gradient: Floats
    curvature: Floats
    grain: Floats
    light: Floats


@measure
def judged(sample: ImageSample) -> Gray:
    """Luma with a long side of 1024 (or smaller, as it is), cut centrally to whole tiles."""
    luma = gray(sample)
    height, width = luma.shape
    factor = max(JUDGED_LONG_SIDE / max(height, width), JUDGED_SHORT_SIDE / min(height, width))
    if factor < TOLERANCE:
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        luma = np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)
    return _whole_tiles(luma)


def pixel(sample: ImageSample) -> float:
    """Pixels at a long side of 1024 per judged pixel; 1 for a photograph that is smaller than that."""
    native, shown = max(sample.size), max(gray(sample).shape)
    scale = 1.0 if native <= JUDGED_LONG_SIDE else JUDGED_LONG_SIDE / shown
    factor = max(JUDGED_LONG_SIDE / shown, JUDGED_SHORT_SIDE / min(gray(sample).shape))
    return scale / factor if factor < TOLERANCE else scale


def tile_side(luma: Gray) -> int:
    """Side of a tile in judged pixels: some forty tiles along the long side."""
    return 32 if max(luma.shape) >= 800 else 16


@measure
def edge_tiles(sample: ImageSample) -> EdgeTiles:
    """The edges of a photograph."""
    octave, gradients, curvatures, grains = judged(sample), [], [], []
    side = tile_side(octave)
    size = (octave.shape[1] // side, octave.shape[0] // side)
    light = np.asarray(cv2.resize(octave, size, interpolation=cv2.INTER_AREA), np.float32)
    for number in range(OCTAVES):
        gradients.append(_products(octave, side >> number) / np.float32(4**number))
        curvatures.append(_curvature(octave, side >> number) / np.float32(16**number))
        if number < 2:
            grains.append(_grain(octave, side >> number))
        octave = _next_octave(octave)
    return EdgeTiles(np.stack(gradients), np.stack(curvatures), np.stack(grains), light)


def blur_width(bend: Floats, octave: int) -> Floats:
    """Sigma in judged pixels of edges whose curvature energy at an octave is `bend` times their gradient energy.

    >>> blur_width(np.array([0.42, 0.118]), 0).round(1).tolist()
    [1.0, 2.0]
    """
    return np.asarray(np.sqrt(np.maximum(0.5 / np.maximum(bend, 1e-4) - OPERATOR[octave], 0.01)))


def _whole_tiles(luma: Gray) -> Gray:
    """The middle of the picture, as many whole tiles as fit; smaller than a tile is continued by its border."""
    side = tile_side(luma)
    missing = [max(0, side - length) for length in luma.shape]
    if any(missing):
        luma = np.asarray(cv2.copyMakeBorder(luma, 0, missing[0], 0, missing[1], cv2.BORDER_REPLICATE), np.uint8)
    height, width = (length // side * side for length in luma.shape)
    top, left = (luma.shape[0] - height) // 2, (luma.shape[1] - width) // 2
    return np.ascontiguousarray(luma[top : top + height, left : left + width])


def _next_octave(luma: Gray) -> Gray:
    """Half the size by the kernel 1 3 3 1: unlike the usual pyramid, the same for a mirrored picture."""
    smooth = cv2.GaussianBlur(luma, (3, 3), 0)
    size = (luma.shape[1] // 2, luma.shape[0] // 2)
    return np.asarray(cv2.resize(smooth, size, interpolation=cv2.INTER_AREA), np.uint8)


def _products(luma: Gray, side: int) -> Floats:
    """Means of the products of the derivatives (Sobel), (3, rows, columns)."""
    across, down = (derivative.astype(np.float32) for derivative in cv2.spatialGradient(luma))
    pairs = ((across, across), (down, down), (across, down))
    return np.stack([tile_means(one, other, side) for one, other in pairs]) / 64


def _curvature(luma: Gray, side: int) -> Floats:
    """Means of the squared Laplacian (from the diagonal neighbours, which smooths a little)."""
    bend = cv2.Laplacian(luma, cv2.CV_16S, ksize=3).astype(np.float32)
    return tile_means(bend, bend, side) / 16


def _grain(luma: Gray, side: int) -> Floats:
    """Variance of white noise with the tile's diagonal detail (the operator of Immerkaer 1996)."""
    detail = cv2.sepFilter2D(luma, cv2.CV_16S, _SECOND, _SECOND).astype(np.float32)
    return tile_means(detail, detail, side) / 36


def tile_means(one: Floats, other: Floats, side: int) -> Floats:
    """Mean of the product of two pictures over squares of `side` pixels; in one pass over memory.

    >>> tile_means(np.full((4, 4), 3.0), np.full((4, 4), 2.0), 2).tolist()
    [[6.0, 6.0], [6.0, 6.0]]
    """
    width = one.shape[1]
    rows = np.einsum("tsw,tsw->tw", one.reshape(-1, side, width), other.reshape(-1, side, width))
    shares = np.full(side, 1 / side**2, np.float32)
    return np.asarray((rows.reshape(-1, side) @ shares).reshape(len(rows), -1))
