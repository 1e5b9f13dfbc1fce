"""Colour cast: is the photograph's white white, or did the white balance go wrong?

    estimates ............ four guesses at the colour of the light
    agreed ............... how far from neutral all of them are, and in which direction
    variety .............. how different the colours are
    CastExtractor, CastRule
    PROPERTY

The colour of the light cannot be measured, only guessed, and each guess has its weakness: the mean of all colours is
green in a forest (Buchsbaum 1980, grey world), the bright ones are those of a sunset (white patch; Finlayson and Trezzi
2004 go from one to the other by shades of grey), the edges those of a drawing (van de Weijer 2007, grey edge). A cast
is what all agree on. Where one colour fills the frame they agree as well, and nobody can tell a cast from a leaf: the
answer then is `cannot_tell`, after the idea of Gasparini and Schettini (2004): how concentrated are the colours?

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
from .colours import Floats, chromatic, opponents, swatches
from .degradations_tones import CASTS, HUES
from .light import srgb_to_linear
from .sample import ImageSample

Point = tuple[float, float]

LABELS = (*HUES, "neutral")
DAYLIGHT = ("warm", "cool")
DARK, CLIPPED = 40, 250
"""A colour tells something of the light when its lightest channel is no darker and its darkest one is not lost."""
FEWEST = 16
LEAST_EDGE = 1e-8
"""Square of the difference of light that edges are raised by, so that there is a colour without any: grey."""
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

    def __init__(self, threshold: float = 15.0, tolerance: float = 1.15, softness: float = 2.0) -> None:
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
def estimates(sample: ImageSample) -> tuple[Point, ...]:
    """a* and b* of the light by grey world, by the light and the lightest pixels, and by the edges.

    The second and the third are means weighed by a power of the luminance. They lie between grey world and white patch
    as the Minkowski means of shades of grey do, but with the same pixels for each channel: one that clips earlier than
    the others does not turn the rest.
    """
    light = np.asarray(cv2.LUT(swatches(sample), LINEAR), np.float32)
    telling = _telling(swatches(sample))
    luminance = np.asarray(cv2.cvtColor(light, cv2.COLOR_RGB2GRAY), np.float32)
    cube = luminance * luminance * luminance
    weights = np.stack([np.ones_like(cube), cube, cube * cube * luminance * luminance]) * telling
    means = weights.reshape(len(weights), -1) @ light.reshape(-1, 3)
    return tuple(chromatic(guess) for guess in (*means.tolist(), _edges(light, telling)))


def agreed(guesses: Sequence[Point]) -> tuple[float, float, float, float, float]:
    """What the guesses agree on: distance, its a* and b*, distance of the mean, and the largest disagreement.

    Grey world, the first, has no part in the mean, because a large object moves it most; but it has to agree with the
    direction.
    """
    world, *others = guesses
    a, b = (sum(axis) / len(others) for axis in zip(*others, strict=True))
    strength = math.hypot(a, b)
    farthest = max(math.hypot(x - a, y - b) for x, y in others)
    along = (world[0] * a + world[1] * b) / max(strength, 1e-6)
    cast = max(min(strength - farthest, along), 0.0)
    share = cast / max(strength, 1e-6)
    return cast, a * share, b * share, strength, farthest


@measure
def variety(sample: ImageSample) -> float:
    """Standard deviation of a* and b* across the direction in which they vary most, in Delta E; grey has none."""
    a, b = opponents(sample)
    mean_a, mean_b = float(a.mean()), float(b.mean())
    aa, bb, ab = (float(one @ other) / len(a) for one, other in ((a, a), (b, b), (a, b)))
    aa, bb, ab = aa - mean_a**2, bb - mean_b**2, ab - mean_a * mean_b
    return math.sqrt(max((aa + bb) / 2 - math.hypot((aa - bb) / 2, ab), 0.0))


def _telling(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Mask of the pixels that are neither dark nor white; of all where there are few of these.

    One channel that clips does not count: without such pixels the others would lean to the opposite colour.
    """
    red, green, blue = cv2.split(pixels)
    least, most = np.minimum(np.minimum(red, green), blue), np.maximum(np.maximum(red, green), blue)
    telling = ((most >= DARK) & (least < CLIPPED)).view(np.uint8)
    return telling if np.count_nonzero(telling) >= FEWEST else np.ones_like(telling)


def _edges(light: NDArray[np.float32], telling: NDArray[np.uint8]) -> list[float]:
    """Root mean square of the light's differences between neighbours that both tell something, by channel."""
    pairs = ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[1:], np.s_[:-1]))
    energy = np.full((3, 1), LEAST_EDGE)
    for one, other in pairs:
        if light[one].size:
            both = telling[one] & telling[other]
            mean, deviation = cv2.meanStdDev(cv2.subtract(light[one], light[other]), mask=both)
            energy += mean * mean + deviation * deviation
    return [math.sqrt(channel) for channel in energy.ravel().tolist()]


PROPERTY = Property(
    name="colour_cast",
    labels=LABELS,
    accepted=frozenset({"neutral"}),
    summary="Is white white, or did the white balance go wrong?",
    degradations=CASTS,
)
