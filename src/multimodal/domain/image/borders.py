"""Borders: does the picture fill its frame, or does it lie within bars, a frame or the margins of a scan?

    Strip ............... what runs along one side: how wide, of which luma, whether a straight edge ends it
    strips .............. those of the four sides
    BordersExtractor .... the share of the frame that is border
    BordersRule ......... a rule on it
    letterbox, pillarbox, passepartout ... what makes borders
    border_evidence ..... where they are
    PROPERTY

A border is an even strip that runs along a whole side and ends all at once: in an edge that is straight, parallel to
the side, as long as the picture within, and sharp. White behind a product and a black night sky are even as well, but
they end where the product begins, here and there. And borders come in pairs, above and below or left and right, of
one colour. A strip along one side alone may be a sky that is lost above a calm sea: nobody can tell.

The definition is our own; lines are judged by how far their luma is from that of the outermost line, on the average, so
that a little noise and the traces of JPEG do no harm.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ..shared.data import FeatureExtractor
from ..shared.modality import Degradation, Property
from ..shared.results import Evidence
from ..shared.rules import AtMostRule
from ..shared.sample import measure
from .light import Pixels
from .raster import shrink
from .sample import ImageSample

Gray = NDArray[np.uint8]
Floats = NDArray[np.float32]
Rng = np.random.Generator

LABELS = ("bordered", "full_frame")
EVEN, ALIKE = 4.0, 3.5
"""Deviation of the outermost line's luma, and mean distance of the next ones from its mean, that are still even."""
REACH, STEEP = 14, 3
"""Lines within which the edge follows (before it, a JPEG's blocks are uneven), and within which it is crossed."""
UNLIKE, DEVIATIONS = 6.0, 3.0
"""Grey levels by which the picture differs from its border at least, and how many deviations of the border."""
MOST, LEAST = 0.65, 0.25
"""Share of the edge's length at which the picture differs, at the edge and in the lines within; the largest outside."""
PLACES = 200
"""Places of an edge that are looked at, at least; a shorter one is looked at everywhere."""
SAME = 14.0
"""Grey levels between the borders of a pair."""
SHORTEST = 16
"""Pixels of the short side below which there is nothing to be told."""
EVIDENCE_SIDE = 768


@dataclass(frozen=True)
class Strip:
    """What runs along one side. width: pixels. luma: its mean. ends: whether in a straight and sharp edge."""

    width: int = 0
    luma: float = 0.0
    deviation: float = 0.0
    ends: bool = False

    def pairs_with(self, other: Strip) -> bool:
        """Whether both are borders, of one colour."""
        return self.ends and other.ends and abs(self.luma - other.luma) <= SAME


@dataclass(frozen=True)
class Strips:
    """The strips along the four sides."""

    top: Strip
    bottom: Strip
    left: Strip
    right: Strip

    @property
    def borders(self) -> tuple[int, int, int, int]:
        """Widths in pixels of what is a border: above, below, left, right."""
        upright, level = self.top.pairs_with(self.bottom), self.left.pairs_with(self.right)
        return (
            *((self.top.width, self.bottom.width) if upright else (0, 0)),
            *((self.left.width, self.right.width) if level else (0, 0)),
        )


class Side(NamedTuple):
    """One side of a picture: whether its lines are columns, and whether they are counted from the end."""

    upright: bool
    last: bool

    def lines(self, luma: Gray, first: int, count: int) -> Gray:
        """Some lines as they lie in the picture, the first so many from the side."""
        length = luma.shape[self.upright]
        start, stop = (max(0, length - first - count), length - first) if self.last else (first, first + count)
        return luma[:, start:stop] if self.upright else luma[start:stop]

    def inwards(self, lines: NDArray[Any]) -> NDArray[Any]:
        """Lines (or a value of each) with the outermost first, (lines, ...)."""
        turned = lines.T if self.upright else lines
        return turned[::-1] if self.last else turned


SIDES = (Side(False, False), Side(False, True), Side(True, False), Side(True, True))
"""Top, bottom, left, right."""


