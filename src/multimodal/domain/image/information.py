"""Information: is there anything to be seen, or did somebody photograph a wall, a pocket, the inside of a lens cap?

    edged, coloured ......... which tiles have edges, which a colour of their own
    InformationExtractor .... the share of the frame that has either
    InformationRule ......... a rule on it
    veil, lens_cap .......... what leaves nothing to be seen
    captures ................ photographs with and without, to tune the rule on
    structure_evidence ...... where there is something
    PROPERTY

The usual measure is the entropy of the histogram. Noise raises it and a few large areas lower it, so that a lens cap at
a high ISO looks rich and a page of text poor. Here a tile of the frame tells something when its edges stand above its
noise, or when its light has another colour than the frame has on the average. An even surface has neither, however
noisy it is, and however light falls off towards its corners: that is a slope, not an edge, and of one colour.

The edges are those of `sharpness.clean_tiles`: squared gradients less what the quietest tiles of the same brightness
have (the noise estimate is Immerkaer's, 1996). One octave would do for a sharp photograph; three of them find
the soft shapes of a blurred one as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from ..shared.data import FeatureExtractor
from ..shared.modality import Degradation, Property
from ..shared.results import Evidence
from ..shared.rules import AtLeastRule
from ..shared.sample import Capture, measure
from .degradations import add_noise, expose
from .light import Pixels
from .measures import small
from .raster import shrink
from .sample import ImageSample
from .sharpness import clean_tiles

if TYPE_CHECKING:
    from .synthetic import Mix

Mask = NDArray[np.bool_]

LABELS = ("empty", "informative")
EDGES = np.array([1.5, 0.8, 0.5], np.float32)[:, None, None]
"""Squared gradients, grey levels² a judged pixel², from which edges can be seen, at octaves 1, 2 and 3: a step of 5
levels in a tile, or one of 150 levels that a lens has spread over 100 pixels. Falling light does not reach it."""
OVER_NOISE = 3.0
"""How many times its noise a tile's edges have to be."""
COLOUR, DARK = 0.04, 90.0
"""Difference in the share of red, green or blue that is another colour; sum of the three below which colours fade."""
PLAIN = ("wall", "sky", "grain")
"""Kinds of scenes that show an even surface."""
SMALLEST_TILE = 16 * 16
"""Pixels of the smallest tiles; a picture narrower than one is continued by its border, which adds nothing."""
EVIDENCE_SIDE = 768

Rng = np.random.Generator


@measure
def edged(sample: ImageSample) -> Mask:
    """Tiles with edges above their noise, (rows, columns)."""
    tiles = clean_tiles(sample)
    energy = tiles.energy[1:]
    return np.asarray((energy > np.maximum(EDGES, OVER_NOISE * tiles.noise[1:])).any(axis=0))


@measure
def coloured(sample: ImageSample) -> Mask:
    """Tiles whose light is of another colour than the frame's on the average, (rows, columns)."""
    rows, columns = edged(sample).shape
    light = cv2.resize(small(sample), (columns, rows), interpolation=cv2.INTER_AREA)
    planes = np.array(cv2.split(cv2.blur(light, (3, 3))), np.float32)  # with its neighbours: less noise
    whole = planes.sum(axis=0)
    shares = (planes - whole / 3) / (whole + np.float32(DARK))
    usual = shares.reshape(3, -1).mean(axis=1)
    return np.asarray(np.abs(shares - usual[:, None, None]).max(axis=0) > COLOUR)


