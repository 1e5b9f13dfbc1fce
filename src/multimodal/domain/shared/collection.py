"""A collection: what was found out about many captures together.

    Gathered ........ the answers to all captures as columns, from assessments as documents
    Likeness ........ captures that show the same
    Burst ........... one scene, shot again within moments
    Oddity .......... a capture that is unlike the rest
    Collection ...... all of it; its `problems` say in sentences what is wrong
    collection_of ... Gathered -> Collection

It knows no modality: a document is what an assessment is as plain values (entrypoints write it as JSON).
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .duplicates import clusters, same_content

EXAMPLES = 2
"""Names in a sentence."""


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
        self.failures.append("; ".join(failure["message"] for failure in document["failures"]))
        for p in document["predictions"]:
            column = self._columns.get(p["pipeline"])
            if column is None:
                column = self._columns[p["pipeline"]] = Column(p["property"], p["unit"], p["decides"])
            column.put(position, p["label"], p["score"], p["value"])

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


@dataclass(frozen=True)
class Likeness:
    """Captures that show the same, by position. bits: in which fingerprints differ at most, of 64; 0 for copies."""

    members: tuple[int, ...]
    bits: int = 0


@dataclass(frozen=True)
class Burst:
    """One scene, shot again within moments. best: the member to keep; why: in words."""

    members: tuple[int, ...]
    best: int
    why: str


@dataclass(frozen=True)
class Oddity:
    """A capture that is unlike the rest: its value of a measure, and what is usual (low to high)."""

    member: int
    measure: str
    value: float
    unit: str
    low: float
    high: float
    sentence: str


@dataclass(frozen=True, eq=False)
class Collection:
    """What was found out about captures together. broken: positions of those without any answer."""

    gathered: Gathered
    copies: tuple[Likeness, ...] = ()
    similar: tuple[Likeness, ...] = ()
    bursts: tuple[Burst, ...] = ()
    odd: tuple[Oddity, ...] = ()
    outliers: tuple[Oddity, ...] = ()
    broken: tuple[int, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong, each as a sentence with its count and an example."""
        return tuple(filter(None, (self._copied(), self._broken())))

    def _copied(self) -> str:
        if not self.copies:
            return ""
        files = sum(len(each.members) for each in self.copies)
        names = self._named(self.copies[0].members)
        return f"{_counted(len(self.copies), 'set')} of exact copies ({files:,} captures), such as {names}."

    def _broken(self) -> str:
        if not self.broken:
            return ""
        return f"{_counted(len(self.broken), 'capture')} cannot be read, such as {self._named(self.broken[:1])}."

    def _named(self, members: Sequence[int]) -> str:
        return " and ".join(repr(self.gathered.names[member]) for member in members[:EXAMPLES])


def collection_of(gathered: Gathered) -> Collection:
    """What is found in the captures that were gathered."""
    known = [i for i, digest in enumerate(gathered.digests) if digest]
    links = same_content([gathered.digests[i] for i in known])
    copies = tuple(Likeness(tuple(known[i] for i in members)) for members in clusters(links))
    broken = tuple(i for i, verdict in enumerate(gathered.verdicts) if verdict == "failed")
    return Collection(gathered, copies=copies, broken=broken)


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}" + ("" if count == 1 else "s")
