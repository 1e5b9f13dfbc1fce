"""Two models on the same rows: what differs, and whether it is chance."""

import logging
from dataclasses import replace

import numpy as np
import pytest

from multimodal.domain.shared.comparison import EXACT, SWAPS, compare, swaps, unseen
from multimodal.domain.shared.data import FeatureTable
from multimodal.domain.shared.errors import DataError
from multimodal.domain.shared.resampling import Sheet
from tests import toy

LABELS = ("bad", "good")


def sheet(truth, score, groups) -> Sheet:
    score = np.asarray(score, float)
    given = np.where(score >= 0.5, "good", "bad")
    p = np.column_stack([1 - score, score])
    return Sheet.of(LABELS, np.asarray(truth), np.asarray(groups), given=given, probabilities=p, decided=score != 0.5)


def random_sheets(groups: int, noise: float, seed: int = 0, each: int = 6) -> tuple[Sheet, Sheet]:
    """A good model, and one with more noise."""
    rng = np.random.default_rng(seed)
    n = groups * each
    good = rng.random(n) < 0.5
    names = np.repeat(np.arange(groups), each).astype(str)
    logits = [2.0 * (2 * good - 1) + spread * rng.normal(size=n) for spread in (1.0, noise)]
    a, b = (sheet(np.where(good, "good", "bad"), 1 / (1 + np.exp(-z)), names) for z in logits)
    return a, b


def test_a_model_does_not_differ_from_itself():
    a, _ = random_sheets(30, 1.0)
    found = compare(a, a)
    assert found.agreement == 1
    for d in found.metrics.values():
        assert (d.difference.value, d.difference.low, d.difference.high, d.p, d.p_worse) == (0, 0, 0, 1, 1)


def test_few_groups_are_swapped_in_all_ways():
    """Three groups of two rows, b wrong everywhere, a right: of 8 ways, one is as bad for b, two as different."""
    truth, groups = ["good", "bad"] * 3, ["x", "x", "y", "y", "z", "z"]
    found = compare(sheet(truth, [0.9, 0.1] * 3, groups), sheet(truth, [0.1, 0.9] * 3, groups))
    accuracy = found.metrics["accuracy"]
    assert (found.exact, found.swaps, accuracy.difference.value) == (True, 8, -1)
    assert (accuracy.p, accuracy.p_worse) == (2 / 8, 1 / 8)
    assert (found.only_a_right, found.only_b_right, found.both_right, found.both_wrong) == (6, 0, 0, 0)


def test_a_worse_model_is_found_to_be_worse_whichever_way_a_metric_is_better():
    found = compare(*random_sheets(60, 4.0))
    assert (found.exact, found.swaps) == (False, SWAPS)
    for name in ("accuracy", "roc_auc", "log_loss", "brier"):
        d = found.metrics[name]
        assert max(d.p, d.p_worse) < 0.01
        assert d.difference.low * d.difference.high > 0  # zero is not inside
    assert found.metrics["log_loss"].difference.value > 0 > found.metrics["roc_auc"].difference.value


def test_a_better_model_is_not_called_worse():
    a, b = random_sheets(60, 4.0)
    d = compare(b, a).metrics["roc_auc"]
    assert d.p < 0.01
    assert d.p_worse > 0.99


def test_chance_is_called_a_difference_no_more_often_than_it_should_be():
    found = [compare(*random_sheets(10, 1.0, seed=seed, each=4)).metrics["brier"].p for seed in range(60)]
    assert np.mean(np.array(found) <= 0.05) <= 0.12


def test_the_same_seed_gives_the_same_answer():
    sheets = random_sheets(20, 1.5)
    assert compare(*sheets, seed=3) == compare(*sheets, seed=3)


def test_a_comparison_on_one_class_has_no_p_value_where_the_metric_has_no_meaning():
    found = compare(*(sheet(["good"] * 4, scores, list("abcd")) for scores in ([0.9] * 4, [0.2] * 4)))
    assert np.isnan(found.metrics["roc_auc"].p)
    assert found.metrics["accuracy"].p == 2 / 16


@pytest.mark.parametrize("groups", [1, EXACT])
def test_all_ways_of_swapping_are_different(groups):
    assert len(np.unique(swaps(groups, 0), axis=0)) == 2**groups


def test_other_rows_cannot_be_compared():
    a, b = random_sheets(5, 1.0)
    with pytest.raises(DataError, match="same captures"):
        compare(a, replace(b, truth=1 - b.truth))


def table(contents, groups) -> FeatureTable:
    n = len(contents)
    blank = np.array([""] * n)
    return FeatureTable(
        np.zeros((n, 1), np.float32), ("x",), blank, np.array(groups), blank, contents=np.array(contents, str)
    )


def test_a_row_is_seen_with_its_whole_group():
    rows = table(["a" * 64, "b" * 64, "c" * 64], ["scene 1", "scene 1", "scene 2"])
    learned = toy.bundle(data={"seen": ["a" * 12]})
    assert unseen(rows, learned).tolist() == [False, False, True]
    assert unseen(rows, learned, toy.bundle(data={"seen": ["c" * 12]})).tolist() == [False] * 3
    assert unseen(rows).tolist() == [True] * 3


def test_a_model_that_does_not_say_what_it_saw_is_told_of(caplog):
    with caplog.at_level(logging.WARNING):
        assert unseen(table(["a" * 64], ["x"]), toy.bundle(data={})).all()
    assert "figures may be too good" in caplog.text


def test_a_table_without_contents_cannot_tell_what_was_seen():
    rows = replace(table(["a" * 64], ["x"]), contents=np.array([], str))
    with pytest.raises(DataError, match="known by content"):
        unseen(rows, toy.bundle(data={"seen": ["a" * 12]}))
