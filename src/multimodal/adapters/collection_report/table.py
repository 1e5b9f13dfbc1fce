"""The table of all captures: as columns for the page's script, and its first rows for who has none.

Columns ... one column a fact, in the order in which captures are listed
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...domain.shared.showcase import Answers, Showcase, worst_first
from .places import Place, Places
from .text import extent, number, plain

FIRST = 200
"""Rows that need no script; also those that are printed."""
MOST = 100_000
"""Rows of a table: more make a page that no browser opens at once."""
DIGITS = 4
VERDICTS = (("good", "good"), ("bad", "bad"), ("cannot_tell", "cannot tell"), ("failed", "failed"))
KINDS = {True: "", None: "cannot_tell", False: "bad"}
KEYS = tuple(key for key, _ in VERDICTS)


@dataclass(frozen=True)
class Cell:
    """One figure of a row. kind: of its outcome, for its colour."""

    text: str
    kind: str


@dataclass(frozen=True)
class Row:
    """One capture as the page shows it without a script."""

    place: Place
    verdict: str
    words: str
    issues: str
    size: str
    cells: Sequence[Cell]


@dataclass(frozen=True, eq=False)
class Table:
    """The captures of a showcase, the worst first; of very many only those at the top."""

    showcase: Showcase
    places: Places
    order: NDArray[np.int64]

    @classmethod
    def of(cls, showcase: Showcase, places: Places) -> Table:
        """The table of a showcase."""
        order = worst_first(showcase.collection.gathered.verdicts, showcase.answers)
        return cls(showcase, places, order[:MOST])

    @property
    def total(self) -> int:
        """How many captures there are, shown or not."""
        return len(self.showcase.collection.gathered.verdicts)

    @property
    def note(self) -> str:
        """What is left out."""
        left = self.total - len(self.order)
        return f"The {len(self.order):,} worst captures are listed; {left:,} better ones are not." if left else ""

    def values(self, findings: Sequence[tuple[str, str, Sequence[int]]]) -> dict[str, Any]:
        """All columns as plain values. findings: key, title, and the positions of the captures concerned."""
        gathered = self.showcase.collection.gathered
        places = [self.places[position] for position in self.order.tolist()]
        folders = {pair: i for i, pair in enumerate(dict.fromkeys((p.folder, p.base) for p in places))}
        sizes = np.array(gathered.sizes, np.int64).reshape(-1, 2)[self.order]
        return {
            "folders": list(folders),
            "folder": [folders[place.folder, place.base] for place in places],
            "file": [place.file for place in places],
            "whole": {str(i): place.whole for i, place in enumerate(places) if place.whole is not None},
            "verdicts": VERDICTS,
            "verdict": "".join(str(KEYS.index(gathered.verdicts[i])) for i in self.order.tolist()),
            "width": sizes[:, 0].tolist(),
            "height": sizes[:, 1].tolist(),
            "models": [self._model(answers) for answers in self.showcase.answers],
            "failures": {str(row): plain(text) for row, text in self._failures()},
            "findings": [{"key": k, "title": title, "rows": self._rows(found)} for k, title, found in findings],
            "note": self.note,
        }

    def first(self) -> Iterator[Row]:
        """The rows at the top."""
        gathered = self.showcase.collection.gathered
        for position in self.order[:FIRST].tolist():
            verdict = gathered.verdicts[position]
            width, height = gathered.sizes[position]
            yield Row(
                self.places[position],
                verdict,
                dict(VERDICTS)[verdict],
                plain(gathered.failures[position]) or ", ".join(rejected(self.showcase.answers, position)),
                extent(width, height),
                [cell(answers, position) for answers in self.showcase.answers],
            )

    def _model(self, answers: Answers) -> Mapping[str, Any]:
        score = answers.score[self.order]
        return {
            "name": answers.pipeline,
            "title": plain(answers.title),
            "labels": [plain(label) for label in answers.labels],
            "words": [words(label) for label in answers.labels],
            "accepted": answers.accepted,
            "label": "".join(map(chr, (np.where(answers.label < 0, -3, answers.label)[self.order] + 48).tolist())),
            "score": [None if s != s else round(s * 1000) for s in score.tolist()],
            "value": rounded(answers.value[self.order]) if answers.has_value else None,
        }

    def _failures(self) -> Iterator[tuple[int, str]]:
        failures = self.showcase.collection.gathered.failures
        return ((row, failures[i]) for row, i in enumerate(self.order.tolist()) if failures[i])

    def _rows(self, positions: Sequence[int]) -> list[int]:
        """The rows of captures that are listed."""
        place = np.full(self.total, -1)
        place[self.order] = np.arange(len(self.order))
        rows = place[np.array(positions, np.int64)]
        return sorted(rows[rows >= 0].tolist())


def words(label: str) -> str:
    """A label as people write it."""
    return plain(label.replace("_", " "))


def rejected(answers: Sequence[Answers], position: int) -> list[str]:
    """What is wrong with a capture."""
    codes = ((each, int(each.label[position])) for each in answers)
    return [words(each.labels[code]) for each, code in codes if code >= 0 and each.accepted[code] is False]


def cell(answers: Answers, position: int) -> Cell:
    """The value of a capture, or its score where a pipeline has none, in the colour of its outcome."""
    figure = answers.value[position] if answers.has_value else answers.score[position]
    code = int(answers.label[position])
    return Cell(number(float(figure)), "" if code < 0 else KINDS[answers.accepted[code]])


def rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values to a few digits, which makes them short.

    >>> rounded(np.array([123456.0, 0.00123456, 0.0])).tolist()
    [123500.0, 0.001235, 0.0]
    """
    return np.array([float(f"{value:.{DIGITS}g}") for value in values.tolist()])
