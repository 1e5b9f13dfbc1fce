"""Edges tile by tile on four octaves: what is left of fine detail, in which direction, and how much of it is noise.

    edge_tiles ........ gradients, curvature, noise and light of each tile, octave by octave
    laplacian_energy .. mean squared Laplacian at the canonical scale
    blur_width ........ what curvature and gradient say about the width of an edge

Squared over an edge that a lens has blurred by a Gaussian of sigma s, second derivatives are 1 / (2 (s^2 + a)) of first
derivatives, where `a` is what the operators add; first derivatives at one octave and the next have a ratio that depends
on s as well. Neither depends on contrast or on how many edges there are (the idea of Elder and Zucker 1998 and of Zhuo
and Sim 2011, with energies of tiles instead of single pixels). Directions come for free: motion blurs the gradients
along it and spares those across.

Tiles are squares of 16 or 32 judged pixels; tables have the shape (rows, columns) of tiles.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ..shared.sample import measure
from .measures import Gray, judged, octaves, thumbnail, tile_side
from .raster import WORKING_SHORT_SIDE
from .sample import ImageSample

Floats = NDArray[np.floating]

OPERATOR = (0.19, 1.25, 5.25, 21.0)
"""Variance, in judged pixels², that pixel, pyramid and derivatives add to an edge at each octave; measured on edges."""

SAMPLED = {32: (8, slice(1, None, 5)), 16: (4, slice(0, None, 3))}
"""Side of a tile -> of how many pixel rows which ones are measured: 256 or 128 pixels tell a tile's means."""

_SECOND = np.array([1, -2, 1], np.float32)


class EdgeTiles(NamedTuple):
    """What is measured of each tile; gradients in grey levels per judged pixel, whatever the octave.

    gradient: (octave, [xx, yy, xy], rows, columns), means of products of the two derivatives. curvature: (octave,
    rows, columns), mean squared Laplacian. grain: variance of what only noise can be (diagonal detail at the finest
    scale) at octaves 0 and 1, as of white noise. light: mean luma, uint8.
    """

    gradient: Floats
    curvature: Floats
    grain: Floats
    light: Gray


@measure
def edge_tiles(sample: ImageSample) -> EdgeTiles:
    """The edges of a photograph."""
    gradients, curvatures, grains = [], [], []
    for octave, luma in enumerate(octaves(sample)):
        side = tile_side(judged(sample)) >> octave
        gradients.append(_products(luma, side) / np.float32(4**octave))
        curvatures.append(_curvature(luma, side) / np.float32(16**octave))
        if octave < 2:
            grains.append(_grain(luma, side))
    tiles = (curvatures[0].shape[1], curvatures[0].shape[0])
    light = np.asarray(cv2.resize(thumbnail(sample), tiles, interpolation=cv2.INTER_AREA), np.uint8)
    return EdgeTiles(np.stack(gradients), np.stack(curvatures), np.stack(grains), light)


def laplacian_energy(sample: ImageSample) -> float:
    """Mean squared Laplacian, grey levels², at a short side of 480; of a smaller photograph, at its own.

    The scale lies between two octaves: so does the energy, evenly in logarithms.
    """
    fine, coarse = (math.log(float(edge_tiles(sample).curvature[n].mean()) * 16**n + 1e-6) for n in (0, 1))
    share = min(max(math.log2(min(judged(sample).shape) / WORKING_SHORT_SIDE), 0.0), 1.0)
    return math.exp((1 - share) * fine + share * coarse) - 1e-6


def blur_width(bend: Floats, octave: int) -> Floats:
    """Sigma in judged pixels of edges whose curvature energy at an octave is `bend` times their gradient energy.

    >>> blur_width(np.array([0.42, 0.118]), 0).round(1).tolist()
    [1.0, 2.0]
    """
    return np.asarray(np.sqrt(np.maximum(0.5 / np.maximum(bend, 1e-4) - OPERATOR[octave], 0.01)))


def _products(luma: Gray, side: int) -> Floats:
    """Means of the products of the derivatives (Sobel), (3, rows, columns)."""
    across, down = (tiled(derivative, side) for derivative in cv2.spatialGradient(luma))
    pairs = ((across, across), (down, down), (across, down))
    return np.stack([tile_means(one, other, side) for one, other in pairs]) / 64


def _curvature(luma: Gray, side: int) -> Floats:
    """Means of the squared Laplacian (from the diagonal neighbours, which smooths a little)."""
    bend = tiled(cv2.Laplacian(luma, cv2.CV_16S, ksize=3), side)
    return tile_means(bend, bend, side) / 16


def _grain(luma: Gray, side: int) -> Floats:
    """Variance of white noise with the tile's diagonal detail (the operator of Immerkaer 1996)."""
    detail = tiled(cv2.sepFilter2D(luma, cv2.CV_16S, _SECOND, _SECOND), side)
    return tile_means(detail, detail, side) / 36


def tiled(derivative: NDArray[Any], side: int) -> NDArray[np.float32]:
    """A picture by rows of tiles, float32 (tiles, height, width); of large tiles only the pixel rows of `SAMPLED`.

    Which rows these are is the same for a picture turned upside down.
    """
    period, chosen = SAMPLED.get(side, (1, slice(None)))
    width = derivative.shape[1]
    rows = derivative.reshape(-1, side // period, period, width)[:, :, chosen].astype(np.float32)
    return rows.reshape(len(rows), -1, width)


def tile_means(one: Floats, other: Floats, side: int) -> Floats:
    """Mean of the product of two pictures, given by rows of tiles (tiles, height, width), over `side` columns.

    >>> tile_means(np.full((1, 2, 4), 3.0), np.full((1, 2, 4), 2.0), 2).tolist()
    [[6.0, 6.0]]
    """
    columns = np.einsum("tsw,tsw->tw", one, other)
    shares = np.full(side, 1 / (side * one.shape[1]), np.float32)
    return np.asarray((columns.reshape(-1, side) @ shares).reshape(len(columns), -1))
