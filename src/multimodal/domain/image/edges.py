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
from typing import NamedTuple

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

PERIOD, SAMPLED = 8, slice(1, None, 5)
"""Of so many pixel rows these are measured in large tiles: 64 or 256 pixels tell a tile's means.

Which ones they are is the same for a picture turned upside down. They are spread, so that each octave sees the same
edges: where bands of rows are measured instead, edges along the rows seem sharper or softer than they are.
"""

_SECOND = np.array([1, -2, 1], np.float32)
_SCALES = np.array([64, 64, 64, 16, 36], np.float32)[:, None, None]
"""What the operators multiply by: products of two Sobel derivatives, squares of the Laplacian and of the grain's."""


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
    side = tile_side(judged(sample))
    tables = [tile_products(luma, side >> octave, grain=octave < 2) for octave, luma in enumerate(octaves(sample))]
    steps = np.float32(4.0) ** np.arange(len(tables), dtype=np.float32)
    gradient = np.stack([table[:3] for table in tables]) / steps[:, None, None, None]
    curvature = np.stack([table[3] for table in tables]) / (steps * steps)[:, None, None]
    tiles = (curvature.shape[2], curvature.shape[1])
    light = np.asarray(cv2.resize(thumbnail(sample), tiles, interpolation=cv2.INTER_AREA), np.uint8)
    return EdgeTiles(gradient, curvature, np.stack([table[4] for table in tables[:2]]), light)


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


def tile_products(luma: Gray, side: int, *, grain: bool) -> Floats:
    """Means over each tile, (4 or 5, rows, columns): gradient xx, yy and xy, squared curvature, variance of the grain.

    The Laplacian is the one from the diagonal neighbours, which smooths a little. Grain is the variance of white noise
    with the tile's diagonal detail (the operator of Immerkaer 1996).
    """
    stack = _sampled(luma, grain=grain) if side > PERIOD else _everywhere(luma, grain=grain)
    rows = stack.reshape(len(stack), len(luma) // side, -1, luma.shape[1])
    return means(rows, side) / _SCALES[: len(stack) + 1]


def _everywhere(luma: Gray, *, grain: bool) -> Floats:
    """Derivatives (3 or 4, height, width): across, down, Laplacian and grain."""
    derivatives = [*cv2.spatialGradient(luma), cv2.Laplacian(luma, cv2.CV_16S, ksize=3)]
    if grain:
        derivatives.append(cv2.sepFilter2D(luma, cv2.CV_16S, _SECOND, _SECOND))
    return np.stack(derivatives, dtype=np.float32, casting="unsafe")


def _sampled(luma: Gray, *, grain: bool) -> Floats:
    """The same of the rows that are measured (`SAMPLED`) alone, (3 or 4, height / 4, width)."""
    blocks = luma.reshape(-1, PERIOD, luma.shape[1])
    above, twice, below = blocks[:, 0:-2:5], blocks[:, SAMPLED].astype(np.int16) * 2, blocks[:, 2::5]
    both = np.add(above, below, dtype=np.int16)
    step = np.subtract(below, above, dtype=np.int16)
    found = np.empty((4 if grain else 3, *both.shape), np.float32)
    inner = found[..., 1:-1]
    smooth = both + twice
    np.subtract(smooth[..., 2:], smooth[..., :-2], out=inner[0], casting="unsafe")
    inner[1] = _beside(step) + 2 * step[..., 1:-1]
    inner[2] = 2 * _beside(both) - 4 * twice[..., 1:-1]
    if grain:
        bend = both - twice
        inner[3] = _beside(bend) - 2 * bend[..., 1:-1]
    found[..., 0], found[..., -1] = found[..., 1], found[..., -2]
    return found.reshape(len(found), -1, luma.shape[1])


def _beside(rows: NDArray[np.int16]) -> NDArray[np.int16]:
    return np.asarray(rows[..., :-2] + rows[..., 2:])


def means(derivatives: Floats, side: int) -> Floats:
    """Means of products over tiles of derivatives (k, tiles, height, width): xx, yy, xy, then squares of the others.

    >>> means(np.full((3, 1, 2, 4), [[[[1.0]]], [[[2.0]]], [[[3.0]]]]), 2)[:, 0, 0].tolist()
    [1.0, 4.0, 2.0, 9.0]
    """
    squares = np.einsum("ktsw,ktsw->ktw", derivatives, derivatives)
    cross = np.einsum("tsw,tsw->tw", derivatives[0], derivatives[1])
    columns = np.concatenate([squares[:2], cross[None], squares[2:]])
    shares = np.full(side, 1 / (side * derivatives.shape[2]), derivatives.dtype)
    return np.asarray((columns.reshape(-1, side) @ shares).reshape(*columns.shape[:2], -1))
