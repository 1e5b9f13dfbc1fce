"""How sharp the sharpest parts of a photograph are, whatever its size, its contrast and how busy it is.

    clean_tiles ....... edge energies without noise, octave by octave
    strong ............ which tiles have edges that can be trusted
    fineness .......... by tile, each octave against the next one: high where edges are narrow
    acuity ............ by tile, curvature against gradient at the finest octave: the same, more exactly
    tile_widths ....... by tile, sigma of the blur in judged pixels
    spread ............ along the direction most blurred and least blurred, how much an octave keeps of the next
    sharpness_evidence  a picture of it

Only ratios are measured: energies depend on the scene. Noise would look like the finest detail of all, so its share is
taken off each tile first, and tiles with little more than noise do not count.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ..shared.results import Evidence
from ..shared.sample import measure
from .edges import Floats, blur_width, edge_tiles
from .measures import pixel
from .raster import shrink
from .sample import ImageSample

Mask = NDArray[np.bool_]

NOISE_IN_GRADIENT = np.array([0.375, 0.0132, 0.0008, 0.00008], np.float32)
"""Gradient energy of white noise of variance 1 at octave 0, by octave; measured on noise."""
NOISE_IN_CURVATURE = np.array([5.0, 0.0275, 0.0004, 0.00001], np.float32)
COARSE_GRAIN = np.array([[0.0, 0.35, 0.02, 0.0], [0.0, 0.72, 0.009, 0.0]], np.float32)
"""Gradient and curvature of noise as seen at octave 1: a denoised photograph has its noise there."""
ROUNDING = 1 / 12

CLEARLY, RELIABLY, FEWEST = 2.0, 3.0, 6
"""A tile counts from this gradient energy (edges of some 15 levels) and this many times its noise; at least six do."""
LIGHTS = 8
EVIDENCE_SIDE = 768


class CleanTiles(NamedTuple):
    """Tables of tiles without noise.

    energy: (octave, rows, columns), squared gradients. curvature: the same of squared second derivatives. noise:
    (octave, rows, columns), what was taken off the gradients; bending: the same of the curvature. floor: variance
    of the noise at octaves 0 and 1, the median over tiles.
    """

    energy: Floats
    curvature: Floats
    noise: Floats
    bending: Floats
    floor: Floats


@measure
def clean_tiles(sample: ImageSample) -> CleanTiles:
    """Edge energies without the share of noise.

    Noise is what the tile's diagonal detail says, or what the quietest tiles of about the same light hold, if that is
    more: JPEG takes the diagonal detail first, and shadows are noisier than highlights.
    """
    tiles = edge_tiles(sample)
    whole = tiles.gradient[:, 0] + tiles.gradient[:, 1]
    readable = (tiles.light > 6) & (tiles.light < 249)
    if np.count_nonzero(readable) < 8:
        readable = np.ones_like(readable)
    fine, coarse, gradient, bend = quiet((*tiles.grain, whole[0], tiles.curvature[0]), tiles.light, readable)
    least = np.stack([fine, coarse])
    grain = np.clip(0.7 * tiles.grain, least, 20 * least + 1)
    in_gradient, in_curvature = (
        np.maximum(white[:, None, None] * (grain[0] + ROUNDING), later[:, None, None] * grain[1])
        for white, later in zip((NOISE_IN_GRADIENT, NOISE_IN_CURVATURE), COARSE_GRAIN, strict=True)
    )
    in_gradient[0] = np.maximum(in_gradient[0], gradient)
    in_curvature[0] = np.maximum(in_curvature[0], 1.1 * bend)
    energy, curvature = np.maximum(whole - in_gradient, 1e-3), np.maximum(tiles.curvature - in_curvature, 1e-4)
    return CleanTiles(energy, curvature, in_gradient, in_curvature, middle(least[:, readable]))


def middle(rows: Floats) -> Floats:
    """The median of each row (the upper one of two); np.median takes four times as long."""
    place = rows.shape[1] // 2
    return np.asarray(np.partition(rows, place, axis=1)[:, place])


def quiet(tables: Sequence[Floats], light: NDArray[np.uint8], readable: Mask) -> list[Floats]:
    """What the quietest tenth of the tiles of about the same light has in each table; tables of the same shape.

    The readable tiles are put in eight groups by their light; between the groups' means it changes evenly.
    """
    known = light[readable]
    groups = max(1, min(LIGHTS, known.size // 12))
    size = known.size // groups
    order = np.lexsort((tables[0][readable], known))[: groups * size]  # ties of light: in the same order when mirrored
    values = np.stack([table[readable][order] for table in tables]).reshape(len(tables), groups, size)
    least = np.partition(values, size // 10, axis=2)[:, :, size // 10]
    places = known[order].reshape(groups, size).mean(axis=1, dtype=np.float32)
    return [np.interp(light, places, row).astype(np.float32) for row in least]


@measure
def strong(sample: ImageSample) -> Mask:
    """Tiles whose edges stand clearly above noise, (rows, columns); never fewer than six, if there are as many."""
    tiles = clean_tiles(sample)
    energy, noise = tiles.energy[1], tiles.noise[0]
    chosen = (energy > CLEARLY) & (energy > RELIABLY * noise)
    if chosen.sum() >= min(FEWEST, chosen.size):
        return np.asarray(chosen)
    ranked = np.sort((energy / (noise + 1)).ravel())
    return np.asarray(energy / (noise + 1) >= ranked[-min(FEWEST, ranked.size)])


@measure
def fineness(sample: ImageSample) -> Floats:
    """Logarithm of the gradient energy at each octave over that at the next one, (octave, rows, columns)."""
    logarithm = np.log(clean_tiles(sample).energy)
    return np.asarray(np.clip(logarithm[:-1] - logarithm[1:], -1, 1.6))


@measure
def acuity(sample: ImageSample) -> Floats:
    """Logarithm of curvature over gradient energy at octave 0, (rows, columns): about -2 log(edge width) - 0.7."""
    tiles = clean_tiles(sample)
    return np.asarray(np.clip(np.log(tiles.curvature[0] / tiles.energy[0]), -7, 1.5))


@measure
def tile_widths(sample: ImageSample) -> Floats:
    """Sigma of the blur in judged pixels, by tile (with its neighbours), from the finest octave at which it shows."""
    tiles = clean_tiles(sample)
    tables = np.concatenate((tiles.curvature, tiles.energy, tiles.bending))
    bend, energy, noise = _around(tables).reshape(3, -1, *tables.shape[1:])
    width = blur_width(bend[-1] / energy[-1], len(bend) - 1)
    for octave, widest in ((2, 6.0), (1, 3.0), (0, 1.5)):
        finer = blur_width(bend[octave] / energy[octave], octave)
        seen = (finer < widest) & (bend[octave] > 2 * noise[octave])
        width = np.where(seen, finer, width)
    return np.minimum(width, 40.0)


def _around(tables: Floats) -> Floats:
    """Each tile of some tables with its neighbours, so that an edge on a border is seen whole."""
    channels = np.ascontiguousarray(np.moveaxis(tables, 0, -1))
    smooth = cv2.GaussianBlur(channels, (3, 3), 0.85, borderType=cv2.BORDER_REFLECT)
    return np.ascontiguousarray(np.moveaxis(smooth.reshape(channels.shape), -1, 0))


def width(sample: ImageSample) -> float:
    """Blur width of a photograph: sigma in pixels at a long side of 1024; a quarter of its edge energy is sharper.

    Good for an impression: fine texture counts as narrow edges, so the width of a blur is rather under-estimated.
    """
    chosen, mass = _weighed(sample)
    return float(_quantile(tile_widths(sample)[chosen], mass, (0.25,))[0]) * pixel(sample)


def spread(tensors: Floats, noise: Floats, fine: int, coarse: int) -> tuple[float, float]:
    """What octave `fine` keeps of `coarse` along the most and the least blurred direction; logarithms, low = blurred.

    tensors: (octave, 3), gradient products summed over tiles. noise: (octave,), of their traces. The two directions
    are the generalised eigenvectors of both; where a direction has no edges at all, the mean of both stands in.
    """
    a, b, c = _trimmed(tensors[fine], noise[fine])
    p, q, r = _trimmed(tensors[coarse], noise[coarse])
    kept, little = max((a + b) / (p + q), 1e-3), 0.05 * (p + q)
    a, b, p, q = a + kept * little, b + kept * little, p + little, q + little
    size = max(p * q - r * r, 1e-9)
    middle, product = (a * q + b * p - 2 * c * r) / (2 * size), (a * b - c * c) / size
    half = math.sqrt(max(middle * middle - product, 0.0))
    return math.log(max(middle - half, 1e-3)), math.log(max(middle + half, 1e-3))


def _trimmed(tensor: Floats, noise: float) -> tuple[float, float, float]:
    """xx, yy and xy without the noise's share."""
    xx, yy, xy = tensor.tolist()
    return max(xx - noise / 2, 1e-3), max(yy - noise / 2, 1e-3), xy


