"""Figures of a comparison: some good and bad photographs, and what each tool says of them.

    AUC, FALSE_ALARMS ... the figures
    Cell ................ the photographs with all answers; each tool by the measure that does best there

Intervals are those of `cluster_interval`: scenes are resampled, not photographs. A difference is taken of the same
resampled scenes, so what makes a scene hard for everybody cancels out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import peers

from multimodal.domain.shared.errors import DataError
from multimodal.domain.shared.evaluation import Interval, cluster_interval

Rows = np.ndarray
DETECTION = 0.95


def auc(scores: Rows, bad: Rows) -> float:
    """Probability that a bad picture scores lower than a good one; equal scores count half."""
    good, faulty = np.sort(scores[~bad]), scores[bad]
    below = np.searchsorted(good, faulty, "left"), np.searchsorted(good, faulty, "right")
    return float(1 - np.mean(below) / len(good))


def false_alarms(scores: Rows, bad: Rows) -> float:
    """Share of good pictures that score no higher than the line below which 95 % of the bad ones lie."""
    line = np.quantile(scores[bad], DETECTION, method="inverted_cdf")
    return float(np.mean(scores[~bad] <= line))


@dataclass(frozen=True)
class Figure:
    """What is compared. better: 1 where more is better, else -1. digits: how many are shown."""

    title: str
    of: Callable[..., float]
    better: int
    digits: int

    def lost(self, gap: Interval) -> bool:
        """Whether ours is worse by more than chance; gap: ours minus the best peer."""
        return gap.high < 0 if self.better > 0 else gap.low > 0


AUC = Figure("AUC", auc, 1, 3)
FALSE_ALARMS = Figure("False alarms at 95 % detection", false_alarms, -1, 2)


@dataclass(frozen=True)
class Cell:
    """measures: tool -> measure -> score of each picture, the higher the better. bad: which have the fault."""

    measures: Mapping[str, Mapping[str, Rows]]
    bad: Rows
    scenes: Rows

    def __post_init__(self) -> None:
        if self.bad.all() or not self.bad.any():
            raise DataError("There is nothing to compare: good and bad pictures are needed.")

    def best(self, tool: str, figure: Figure) -> str:
        """The measure of a tool that does best here: luckier than any that must be chosen beforehand."""
        found = self.measures[tool]
        return max(found, key=lambda name: figure.better * figure.of(found[name], self.bad))

    def value(self, tool: str, figure: Figure) -> float:
        return figure.of(self.measures[tool][self.best(tool, figure)], self.bad)

    def interval(self, tool: str, figure: Figure) -> Interval:
        values = self.measures[tool][self.best(tool, figure)]
        return self._resampled(lambda rows: figure.of(values[rows], self.bad[rows]))

    def gap(self, figure: Figure) -> Interval | None:
        """Ours minus the best peer, if both have a say."""
        others = [tool for tool in self.measures if tool != peers.OURS]
        if not others or peers.OURS not in self.measures:
            return None
        best = max(others, key=lambda tool: figure.better * self.value(tool, figure))
        ours, other = (self.measures[tool][self.best(tool, figure)] for tool in (peers.OURS, best))
        return self._resampled(
            lambda rows: figure.of(ours[rows], self.bad[rows]) - figure.of(other[rows], self.bad[rows])
        )

    def _resampled(self, formula: Callable[[Rows], float]) -> Interval:
        def known(rows: Rows) -> float:
            if self.bad[rows].all() or not self.bad[rows].any():
                raise DataError("These scenes have good or bad pictures alone.")
            return formula(rows)

        return cluster_interval(known, self.scenes)
