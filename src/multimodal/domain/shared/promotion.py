"""Promotion: which version serves since when, and why.

Check ........ one condition of the gate and how it went
Promotion .... one version became the champion
"""

from __future__ import annotations

from collections.abc import Mapping
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
    """One version became the champion. forced: against the gate. reason: why, in the words of who did it."""

    version: str
    at: datetime
    reason: str = ""
    checks: tuple[Check, ...] = ()
    forced: bool = False

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
