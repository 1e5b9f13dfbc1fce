"""Saturation: has the photograph colours, and are they those of the world?

    SaturationExtractor ... chroma, hues and colours beyond what a screen shows
    SaturationRule ........ grayscale, monochrome (a single hue, as sepia), natural, oversaturated
    chroma_evidence ....... where the colours are strong
    PROPERTY

A black-and-white photograph is often meant, so this informs and does not decide. Chroma is that of CIELAB (CIE 1976).
A single hue is told by what is left of a* and b* once each lightness has given away its mean: a toned print has one
colour for each lightness, whatever the toner. Oversaturated colours are pressed against the border of what sRGB can
show: one channel is empty while another is bright, which objects in daylight hardly ever do (Pointer 1980).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import cv2
import numpy as np

from ..shared.data import FeatureExtractor
from ..shared.estimators import RuleBasedModel
from ..shared.modality import Property
from ..shared.results import Evidence
from ..shared.sample import measure
from .colours import Floats, chroma, lab, opponents, swatches
from .degradations_tones import EXAGGERATION, FADE, TONE
from .raster import shrink
from .sample import ImageSample

LABELS = ("grayscale", "monochrome", "natural", "oversaturated")
COLOURFUL = 0.95
"""The chroma of a photograph is the one that this share of its pixels stays below: one flower is colour enough."""
EMPTY, BRIGHT = 8, 150
"""Values below and above which two channels are, of a colour at the border of what a screen shows."""
TONES = 64
LEAST = 0.01
"""What logarithms are taken above."""
EVIDENCE_SIDE, FULL_CHROMA = 768, 100.0


class SaturationExtractor(FeatureExtractor):
    """chroma: C*ab that 95 % of the pixels stay below, Delta E. mean_chroma: of all pixels.

    hues: deviation of a* and b* from the mean of their lightness, Delta E. neon: share of the pixels whose colour is
    as strong as a screen can show. tones, lightness: deviation and mean of L*, 0 to 100. side: short side in pixels.
    """

    names: ClassVar[tuple[str, ...]] = ("chroma", "hues", "neon", "tones", "lightness", "mean_chroma", "side")

    def row(self, sample: ImageSample) -> Sequence[float]:
        """The features of one photograph."""
        strengths = chroma(sample)
        place = round(COLOURFUL * (len(strengths) - 1))
        top = float(np.partition(strengths, place)[place])
        mean, deviation = (float(each[0, 0]) / 2.55 for each in cv2.meanStdDev(lab(sample)))
        return top, hues(sample), neon(sample), deviation, mean, float(strengths.mean()), float(min(sample.size))


class SaturationRule(RuleBasedModel):
    """Grayscale below a chroma of `least`, oversaturated above `most` neon, monochrome below `variety` in hues.

    An even wall has a single hue as well: monochrome needs tones that deviate by `tones` or more. A factor e in any of
    these is 1 / `softness` logits.
    """

    columns: ClassVar[int] = 4
    labels: ClassVar[tuple[str, ...]] = LABELS

    def __init__(
        self, least: float = 2.0, variety: float = 1.2, most: float = 0.15, tones: float = 15.0, softness: float = 0.2
    ) -> None:
        self.least = least
        self.variety = variety
        self.most = most
        self.tones = tones
        self.softness = softness

    def margins(self, table: Floats) -> Floats:
        """Margins in logits, (n, 4)."""
        thresholds = np.array([self.least, self.variety, self.most, self.tones])
        colour, hues, neon, tones = (np.log((table[:, :4] + LEAST) / (thresholds + LEAST)) / self.softness).T
        toned = np.minimum(np.minimum(colour, -hues), tones)
        return np.column_stack([-colour, toned, np.zeros(len(table)), neon])


@measure
def hues(sample: ImageSample) -> float:
    """Root mean square of what a* and b* differ from the mean of all pixels of their lightness, in Delta E."""
    tones = lab(sample)[..., 0].ravel() >> 2
    counts = np.bincount(tones, minlength=TONES)
    planes = opponents(sample)
    means = np.stack([np.bincount(tones, plane, TONES) for plane in planes]) / np.maximum(counts, 1)
    within = float((planes * planes).sum()) - float((counts * means * means).sum())
    return math.sqrt(max(within / len(tones), 0.0))


def neon(sample: ImageSample) -> float:
    """Share of the swatches with one channel empty and another bright, 0 to 1."""
    red, green, blue = cv2.split(swatches(sample))
    least, most = np.minimum(np.minimum(red, green), blue), np.maximum(np.maximum(red, green), blue)
    both = (least < EMPTY) & (most > BRIGHT)
    return float(np.count_nonzero(both) / both.size)


def chroma_evidence(sample: ImageSample) -> Evidence:
    """Where the colours are strong: 1 from a chroma of 100 on."""
    height, width = sample.pixels.shape[:2]
    factor = min(1.0, EVIDENCE_SIDE / max(height, width))
    picture = shrink(sample.pixels, (max(1, round(width * factor)), max(1, round(height * factor))))
    a, b = (plane.astype(np.float32) - 128 for plane in cv2.split(cv2.cvtColor(picture, cv2.COLOR_RGB2LAB))[1:])
    heat = np.clip(cv2.magnitude(a, b) / FULL_CHROMA, 0, 1)
    return Evidence(np.asarray(heat, np.float32), picture, "Bright: strong colours. Dark: grey.")


PROPERTY = Property(
    name="saturation",
    labels=LABELS,
    accepted=frozenset({"natural"}),
    summary="Has the photograph colours, and are they those of the world?",
    degradations=(FADE, TONE, EXAGGERATION),
    evidence=chroma_evidence,
)
