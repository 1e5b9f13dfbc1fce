"""Colour cast: is the photograph's white white, or did the white balance go wrong?

    estimates ............ four guesses at the colour of the light
    agreed ............... how far from neutral all of them are, and in which direction
    variety .............. how different the colours are
    CastExtractor, CastRule
    PROPERTY

The colour of the light cannot be measured, only guessed, and each guess has its weakness: the mean of all colours is
green in a forest (Buchsbaum 1980, grey world), the bright ones are those of a sunset (Finlayson and Trezzi 2004, shades
of grey; white patch), the edges those of a drawing (van de Weijer 2007, grey edge). A cast is what all of them agree
on. Where one colour fills the frame they agree as well, and nobody can tell a cast from a leaf: then the answer is
`cannot_tell`, after the idea of Gasparini and Schettini (2004), who look at how concentrated the colours are.

Distances are Delta E (CIE 1976) in a* and b* at L* = 85: how far a white wall would be from white.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from ..shared.data import FeatureExtractor
from ..shared.estimators import RuleBasedModel
from ..shared.modality import Property
from ..shared.sample import measure
from .colours import Floats, chromatic, lab, swatches
from .degradations_tones import CASTS, HUES
from .light import srgb_to_linear
from .sample import ImageSample

LABELS = (*HUES, "neutral")
DAYLIGHT = ("warm", "cool")
DARK, CLIPPED = 40, 250
"""Values of the lightest channel between which a colour tells something of the light."""
BRIGHTEST = 0.05
"""Share of the pixels that the white patch is made of."""
FEWEST = 16
LINEAR = srgb_to_linear(np.arange(256) / 255)
LINEAR.flags.writeable = False


class CastExtractor(FeatureExtractor):
    """cast: Delta E from neutral that all estimates agree on. a, b: the cast as a* (red) and b* (yellow).

    strength: mean of the estimates. disagreement: of the one that is farthest from the mean. mixture: how different the
    colours are, as a share of the strength (of 1 at least). side: the short side in pixels.
    """

    names: ClassVar[tuple[str, ...]] = ("cast", "a", "b", "strength", "disagreement", "mixture", "side")

    def row(self, sample: ImageSample) -> Sequence[float]:
        """The features of one photograph."""
        found = agreed(estimates(sample))
        return (*found, variety(sample) / max(found[3], 1.0), float(min(sample.size)))


class CastRule(RuleBasedModel):
    """A cast from `threshold` Delta E on, named by the nearest of four hues; `softness` Delta E are one logit.

    tolerance: how many times as much is accepted towards warm and cool, since evenings, lamps and skies are so.
    """

    columns: ClassVar[int] = 3
    labels: ClassVar[tuple[str, ...]] = LABELS

    def __init__(self, threshold: float = 16.0, tolerance: float = 1.15, softness: float = 2.0) -> None:
        self.threshold = threshold
        self.tolerance = tolerance
        self.softness = softness

    def margins(self, table: Floats) -> Floats:
        """Margins in logits, (n, 5)."""
        allowed = self.threshold * np.array([self.tolerance if name in DAYLIGHT else 1.0 for name in HUES])
        beyond = (table[:, :1] - allowed) / self.softness
        angles = np.radians(list(HUES.values()))
        near = table[:, 1:2] * np.cos(angles) + table[:, 2:3] * np.sin(angles)
        behind = (near.max(axis=1, keepdims=True) - near) / self.softness
        return np.column_stack([beyond - behind, np.zeros(len(table))])


@measure
def estimates(sample: ImageSample) -> Floats:
    """a* and b* of the light, (4, 2), by: grey world, shades of grey (p = 6), white patch, grey edge (p = 2)."""
    pixels = swatches(sample)
    light = np.asarray(cv2.LUT(pixels, LINEAR), np.float32)
    telling, bright = _telling(pixels, np.ascontiguousarray(lab(sample)[..., 0]))
    sixth = light * light * light
    guesses = (
        np.asarray(cv2.mean(light, telling)[:3]),
        np.asarray(cv2.mean(sixth * sixth, telling)[:3]) ** (1 / 6),
        np.asarray(cv2.mean(light, bright)[:3]),
        _edges(light),
    )
    return chromatic(np.array(guesses))


def agreed(guesses: Floats) -> tuple[float, float, float, float, float]:
    """What the guesses (4, 2) agree on: distance, its a* and b*, mean distance, and the largest disagreement.

    Grey world has no part in the mean, because a large object moves it most; but it has to agree with the direction.
    """
    world, others = guesses[0], guesses[1:]
    a, b = others.mean(axis=0).tolist()
    strength = math.hypot(a, b)
    farthest = max(math.hypot(x - a, y - b) for x, y in others.tolist())
    along = float(world @ (a, b)) / max(strength, 1e-6)
    cast = max(min(strength - farthest, along), 0.0)
    share = cast / max(strength, 1e-6)
    return cast, a * share, b * share, strength, farthest


@measure
def variety(sample: ImageSample) -> float:
    """Standard deviation of a* and b* across the direction in which they vary most, in Delta E; grey has none."""
    plane = lab(sample)[..., 1:].reshape(-1, 2).astype(np.float32)
    plane -= plane.mean(axis=0)
    (aa, ab), (_, bb) = (plane.T @ plane / len(plane)).tolist()
    return math.sqrt(max((aa + bb) / 2 - math.hypot((aa - bb) / 2, ab), 0.0))


def _telling(pixels: NDArray[np.uint8], lightness: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Masks of pixels that are neither dark nor clipped, and of the lightest of these; of all where there are few."""
    red, green, blue = cv2.split(pixels)
    most = np.maximum(np.maximum(red, green), blue)
    telling = ((most >= DARK) & (most < CLIPPED)).view(np.uint8)
    if np.count_nonzero(telling) < FEWEST:
        telling = np.ones_like(lightness)
    counts = cv2.calcHist([lightness], [0], telling, [256], [0, 256]).ravel()
    above = np.cumsum(counts[::-1])
    least = 255 - int(np.searchsorted(above, max(BRIGHTEST * above[-1], 1)))
    return telling, telling & (lightness >= least)


def _edges(light: NDArray[np.float32]) -> Floats:
    """Root mean square of the light's differences between neighbours, by channel."""
    across, down = light[:, 1:] - light[:, :-1], light[1:] - light[:-1]
    energy = np.einsum("hwc,hwc->c", across, across) + np.einsum("hwc,hwc->c", down, down)
    return np.asarray(np.sqrt(energy / light[..., 0].size) + 1e-4, np.float64)


PROPERTY = Property(
    name="colour_cast",
    labels=LABELS,
    accepted=frozenset({"neutral"}),
    summary="Is white white, or did the white balance go wrong?",
    degradations=CASTS,
)
