"""Size: has the file enough pixels, and a shape that photographs have?

    SizeExtractor ........... sides, aspect and megapixels, as the file has them
    SizeRule ................ a rule on the two sides
    shrunk, strip ........... what makes them wrong
    captures ................ photographs of known size and shape, to tune the rule on
    PROPERTY

Nothing is measured but the native width and height of the upright picture; `resolution` tells whether the pixels hold
as much as they could. The short side counts, because the long one says nothing about a panorama's detail.

Where the lines lie: thumbnails have a short side of 75 to 200 pixels and icons of 16 to 128, the smallest pictures that
anybody took as such have 240 (QVGA, 320 x 240) or 480 (VGA). Stitched panoramas are meant up to some 4 to 1, and
cinema's widest format is 2.76 to 1 (Ultra Panavision 70); what is longer is a banner, a scan line or a slip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np

from ..shared.data import FeatureExtractor
from ..shared.estimators import Floats, RuleBasedModel
from ..shared.modality import Degradation, Property
from ..shared.sample import Capture
from .degradations import rescale
from .light import Pixels
from .sample import ImageSample

LABELS = ("good", "too_small", "odd_aspect")
HALF_A_PIXEL, HAIR = 0.5, 0.01
"""By how much the limits are passed before they count, so that a picture that has just the limit is good."""
ORDINARY = 480
"""Short side in pixels from which `shrunk` counts how many times smaller a picture is."""
SIDES = ((1100, 1600, 0.8), (1600, 2200, 0.2))
"""Long sides of `captures` before anything happens to them: large enough that a strip of them is not too small."""

Rng = np.random.Generator


class SizeExtractor(FeatureExtractor):
    """short_side, long_side: native pixels. aspect: the long side over the short one, 1 or more. megapixels: 10^6."""

    names: ClassVar[tuple[str, ...]] = ("short_side", "long_side", "aspect", "megapixels")

    def row(self, sample: ImageSample) -> Sequence[float]:
        """The numbers of one photograph."""
        short, long = sorted(sample.size)
        return short, long, long / short, short * long / 1e6


class SizeRule(RuleBasedModel):
    """Too small below a short side of `min_side` pixels, of odd aspect above `max_aspect`.

    A strip is too small only where it would be so in the longest shape that is accepted: else it is its shape that is
    wrong. A factor e in side or aspect is 1 / `softness` logits. At the limits themselves a picture is good.
    """

    columns: ClassVar[int] = 2
    labels: ClassVar[tuple[str, ...]] = LABELS

    def __init__(self, min_side: float = 240.0, max_aspect: float = 4.0, softness: float = 0.05) -> None:
        self.min_side = min_side
        self.max_aspect = max_aspect
        self.softness = softness

    def margins(self, table: Floats) -> Floats:
        """Margins in logits, (n, 3), of a table whose first columns are the short and the long side."""
        short, long = (np.maximum(table[:, column], 1.0) for column in (0, 1))
        small = np.log((self.min_side - HALF_A_PIXEL) / np.maximum(short, long / self.max_aspect))
        odd = np.log(long / short / (self.max_aspect + HAIR))
        return np.column_stack([np.zeros(len(table)), small, odd]) / self.softness


def shrunk(pixels: Pixels, times: float, rng: Rng) -> Pixels:
    """The picture with a short side so many times smaller than 480 pixels; a smaller one stays as it is."""
    factor = ORDINARY / times / min(pixels.shape[:2])
    return rescale(pixels, factor) if factor < 1 else pixels.copy()


def strip(pixels: Pixels, aspect: float, rng: Rng) -> Pixels:
    """A strip along the long side, so many times as long as it is wide, from anywhere in the picture."""
    lying = pixels if pixels.shape[1] >= pixels.shape[0] else pixels.swapaxes(0, 1)
    height = min(lying.shape[0], max(1, round(lying.shape[1] / aspect)))
    top = int(rng.integers(0, lying.shape[0] - height + 1))
    part = lying[top : top + height]
    return np.ascontiguousarray(part if lying is pixels else part.swapaxes(0, 1))


def captures(property_name: str, count: int, *, seed: int = 0) -> list[Capture]:
    """``count`` photographs that are large and well shaped, or shrunk, or cut to strips; made when they are read."""
    from . import faulty

    return faulty.captures(property_name, count, seed=seed, mix=replace(faulty.MIX, real=0.0, sides=SIDES))


SHRUNK = Degradation(
    "shrunk", "too_small", "times below 480 px", (2.5, 3.6, 5.2, 7.6, 11.0, 16.0), shrunk, unnoticed=1.6
)
STRIP = Degradation("strip", "odd_aspect", "to 1", (5.0, 6.5, 8.5, 11.0, 15.0, 20.0), strip, unnoticed=3.2)
PROPERTY = Property(
    name="size",
    labels=LABELS,
    accepted=frozenset({"good"}),
    summary="Has the file enough pixels, in a shape that photographs have?",
    degradations=(SHRUNK, STRIP),
)
