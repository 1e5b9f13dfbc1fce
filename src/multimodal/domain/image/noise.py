"""Noise: does the sensor's grain show?

    grain ................. deviation of the finest detail of each tile, at native pixels, at half and a quarter of them
    NoiseLevels, levels ... the same of the quietest tiles, and of usual ones
    SigmaExtractor ........ sigma of the noise, for a rule
    GrainExtractor ........ all that tells noise from texture, for a learned pipeline
    NoiseRule, PROPERTY

Noise is in every tile, structure is not. So it is measured in the quietest tiles of each light (shadows are noisier
than highlights), by diagonal detail, which lines and gradients do not have (Immerkaer 1996, "Fast noise variance
estimation"). Gravel and grass are quiet nowhere. What tells them from noise is how detail goes on at coarser scales:
texture has more and more of it, white noise less than half at each, and noise that a camera has interpolated and
smoothed as much at the second, then less.

Convention: sigma is the standard deviation of the luma (grey levels of 255), as of white noise with the same diagonal
detail at native pixels. Noise of 10 levels in each colour, independent of each other, is 6.7 in the luma; the finest
part of a camera's smoothed noise is less than all of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ..shared.data import FeatureExtractor
from ..shared.modality import Property
from ..shared.results import Evidence
from ..shared.rules import AtMostRule
from ..shared.sample import measure
from .degradations_noise import HIGH_ISO, NOISE
from .measures import Gray, native
from .raster import shrink
from .sample import ImageSample
from .sharpness import middle
from .strips import TILE, Floats, flat_strips, means

LABELS = ("noisy", "clean")
BLACK, WHITE = 12, 243
"""Luma beyond which noise is cut off."""
LIGHTS, FEWEST = 8, 12
"""Groups of tiles of about the same light, and how many tiles one needs."""
EVIDENCE_SIDE, VISIBLE = 768, 8.0
"""Longest side of the evidence; grey levels that are brightest in it."""

_SECOND = np.array([1, -2, 1], np.float32)
_DEVIATION = math.sqrt(math.pi / 2) / 6
"""Deviation of white noise over its mean absolute diagonal detail."""
SAMPLED = ((8, slice(1, None, 5)), (8, slice(1, 7)), (4, slice(1, 3)))
"""Of how many rows which ones are measured, by octave: none beside another strip, or another block of a JPEG."""
_QUIETEST = 1.19
"""By how much the quietest tenth of tiles with nothing but noise lies below their mean; measured on noise."""
_LEAST = 0.2
"""Grey levels below which a logarithm does not tell deviations apart: 8 bits are rounded more than that."""


class NoiseLevels(NamedTuple):
    """Deviations in grey levels, at native pixels, half and a quarter of them.

    least: (3,), the quietest tiles of the light that has the quietest ones. quiet: (3,), those of the light that is
    third of eight. usual: (3,), the median of all tiles. readable: tiles of 16 native pixels that are neither black nor
    white.
    """

    least: Floats
    quiet: Floats
    usual: Floats
    readable: int


@measure
def grain(sample: ImageSample) -> tuple[Floats, NDArray[np.uint16]]:
    """Deviation of white noise with the diagonal detail of each tile, float32 (3, tiles), and 256 times its luma.

    Tiles are squares of 16 native pixels, measured at native pixels, at half and at a quarter of them.
    """
    whole = flat_strips(sample)
    half = _halved(whole)
    quarter = _halved(half)
    tables = [diagonal_detail(luma, octave) for octave, luma in enumerate((whole, half, quarter))]
    return np.stack(tables), (means(quarter, TILE // 4).ravel() * 256).astype(np.uint16)


def diagonal_detail(luma: Gray, octave: int) -> Floats:
    """Deviation of white noise with as much diagonal detail, by tiles of strips that were halved `octave` times."""
    rows = _finest(luma) if octave == 0 else _coarser(luma, *SAMPLED[octave])
    high = (TILE >> octave) * len(rows) // len(luma)
    return means(np.abs(rows, out=rows), TILE >> octave, high).ravel() * np.float32(_DEVIATION)


def _finest(luma: Gray) -> NDArray[np.int16]:
    """Diagonal detail of the second and the seventh of every eight rows; the others are not even computed."""
    blocks = luma.reshape(-1, 8, luma.shape[1])
    down = np.add(blocks[:, 0::5], blocks[:, 2::5], dtype=np.int16)
    for _ in range(2):
        down -= blocks[:, 1::5]
    detail = np.empty_like(down)
    inner = np.add(down[..., :-2], down[..., 2:], out=detail[..., 1:-1])
    for _ in range(2):
        inner -= down[..., 1:-1]
    detail[..., 0], detail[..., -1] = detail[..., 1], detail[..., -2]
    return detail.reshape(-1, luma.shape[1])


def _coarser(luma: Gray, period: int, chosen: slice) -> NDArray[np.int16]:
    """Diagonal detail of the chosen ones of every `period` rows."""
    detail = np.asarray(cv2.sepFilter2D(luma, cv2.CV_16S, _SECOND, _SECOND), np.int16)
    return detail.reshape(-1, period, luma.shape[1])[:, chosen].reshape(-1, luma.shape[1])


@measure
def levels(sample: ImageSample) -> NoiseLevels:
    """How strong the finest detail is in quiet and in usual tiles.

    Some lights are seen in texture only, so not all of them count, and not the middle one.
    """
    tables, light = grain(sample)
    readable = (light > BLACK << 8) & (light < WHITE << 8)
    height, width = native(sample).shape
    count = min(int(np.count_nonzero(readable)), (height // TILE) * (width // TILE))
    if FEWEST <= count < len(light):
        tables, light = tables[:, readable], light[readable]
    lights = _QUIETEST * quietest(tables, light)
    return NoiseLevels(lights[:, 0], lights[:, lights.shape[1] // 4], middle(tables), count)


def quietest(tables: Floats, light: NDArray[np.uint16]) -> Floats:
    """What the quietest tenth of the tiles of each light has in tables (k, tiles): (k, lights), quiet ones first."""
    groups = max(1, min(LIGHTS, light.size // FEWEST))
    size = light.size // groups
    ordered = tables[:, np.argsort(light, kind="stable")[: groups * size]].reshape(len(tables), groups, size)
    return np.sort(np.partition(ordered, size // 10, axis=2)[:, :, size // 10], axis=1)


def sigma(sample: ImageSample) -> float:
    """Standard deviation of the noise in grey levels (of 255) at native pixels."""
    return float(levels(sample).quiet[0])


class SigmaExtractor(FeatureExtractor):
    """Noise in grey levels.

    sigma: at native pixels. readable: tiles of 16 pixels that are neither black nor white.
    """

    names: ClassVar[tuple[str, ...]] = ("sigma", "readable")

    def row(self, sample: ImageSample) -> Sequence[float]:
        """The noise of one photograph."""
        return (sigma(sample), float(levels(sample).readable))


class GrainExtractor(FeatureExtractor):
    """Noise and texture over three scales.

    sigma, readable: as in `SigmaExtractor`. least_*, quiet_*, usual_*: logarithms of the deviation (`NoiseLevels`) at 1
    (native pixels), 2 (half) and 4 (a quarter of them).
    """

    names: ClassVar[tuple[str, ...]] = (
        *SigmaExtractor.names,
        *(f"{tiles}_{scale}" for tiles in ("least", "quiet", "usual") for scale in (1, 2, 4)),
    )

    def row(self, sample: ImageSample) -> Sequence[float]:
        """The features of one photograph."""
        found = levels(sample)
        logarithms = np.log(np.concatenate([found.least, found.quiet, found.usual]) + _LEAST)
        return (sigma(sample), float(found.readable), *logarithms.tolist())


class NoiseRule(AtMostRule):
    """Noisy above `threshold` grey levels at native pixels; a factor e is 1 / `softness` logits."""

    labels: ClassVar[tuple[str, ...]] = LABELS
    logarithmic: ClassVar[bool] = True

    def __init__(self, threshold: float = 2.8, softness: float = 0.15) -> None:
        super().__init__(threshold, softness)


def noise_evidence(sample: ImageSample) -> Evidence:
    """Where the grain is: what is left at the working scale when all that runs straight is taken off."""
    detail = cv2.sepFilter2D(sample.luma, cv2.CV_16S, _SECOND, _SECOND)
    smooth = cv2.blur(np.abs(detail).astype(np.float32), (TILE + 1, TILE + 1))
    height, width = sample.luma.shape
    factor = min(1.0, EVIDENCE_SIDE / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    heat = cv2.resize(smooth * np.float32(_DEVIATION / VISIBLE), size, interpolation=cv2.INTER_AREA)
    caption = "Bright: grain, or texture as fine as grain."
    return Evidence(np.clip(heat, 0, 1), shrink(sample.pixels, size), caption)


def _halved(luma: Gray) -> Gray:
    size = (luma.shape[1] // 2, luma.shape[0] // 2)
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)


PROPERTY = Property(
    name="noise",
    labels=LABELS,
    accepted=frozenset({"clean"}),
    summary="Does the sensor's grain show?",
    degradations=(NOISE, HIGH_ISO),
    evidence=noise_evidence,
    traces=True,
)
