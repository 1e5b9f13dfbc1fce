"""What a report shows of a collection: everything in figures, and a bounded choice of it in pictures.

Answers ....... one pipeline's answers to all captures, as columns
Issue ......... a label that was rejected, with its worst examples
Picture ....... a capture small enough to be carried in a page, and where its faults are seen
Showcase ...... all that the page says
worst_first ... the order in which captures are listed
issues_of ..... what was rejected, the most frequent first
wanted ........ which captures are needed as pictures, and what for
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .adjusting import Threshold
from .collection import Collection, Gathered

EXAMPLES, FEWEST, PICTURES = 12, 4, 150
"""Examples of an issue, of an issue among very many, and of all issues together."""
SETS, MEMBERS = 20, 6
"""Sets of duplicates of a kind, and pictures of each set."""
SINGLES = 12
"""Pictures of a list of captures that are odd by themselves."""
WORST_FIRST = ("bad", "failed", "cannot_tell", "good")


@dataclass(frozen=True, eq=False)
class Answers:
    """One pipeline's answers to n captures.

    title: the property in words. labels: all that may occur; label: int (n,), which of them, -1 where there is no
    answer. accepted: of each of `labels`, None where the pipeline cannot tell. score, value: float (n,), NaN where
    there is none. thresholds: in force, those on the value, or else on the score.
    """

    pipeline: str
    model: str
    title: str
    summary: str
    unit: str
    labels: tuple[str, ...]
    accepted: tuple[bool | None, ...]
    label: NDArray[np.int64]
    score: NDArray[np.float64]
    value: NDArray[np.float64]
    thresholds: tuple[Threshold, ...] = ()

    @property
    def has_value(self) -> bool:
        """Whether any capture has a value that a person would name."""
        return bool(np.isfinite(self.value).any())

    @property
    def by_score(self) -> bool:
        """Whether its thresholds are on the score."""
        return not self.has_value or any(t.measure == "score" for t in self.thresholds)

    @property
    def outcomes(self) -> NDArray[np.int64]:
        """Of each capture: 0 accepted, 1 cannot tell, 2 rejected, -1 no answer."""
        of_label = [0 if accepted else 1 if accepted is None else 2 for accepted in self.accepted]
        return np.array([*of_label, -1], np.int64)[self.label]


@dataclass(frozen=True)
class Issue:
    """A rejected label. number: of the pipeline among those shown; code: of the label among its labels.

    worst: positions of its worst examples, those with the lowest score first, none a copy of another.
    """

    number: int
    code: int
    count: int
    worst: tuple[int, ...]


@dataclass(frozen=True)
class Picture:
    """A capture in pictures, WebP files of this size in pixels; `missing` says why there are none.

    overlays, captions, notes: by pipeline: where it is seen, what bright means there, what else the model says.
    """

    photo: bytes = b""
    width: int = 4
    height: int = 3
    overlays: Mapping[str, bytes] = field(default_factory=dict)
    captions: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    missing: str = ""


@dataclass(frozen=True, eq=False)
class Showcase:
    """All that a report says.

    answers: of the pipelines that decide. pictures: by position. paths: where each capture lies, None for what came
    otherwise. sources: what was asked to be assessed. folder: where the page will lie; links lead to what is below it.
    """

    collection: Collection
    answers: tuple[Answers, ...]
    issues: tuple[Issue, ...]
    pictures: Mapping[int, Picture]
    paths: Sequence[Path | None]
    sources: tuple[str, ...] = ()
    folder: Path | None = None


def columns_of(
    gathered: Gathered, pipeline: str, labels: Sequence[str]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Of a pipeline's answers: which of these labels (n,), -1 where there is none; score (n,); value (n,)."""
    found = gathered.answers(pipeline)
    codes = np.array([*map(labels.index, found.labels), -1], np.int64)
    return codes[found.label], found.score, found.value


def worst_first(verdicts: Sequence[str], answers: Sequence[Answers]) -> NDArray[np.int64]:
    """Positions of all captures: by verdict, then by their lowest score, then as they came."""
    if not len(verdicts):
        return np.zeros(0, np.int64)
    rank = np.array([WORST_FIRST.index(verdict) for verdict in verdicts])
    scores = [np.nan_to_num(each.score, nan=1.0) for each in answers]
    lowest = np.min(scores, axis=0) if scores else np.ones(len(rank))
    return np.lexsort((lowest, rank))


def issues_of(answers: Sequence[Answers], contents: Sequence[str]) -> tuple[Issue, ...]:
    """All rejected labels with their examples, the most frequent first. contents: digest of each capture."""
    counts = [np.bincount(each.label[each.label >= 0], minlength=len(each.labels)) for each in answers]
    found = [
        (int(-count), number, code)
        for number, each in enumerate(answers)
        for code, count in enumerate(counts[number])
        if count and each.accepted[code] is False
    ]
    most = int(np.clip(PICTURES // max(1, len(found)), FEWEST, EXAMPLES))
    return tuple(
        Issue(number, code, -count, worst(answers[number], code, contents, most))
        for count, number, code in sorted(found)
    )


def worst(answers: Answers, code: int, contents: Sequence[str], most: int) -> tuple[int, ...]:
    """At most so many captures with a label, the lowest score first; of captures with the same content only one."""
    having = np.flatnonzero(answers.label == code)
    ranked = having[np.argsort(answers.score[having], kind="stable")]
    return tuple(_first_of_each(ranked.tolist(), contents, most))


def _first_of_each(positions: Sequence[int], contents: Sequence[str], most: int) -> Iterator[int]:
    seen = set[str]()
    for position in positions:
        if len(seen) == most:
            return
        if contents[position] not in seen:
            seen.add(contents[position])
            yield position


def wanted(collection: Collection, answers: Sequence[Answers], issues: Sequence[Issue]) -> dict[int, set[str]]:
    """Position of each capture to be shown -> the pipelines whose faults are to be seen on it."""
    found = defaultdict[int, set[str]](set)
    for issue in issues:
        for position in issue.worst:
            found[position].add(answers[issue.number].pipeline)
    for position in chain(*map(shown_of, sets_of(collection)), *singles_of(collection)):
        found.setdefault(position, set())
    return dict(found)


def sets_of(collection: Collection) -> Iterator[tuple[int, ...]]:
    """The members of the sets that are shown, the best shot of a burst first."""
    yield from (each.members for each in (*collection.copies[:SETS], *collection.similar[:SETS]))
    yield from (with_first(burst.members, burst.best) for burst in collection.bursts[:SETS])


def singles_of(collection: Collection) -> Iterator[list[int]]:
    """The captures that are shown as odd by themselves."""
    for kind in (collection.odd, collection.outliers):
        yield list(dict.fromkeys(oddity.member for oddity in kind))[:SINGLES]


def shown_of(members: tuple[int, ...]) -> tuple[int, ...]:
    """Those of a set that are shown as pictures."""
    return members[:MEMBERS]


def with_first(members: Sequence[int], first: int) -> tuple[int, ...]:
    """The members, one of them before the others.

    >>> with_first((3, 5, 8), 5)
    (5, 3, 8)
    """
    return (first, *(member for member in members if member != first))
