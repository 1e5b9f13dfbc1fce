"""A histogram as shapes in an SVG of 400 x 172 units; the template draws them and the style sheet colours them.

drawn ... Histogram and its thresholds -> Chart
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ...domain.shared.adjusting import Threshold
from ...domain.shared.histogram import Histogram
from .text import number

WIDTH, HEIGHT = 400, 172
LEFT, RIGHT, TOP, BOTTOM = 10, 390, 40, 146
GAP = 0.8
LEAST = 1.5
"""Height of the lowest bar: what is rare can still be seen."""
SCORE = "score"
TICKS = 6
NEAR = 90
"""Units between two texts of thresholds that would run into each other."""


@dataclass(frozen=True)
class Bar:
    """One outcome of one bin, as an SVG path."""

    kind: str
    path: str


@dataclass(frozen=True)
class Text:
    """A text at a place of the axis. anchor: start, middle or end."""

    x: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Zone:
    """A part of the axis in which a capture is rejected."""

    x: float
    width: float


@dataclass(frozen=True)
class Chart:
    """All that is drawn of one property. axis: what the axis shows; summary: the same for who cannot see it."""

    key: str
    title: str
    axis: str
    summary: str
    bars: Sequence[Bar]
    ticks: Sequence[Text]
    marks: Sequence[Text]
    zones: Sequence[Zone]
    most: str
    width: int = field(default=WIDTH, init=False)
    height: int = field(default=HEIGHT, init=False)
    left: int = field(default=LEFT, init=False)
    right: int = field(default=RIGHT, init=False)
    top: int = field(default=TOP, init=False)
    bottom: int = field(default=BOTTOM, init=False)


def bars(histogram: Histogram, kinds: Sequence[str]) -> list[Bar]:
    """The bins, their outcomes one upon the other: one path an outcome."""
    highest = max(1, int(histogram.counts.sum(axis=0).max(initial=0)))
    heights = histogram.counts / highest * (BOTTOM - TOP)
    heights = np.where(histogram.counts > 0, np.maximum(heights, LEAST), 0.0)
    tops = BOTTOM - np.cumsum(heights, axis=0)
    lefts = np.linspace(LEFT, RIGHT, histogram.counts.shape[1] + 1)
    wide = lefts[1] - lefts[0] - GAP
    found = []
    for kind, rows, height in zip(kinds, tops, heights, strict=True):
        parts = [
            f"M{x:.1f} {top:.1f}h{wide:.1f}v{tall:.1f}h{-wide:.1f}z"
            for x, top, tall in zip(lefts, rows, height, strict=False)
            if tall
        ]
        if parts:
            found.append(Bar(kind, "".join(parts)))
    return found


def ticks(histogram: Histogram) -> list[Text]:
    """A few round numbers along the axis."""
    low, high = float(histogram.edges[0]), float(histogram.edges[-1])
    values = decades(low, high) if histogram.logarithmic else steps(low, high)
    return [Text(_x(histogram, value), number(value)) for value in values]


def steps(low: float, high: float) -> list[float]:
    """Round numbers between two others, evenly apart.

    >>> steps(0.0, 1.0), steps(-3.2, 11.0)
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [0.0, 5.0, 10.0])
    """
    raw = (high - low) / TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]


def decades(low: float, high: float) -> list[float]:
    """Round numbers between two positive others, for a logarithmic axis.

    >>> decades(0.8, 120.0), decades(3.0, 60.0)
    ([1.0, 3.0, 10.0, 30.0, 100.0], [5.0, 10.0, 20.0, 50.0])
    """
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for factors in ((1, 2, 5), (1, 3), (1,)):
        values = [factor * 10.0**e for e in exponents for factor in factors]
        shown = [value for value in values if low <= value <= high]
        if len(shown) <= TICKS:
            return shown
    return shown[:: math.ceil(len(shown) / TICKS)]


def marks(histogram: Histogram, thresholds: Sequence[Threshold]) -> list[Text]:
    """Where the thresholds are, with their values; those of neighbours are written away from each other."""
    texts = defaultdict[float, list[str]](list)
    for threshold in thresholds:
        texts[_x(histogram, threshold.value)].append(worded(threshold))
    found = []
    for x in sorted(texts):
        crowded = [other for other in texts if other != x and abs(other - x) < NEAR]
        anchor = ("end" if crowded[0] > x else "start") if crowded else "middle"
        found.append(Text(x, ", ".join(texts[x]), _inside(x, anchor)))
    return found


def worded(threshold: Threshold) -> str:
    """A threshold as it is written into a picture.

    >>> worded(Threshold("p", "image/p", "threshold", 6.0, "px", "width", "above", "recipe"))
    'above 6'
    """
    word = threshold.name if threshold.measure == SCORE else threshold.rejects
    return f"{word} {number(threshold.value)}"


def zones(histogram: Histogram, thresholds: Sequence[Threshold]) -> list[Zone]:
    """The parts of the axis on the rejected sides; between `reject` and `accept` nothing is rejected."""
    found = []
    for threshold in thresholds:
        x = _x(histogram, threshold.value)
        if threshold.name != "accept":
            found.append(
                Zone(x, round(RIGHT - x, 1)) if threshold.rejects == "above" else Zone(LEFT, round(x - LEFT, 1))
            )
    return found


def _inside(x: float, anchor: str) -> str:
    """The anchor that keeps a text of usual length within the picture."""
    if x < LEFT + 30:
        return "start"
    return "end" if x > RIGHT - 30 else anchor


def _x(histogram: Histogram, value: float) -> float:
    return round(LEFT + histogram.place(value) * (RIGHT - LEFT), 1)