@measure
def strips(sample: ImageSample) -> Strips:
    """The strips of a photograph, in pixels of the working scale."""
    luma = sample.luma
    if min(luma.shape) < SHORTEST:
        return Strips(*(Strip(),) * 4)
    even = [_even(luma, side) for side in SIDES]
    widths = [strip.width for strip in even]
    once = [_ended(luma, *known) for known in zip(SIDES, even, _across(widths), strict=True)]
    ending = [width if strip.ends else 0 for strip, width in zip(once, widths, strict=True)]
    both = zip(SIDES, even, once, _across(widths), _across(ending), strict=True)
    return Strips(*(strip if now == was else _ended(luma, side, full, now) for side, full, strip, was, now in both))


def _across(widths: Sequence[int]) -> list[tuple[int, int]]:
    """What the strips across take of the lines of each side."""
    top, bottom, left, right = widths
    return [(left, right), (left, right), (top, bottom), (top, bottom)]


def _even(luma: Gray, side: Side) -> Strip:
    """The even strip along a side; the very outermost line does not count."""
    outermost = np.ascontiguousarray(side.lines(luma, 1, 1))
    mean, deviation = (float(value[0, 0]) for value in cv2.meanStdDev(outermost))
    if deviation > EVEN:
        return Strip()
    reach = _leading(side.inwards(_means(luma, side)), mean)  # where the mean is another one, there is no border
    table = np.rint(np.abs(np.arange(256) - mean)).astype(np.uint8)
    distances = _means(np.asarray(cv2.LUT(side.lines(luma, 0, reach), table), np.uint8), side)
    return Strip(_leading(side.inwards(distances), 0.0), mean, deviation)


def _leading(inwards: Floats, usual: float) -> int:
    """How many values, from the first on, are about the usual one; the very first is in any case."""
    unlike = np.flatnonzero(np.abs(inwards[1:] - usual) > ALIKE)
    return int(unlike[0]) + 1 if unlike.size else len(inwards)


def _means(lines: Gray, side: Side) -> Floats:
    """The mean of each line of a picture, (lines,)."""
    along = 0 if side.upright else 1
    return np.asarray(cv2.reduce(lines, along, cv2.REDUCE_AVG, dtype=cv2.CV_32F), np.float32).ravel()


