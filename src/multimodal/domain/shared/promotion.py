"""Promotion: which version serves since when, and why.

Check ........ one condition of the gate and how it went
Promotion .... one version became the champion
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Check:
    """One condition: whether it holds, and the figures behind that, as a sentence."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True)
class Promotion:
    """One version became the champion.

    forced: against the gate. back: it served before and does so again. reason: why, in the words of who did it.
    """

    version: str
    at: datetime
    reason: str = ""
    checks: tuple[Check, ...] = ()
    forced: bool = False
    back: bool = False

    @classmethod
    def now(cls, version: str, **more: Any) -> Promotion:
        """A promotion of this moment."""
        return cls(version, datetime.now(UTC), **more)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"at": self.at.isoformat(), "checks": [asdict(check) for check in self.checks]}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Promotion:
        """The inverse of `to_dict`."""
        checks = tuple(Check(**check) for check in values.get("checks", ()))
        return cls(**{**values, "at": datetime.fromisoformat(values["at"]), "checks": checks})


def before(history: Iterable[Promotion]) -> str | None:
    """The version that served before the last one, rollbacks undone; None when there is none.

    >>> moment = datetime(2026, 1, 1, tzinfo=UTC)
    >>> past = [Promotion(name, moment) for name in "abc"] + [Promotion("b", moment, back=True)]
    >>> before(past)
    'a'
    """
    served: list[str] = []
    for promotion in history:
        if promotion.back and promotion.version in served:
            while served[-1] != promotion.version:
                served.pop()
        elif not served or served[-1] != promotion.version:
            served.append(promotion.version)
    return served[-2] if len(served) > 1 else None
