"""Brightness: is a photograph exposed so that its details can be read?

    DeviationExtractor .... darkness and lightness: how many stops the exposure is off
    ExposureExtractor ..... all that a learned pipeline may look at
    ExposureRule .......... a rule on these two
    clipping_evidence ..... where light is lost
    PROPERTY

The mean says little: a night scene is dark and a studio shot is light, and both are right. So shares and percentiles of
linear light are measured, of the whole frame and of what has structure in it, and where the lost regions lie.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from ..shared.data import FeatureExtractor
from ..shared.estimators import Floats, RuleBasedModel
from ..shared.limits import Limit
from ..shared.modality import Property
from ..shared.results import Evidence
from .degradations import EXPOSURES
from .exposure import (
    BLACK_LUMA,
    CONTENT_PERCENTILES,
    PERCENTILES,
    STOPS,
    WHITE_LUMA,
    backdrop,
    blown,
    content,
    crushed,
    layout,
    levels,
)
from .measures import luma_histogram
from .raster import shrink
from .sample import ImageSample

LABELS = ("under_exposed", "good", "over_exposed")
WHITE = float(STOPS[255])
"""Stops between mid-grey and white."""
TOLERANCE = 1.0
"""Stops within which nobody would call an exposure wrong."""
SUBJECT_DARK, SUBJECT_LIGHT = 0.5, 0.8
"""Stops from mid-grey to where darkness and lightness of a subject begin to count."""
EVIDENCE_SIDE = 768
"""Longest side of the evidence in pixels."""


class DeviationExtractor(FeatureExtractor):
    """How many stops the exposure is off: `darkness`, `lightness` and `stops`, their balance."""

    names: ClassVar[tuple[str, ...]] = ("darkness", "lightness", "stops")

    def row(self, sample: ImageSample) -> Sequence[float]:
        """The deviations of one photograph."""
        return deviation(sample)


class ExposureExtractor(FeatureExtractor):
    """How the light lies between black and white, and where it is lost.

    p*: percentiles of the light, in stops from mid-grey. content_*: the same of what has structure. *_share: of all
    pixels. blown_*, crushed_*: white and black regions on the border, in the middle, and the largest. spread: stops
    from p5 to p95.
    """

    names: ClassVar[tuple[str, ...]] = (
        *(f"p{share:g}" for share in PERCENTILES),
        *(f"content_{share}" for share in CONTENT_PERCENTILES),
        "structure",
        *("black_share", "dark_share", "light_share", "white_share"),
        *("blown_border", "blown_middle", "blown_largest", "crushed_border", "crushed_middle", "crushed_largest"),
        *("backdrop", "spread", "entropy"),
        *DeviationExtractor.names,
    )

    def row(self, sample: ImageSample) -> Sequence[float]:
        """The features of one photograph."""
        light = levels(sample)
        regions = (*layout(blown(sample)), *layout(crushed(sample)))
        form = (backdrop(sample), float(light[5] - light[1]), entropy(sample))
        return (*light, *content(sample), *tone_shares(sample), *regions, *form, *deviation(sample))


class ExposureRule(RuleBasedModel):
    """Under-exposed from `darkness` stops on, over-exposed from `lightness` on; `softness` stops are one logit."""

    columns: ClassVar[int] = 2
    labels: ClassVar[tuple[str, ...]] = LABELS
    limits: ClassVar[Mapping[str, Limit]] = {"darkness": Limit(0, label=0), "lightness": Limit(1, label=2)}

    def __init__(self, darkness: float = 1.4, lightness: float = 1.4, softness: float = 0.25) -> None:
        self.darkness = darkness
        self.lightness = lightness
        self.softness = softness

    def margins(self, table: Floats) -> Floats:
        """Margins in logits, (n, 3)."""
        dark = (table[:, 0] - self.darkness) / self.softness
        light = (table[:, 1] - self.lightness) / self.softness
        return np.column_stack([dark, np.zeros(len(table)), light])


def deviation(sample: ImageSample) -> tuple[float, float, float]:
    """Darkness, lightness and their balance, each in stops.

    darkness: the light that could be added; the smaller of the room above the highlights and what the subject lacks.
    lightness: the light that is too much; the larger of what the lost highlights and what the subject tell.
    The balance is 0 within `TOLERANCE` of both, negative when too dark.
    """
    darkness, lightness = _darkness(sample), _lightness(sample)
    balance = max(lightness - TOLERANCE, 0.0) - max(darkness - TOLERANCE, 0.0)
    return darkness, lightness, balance


def _darkness(sample: ImageSample) -> float:
    light = levels(sample)
    room = WHITE - float(light[6] + light[7]) / 2
    return min(room, SUBJECT_DARK - float(content(sample)[1]))


def _lightness(sample: ImageSample) -> float:
    return max(stops_lost(lost_share(sample)), float(content(sample)[1]) - SUBJECT_LIGHT)


def lost_share(sample: ImageSample) -> float:
    """Share of the frame without highlight detail, 0 to 1, a white backdrop left out."""
    white = tone_shares(sample)[3]
    behind = min(backdrop(sample), white)
    return (white - behind) / (1 - behind + 1e-6)


def stops_lost(share: float) -> float:
    """Stops of over-exposure that this share of lost highlights tells: a well exposed photograph loses 1 %.

    0.4 stops a doubling: the upper tail of light in natural scenes is close to log-normal.

    >>> round(stops_lost(0.01), 2), round(stops_lost(0.32), 2)
    (0.0, 2.0)
    """
    return 0.4 * float(np.log2(max(share, 0.001) / 0.01))


def tone_shares(sample: ImageSample) -> tuple[float, float, float, float]:
    """Shares of black, dark (below a twentieth of white), light (above two thirds) and white pixels."""
    histogram = luma_histogram(sample).astype(np.float64)
    parts = (histogram[: BLACK_LUMA + 1], histogram[:64], histogram[213:], histogram[WHITE_LUMA:])
    black, dark, light, white = (float(part.sum() / histogram.sum()) for part in parts)
    return black, dark, light, white


def entropy(sample: ImageSample) -> float:
    """Entropy of the luma histogram, 0 to 8 bits."""
    shares = luma_histogram(sample)
    shares = shares[shares > 0] / shares.sum()
    return float(-(shares * np.log2(shares)).sum())


def clipping_evidence(sample: ImageSample) -> Evidence:
    """Where light is lost: 1 in black and white regions, fading over the next dozen levels of luma."""
    height, width = sample.pixels.shape[:2]
    factor = min(1.0, EVIDENCE_SIDE / max(height, width))
    picture = shrink(sample.pixels, (max(1, round(width * factor)), max(1, round(height * factor))))
    heat = cv2.LUT(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), _loss_table())
    return Evidence(np.asarray(heat, np.float32), picture, "bright: shadows or highlights without detail")


def _loss_table() -> NDArray[np.float32]:
    luma = np.arange(256)
    beyond = np.minimum(luma - BLACK_LUMA, WHITE_LUMA - luma)
    return np.clip(1 - beyond / 12, 0, 1).astype(np.float32)


PROPERTY = Property(
    name="brightness",
    labels=LABELS,
    accepted=frozenset({"good"}),
    summary="Is the photograph exposed so that its details can be read?",
    degradations=EXPOSURES,
    evidence=clipping_evidence,
)
