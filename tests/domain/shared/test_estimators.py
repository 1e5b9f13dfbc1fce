"""Estimators: rules keep scikit-learn's contract; pipelines take nested parameters both ways."""

from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.preprocessing import StandardScaler

from multimodal.domain.shared.estimators import (
    RuleBasedEstimator,
    RuleBasedModel,
    SklearnPipeEstimator,
    flatten,
    log_softmax,
    unflatten,
)
from tests.rules import scikit_learn_checks


class AboveThreshold(RuleBasedModel):
    """Good above a threshold of the first column."""

    labels: ClassVar[tuple[str, ...]] = ("bad", "good")

    def __init__(self, threshold: float = 0.5) -> None:
        self.threshold = threshold

    def margins(self, table):
        return table[:, 0] - self.threshold


class NearestBand(RuleBasedModel):
    """Low, middle or high, by the distance of the first two columns to three centres."""

    columns: ClassVar[int] = 2
    labels: ClassVar[tuple[str, ...]] = ("low", "middle", "high")

    def __init__(self, width: float = 1.0) -> None:
        self.width = width

    def margins(self, table):
        mean = table[:, :2].mean(axis=1)
        return -np.abs(mean[:, None] - self.width * np.array([-1.0, 0.0, 1.0]))


def numbers(n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 2)).astype(np.float32)
    return X, np.where(X[:, 0] + 0.3 * rng.normal(size=n) > 0, "good", "bad")


@scikit_learn_checks(AboveThreshold(), NearestBand())
def test_a_rule_passes_each_check_of_scikit_learn(estimator, check):
    check(estimator)


def test_a_rule_decides_by_its_threshold():
    X = np.array([[0.2], [0.9]])
    rule = AboveThreshold(0.5).fit(X, ["bad", "good"])
    assert rule.predict(X).tolist() == ["bad", "good"]


def test_a_rule_with_three_labels_gives_three_probabilities_that_sum_to_one():
    estimator = RuleBasedEstimator(NearestBand())
    probabilities = estimator.predict_proba(np.array([[-1.0, -1.0], [0.0, 0.0], [5.0, 5.0]]))
    assert estimator.classes_[probabilities.argmax(axis=1)].tolist() == ["low", "middle", "high"]
    assert probabilities.sum(axis=1) == pytest.approx([1, 1, 1])


def test_a_rule_estimator_needs_no_fit_and_exposes_the_rules_parameters():
    estimator = RuleBasedEstimator(AboveThreshold(2.0))
    assert estimator.predict(np.array([[1.0], [3.0]])).tolist() == ["bad", "good"]
    assert estimator.get_params()["rule__threshold"] == 2.0
    assert estimator.set_params(rule__threshold=0.0).rule.threshold == 0.0


def test_rules_are_searched_and_cross_validated_like_learned_models():
    X, y = numbers()
    search = GridSearchCV(AboveThreshold(), {"threshold": [-2.0, 0.0, 2.0]}, cv=3).fit(X, y)
    assert search.best_params_ == {"threshold": 0.0}
    assert cross_val_score(AboveThreshold(0.0), X, y, cv=3).mean() > 0.8


def test_an_unknown_parameter_names_the_nearest_one():
    with pytest.raises(ValueError, match="Did you mean 'threshold'"):
        AboveThreshold().set_params(treshold=1.0)


def test_a_rule_that_sees_too_few_columns_says_how_many_it_needs():
    with pytest.raises(ValueError, match="minimum of 2"):
        NearestBand().fit(np.zeros((3, 1)), ["low", "middle", "high"])


@pytest.fixture
def pipe() -> SklearnPipeEstimator:
    return SklearnPipeEstimator([("scaler", StandardScaler()), ("classifier", LogisticRegression())])


def test_a_pipeline_takes_flat_and_nested_parameters(pipe):
    pipe.set_params(classifier__C=0.1)
    assert pipe.get_params()["classifier__C"] == 0.1
    pipe.set_nested({"classifier": {"C": 3.0}, "scaler": {"with_mean": False}})
    assert (pipe.get_params()["classifier__C"], pipe.get_params()["scaler__with_mean"]) == (3.0, False)


def test_a_pipeline_is_cloned_with_its_parameters_and_without_what_it_learned(pipe):
    X, y = numbers()
    copy = clone(pipe.set_params(classifier__C=0.1).fit(X, y))
    assert copy.get_params()["classifier__C"] == 0.1
    assert not hasattr(copy.steps[-1][1], "classes_")


def test_a_pipeline_learns_and_its_log_probabilities_are_finite(pipe):
    X, y = numbers()
    pipe.set_params(classifier__C=1e6).fit(X, y)
    assert np.mean(pipe.predict(X) == y) > 0.8
    assert np.isfinite(pipe.log_proba(X * 1e3)).all()
    assert pipe.classes_.tolist() == ["bad", "good"]


names = st.text("abc", min_size=1, max_size=3)


@given(st.dictionaries(names, st.integers() | st.dictionaries(names, st.integers(), min_size=1), min_size=1))
def test_flatten_and_unflatten_are_inverse(values):
    assert unflatten(flatten(values)) == values


@given(st.lists(st.lists(st.floats(-50, 50), min_size=3, max_size=3), min_size=1))
def test_log_softmax_is_the_logarithm_of_a_distribution(rows):
    assert np.exp(log_softmax(np.array(rows))).sum(axis=1) == pytest.approx(np.ones(len(rows)))
