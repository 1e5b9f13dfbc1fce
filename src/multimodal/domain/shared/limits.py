"""Limits: what a rule says of its thresholds, so that they can be drawn, set and calibrated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Side = Literal["above", "below"]
STEPS = range(-10, 60)  # powers of two of the distance that is searched for a crossing
LEAST = 1e-6  # distance to begin with
HALVINGS = 80


@dataclass(frozen=True)
class Limit:
    """A parameter of a rule that is a threshold on one column of its table.

    rejects: on which side of it a capture is rejected; at the threshold itself it is accepted. label: which of the
    rule's labels a rejected capture gets, by number.
    """

    column: int = 0
    rejects: Side = "above"
    label: int = 0


def crossing(rise: Callable[[float], float], start: float, target: float) -> float:
    """Where a monotone function of one value reaches `target`, found by bisection from a value where it is 0.

    `start` itself when the target is 0, or nowhere reached.

    >>> round(crossing(lambda value: 2 * (value - 3), 3.0, 5.0), 6)
    5.5
    """
    if abs(target) < 1e-12:
        return start
    beyond = _beyond(rise, start, target)
    if beyond is None:
        return start
    near, far = start, beyond
    for _ in range(HALVINGS):
        middle = (near + far) / 2
        if abs(rise(middle)) < abs(target):
            near = middle
        else:
            far = middle
    return (near + far) / 2


def _beyond(rise: Callable[[float], float], start: float, target: float) -> float | None:
    """A value on the far side of the target: the first one that is found going away from the start."""
    size = max(abs(start), LEAST)
    for step in STEPS:
        for value in (start - size * 2.0**step, start + size * 2.0**step):
            if rise(value) * target > 0 and abs(rise(value)) >= abs(target):
                return value
    return None
