"""What is read of an untrusted file before anything trusts it: plain arrays and plain facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Parsed:
    """Arrays of numbers and facts in words and numbers, all by name; another process can send it."""

    arrays: Mapping[str, NDArray[Any]]
    facts: Mapping[str, str | float] = field(default_factory=dict)
