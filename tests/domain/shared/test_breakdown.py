"""Where a model is wrong: slices by group and fact."""

import numpy as np
import pytest

from multimodal.domain.shared.breakdown import LONGEST, NOTHING, VALUES, WORST, Marks, by_facts, by_group


def marks(wrong, undecided=None, score=None) -> Marks:
    wrong = np.array(wrong, bool)
    quiet = np.zeros(len(wrong), bool) if undecided is None else np.array(undecided, bool)
    return Marks(wrong, quiet, np.full(len(wrong), 0.5) if score is None else np.array(score, float))


def test_the_worst_groups_come_first_and_those_without_mistakes_not_at_all():
    found = by_group(marks([1, 0, 1, 1, 0], score=[0, 1, 1, 1, 0]), np.array(["a", "a", "b", "b", "c"]))
    assert (found.total, found.with_mistakes) == (3, 2)
    assert [(s.name, s.rows, s.wrong, s.score) for s in found.worst] == [("b", 2, 1.0, 1.0), ("a", 2, 0.5, 0.5)]


def test_only_the_worst_groups_are_listed_but_all_are_counted():
    found = by_group(marks([1] * 80), np.arange(80).astype(str))
    assert (found.total, found.with_mistakes, len(found.worst)) == (80, 80, WORST)


def test_a_fact_with_few_values_is_sliced_by_them():
    facts = [{"fault": "motion"}, {"fault": "noise"}, {"fault": "motion"}, {}]
    (slices,) = by_facts(marks([1, 0, 0, 0], undecided=[0, 1, 0, 0]), facts).values()
    assert {s.name: (s.rows, s.wrong, s.undecided) for s in slices} == {
        "motion": (2, 0.5, 0.0),
        "noise": (1, 0.0, 1.0),
        NOTHING: (1, 0.0, 0.0),
    }


def test_a_number_with_many_values_is_sliced_in_quarters():
    facts = [{"width": w} for w in [*range(40), None, float("nan")]]
    slices = by_facts(marks([w >= 30 for w in range(42)]), facts)["width"]
    assert [s.rows for s in slices] == [10, 10, 10, 10, 2]
    assert [s.wrong for s in slices] == pytest.approx([0, 0, 0, 1, 1], abs=0.11)
    assert slices[0].name == "0 to 9.75"
    assert slices[-1].name == NOTHING


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(["same"] * 40, id="one value"),
        pytest.param([f"file {i}" for i in range(40)], id="too many texts"),
        pytest.param([*range(39), "some"], id="numbers and a text"),
        pytest.param([float("inf")] * 40, id="no finite number"),
    ],
)
def test_a_fact_that_tells_nothing_is_left_out(values):
    assert by_facts(marks([0] * 40), [{"fact": value} for value in values]) == {}


def test_yes_and_no_are_values_and_no_numbers():
    slices = by_facts(marks([1, 0]), [{"flash": True}, {"flash": False}])["flash"]
    assert [s.name for s in slices] == ["False", "True"]


def test_what_a_data_set_says_is_bounded():
    facts = [{"x" * 500: "y" * 500 + str(i % 2)} for i in range(4)] + [{f"fact {i}": i % 2 for i in range(100)}]
    found = by_facts(marks([0] * 5), facts)
    assert len(found) <= 24
    assert max(map(len, found)) <= LONGEST
    assert all(len(slices) <= VALUES + 1 for slices in found.values())