def sharpness_evidence(sample: ImageSample) -> Evidence:
    """Where the photograph is sharp: bright where edges are narrow, dark where they are wide or there are none."""
    tiles = clean_tiles(sample)
    trust = np.clip(tiles.energy[1] / (tiles.energy[1] + CLEARLY + RELIABLY * tiles.noise[0]), 0, 1)
    narrow = 1 / (1 + (tile_widths(sample) * pixel(sample)) ** 2)
    height, width = sample.pixels.shape[:2]
    factor = min(1.0, EVIDENCE_SIDE / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    heat = cv2.resize(np.asarray(narrow * np.sqrt(trust), np.float32), size, interpolation=cv2.INTER_LINEAR)
    caption = "Bright: edges are narrow (sharp). Dark: wide edges, or none."
    return Evidence(np.clip(heat, 0, 1), shrink(sample.pixels, size), caption)


# --- what a photograph is summed up by -------------------------------------------------------------------------------


def surroundings(sample: ImageSample) -> tuple[float, ...]:
    """What sharpness is seen against: texture, noise, grain, structure, edges, clarity (see `SharpnessExtractor`)."""
    tiles = clean_tiles(sample)
    weights = edge_weights(sample)
    bends = np.sort(tiles.curvature[2].ravel())
    texture = 4 * np.sqrt(bends[round(0.99 * (len(bends) - 1))])
    noise, grain = np.sqrt(tiles.floor)
    clarity = np.log((weights.sum() / max((weights > 0).sum(), 1) + 0.1) / (tiles.floor[0] + 0.05))
    return tuple(map(float, (texture, noise, grain, np.mean(weights > 0), np.mean(strong(sample)), clarity)))


@measure
def edge_weights(sample: ImageSample) -> Floats:
    """How much the edges of each tile count when energy counts, (rows, columns): none where there is only noise."""
    tiles = clean_tiles(sample)
    return np.asarray(np.maximum(tiles.energy[1] - 0.5 * tiles.noise[0] - 0.3, 0))


def quantiles(sample: ImageSample) -> list[float]:
    """Quantiles 0.99, 0.95, 0.85 and 0.5 over strong tiles of `acuity` and of the finest `fineness`, (8,)."""
    chosen = strong(sample)
    places = np.rint(np.array((0.99, 0.95, 0.85, 0.5)) * (np.count_nonzero(chosen) - 1)).astype(int)
    tables = (acuity(sample), fineness(sample)[0])
    return [float(v) for table in tables for v in np.sort(table[chosen])[places]]


def weighted(sample: ImageSample) -> tuple[float, ...]:
    """Quantiles of tiles weighed by their energy: acuity and fineness at 0.97 and 0.85, coarser octaves at 0.85."""
    chosen, mass = _weighed(sample)
    tables = (acuity(sample), fineness(sample)[0])
    top_and_high = [float(v) for table in tables for v in _quantile(table[chosen], mass, (0.97, 0.85))]
    coarser = [float(_quantile(fineness(sample)[octave][chosen], mass, (0.85,))[0]) for octave in (1, 2)]
    return (*top_and_high, *coarser)


def _weighed(sample: ImageSample) -> tuple[Mask, Floats]:
    """Which tiles count when energy counts, and how much each of them."""
    weights = edge_weights(sample)
    chosen = weights > 0
    if np.count_nonzero(chosen) < 3:
        chosen, weights = strong(sample), clean_tiles(sample).energy[1]
    return chosen, weights[chosen]


def directions(sample: ImageSample) -> list[float]:
    """`spread` of the octaves (0, 1), (0, 2), (1, 2), (1, 3) over the sharpest tenth and third of the edges, (16,)."""
    weights, energy = edge_weights(sample), clean_tiles(sample).energy[1]
    chosen = np.flatnonzero(weights > 0) if np.count_nonzero(weights) >= 4 else np.flatnonzero(strong(sample))
    rank = (fineness(sample)[0] + 0.5 * acuity(sample)).ravel()[chosen]
    order = chosen[_order(-rank)]
    mass = np.cumsum(np.maximum(weights.ravel()[order], 1e-6))
    values: list[float] = []
    for part in (0.1, 0.3):
        sharpest = order[: max(4, int(np.searchsorted(mass, part * mass[-1])))]
        tensors, noise = _summed(sample, sharpest, 1 / np.sqrt(energy.ravel()[sharpest]))
        values += [v for pair in ((0, 1), (0, 2), (1, 2), (1, 3)) for v in spread(tensors, noise, *pair)]
    return values


def _summed(sample: ImageSample, chosen: NDArray[np.intp], weights: Floats) -> tuple[Floats, Floats]:
    """Gradient products (octave, 3) and noise (octave,) of some tiles, each tile weighed."""
    gradient, noise = edge_tiles(sample).gradient, clean_tiles(sample).noise
    octaves = len(gradient)
    return (
        gradient.reshape(octaves, 3, -1)[..., chosen] @ weights,
        noise.reshape(octaves, -1)[:, chosen] @ weights,
    )


def _quantile(values: Floats, weights: Floats, shares: tuple[float, ...]) -> Floats:
    order = _order(values)
    mass = np.cumsum(weights[order])
    return np.asarray(np.interp(np.multiply(shares, mass[-1]), mass, values[order]))


def _order(values: Floats) -> NDArray[np.intp]:
    """Places of the values from low to high, to 1/65535 of their range: whole numbers are sorted three times faster."""
    low = values.min()
    steps = 65535 / max(float(values.max() - low), 1e-9)
    return np.argsort(((values - low) * np.float32(steps)).astype(np.uint16), kind="stable")
