"""Glare: does the sun, a lamp or a reflected flash burn a hole into the photograph?

    Region, regions ...... white regions and how the light falls off around them
    halo ................. how much a region looks like light that a lens has spread, 0 to 1
    GlareExtractor, GlareRule
    glare_evidence ....... where
    PROPERTY

A source of light is spread by every lens: around its white core the light falls off evenly in all directions, with a
power of the distance (the point spread of veiling glare: McCann and Rizzi 2007; Talvala et al. 2007). A white shirt, a
window, paper and a backdrop end at once or on one side only, an over-exposed face or sky ends anywhere. So the light
is read on circles around each white region.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ..shared.data import FeatureExtractor
from ..shared.modality import Property
from ..shared.results import Evidence
from ..shared.rules import AtMostRule
from ..shared.sample import measure
from .colours import Floats
from .degradations_tones import FLARE
from .exposure import blown
from .measures import thumbnail
from .raster import shrink
from .sample import ImageSample

LABELS = ("glare", "clear")
REGIONS, SMALLEST = 4, 0.001
"""How many white regions are looked at, the largest ones, and from which share of the frame on."""
DIRECTIONS = 16
CIRCLES = np.array([1.25, 1.6, 2.2], np.float32)
"""Radii of the circles, in radii of a disk as large as the region."""
BRIGHT, EVEN, FALL, END = (150.0, 175.0), (60.0, 30.0), (15.0, 40.0), (247.0, 240.0)
"""Luma from which to which a region is no source at all and surely one: of the first circle, of the differences on the
second, of the fall to the third, and of what is not yet an end."""
ROUND = (0.35, 0.6)
"""The same of the short side over the long one."""
EVIDENCE_SIDE = 768

_ANGLES = (np.arange(DIRECTIONS) + 0.5) * (2 * np.pi / DIRECTIONS)
_ACROSS, _DOWN = np.cos(_ANGLES), np.sin(_ANGLES)


class GlareExtractor(FeatureExtractor):
    """glare: per cent of the frame that is white because of glare. halo: of the region that is most like a source.

    white_share: of the frame, 0 to 1. side: the short side in pixels.
    """

    names: ClassVar[tuple[str, ...]] = ("glare", "halo", "white_share", "side")

    def row(self, sample: ImageSample) -> Sequence[float]:
        """The features of one photograph."""
        areas, halos, *_ = sources(sample)
        white = cv2.countNonZero(blown(sample)) / blown(sample).size
        return 100 * float(areas @ halos), float(max(halos, default=0.0)), white, float(min(sample.size))


class GlareRule(AtMostRule):
    """Glare above `threshold` per cent of the frame; a factor e is 1 / `softness` logits."""

    labels: ClassVar[tuple[str, ...]] = LABELS
    logarithmic: ClassVar[bool] = True

    def __init__(self, threshold: float = 0.6, softness: float = 0.3) -> None:
        super().__init__(threshold, softness)

    def placed(self, values: Floats | float) -> Floats:
        """Logarithms, of what is a hundredth of a per cent at least."""
        return np.log(np.maximum(values, 0.01))


class Sources(NamedTuple):
    """The largest white regions of `thumbnail`; there may be none.

    areas: (n,), shares of the frame. halos: (n,), 0 to 1. numbers: (n,), what each is called in labels (h, w).
    """

    areas: Floats
    halos: Floats
    numbers: NDArray[np.intp]
    labels: NDArray[np.int32]


@measure
def sources(sample: ImageSample) -> Sources:
    """White regions, largest first, and how much each looks like a source of light."""
    mask = blown(sample)
    if cv2.countNonZero(mask) < SMALLEST * mask.size:
        return Sources(np.zeros(0), np.zeros(0), np.zeros(0, np.intp), np.zeros(mask.shape, np.int32))
    _, labels, boxes, centres = cv2.connectedComponentsWithStats(mask, connectivity=8)
    sizes = boxes[:, cv2.CC_STAT_AREA]
    largest = 1 + np.argsort(-sizes[1:], kind="stable")[:REGIONS]
    largest = largest[sizes[largest] >= SMALLEST * mask.size]
    if not largest.size:
        return Sources(np.zeros(0), np.zeros(0), largest, np.asarray(labels, np.int32))
    sides = boxes[largest, cv2.CC_STAT_WIDTH : cv2.CC_STAT_HEIGHT + 1]
    shape = sides.min(axis=1) / sides.max(axis=1)
    radii = np.sqrt(sizes[largest] / np.pi)
    light = circles(thumbnail(sample), centres[largest], radii)
    halos = halo(light) * ramp(shape, ROUND)
    return Sources(sizes[largest] / mask.size, halos, largest, np.asarray(labels, np.int32))


def circles(luma: NDArray[np.uint8], centres: NDArray[Any], radii: NDArray[Any]) -> NDArray[np.float32]:
    """Luma on circles around regions, sorted: (n, circle, direction). Outside the frame its border goes on."""
    reach = radii[:, None, None] * CIRCLES[:, None]
    columns, rows = (centres[:, axis, None, None] + reach * way for axis, way in enumerate((_ACROSS, _DOWN)))
    height, width = luma.shape
    places = np.rint(rows).clip(0, height - 1).astype(int), np.rint(columns).clip(0, width - 1).astype(int)
    return np.sort(luma[places].astype(np.float32), axis=2)


def halo(light: Floats) -> Floats:
    """How much regions with this light around them look like sources, (n,), 0 to 1; light as `circles` gives it.

    >>> bulb, window = np.full((1, 3, 16), 200.0), np.full((1, 3, 16), 60.0)
    >>> bulb[:, 1:] = np.array([150.0, 90.0])[:, None]
    >>> halo(bulb).tolist(), halo(window).tolist()
    ([1.0], [0.0])
    """
    low, middle, high = (light[:, :, place * DIRECTIONS // 4] for place in (1, 2, 3))
    return (
        ramp(low[:, 0], BRIGHT)
        * ramp(middle[:, 0], END)
        * ramp(high[:, 1] - low[:, 1], EVEN)
        * ramp(middle[:, 0] - middle[:, 2], FALL)
    )


def ramp(values: Floats, ends: tuple[float, float]) -> Floats:
    """0 at the first end and before it, 1 at the second and beyond, evenly between.

    >>> ramp(np.array([5.0, 3.0, 0.0]), (4.0, 2.0)).tolist()
    [0.0, 0.5, 1.0]
    """
    return np.asarray(np.clip((values - ends[0]) / (ends[1] - ends[0]), 0, 1))


def glare_evidence(sample: ImageSample) -> Evidence:
    """Where glare is: its white regions, and some of what they shine over."""
    height, width = sample.pixels.shape[:2]
    factor = min(1.0, EVIDENCE_SIDE / max(height, width))
    picture = shrink(sample.pixels, (max(1, round(width * factor)), max(1, round(height * factor))))
    found = sources(sample)
    burnt = np.zeros(found.labels.max() + 1, np.float32)
    burnt[found.numbers] = found.halos
    burnt = burnt[found.labels]
    spread = cv2.dilate(burnt, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))
    heat = cv2.resize(cv2.GaussianBlur(spread, (0, 0), 1.5), picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return Evidence(np.clip(heat, 0, 1), picture, "Bright: white because of a source of light or its reflection.")


PROPERTY = Property(
    name="glare",
    labels=LABELS,
    accepted=frozenset({"clear"}),
    summary="Does the sun, a lamp or a reflected flash burn a hole into it?",
    degradations=(FLARE,),
    evidence=glare_evidence,
)
