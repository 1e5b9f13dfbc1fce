"""What is gathered of many captures: columns that agree with what was added, copies, and what is broken."""

import math
import sys

import numpy as np
import pytest

from multimodal.domain.shared.collection import Gathered, collection_of
from tests.showcases import document, gathered_of


def documents(count):
    rng = np.random.default_rng(0)
    return [document(number, f"{number}.jpg", rng) for number in range(count)]


def test_columns_hold_what_was_added():
    added, gathered = documents(40), Gathered()
    for each in added:
        gathered.add(each)
    assert (gathered.names, gathered.verdicts) == ([d["name"] for d in added], [d["verdict"] for d in added])
    noise = gathered.answers("noise_rule")
    for position, each in enumerate(added):
        found = {p["pipeline"]: p for p in each["predictions"]}.get("noise_rule")
        if found is None:
            assert noise.label[position] == -1
            assert math.isnan(noise.score[position])
        else:
            assert noise.labels[noise.label[position]] == found["label"]
            assert noise.score[position] == pytest.approx(found["score"], abs=1e-6)
            assert noise.value[position] == found["value"]


def test_a_pipeline_that_has_answered_nothing_has_columns_too():
    found = gathered_of(["a", "b"]).answers("nobody")
    assert found.label.tolist() == [-1, -1]
    assert np.isnan(found.value).all()


def test_broken_captures_have_a_reason_and_no_size():
    gathered = gathered_of([str(i) for i in range(17)])
    assert collection_of(gathered).broken == (16,)
    assert (gathered.failures[16], gathered.sizes[16]) == ("16 is damaged.", (0, 0))


def test_captures_of_the_same_content_are_copies_and_said_so():
    gathered = Gathered()
    for each in documents(4):
        gathered.add({**each, "digest": "same" if each["name"] in ("1.jpg", "3.jpg") else each["digest"]})
    found = collection_of(gathered)
    assert [each.members for each in found.copies] == [(1, 3)]
    assert found.problems == ("1 set of exact copies (2 captures), such as '1.jpg' and '3.jpg'.",)


def test_captures_whose_content_nobody_knows_are_no_copies():
    gathered = Gathered()
    for each in documents(3):
        gathered.add({**each, "digest": ""})
    assert collection_of(gathered).copies == ()


def test_nothing_was_found_in_nothing():
    found = collection_of(Gathered())
    assert (found.copies, found.broken, found.problems) == ((), (), ())


def test_a_capture_takes_little_memory():
    gathered = gathered_of([f"{i:020}.jpg" for i in range(2000)])
    texts = sum(map(sys.getsizeof, (*gathered.names, *gathered.digests)))
    columns = sum(sys.getsizeof(a) for c in gathered._columns.values() for a in (c.codes, c.scores, c.values))
    assert (texts + columns) / 2000 < 400
