"""From which strength of a fault on does a model notice it, at a given rate of false alarms?

    Trials ....... scores of captures that the model did not learn from, with what was done to each
    detection .... Trials -> one `Detection` a fault
    Detection .... thresholds, curves, and the strengths at which half, 90 % and 99 % are noticed
    Curve ........ the share that is noticed, as a function of the logarithm of strength (Scale)

A capture counts as noticed when its score lies below the threshold that a share `rate` of the good captures is below.
The share noticed is a logistic function of the logarithm of strength, between the false-alarm rate below and a share
never noticed above (a psychometric function: Wichmann and Hill 2001, "The psychometric function: I. Fitting, sampling,
and goodness of fit"), fitted on a grid. It was chosen by simulations with 6 to 40 scenes of six captures. Isotonic
regression put the strength of 99 % at half to two thirds of the truth. Where 3 % are never noticed, so that 99 % is
never reached, it said in 98 of 100 cases that it was; a logistic curve without a ceiling in 80, this one in 37. With 20
scenes it errs by about 11 % at a half, 16 % at 90 % and 30 % at 99 %. Intervals are 95 %, from a bootstrap over groups
that draws the threshold anew as well; they held the truth in 88 to 97 of 100 simulations.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .data import FeatureTable
from .errors import DataError
from .modality import Degradation
from .spoiling import NONE

Floats = NDArray[np.float64]
Draws = Sequence[Mapping[str, int]]
SHARES = (0.5, 0.9, 0.99)
RATES = (0.01, 0.05)
FEWEST = 8
"""Spoiled captures from which on a curve is fitted."""
USUAL_WIDTH = 0.3
"""The width, in units of log strength, that little data is drawn to."""
WIDTHS = np.geomspace(0.04, 2.0, 14)
CEILINGS = {0.0: 0.45, 0.005: 0.2, 0.02: 0.15, 0.05: 0.1, 0.1: 0.06, 0.2: 0.04}
"""Shares that may never be noticed, and how probable each is before anything is seen."""


@dataclass(frozen=True, eq=False)
class Trials:
    """What a model says about captures that it did not learn from.

    scores: (n,), the higher the better the capture. faults: (n,) of str, "none" for good captures. strengths: (n,),
    signed as the degradation is. groups: (n,) of str.
    """

    scores: Floats
    faults: NDArray[np.str_]
    strengths: Floats
    groups: NDArray[np.str_]

    def __post_init__(self) -> None:
        if len({len(part) for part in (self.scores, self.faults, self.strengths, self.groups)}) != 1:
            raise DataError("Scores, faults, strengths and groups differ in length.")

    @classmethod
    def of(cls, scores: Floats, table: FeatureTable) -> Trials:
        """Scores of the rows of a table whose facts say fault and strength (see spoiling.py)."""
        if not table.facts or any("fault" not in facts or "strength" not in facts for facts in table.facts):
            raise DataError("These captures do not say what was done to them: facts `fault` and `strength` are needed.")
        faults = np.array([str(facts["fault"]) for facts in table.facts])
        strengths = np.array([float(facts["strength"]) for facts in table.facts])
        return cls(np.asarray(scores, np.float64), faults, strengths, table.groups)

    def rows(self, index: NDArray[Any]) -> Trials:
        """The trials of an index or a mask."""
        return Trials(self.scores[index], self.faults[index], self.strengths[index], self.groups[index])


@dataclass(frozen=True)
class Curve:
    """Share noticed at a place (see `Scale`): floor + (1 - floor - ceiling) / (1 + exp(-(place - middle) / width)).

    >>> round(Curve(middle=math.log(4.0), width=0.3, floor=0.05, ceiling=0.0).share(math.log(4.0)), 3)
    0.525
    """

    middle: float
    width: float
    floor: float
    ceiling: float

    def share(self, place: float) -> float:
        """The share noticed, 0 to 1."""
        return self.floor + (1 - self.floor - self.ceiling) * 0.5 * (
            1 + math.tanh((place - self.middle) / self.width / 2)
        )

    def reaches(self, share: float) -> float:
        """The place at which this share is noticed; infinite when it never is."""
        height = (share - self.floor) / (1 - self.floor - self.ceiling)
        if not 0 < height < 1:
            return math.copysign(math.inf, height)
        return self.middle + self.width * math.log(height / (1 - height))


@dataclass(frozen=True)
class Scale:
    """Strengths of a fault as places that grow with it: logarithms, negative where less is worse (a JPEG's quality).

    >>> scale = Scale(sign=-1.0, way=1.0)
    >>> [round(scale.strength(scale.place(stops)), 6) for stops in (-1.0, -4.0)]
    [-1.0, -4.0]
    """

    sign: float
    way: float

    @classmethod
    def of(cls, fault: Degradation) -> Scale:
        """As the degradation counts."""
        weakest, strongest = fault.strengths[0], fault.strengths[-1]
        return cls(math.copysign(1.0, strongest), math.copysign(1.0, abs(strongest) - abs(weakest)))

    def places(self, strengths: Floats) -> Floats:
        """One place a strength."""
        return np.asarray(self.way * np.log(np.abs(strengths)), np.float64)

    def place(self, strength: float) -> float:
        """The same for one."""
        return self.way * math.log(abs(strength))

    def strength(self, place: float) -> float:
        """The strength at a place."""
        return self.sign * math.exp(self.way * place)


@dataclass(frozen=True)
class Reached:
    """The strength at which a share is noticed, with its 95 % interval.

    Each is None where it is more than the strongest that was tried, or where there is too little data for a curve;
    `below` says that it is less than the weakest, which then stands for it.
    """

    share: float
    strength: float | None
    low: float | None
    high: float | None
    below: bool = False


@dataclass(frozen=True)
class Level:
    """One rate of false alarms.

    threshold: scores below it are alarms. good, good_groups: the captures that it rests on. alarms: the share of them
    that lies below it. certain: whether there are enough of them to tell such a rate (at least one alarm is expected);
    where not, the threshold lies just at the worst good capture, and the true rate may be higher. curve: None when too
    few captures have the fault.
    """

    rate: float
    threshold: float
    good: int
    good_groups: int
    alarms: float
    certain: bool
    reached: tuple[Reached, ...]
    curve: Curve | None


@dataclass(frozen=True)
class Detection:
    """How well one fault is noticed. weakest, strongest: what was tried; captures, groups: that had the fault."""

    fault: str
    unit: str
    weakest: float
    strongest: float
    captures: int
    groups: int
    scale: Scale
    levels: tuple[Level, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    def points(self, count: int = 50) -> dict[str, list[float]]:
        """Data of a plot: `strength` from the weakest to the strongest, and the share noticed at each rate, as "5%"."""
        places = np.linspace(self.scale.place(self.weakest), self.scale.place(self.strongest), count).tolist()
        drawn = ((level, level.curve) for level in self.levels)
        shares = {f"{level.rate:.0%}": [curve.share(place) for place in places] for level, curve in drawn if curve}
        return {"strength": [self.scale.strength(place) for place in places], **shares}


def detection(
    trials: Trials,
    faults: Sequence[Degradation],
    *,
    rates: Sequence[float] = RATES,
    shares: Sequence[float] = SHARES,
    resamples: int = 200,
    seed: int = 0,
) -> tuple[Detection, ...]:
    """How well each fault is noticed, in their order; one that no capture has is left out.

    Good captures are those of fault "none". `DataError` without any.
    """
    good = trials.rows(trials.faults == NONE)
    if not len(good.scores):
        raise DataError("Without a good capture nobody can say how often a model gives a false alarm.")
    draws = list(_resampled(trials.groups, resamples, seed))

    def of(fault: Degradation) -> Detection | None:
        bad = trials.rows((trials.faults == fault.name) & (trials.strengths != 0))
        if not len(bad.scores):
            return None
        scale = Scale.of(fault)
        order = np.argsort(scale.places(bad.strengths))
        return Detection(
            fault=fault.name,
            unit=fault.unit,
            weakest=float(bad.strengths[order[0]]),
            strongest=float(bad.strengths[order[-1]]),
            captures=len(bad.scores),
            groups=len(np.unique(bad.groups)),
            scale=scale,
            levels=tuple(_level(good, bad, scale, draws, rate, shares) for rate in rates),
        )

    return tuple(found for fault in faults if (found := of(fault)) is not None)


def alarm_threshold(good: Floats, rate: float) -> float:
    """The score below which at most this share of good captures lies: the largest such one of their scores.

    >>> alarm_threshold(np.array([0.1, 0.2, 0.3, 0.4]), 0.25)
    0.2
    """
    return float(np.sort(good)[math.floor(rate * len(good) + 1e-9)])


def fit_curves(places: Floats, noticed: Floats, missed: Floats, floor: float) -> list[Curve]:
    """One curve for each column of `noticed` and `missed`, (n, k): how often each capture was noticed and missed.

    places: (n,). The ceiling is the most probable one, middle and width are its means over a grid of parameters.
    """
    grid = _grid(places)
    share = floor + (1 - floor - grid.ceiling) * _sigmoid((places - grid.middle) / grid.width)
    share = np.clip(share, 1e-9, 1 - 1e-9)
    evidence = np.log(share) @ noticed + np.log(1 - share) @ missed + grid.prior
    return [_best(grid, column, floor) for column in evidence.T]


@dataclass(frozen=True, eq=False)
class _Grid:
    """Parameters of curves, (m, 1) each, and the logarithm of how probable each is before anything is seen."""

    middle: Floats
    width: Floats
    ceiling: Floats
    prior: Floats


def _grid(places: Floats) -> _Grid:
    middles = np.linspace(places.min() - 1.0, places.max() + 1.0, 48)
    parts = np.meshgrid(middles, WIDTHS, [*CEILINGS], indexing="ij")
    middle, width, ceiling = (part.reshape(-1, 1) for part in parts)
    before = np.log([CEILINGS[each] for each in ceiling[:, 0].tolist()])[:, None]
    return _Grid(middle, width, ceiling, before - np.log(width / USUAL_WIDTH) ** 2 / 2)


def _best(grid: _Grid, evidence: Floats, floor: float) -> Curve:
    weight = np.exp(evidence - evidence.max())
    ceiling = max(CEILINGS, key=lambda each: float(weight[grid.ceiling[:, 0] == each].sum()))
    weight = np.where(grid.ceiling[:, 0] == ceiling, weight, 0.0)
    weight /= weight.sum()
    width = math.exp(float(weight @ np.log(grid.width[:, 0])))
    return Curve(float(weight @ grid.middle[:, 0]), width, floor, ceiling)


def _sigmoid(value: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(value / 2)), np.float64)


def _level(good: Trials, bad: Trials, scale: Scale, draws: Draws, rate: float, shares: Sequence[float]) -> Level:
    threshold = alarm_threshold(good.scores, rate)
    places = scale.places(bad.strengths)
    curve, *others = _curves(good, bad, places, draws, rate) if len(bad.scores) >= FEWEST else [None]
    known = [other for other in others if other]
    return Level(
        rate=rate,
        threshold=threshold,
        good=len(good.scores),
        good_groups=len(np.unique(good.groups)),
        alarms=float(np.mean(good.scores < threshold)),
        certain=rate * len(good.scores) >= 1,
        reached=tuple(_reached(share, curve, known, scale, places) for share in shares),
        curve=curve,
    )


def _curves(good: Trials, bad: Trials, places: Floats, draws: Draws, rate: float) -> list[Curve]:
    """The curve of all captures, then one a resample; a resample has a threshold of its own."""
    counts = [np.ones(len(bad.scores))]
    noticed = [bad.scores < alarm_threshold(good.scores, rate)]
    for draw in draws:
        again, times = (np.array([draw[str(group)] for group in part.groups]) for part in (good, bad))
        if again.any() and times.sum() >= FEWEST:
            counts.append(times.astype(np.float64))
            noticed.append(bad.scores < alarm_threshold(np.repeat(good.scores, again), rate))
    table, yes = np.column_stack(counts), np.column_stack(noticed)
    return fit_curves(places, table * yes, table * ~yes, rate)


def _reached(share: float, curve: Curve | None, others: Sequence[Curve], scale: Scale, places: Floats) -> Reached:
    if curve is None:
        return Reached(share, None, None, None)
    weakest, strongest = float(places.min()), float(places.max())

    def tried(place: float) -> float | None:
        return None if place > strongest else scale.strength(max(place, weakest))

    place = curve.reaches(share)
    spread = sorted(other.reaches(share) for other in others) or [-math.inf, math.inf]
    low, high = (spread[round(part * (len(spread) - 1))] for part in (0.025, 0.975))
    return Reached(share, tried(place), tried(low), tried(high), place < weakest)


def _resampled(groups: NDArray[np.str_], count: int, seed: int) -> Iterator[Mapping[str, int]]:
    """How often each group is drawn, for each resample."""
    names = np.unique(groups)
    rng = np.random.default_rng(seed)
    for _ in range(count):
        times = np.bincount(rng.integers(len(names), size=len(names)), minlength=len(names))
        yield dict(zip(names.tolist(), times.tolist(), strict=True))
