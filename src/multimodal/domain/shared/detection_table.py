"""From which strength on a model notices a fault, as rows of text: for the model card and for terminals.

They are made from plain values (`Detection.to_dict`), since that is how a bundle keeps them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Plain = Mapping[str, Any]
HEADER = ("fault", "unit", "false alarms", "half", "90 %", "99 %")
UNCERTAIN = "*"
NOTE = "* too few good captures to tell such a rate: the threshold lies at the worst of them"


def rows(found: Iterable[Plain]) -> Iterator[tuple[str, ...]]:
    """One row a fault and rate: the strengths at which shares are noticed, with 95 % intervals over groups."""
    for fault in found:
        for level in fault["levels"]:
            rate = f"{level['rate']:.0%}{'' if level['certain'] else UNCERTAIN}"
            reached = (strength(one, fault) for one in level["reached"])
            yield (fault["fault"], fault["unit"], rate, *reached)


def is_certain(found: Iterable[Plain]) -> bool:
    """Whether all rates of false alarms rest on enough good captures."""
    return all(level["certain"] for fault in found for level in fault["levels"])


def strength(reached: Plain, fault: Plain) -> str:
    """A strength with its interval; where it lies beyond what was tried, the end of that.

    >>> strength({"strength": 2.0, "low": 1.5, "high": None, "below": False}, {"weakest": 1.0, "strongest": 9.0})
    '2.0 [1.5, > 9.0]'
    >>> strength({"strength": None, "low": None, "high": None, "below": False}, {"weakest": 1.0, "strongest": 9.0})
    '> 9.0'
    """
    beyond = f"> {digits(fault['strongest'])}"
    if reached["strength"] is None:
        return beyond
    low, high = (beyond if value is None else digits(value) for value in (reached["low"], reached["high"]))
    below = "< " if reached["below"] else ""
    return f"{below}{digits(reached['strength'])} [{low}, {high}]"


def digits(value: float) -> str:
    """One decimal, or two significant digits of a small one, as shares and lengths are.

    >>> digits(12.34), digits(-2.0), digits(0.00412), digits(0.0)
    ('12.3', '-2.0', '0.0041', '0.0')
    """
    return f"{value:.2g}" if 0 < abs(value) < 1 else f"{value:.1f}"


def markdown(found: Sequence[Plain]) -> list[str]:
    """The rows as a Markdown table, with a note where a rate is not certain."""
    if not found:
        return []
    lines = [f"| {' | '.join(row)} |" for row in (HEADER, ("---",) * len(HEADER), *rows(found))]
    return [*lines, *([] if is_certain(found) else ["", NOTE])]
