"""Metrics: known answers, directions, clear errors; intervals and splits that respect groups."""

import numpy as np
import pytest
from sklearn import metrics as sk

from multimodal.domain.shared.errors import DataError, UnknownName
from multimodal.domain.shared.evaluation import (
    CLASSIFICATION,
    METRICS,
    REGRESSION,
    Evaluator,
    cluster_interval,
    get_metric,
    get_optimization_direction,
    group_folds,
    split_by_group,
)

TRUE = np.array(["bad", "good", "good", "bad", "good"])
SCORES = np.array([0.1, 0.9, 0.6, 0.7, 0.8])
PREDICTED = np.where(SCORES > 0.5, "good", "bad")


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("accuracy", 0.8),
        ("balanced_accuracy", 0.75),
        ("roc_auc", 5 / 6),
        ("brier", (0.01 + 0.01 + 0.16 + 0.49 + 0.04) / 5),
        ("log_loss", -np.mean(np.log([0.9, 0.9, 0.6, 0.3, 0.8]))),
        ("average_precision", 1 / 3 + 1 / 3 + 0.75 / 3),
    ],
)
def test_a_metric_gives_the_known_answer(name, known):
    given = SCORES if METRICS[name].needs == "scores" else PREDICTED
    assert METRICS[name](TRUE, given, ("bad", "good")) == pytest.approx(known)


@pytest.mark.parametrize(
    ("name", "known"), [("mse", 1 / 3), ("rmse", (1 / 3) ** 0.5), ("mae", 1 / 3), ("r2", 0.5), ("spearman", 1.0)]
)
def test_a_regression_metric_gives_the_known_answer(name, known):
    assert METRICS[name]([1, 2, 3], [1, 2, 4]) == pytest.approx(known)


def test_three_labels_are_scored_each_against_the_rest():
    y = np.array(["low", "good", "high", "good", "low", "high"])
    p = np.random.default_rng(0).dirichlet(np.ones(3), 6)
    labels = ("low", "good", "high")
    expected = np.mean([sk.roc_auc_score(y == label, p[:, i]) for i, label in enumerate(labels)])
    assert METRICS["roc_auc"](y, p, labels) == pytest.approx(expected)


def test_every_metric_says_which_way_is_better():
    assert [get_optimization_direction(name) for name in ("f1", "r2")] == ["maximize"] * 2
    assert [get_optimization_direction(name) for name in ("log_loss", "brier", "rmse", "mae")] == ["minimize"] * 4
    assert set(CLASSIFICATION) | set(REGRESSION) == set(METRICS)


def test_an_unknown_metric_names_the_nearest_one():
    with pytest.raises(UnknownName, match="Did you mean 'roc_auc'"):
        get_optimization_direction("roc_acu")


def test_an_evaluator_makes_a_table():
    table = Evaluator(["f1", "roc_auc"]).evaluate(TRUE, predicted=PREDICTED, scores=SCORES, labels=("bad", "good"))
    assert set(table) == {"f1", "roc_auc"}
    assert table["f1"] == pytest.approx(sk.f1_score(TRUE, PREDICTED, average="macro"))


