"""Captures that are unlike the rest of their collection: in size, in shape, in what a pipeline measured.

    Oddity .... a capture, its value, and what is usual
    odd ....... sizes and shapes that are rare and far from all usual ones
    outliers .. values far outside of the bulk

Both are quiet rather than complete: nothing is odd among fewer than 20 captures, and what more than a few captures in a
hundred have is a second kind of capture, not an exception.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .gathered import Gathered

FEWEST = 20
"""Captures without which nothing is usual."""
RARE, USUAL, COVERED = 0.01, 0.05, 0.9
"""Shares of captures: that may have an odd size, that make a size usual, and that usual sizes have in all."""
BIN = 1 / 8
"""Width of a bin of sizes, in powers of two."""
FACTOR, ASPECT, MIXED = 2.0, 1.5, 4.0
"""How far from usual is odd: short sides, shapes, and either where sizes are mixed."""
FAR, FEW = 8.0, 0.02
"""Robust standard deviations from the median that are odd, and the share of captures that may be."""
LEAST = 0.05
"""The least robust deviation, as a share of the median."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Oddity:
    """A capture that is unlike the rest: its value of a measure, and what is usual (low to high)."""

    member: int
    measure: str
    value: float
    unit: str
    low: float
    high: float
    sentence: str


def odd(gathered: Gathered) -> tuple[Oddity, ...]:
    """Captures whose short side or shape is rare and far from all usual ones."""
    sizes = np.sort(np.array(gathered.sizes, np.float64).reshape(-1, 2), axis=1)
    known = np.flatnonzero(sizes[:, 0] > 0)
    short, shape = sizes[known, 0], sizes[known, 1] / np.maximum(sizes[known, 0], 1)
    found = []
    for position, low, high in _rare(short, FACTOR):
        text = f"Its short side is {short[position]:,.0f} px; {_span(low, high, '{:,.0f}')} px are usual."
        found.append(Oddity(int(known[position]), "size", float(short[position]), "px", low, high, text))
    for position, low, high in _rare(shape, ASPECT):
        text = f"Its sides are {shape[position]:.2f} to 1; {_span(low, high, '{:.2f}')} to 1 are usual."
        found.append(Oddity(int(known[position]), "shape", float(shape[position]), "", low, high, text))
    return tuple(sorted(found, key=lambda oddity: oddity.member))


def _rare(values: Floats, factor: float) -> Iterator[tuple[int, float, float]]:
    """Positions of positive values that are rare and far from usual ones, and what is usual."""
    if len(values) < FEWEST:
        return
    bins = np.round(np.log2(values) / BIN).astype(np.int64)
    bins -= bins.min() - 1
    counts = np.bincount(bins, minlength=bins.max() + 2)
    around = counts + np.roll(counts, 1) + np.roll(counts, -1)
    is_usual = around[bins] >= max(3.0, USUAL * len(values))
    if is_usual.mean() >= COVERED:
        low, high = float(values[is_usual].min()), float(values[is_usual].max())
    else:
        low, high = (float(q) for q in np.quantile(values, [0.05, 0.95]))
        factor = MIXED
    is_rare = around[bins] <= max(1.0, RARE * len(values))
    far = is_rare & ((values < low / factor) | (values > high * factor))
    yield from ((int(position), low, high) for position in np.flatnonzero(far))


def outliers(gathered: Gathered) -> tuple[Oddity, ...]:
    """Captures for which the value of a pipeline lies far outside of the bulk."""
    found = []
    for pipeline in gathered.pipelines:
        answered = gathered.answers(pipeline)
        name = answered.property.rpartition("/")[2].replace("_", " ") or pipeline
        found += list(unusual(answered.value, pipeline, name, answered.unit))
    return tuple(sorted(found, key=lambda oddity: oddity.member))


def unusual(values: Floats, measure: str, name: str, unit: str) -> Iterator[Oddity]:
    """Values (n,), NaN where there is none, that lie far outside of the bulk; none where that is no exception."""
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < FEWEST:
        return
    some = values[known]
    low, high = usual_range(some)
    far = (some < low) | (some > high)
    if not 0 < far.sum() <= max(1.0, FEW * len(some)):
        return
    near = some[~far]
    least, most = float(near.min()), float(near.max())
    for position in known[far].tolist():
        value = float(values[position])
        span = _span(least, most, "{:,.3g}")
        text = f"{name.capitalize()} {value:,.3g} {unit}".rstrip() + f"; {span} {unit}".rstrip() + " are usual."
        yield Oddity(position, measure, value, unit, least, most, text)


def usual_range(values: Floats) -> tuple[float, float]:
    """From where to where values are no exception: 8 robust deviations on either side of the median.

    A side's deviation is the largest of 1.4826 times the median distance on that side (double MAD: Rosenmai 2013), of
    the span from the 5 % to the 95 % quantile over 3.29, and of 5 % of the median; all of logarithms where these are
    spread more evenly. Where all of this is 0, nothing is an exception.
    """
    in_logs = bool(values.min() > 0) and abs(_skew(np.log(values))) < abs(_skew(values))
    scaled = np.log(values) if in_logs else values
    five, middle, ninety_five = np.quantile(scaled, [0.05, 0.5, 0.95])
    floor = max((ninety_five - five) / 3.29, LEAST if in_logs else LEAST * abs(middle))
    if floor == 0:
        return -np.inf, np.inf
    below = max(floor, 1.4826 * float(np.median(middle - scaled[scaled <= middle])))
    above = max(floor, 1.4826 * float(np.median(scaled[scaled >= middle] - middle)))
    ends = np.array([middle - FAR * below, middle + FAR * above])
    low, high = np.exp(np.minimum(ends, 700)) if in_logs else ends
    return float(low), float(high)


def _skew(values: Floats) -> float:
    """Bowley's skewness of the quartiles, -1 to 1; 0 where they are one."""
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    return float((high + low - 2 * middle) / (high - low)) if high > low else 0.0


def _span(low: float, high: float, form: str) -> str:
    """What is usual, in words.

    >>> _span(480, 700, "{:.0f}"), _span(480, 480, "{:.0f}")
    ('480 to 700', '480')
    """
    ends = form.format(low), form.format(high)
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)