def _ended(luma: Gray, side: Side, strip: Strip, within: tuple[int, int]) -> Strip:
    """The strip up to the edge that ends it, where there is one; `within` is what other strips take of the lines."""
    if not strip.width:
        return strip
    first = max(0, strip.width - STEEP)
    lines = side.inwards(side.lines(luma, first, REACH + STEEP))
    lines = lines[:, within[0] : lines.shape[1] - within[1]]
    lines = lines[:, :: max(1, lines.shape[1] // PLACES)].astype(np.float32)
    if min(lines.shape) < STEEP + 1:
        return strip
    limit = max(UNLIKE, DEVIATIONS * strip.deviation)
    differs = (np.abs(lines - np.float32(strip.luma)) > limit).mean(axis=1)
    steps = (np.abs(lines[STEEP:] - lines[:-STEEP]) > limit).mean(axis=1)
    lasting = np.cumsum(differs[::-1])[::-1] / np.arange(len(differs), 0, -1)  # mean from here on inwards
    crossed = np.flatnonzero((steps >= MOST) & (differs[:-STEEP] <= LEAST) & (lasting[STEEP:] >= MOST))
    if not crossed.size:
        return strip
    return Strip(first + int(np.flatnonzero(differs >= MOST)[0]), strip.luma, strip.deviation, ends=True)


class BordersExtractor(FeatureExtractor):
    """How much of the frame is border, in per cent.

    border: of the whole frame, borders in pairs. top, bottom, left, right: of the picture's height or width, the same.
    alone: a strip along one side only that looks like a border, of the whole frame. even: the widest even strip, with
    or without a straight edge, of the height or width; 100 for a picture that is one even surface, or tiny.
    """

    names: ClassVar[tuple[str, ...]] = ("border", "top", "bottom", "left", "right", "alone", "even")

    def row(self, sample: ImageSample) -> Sequence[float]:
        """The shares of one photograph."""
        height, width = sample.luma.shape
        found = strips(sample)
        sides = (height, height, width, width)
        shares = [100 * border / side for border, side in zip(found.borders, sides, strict=True)]
        all_four = (found.top, found.bottom, found.left, found.right)
        reach = [100 * strip.width / side for strip, side in zip(all_four, sides, strict=True)]
        ending = [share for strip, share in zip(all_four, reach, strict=True) if strip.ends]
        top, bottom, left, right = shares
        border = 100 - (100 - top - bottom) * (100 - left - right) / 100
        alone = 0.0 if border else max(ending, default=0.0)
        return border, top, bottom, left, right, alone, 100.0 if min(height, width) < SHORTEST else max(reach)


class BordersRule(AtMostRule):
    """Bordered above a share of the frame in per cent; a factor e in the share is 1 / `softness` logits."""

    labels: ClassVar[tuple[str, ...]] = LABELS
    logarithmic: ClassVar[bool] = True

    def __init__(self, threshold: float = 1.4, softness: float = 0.4) -> None:
        super().__init__(threshold, softness)


def letterbox(pixels: Pixels, percent: float, rng: Rng) -> Pixels:
    """Bars above and below over so many per cent of the frame; mostly black, sometimes of another colour."""
    bar = max(1, round(pixels.shape[0] * percent / 200))
    return _framed(pixels, (bar, 0), _paint(rng))


def pillarbox(pixels: Pixels, percent: float, rng: Rng) -> Pixels:
    """Bars left and right over so many per cent of the frame; mostly black, sometimes of another colour."""
    bar = max(1, round(pixels.shape[1] * percent / 200))
    return _framed(pixels, (0, bar), _paint(rng))


def passepartout(pixels: Pixels, percent: float, rng: Rng) -> Pixels:
    """An even frame on all four sides over so many per cent of the frame; mostly white, sometimes of another colour."""
    height, width = pixels.shape[:2]
    total = height + width
    bar = max(1, round((total - math.sqrt(total * total - 4 * height * width * percent / 100)) / 4))
    return _framed(pixels, (bar, bar), _paint(rng, light=True))


def _framed(pixels: Pixels, bars: tuple[int, int], colour: Pixels) -> Pixels:
    """The picture under bars of this many rows above and below, and this many columns left and right."""
    height, width = pixels.shape[:2]
    down, across = min(bars[0], height // 2), min(bars[1], width // 2)
    framed = np.empty_like(pixels)
    framed[:] = colour
    framed[down : height - down, across : width - across] = pixels[down : height - down, across : width - across]
    return framed


def _paint(rng: Rng, light: bool = False) -> Pixels:
    """Black (or white) two times of three, else any colour."""
    usual, any_colour = np.full(3, 255 if light else 0, np.uint8), rng.integers(0, 256, 3).astype(np.uint8)
    return usual if rng.uniform() < 2 / 3 else any_colour


def border_evidence(sample: ImageSample) -> Evidence:
    """Where the borders are."""
    height, width = sample.pixels.shape[:2]
    top, bottom, left, right = strips(sample).borders
    heat = np.ones((height, width), np.float32)
    heat[top : height - bottom, left : width - right] = 0
    factor = min(1.0, EVIDENCE_SIDE / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    shown = np.asarray(cv2.resize(heat, size, interpolation=cv2.INTER_AREA), np.float32)
    return Evidence(shown, shrink(sample.pixels, size), "Bright: border. Dark: picture.")


PERCENTS = (5.0, 8.0, 12.0, 19.0, 29.0, 45.0)
LETTERBOX = Degradation("letterbox", "bordered", "% of the frame", PERCENTS, letterbox, unnoticed=0.4)
PILLARBOX = Degradation("pillarbox", "bordered", "% of the frame", PERCENTS, pillarbox, unnoticed=0.4)
PASSEPARTOUT = Degradation("passepartout", "bordered", "% of the frame", PERCENTS, passepartout, unnoticed=0.4)
PROPERTY = Property(
    name="borders",
    labels=LABELS,
    accepted=frozenset({"full_frame"}),
    summary="Does the picture fill its frame, without bars, frame or margins?",
    degradations=(LETTERBOX, PILLARBOX, PASSEPARTOUT),
    evidence=border_evidence,
)
