"""Resampled figures are those of scikit-learn on the resampled rows, only faster."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

from multimodal.domain.shared.errors import DataError
from multimodal.domain.shared.evaluation import CLASSIFICATION, METRICS, cluster_interval
from multimodal.domain.shared.resampling import (
    FIGURES,
    Sheet,
    bootstrap,
    class_figures,
    even,
    figures,
    intervals,
    spread,
)

TWO, THREE = ("bad", "good"), ("dark", "good", "light")


def drawn(labels, rows: int, groups: int, seed: int):
    """Random truth, labels and probabilities with ties, and a group a row."""
    rng = np.random.default_rng(seed)
    truth = np.array(labels)[rng.integers(len(labels), size=rows)]
    p = np.round(rng.dirichlet(np.ones(len(labels)), rows), 1) + 1e-3
    p /= p.sum(axis=1, keepdims=True)
    return truth, np.array(labels)[p.argmax(axis=1)], p, rng.integers(groups, size=rows).astype(str)


def sheet_of(labels, truth, given_, p, groups) -> Sheet:
    return Sheet.of(labels, truth, groups, given=given_, probabilities=p, decided=p.max(axis=1) > 0.6)


def by_hand(name, labels, truth, given_, p):
    try:
        return METRICS[name](truth, given_ if METRICS[name].needs == "labels" else p, labels)
    except DataError:
        return np.nan


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([TWO, THREE]), st.integers(1, 30), st.integers(1, 6), st.integers(0, 10_000))
def test_a_weighting_counts_rows_as_if_they_were_repeated(labels, rows, groups, seed):
    truth, given_, p, names = drawn(labels, rows, groups, seed)
    sheet = sheet_of(labels, truth, given_, p, names)
    weights = bootstrap(sheet.groups, 3, seed)
    for name in CLASSIFICATION:
        for found, counts in zip(figures(sheet, name, weights), weights, strict=True):
            again = np.repeat(np.arange(rows), counts[sheet.group].astype(int))
            expected = by_hand(name, labels, truth[again], given_[again], p[again])
            assert found == pytest.approx(expected, nan_ok=True), name


@pytest.mark.parametrize("labels", [TWO, THREE], ids=["two labels", "three labels"])
def test_intervals_are_those_of_the_cluster_bootstrap(labels):
    truth, given_, p, names = drawn(labels, 60, 12, seed=1)
    found = intervals(sheet_of(labels, truth, given_, p, names), resamples=25)
    assert set(found) == set(FIGURES)
    for name in CLASSIFICATION:
        answers = given_ if METRICS[name].needs == "labels" else p
        slow = cluster_interval(
            lambda rows, n=name, a=answers: METRICS[n](truth[rows], a[rows], labels), names, resamples=25
        )
        fast = found[name]
        assert (fast.value, fast.low, fast.high) == pytest.approx((slow.value, slow.low, slow.high))


def test_scores_may_be_those_of_the_second_label_alone():
    truth, given_, p, names = drawn(TWO, 40, 5, seed=2)
    both = sheet_of(TWO, truth, given_, p, names)
    one = Sheet.of(TWO, truth, names, given=given_, probabilities=p[:, 1], decided=both.decided)
    for name in CLASSIFICATION:
        assert figures(one, name, even(one)) == pytest.approx(figures(both, name, even(both)))


def test_each_label_has_its_precision_recall_and_f1():
    truth, given_, p, names = drawn(THREE, 80, 9, seed=3)
    sheet = sheet_of(THREE, truth, given_, p, names)
    found = class_figures(sheet, even(sheet))
    expected = precision_recall_fscore_support(truth, given_, labels=list(THREE))
    for name, values in zip(("precision", "recall", "f1"), expected, strict=False):
        assert found[name][0] == pytest.approx(values)


def test_the_share_decided_is_a_figure_too():
    truth, given_, p, names = drawn(TWO, 50, 6, seed=4)
    sheet = sheet_of(TWO, truth, given_, p, names)
    assert figures(sheet, "decided", even(sheet)) == pytest.approx(sheet.decided.mean())


def test_what_is_not_defined_has_no_interval():
    interval = spread(float("nan"), np.array([0.1, 0.2]))
    assert np.isnan([interval.value, interval.low, interval.high]).all()
    assert np.isnan(spread(0.5, np.array([np.nan])).low)