@pytest.mark.parametrize(
    ("name", "true", "given", "message"),
    [
        pytest.param("roc_auc", TRUE, PREDICTED, "needs scores", id="labels where scores are needed"),
        pytest.param("roc_auc", TRUE[1:3], SCORES[1:3], "two classes", id="one class only"),
        pytest.param("accuracy", TRUE, np.ones((5, 2)), "labels, not scores", id="scores where labels are needed"),
        pytest.param("f1", TRUE, PREDICTED[:3], "5 true values with 3", id="different lengths"),
        pytest.param("log_loss", TRUE, np.full(5, np.nan), "finite", id="not a number"),
        pytest.param("log_loss", TRUE, np.ones((5, 3)), "one score a label", id="wrong width"),
        pytest.param("mse", TRUE, SCORES, "compares numbers", id="labels where numbers are needed"),
        pytest.param("mse", [], [], "0 true values", id="nothing"),
        pytest.param("balanced_accuracy", TRUE[1:3], PREDICTED[1:3], "two classes", id="one class, balanced"),
        pytest.param("f1", TRUE[1:3], PREDICTED[1:3], "two classes", id="one class for f1"),
        pytest.param("accuracy", ["a", None], ["a", "b"], "missing", id="a missing label"),
        pytest.param("accuracy", ["a", "b"], ["a", None], "missing", id="a missing answer"),
        pytest.param("accuracy", [0.0, np.nan], [0.0, 1.0], "missing", id="not a number as a label"),
        pytest.param("accuracy", np.array(["a", 1], object), ["a", "b"], "mixed", id="labels of two types"),
        pytest.param("accuracy", TRUE, SCORES, "not scores", id="scores where labels are needed"),
        pytest.param("brier", TRUE, SCORES * 2, "from 0 to 1", id="scores where probabilities are needed"),
        pytest.param("log_loss", TRUE, SCORES - 1, "from 0 to 1", id="negative probabilities"),
        pytest.param("rmse", [1.0, np.nan], [1.0, 2.0], "finite", id="a true value that is no number"),
        pytest.param("mae", [1.0, 2.0], [1.0, np.inf], "finite", id="an infinite value"),
        pytest.param("rmse", ["1", "2"], [1.0, 2.0], "compares numbers", id="texts where numbers are needed"),
        pytest.param("r2", [3.0, 3.0], [1.0, 2.0], "alike", id="nothing to explain"),
        pytest.param("spearman", [1.0, 2.0], [5.0, 5.0], "alike", id="no order"),
    ],
)
def test_wrong_input_is_a_clear_error(name, true, given, message):
    with pytest.raises(DataError, match=message):
        get_metric(name)(true, given)


def test_labels_that_are_not_among_those_named_are_a_clear_error():
    with pytest.raises(DataError, match="'good' is none of the labels bad, fine"):
        METRICS["roc_auc"](TRUE, SCORES, ("bad", "fine"))


def test_accuracy_has_a_meaning_for_one_class_too():
    assert METRICS["accuracy"](["a", "a"], ["a", "b"]) == 0.5


def test_an_evaluator_says_what_it_was_not_given():
    with pytest.raises(DataError, match="scores="):
        Evaluator(["roc_auc"]).evaluate(TRUE, predicted=PREDICTED)


def test_a_cluster_interval_covers_the_truth_where_an_ordinary_one_does_not():
    """12 scenes of 20 alike pictures each, 200 times: the 95 % interval of the mean covers it about 9 times in 10."""
    rng = np.random.default_rng(1)
    covered = []
    for _ in range(200):
        values = np.repeat(rng.normal(size=12), 20) + 0.1 * rng.normal(size=240)
        interval = cluster_interval(
            lambda rows, v=values: float(v[rows].mean()), np.repeat(np.arange(12), 20), resamples=100
        )
        covered.append(interval.low <= 0 <= interval.high)
    assert np.mean(covered) > 0.85


def test_a_split_shares_no_group_and_keeps_the_balance_of_labels():
    groups = np.repeat(np.arange(40), 5)
    labels = np.where(np.random.default_rng(0).random(200) < 0.3, "bad", "good")
    mask = split_by_group(labels, groups, 0.25, seed=0)
    assert set(groups[mask]).isdisjoint(groups[~mask])
    assert mask.mean() == pytest.approx(0.25, abs=0.05)
    assert np.mean(labels[mask] == "bad") == pytest.approx(np.mean(labels == "bad"), abs=0.07)


def test_a_split_of_one_scene_is_refused():
    with pytest.raises(DataError, match="two groups"):
        split_by_group(["a", "b"], ["same", "same"], 0.5, seed=0)


def test_folds_hold_out_each_row_once():
    groups = np.repeat(np.arange(12), 3)
    folds = group_folds(np.tile(["a", "b", "a"], 12), groups, 4, seed=0)
    assert sorted(np.concatenate(folds)) == list(range(36))