class InformationExtractor(FeatureExtractor):
    """How much there is to be seen: shares of the frame's tiles in per cent, 0 to 100.

    structure: with edges or a colour of their own. edges, colours: with either. tiles: how many there are.
    """

    names: ClassVar[tuple[str, ...]] = ("structure", "edges", "colours", "tiles")

    def row(self, sample: ImageSample) -> Sequence[float]:
        """The shares of one photograph."""
        edges, colours = edged(sample), coloured(sample)
        counts = (np.count_nonzero(edges | colours), np.count_nonzero(edges), np.count_nonzero(colours))
        tiles = min(edges.size, sample.luma.size // SMALLEST_TILE)  # no more than there are pixels for
        return (*(100 * count / edges.size for count in counts), tiles)


class InformationRule(AtLeastRule):
    """Empty below a share of the frame with structure, in per cent; a factor e in it is 1 / `softness` logits."""

    labels: ClassVar[tuple[str, ...]] = LABELS
    logarithmic: ClassVar[bool] = True

    def __init__(self, threshold: float = 0.7, softness: float = 0.3) -> None:
        super().__init__(threshold, softness)


def veil(pixels: Pixels, times: float, rng: Rng) -> Pixels:
    """A plain surface instead of the scene: all contrasts `times` smaller, light falling off, the noise of a camera."""
    plain = pixels.mean(axis=(0, 1), dtype=np.float32)
    faded = plain + (pixels - plain) / np.float32(times)
    lit = faded * (1 - rng.uniform(0, 0.35) * _ramp(pixels.shape, rng)[..., None])
    return add_noise(np.asarray(np.rint(np.clip(lit, 0, 255)), np.uint8), rng.uniform(0.3, 8), rng)


def lens_cap(pixels: Pixels, stops: float, rng: Rng) -> Pixels:
    """So many stops less light, as under a lens cap or in a pocket, with amplified noise and a little light leaking in.

    The leak lies on one side and is warm; the noise has a deviation of up to 12 grey levels.
    """
    dark = expose(pixels, -stops).astype(np.float32)
    leak = rng.uniform(0, 40) * _ramp(pixels.shape, rng)[..., None] ** 3 * np.array([1.0, 0.86, 0.76], np.float32)
    noise = rng.standard_normal(pixels.shape, np.float32) * np.float32(np.exp(rng.uniform(-1.2, 2.5)))
    return np.asarray(np.rint(np.clip(dark + leak + noise, 0, 255)), np.uint8)


def captures(property_name: str, count: int, *, seed: int = 0, mix: Mix | None = None) -> list[Capture]:
    """``count`` photographs with something to be seen, veiled, or under a lens cap; made when they are read.

    Scenes that are empty as they are (walls, skies, plain cloth) are left out: they would be called informative.
    """
    from . import faulty

    made = faulty.captures(property_name, 2 * count + faulty.VARIANTS, seed=seed, mix=mix)
    return [capture for capture in made if capture.facts["kind"] not in PLAIN][:count]


def _ramp(shape: tuple[int, ...], rng: Rng) -> NDArray[np.float32]:
    """Grows evenly from 0 near a random point of the frame to 1 at the farthest, squared; float32 (h, w)."""
    height, width = shape[:2]
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None] - np.float32(rng.uniform())
    across = np.linspace(0, 1, width, dtype=np.float32)[None] - np.float32(rng.uniform())
    distance = down * down + across * across
    return np.asarray(distance / max(float(distance.max()), 1e-6), np.float32)


def structure_evidence(sample: ImageSample) -> Evidence:
    """Where there is something to be seen: bright where tiles have edges, half as bright where only a colour."""
    height, width = sample.pixels.shape[:2]
    factor = min(1.0, EVIDENCE_SIDE / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    told = np.maximum(edged(sample).astype(np.float32), 0.5 * coloured(sample).astype(np.float32))
    heat = np.asarray(cv2.resize(told, size, interpolation=cv2.INTER_NEAREST), np.float32)
    return Evidence(heat, shrink(sample.pixels, size), "Bright: there is something to be seen. Dark: nothing.")


VEIL = Degradation(
    "veil", "empty", "times less contrast", (40.0, 75.0, 140.0, 270.0, 520.0, 1000.0), veil, unnoticed=3.0
)
LENS_CAP = Degradation(
    "lens_cap", "empty", "stops of light lost", (10.0, 11.0, 12.0, 13.0, 14.0, 15.0), lens_cap, unnoticed=3.0
)
PROPERTY = Property(
    name="information",
    labels=LABELS,
    accepted=frozenset({"informative"}),
    summary="Is there anything to be seen?",
    degradations=(VEIL, LENS_CAP),
    evidence=structure_evidence,
)
