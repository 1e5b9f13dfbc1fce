"""Breakdown: where a model is wrong. Rows are sliced by group and by every fact that tells them apart.

    Slice ....... some rows and how the model did on them
    by_group .... the groups where it does worst
    by_facts .... fact -> slices: its values, or quarters of a number's range

What is "wrong" here is a decided answer with another label than the true one; an abstention is undecided, not wrong.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .estimators import Floats

WORST = 50
FACTS = 24
VALUES = 16
"""Values that a fact may have to be shown one by one; a number with more is shown in quarters."""
LONGEST = 80
NOTHING = "(none)"
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Slice:
    """Some rows. wrong, undecided: shares of them; score: their mean."""

    name: str
    rows: int
    wrong: float
    undecided: float
    score: float


@dataclass(frozen=True)
class Groups:
    """How many groups there are, how many of them have a wrong answer, and the worst ones, worst first."""

    total: int = 0
    with_mistakes: int = 0
    worst: tuple[Slice, ...] = ()


@dataclass(frozen=True, eq=False)
class Marks:
    """How each row went, (n,) each: decided and wrong, not decided, and its score."""

    wrong: Mask
    undecided: Mask
    score: Floats

    def slice(self, name: str, chosen: Mask | NDArray[np.intp]) -> Slice:
        """The slice of some rows, at least one."""
        columns = (self.wrong, self.undecided, self.score)
        return Slice(name, len(self.wrong[chosen]), *(round(float(column[chosen].mean()), 6) for column in columns))


def by_group(marks: Marks, groups: NDArray[np.str_], most: int = WORST) -> Groups:
    """The groups with the largest share of wrong answers (of those alike: with most rows) first."""
    names, member = np.unique(groups, return_inverse=True)
    order = np.argsort(member, kind="stable")
    rows = np.split(order, np.cumsum(np.bincount(member))[:-1])
    slices = [marks.slice(shortened(name), some) for name, some in zip(names.tolist(), rows, strict=True)]
    worst = sorted((s for s in slices if s.wrong), key=lambda s: (-s.wrong, -s.rows, s.name))
    return Groups(len(slices), len(worst), tuple(worst[:most]))


def by_facts(marks: Marks, facts: Sequence[Mapping[str, Any]]) -> dict[str, tuple[Slice, ...]]:
    """Fact -> its slices. A fact with one value, or with too many that are no numbers, tells nothing: left out."""
    found: dict[str, tuple[Slice, ...]] = {}
    for name in dict.fromkeys(str(name) for row in facts for name in row):
        slices = tuple(marks.slice(value, chosen) for value, chosen in parts([row.get(name) for row in facts]))
        if len(slices) > 1 and len(found) < FACTS:
            found[shortened(name)] = slices
    return found


def parts(values: Sequence[Any]) -> Iterator[tuple[str, Mask]]:
    """A fact's values, each with the rows that have it, or quarters of a number; nothing when there are too many."""
    texts = np.array([NOTHING if is_missing(value) else shortened(str(value)) for value in values], dtype=str)
    distinct = np.unique(texts)
    if len(distinct) <= VALUES:
        yield from ((text, texts == text) for text in distinct.tolist())
    elif all(is_number(value) or is_missing(value) for value in values):
        yield from quarters(np.array([np.nan if is_missing(v) else float(v) for v in values]))


def quarters(values: Floats) -> Iterator[tuple[str, Mask]]:
    """Four ranges of a number with about as many rows each, and the rows without one."""
    known = values[np.isfinite(values)]
    edges = np.unique(np.quantile(known, [0, 0.25, 0.5, 0.75, 1]))
    for low, high in itertools.pairwise(edges.tolist()):
        is_last = high == edges.max()
        yield f"{low:.4g} to {high:.4g}", (values >= low) & (values <= high if is_last else values < high)
    if len(known) < len(values):
        yield NOTHING, ~np.isfinite(values)


def is_number(value: Any) -> bool:
    """Whether it is a number that can be ordered; yes and no are none."""
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def is_missing(value: Any) -> bool:
    """Whether there is nothing, or a number that is none."""
    return value is None or value == "" or (is_number(value) and not -1e300 < value < 1e300)


def shortened(text: str, longest: int = LONGEST) -> str:
    """A text of at most so many characters."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
