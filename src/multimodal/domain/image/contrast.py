"""Contrast: do the tones of a photograph reach from dark to light, or does a veil lie over them?

    tone_range ............. the darkest and the lightest values that are there, in any channel
    RangeExtractor ......... contrast between these two, and what it takes to trust it
    RmsExtractor ........... deviation of the luma: the textbook's contrast, which knows nothing of veils
    ContrastRangeRule, ContrastRmsRule
    veil_evidence .......... where a veil of light lies over the picture
    PROPERTY

Haze, stray light in the lens and a flat scan lift the shadows. Michelson's contrast (1927) tells: (light - dark) /
(light + dark) is nearly 1 where anything is dark, and the same for a photograph that is two stops too dark; of values
as the file has them, since shadows count as much as highlights there. All channels count: a red wall has dark blue.
Source of the evidence: the dark channel of He, Sun and Tang (2009), "Single image haze removal".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from ..shared.data import FeatureExtractor
from ..shared.modality import Property
from ..shared.results import Evidence
from ..shared.rules import AtLeastRule
from ..shared.sample import measure
from .degradations_tones import FLAT_TONES, HAZE
from .exposure import WHITE_LUMA
from .measures import luma_histogram, small
from .raster import shrink
from .sample import ImageSample
from .sharpness import clean_tiles

LABELS = ("low_contrast", "good")
SEEN_IN_LUMA, SEEN_IN_CHANNELS = 0.001, 0.002
"""Shares of the pixels that are darker than dark and lighter than light: the strokes of a page are enough."""
LEAST = 8
"""Grey levels that the sum is raised by, so that a black picture has no contrast."""
EVIDENCE_SIDE, PATCH = 768, 1 / 24
"""Longest side of the evidence; side of a patch in which something dark is looked for, as a share of it."""


class RangeExtractor(FeatureExtractor):
    """contrast: (light - dark) / (light + dark), 0 to 1. dark, light: values 0 to 255 of any channel.

    texture: strength of coarse structure (as for blur). white_share: of the pixels. side: the short side in pixels.
    """

    names: ClassVar[tuple[str, ...]] = ("contrast", "dark", "light", "texture", "white_share", "side")

    def row(self, sample: ImageSample) -> Sequence[float]:
        """The features of one photograph."""
        dark, light = tone_range(sample)
        return michelson(dark, light), dark, light, texture(sample), white_share(sample), float(min(sample.size))


class RmsExtractor(FeatureExtractor):
    """rms_contrast: standard deviation of the luma, as a share of white (Peli 1990). mean: of the luma, 0 to 255."""

    names: ClassVar[tuple[str, ...]] = ("rms_contrast", "mean", "side")

    def row(self, sample: ImageSample) -> Sequence[float]:
        """The features of one photograph."""
        shares = luma_histogram(sample) / luma_histogram(sample).sum()
        values = np.arange(256, dtype=np.float32)
        mean = float(shares @ values)
        return float(np.sqrt(max(shares @ (values - mean) ** 2, 0.0))) / 255, mean, float(min(sample.size))


class ContrastRangeRule(AtLeastRule):
    """Low below a contrast of `threshold`; `softness` of it is one logit."""

    labels: ClassVar[tuple[str, ...]] = LABELS

    def __init__(self, threshold: float = 0.29, softness: float = 0.05) -> None:
        super().__init__(threshold, softness)


class ContrastRmsRule(AtLeastRule):
    """Low below a deviation of `threshold` of white; `softness` of it is one logit."""

    labels: ClassVar[tuple[str, ...]] = LABELS

    def __init__(self, threshold: float = 0.08, softness: float = 0.02) -> None:
        super().__init__(threshold, softness)


@measure
def tone_range(sample: ImageSample) -> tuple[float, float]:
    """The darkest and the lightest value, 0 to 255, that a person sees: in the luma, or in any channel of `small`."""
    pixels = small(sample)
    channels = np.asarray(cv2.calcHist([pixels.reshape(-1, 1)], [0], None, [256], [0, 256]), np.float32).ravel()
    ends = [_ends(luma_histogram(sample), SEEN_IN_LUMA), _ends(channels, SEEN_IN_CHANNELS)]
    return min(dark for dark, _ in ends), max(light for _, light in ends)


def _ends(histogram: NDArray[np.float32], share: float) -> tuple[float, float]:
    """Values below and above which this share of a histogram lies."""
    running = np.cumsum(histogram, dtype=np.float64)
    dark, light = np.searchsorted(running, (share * running[-1], (1 - share) * running[-1]))
    return float(dark), float(light)


def michelson(dark: float, light: float) -> float:
    """Contrast of two values, 0 to 1.

    >>> michelson(0, 255) > 0.9, michelson(100, 100), round(michelson(90, 190), 2)
    (True, 0.0, 0.35)
    """
    return (light - dark) / (light + dark + LEAST)


def texture(sample: ImageSample) -> float:
    """Strength of coarse structure in the strongest tiles, in grey levels; an even wall has none, fog has little."""
    bends = clean_tiles(sample).curvature[2].ravel()
    place = round(0.99 * (len(bends) - 1))
    return 4 * math.sqrt(np.partition(bends, place)[place])


def white_share(sample: ImageSample) -> float:
    """Share of the pixels without highlight detail, 0 to 1."""
    histogram = luma_histogram(sample)
    return float(histogram[WHITE_LUMA:].sum() / histogram.sum())


def veil_evidence(sample: ImageSample) -> Evidence:
    """Where a veil lies: bright where nothing is dark in any channel for a patch around."""
    height, width = sample.pixels.shape[:2]
    factor = min(1.0, EVIDENCE_SIDE / max(height, width))
    picture = shrink(sample.pixels, (max(1, round(width * factor)), max(1, round(height * factor))))
    side = 2 * round(max(picture.shape[:2]) * PATCH / 2) + 1
    darkest = cv2.erode(picture.min(axis=2), np.ones((side, side), np.uint8))
    heat = cv2.GaussianBlur(darkest.astype(np.float32) / 255, (0, 0), max(side / 4, 0.5))
    return Evidence(np.asarray(heat, np.float32), picture, "Bright: nothing dark around, as behind a veil of light.")


PROPERTY = Property(
    name="contrast",
    labels=LABELS,
    accepted=frozenset({"good"}),
    summary="Do the tones reach from dark to light, or does a veil lie over them?",
    degradations=(HAZE, FLAT_TONES),
    evidence=veil_evidence,
)
