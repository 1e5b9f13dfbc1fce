"""The gate: what a challenger has to reach before it serves.

Gate ....... the limits; a recipe may have its own (`gate: {calibration: 0.05}`)
Findings ... what was measured of a challenger, beside the champion on the same held-out captures
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from .errors import ConfigError, refuse_unknown
from .promotion import Check

DOUBT = 0.2


@dataclass(frozen=True)
class Difference:
    """A metric of challenger and champion on the same captures.

    loss: by how much the challenger is worse (negative: better), whichever way the metric points. worse: one-sided p of
    a paired permutation test that it is no worse.
    """

    metric: str
    challenger: float
    champion: float
    loss: float
    worse: float

    def __str__(self) -> str:
        return f"{self.challenger:.3f}, champion {self.champion:.3f}, p(worse) = {self.worse:.3f}"


@dataclass(frozen=True)
class Findings:
    """What was measured of a challenger.

    rows, groups: of captures that neither model learned from. differences: in the metric that the pipeline is tuned for
    and in that of its decisions; none when nothing serves yet. calibration: expected calibration error, 0 to 1; chance:
    what a perfect model would show at this number of captures. latency: median ms that one capture takes, decoding left
    out.
    """

    rows: int
    groups: int
    differences: tuple[Difference, ...]
    calibration: float
    chance: float
    latency: float


@dataclass(frozen=True)
class Gate:
    """The limits.

    alpha: a challenger that is worse with a one-sided p below this is refused. margin: so is one that is worse by more
    than this and probably not by chance (p below `DOUBT`): few captures prove little. calibration: largest calibration
    error beyond what chance makes. latency: ms a capture. groups: fewest groups (scenes) to judge by.

    >>> findings = Findings(200, 50, (Difference("f1", 0.9, 0.95, 0.05, 0.01),), 0.03, 0.02, 4.0)
    >>> [check.name for check in Gate().judge(findings) if not check.passed]
    ['no worse f1 than the champion']
    """

    alpha: float = 0.05
    margin: float = 0.02
    calibration: float = 0.10
    latency: float = 250.0
    groups: int = 5

    def __post_init__(self) -> None:
        if not (0 <= self.alpha <= 1 and self.margin >= 0 and self.calibration > 0 and self.latency > 0):
            raise ConfigError("gate: alpha lies in 0..1, margin is at least 0, calibration and latency are above 0.")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Gate:
        """From plain values; an unknown key is an error with the nearest word."""
        refuse_unknown("key of gate", values, (f.name for f in fields(cls)))
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """Plain values without the defaults."""
        return {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != f.default}

    def judge(self, found: Findings) -> tuple[Check, ...]:
        """Each condition, whether it holds, and the figures behind that."""
        return tuple(self._checks(found))

    def _checks(self, found: Findings) -> Iterator[Check]:
        enough = f"{found.rows} captures in {found.groups} groups, at least {self.groups} groups are needed"
        yield Check("enough to judge by", found.groups >= self.groups, enough)
        for one in found.differences:
            clearly, largely = one.worse < self.alpha, one.loss > self.margin and one.worse < DOUBT
            limits = f"refused below {self.alpha}, or below {DOUBT} when worse by more than {self.margin}"
            yield Check(f"no worse {one.metric} than the champion", not (clearly or largely), f"{one}; {limits}")
        excess = max(0.0, found.calibration - found.chance)
        text = f"error {found.calibration:.3f}, of which {found.chance:.3f} may be chance; limit {self.calibration}"
        yield Check("calibrated", excess <= self.calibration, text)
        yield Check("fast enough", found.latency <= self.latency, f"{found.latency:.1f} ms; limit {self.latency:g} ms")
