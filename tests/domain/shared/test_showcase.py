"""What is chosen to be shown: the worst first, nothing twice, and never more than a page can carry."""

from dataclasses import replace

import numpy as np
import pytest

from multimodal.domain.shared.collection import Likeness
from multimodal.domain.shared.showcase import (
    EXAMPLES,
    FEWEST,
    MEMBERS,
    PICTURES,
    SETS,
    Answers,
    issues_of,
    wanted,
    worst,
    worst_first,
)
from tests.showcases import found_in, gathered_of


def answers(labels, scores, names=("bad", "good", "cannot_tell")):
    return Answers(
        pipeline="p",
        model="p@1",
        title="p",
        summary="",
        unit="",
        labels=names,
        accepted=tuple({"good": True, "cannot_tell": None}.get(name, False) for name in names),
        label=np.array(labels, np.int64),
        score=np.array(scores, float),
        value=np.full(len(labels), np.nan),
    )


def test_captures_are_listed_by_verdict_then_by_their_lowest_score():
    verdicts = ["good", "bad", "failed", "bad", "cannot_tell"]
    found = worst_first(verdicts, [answers([1, 0, -1, 0, 2], [0.9, 0.2, np.nan, 0.1, 0.5])])
    assert found.tolist() == [3, 1, 2, 4, 0]


def test_nothing_is_listed_of_nothing():
    assert worst_first([], []).tolist() == []


def test_issues_come_the_most_frequent_first_with_their_counts():
    found = issues_of([answers([0, 1, 1], [0.1, 0.9, 0.8]), answers([0, 0, 2], [0.3, 0.2, 0.5])], list("abc"))
    assert [(issue.number, issue.code, issue.count, issue.worst) for issue in found] == [
        (1, 0, 2, (1, 0)),
        (0, 0, 1, (0,)),
    ]


def test_of_captures_with_the_same_content_one_is_an_example():
    assert worst(answers([0, 0, 0], [0.3, 0.1, 0.1]), 0, ["a", "b", "b"], 12) == (1, 0)


@pytest.mark.parametrize("labels", [1, 10, 60])
def test_examples_are_bounded_however_many_issues_there_are(labels):
    names = (*(f"bad{i}" for i in range(labels)), "good")
    rng = np.random.default_rng(0)
    many = answers(rng.integers(0, labels, 5000), rng.random(5000), names)
    found = issues_of([many], [str(i) for i in range(5000)])
    each = {len(issue.worst) for issue in found}
    assert each == {min(EXAMPLES, max(FEWEST, PICTURES // labels))}


def test_pictures_of_sets_are_bounded():
    collection = found_in(gathered_of([str(i) for i in range(400)]))
    sets = tuple(Likeness(tuple(range(first, first + 8)), 0) for first in range(0, 400, 8))
    needed = wanted(replace(collection, copies=sets, similar=(), bursts=(), odd=(), outliers=()), [], [])
    assert len(needed) == SETS * MEMBERS


def test_each_example_is_needed_with_the_pipelines_that_rejected_it():
    first, second = answers([0, 1], [0.1, 0.9]), replace(answers([0, 0], [0.1, 0.2]), pipeline="q")
    collection = found_in(gathered_of(["a", "b"]))
    pair = [first, second]
    assert wanted(collection, pair, issues_of(pair, ["a", "b"])) == {0: {"p", "q"}, 1: {"q"}}
