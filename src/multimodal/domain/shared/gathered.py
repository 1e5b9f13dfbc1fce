"""The answers to many captures as columns, from assessments as documents.

    Gathered ... all of them, a few hundred bytes a capture
    Answered ... one pipeline's answers
    seconds .... when a capture was taken as a number

A document is what an assessment is as plain values (entrypoints write it as JSON).
"""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(eq=False)
class Column:
    """One pipeline's answers, by position; it may end before the last capture, which then has none.

    labels: those that occurred, in the order in which they did.
    """

    property: str
    unit: str
    decides: bool
    labels: list[str] = field(default_factory=list)
    codes: array[int] = field(default_factory=lambda: array("h"))
    scores: array[float] = field(default_factory=lambda: array("f"))
    values: array[float] = field(default_factory=lambda: array("d"))

    def put(self, position: int, label: str, score: float, value: float | None) -> None:
        """Keep the answer to the capture at this position, the last one so far."""
        self.pad(position)
        if label not in self.labels:
            self.labels.append(label)
        self.codes.append(self.labels.index(label))
        self.scores.append(score)
        self.values.append(np.nan if value is None else value)

    def pad(self, count: int) -> None:
        """Captures without an answer, up to so many in all."""
        missing = count - len(self.codes)
        self.codes.extend([-1] * missing)
        self.scores.extend([np.nan] * missing)
        self.values.extend([np.nan] * missing)


@dataclass(frozen=True, eq=False)
class Answered:
    """A pipeline's answers to n captures. label: int (n,), which of `labels`, -1 where there is no answer.

    score, value: float (n,), NaN where there is none.
    """

    property: str
    unit: str
    decides: bool
    labels: tuple[str, ...]
    label: NDArray[np.int64]
    score: NDArray[np.float64]
    value: NDArray[np.float64]


class Gathered:
    """What is known of each capture, by position in the order in which they came: about 400 bytes each.

    sizes: (width, height), (0, 0) where there is none. failures: why there is no answer, "" where there is one.
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self.digests: list[str] = []
        self.sizes: list[tuple[int, int]] = []
        self.verdicts: list[str] = []
        self.failures: list[str] = []
        self.modalities: list[str] = []
        self._fingerprints = array("Q")
        self._known = bytearray()
        self._taken = array("d")
        self._columns: dict[str, Column] = {}

    def __len__(self) -> int:
        return len(self.names)

    def add(self, document: Mapping[str, Any]) -> None:
        """Take an assessment."""
        position, info = len(self), document["info"]
        self.names.append(document["name"])
        self.digests.append(document["digest"])
        self.sizes.append((int(info.get("width", 0)), int(info.get("height", 0))))
        self.verdicts.append(document["verdict"])
        self.modalities.append(sys.intern(document["modality"]))
        own = info.get("fingerprint")
        self._fingerprints.append(int(own, 16) if own else 0)
        self._known.append(bool(own))
        self._taken.append(seconds(info.get("taken", "")))
        self.failures.append("; ".join(failure["message"] for failure in document["failures"]))
        for p in document["predictions"]:
            column = self._columns.get(p["pipeline"])
            if column is None:
                column = self._columns[p["pipeline"]] = Column(p["property"], p["unit"], p["decides"])
            column.put(position, p["label"], p["score"], p["value"])

    def add_info(self, name: str, digest: str, info: Mapping[str, Any], modality: str = "") -> None:
        """Take a capture that nobody was asked about."""
        nothing: dict[str, Any] = {"predictions": (), "failures": (), "verdict": "cannot_tell"}
        self.add({"name": name, "digest": digest, "info": info, "modality": modality, **nothing})

    @property
    def fingerprints(self) -> NDArray[np.uint64]:
        """The own fingerprint of each capture, (n,); 0 where there is none."""
        return np.array(self._fingerprints, np.uint64)

    @property
    def recognisable(self) -> NDArray[np.bool_]:
        """Whether a capture has a fingerprint, (n,)."""
        return np.array(self._known, np.bool_)

    @property
    def taken(self) -> NDArray[np.float64]:
        """When each capture was taken, in seconds since some moment by its camera's clock, (n,); NaN: nobody knows."""
        return np.array(self._taken, np.float64)

    @property
    def pipelines(self) -> Sequence[str]:
        """The pipelines that have answered any capture."""
        return tuple(self._columns)

    def answers(self, pipeline: str) -> Answered:
        """A pipeline's answers to all captures, also where it has given none."""
        column = self._columns.get(pipeline) or Column("", "", decides=False)
        column.pad(len(self))
        return Answered(
            column.property,
            column.unit,
            column.decides,
            tuple(column.labels),
            np.array(column.codes, np.int64),
            np.array(column.scores, np.float64),
            np.array(column.values, np.float64),
        )


def seconds(taken: str) -> float:
    """ISO 8601 text as seconds since 1970; NaN for what is no time.

    >>> seconds("1970-01-01T00:01:00.500"), seconds("")
    (60.5, nan)
    """
    with suppress(ValueError):
        return datetime.fromisoformat(taken).replace(tzinfo=UTC).timestamp()
    return math.nan
