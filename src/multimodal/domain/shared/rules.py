"""Rules on one measured value: what most properties need, and what a person can set.

    AtMostRule ....... rejected above a threshold (noise, haze)
    AtLeastRule ...... rejected below one (resolution, size)
    BetweenRule ...... rejected below `low` and above `high`, with a label for each (saturation)

A rule of a property is a subclass that names its labels and its usual thresholds:

    class NoiseRule(AtMostRule):
        labels = ("noisy", "clean")
        logarithmic = True

        def __init__(self, threshold: float = 6.0, softness: float = 0.25) -> None:
            super().__init__(threshold, softness)

The value is the first column of the table. `softness` is how much of it one logit is: in the value's unit, or as a
difference of natural logarithms where the rule is `logarithmic`. At the threshold itself the value is accepted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from .estimators import Floats, RuleBasedModel
from .limits import Limit

LEAST = 1e-9
"""Below which a logarithm does not tell values apart."""


class OneValueRule(RuleBasedModel):
    """A rule on the first column."""

    logarithmic: ClassVar[bool] = False

    def placed(self, values: Floats | float) -> Floats:
        """Values on the scale on which they are judged."""
        return np.log(np.maximum(values, LEAST)) if self.logarithmic else np.asarray(values, float)


class AtMostRule(OneValueRule):
    """Rejected above `threshold`. `labels`: the rejected one, then the accepted one."""

    labels: ClassVar[tuple[str, ...]] = ("above", "within")
    limits: ClassVar[Mapping[str, Limit]] = {"threshold": Limit(rejects="above")}

    def __init__(self, threshold: float = 1.0, softness: float = 0.2) -> None:
        self.threshold = threshold
        self.softness = softness

    def margins(self, table: Floats) -> Floats:
        """Margins in logits, (n,)."""
        return (self.placed(self.threshold) - self.placed(table[:, 0])) / self.softness


class AtLeastRule(OneValueRule):
    """Rejected below `threshold`. `labels`: the rejected one, then the accepted one."""

    labels: ClassVar[tuple[str, ...]] = ("below", "within")
    limits: ClassVar[Mapping[str, Limit]] = {"threshold": Limit(rejects="below")}

    def __init__(self, threshold: float = 1.0, softness: float = 0.2) -> None:
        self.threshold = threshold
        self.softness = softness

    def margins(self, table: Floats) -> Floats:
        """Margins in logits, (n,)."""
        return (self.placed(table[:, 0]) - self.placed(self.threshold)) / self.softness


class BetweenRule(OneValueRule):
    """Rejected below `low` and above `high`. `labels`: too low, accepted, too high."""

    labels: ClassVar[tuple[str, ...]] = ("below", "within", "above")
    limits: ClassVar[Mapping[str, Limit]] = {
        "low": Limit(rejects="below", label=0),
        "high": Limit(rejects="above", label=2),
    }

    def __init__(self, low: float = 0.5, high: float = 2.0, softness: float = 0.1) -> None:
        self.low = low
        self.high = high
        self.softness = softness

    def margins(self, table: Floats) -> Floats:
        """Margins in logits, (n, 3)."""
        value = self.placed(table[:, 0])
        under, over = (self.placed(self.low) - value, value - self.placed(self.high))
        return np.column_stack([under / self.softness, np.zeros(len(table)), over / self.softness])
