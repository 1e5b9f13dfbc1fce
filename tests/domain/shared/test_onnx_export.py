"""Exports of scikit-learn pipelines answer like what was fitted, or are refused with what to do instead."""

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_classification
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, PolynomialFeatures, RobustScaler, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from multimodal.domain.shared.errors import MissingExtra, TrainingError
from multimodal.domain.shared.estimators import SklearnPipeEstimator
from multimodal.domain.shared.onnx import OnnxEstimator
from multimodal.domain.shared.onnx_export import PARITY, to_onnx


def table(classes: int, *, rounded: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Features of very different sizes; rounded ones lie exactly on the thresholds of trees."""
    X, y = make_classification(1_500, 10, n_informative=6, n_classes=classes, random_state=0)
    X = np.round(X, 2) if rounded else X * np.exp(np.arange(10) / 2)
    return X.astype(np.float32), np.array(["a", "b", "c"])[y]


def fitted(*steps, classes=2, rounded=False) -> tuple[SklearnPipeEstimator, np.ndarray]:
    X, y = table(classes, rounded=rounded)
    estimator = SklearnPipeEstimator([(f"step{i}", step) for i, step in enumerate(steps)])
    return estimator.fit(X[:1_000], y[:1_000]), X[1_000:]


SCALED = [
    LogisticRegression(),
    MLPClassifier([8], max_iter=60, tol=0.1, random_state=0),
    SGDClassifier(loss="log_loss", random_state=0),
    CalibratedClassifierCV(LinearSVC(random_state=0)),
    CalibratedClassifierCV(RandomForestClassifier(10, random_state=0), method="isotonic"),
    KNeighborsClassifier(),
    KNeighborsClassifier(3, metric="manhattan"),
    CalibratedClassifierCV(SVC(random_state=0), ensemble=False),
    StackingClassifier([("a", LogisticRegression()), ("b", GaussianNB())]),
]
PLAIN = [
    GaussianNB(),
    DecisionTreeClassifier(random_state=0),
    AdaBoostClassifier(n_estimators=20, random_state=0),
    BaggingClassifier(random_state=0),
]
TREES = [
    ExtraTreesClassifier(20, random_state=0),
    RandomForestClassifier(20, random_state=0),
    HistGradientBoostingClassifier(max_iter=20, random_state=0),
    GradientBoostingClassifier(n_estimators=20, random_state=0),
]


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize(
    "steps",
    [
        *(pytest.param((StandardScaler(), m), id=f"scaled {type(m).__name__} {i}") for i, m in enumerate(SCALED)),
        *(pytest.param((m,), id=type(m).__name__) for m in (*PLAIN, *TREES)),
        pytest.param((MinMaxScaler(), PolynomialFeatures(2), LogisticRegression(max_iter=500)), id="polynomials"),
        pytest.param((SelectKBest(k=4), StandardScaler(), LogisticRegression()), id="selection"),
    ],
)
def test_an_export_answers_like_the_fitted_pipeline_on_rows_that_it_has_not_seen(steps, classes):
    estimator, unseen = fitted(*steps, classes=classes)
    exported = OnnxEstimator(to_onnx(estimator, unseen[:250]), estimator.classes_, columns=10)
    apart = np.abs(exported.predict_proba(unseen) - estimator.predict_proba(unseen))
    assert apart.max() <= PARITY


@pytest.mark.parametrize("scaler", [StandardScaler(), MaxAbsScaler()], ids=lambda s: type(s).__name__)
@pytest.mark.parametrize("trees", TREES, ids=lambda m: type(m).__name__)
def test_a_scaler_before_trees_moves_no_answer_even_when_values_lie_on_thresholds(scaler, trees):
    estimator, unseen = fitted(scaler, trees, rounded=True)
    exported = OnnxEstimator(to_onnx(estimator, unseen), estimator.classes_)
    assert exported.predict_proba(unseen) == pytest.approx(estimator.predict_proba(unseen), abs=1e-5)


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param((RobustScaler(), RandomForestClassifier(20, random_state=0)), id="values on thresholds"),
        pytest.param((LinearDiscriminantAnalysis(),), id="a converter that is wrong"),
    ],
)
def test_an_export_that_answers_otherwise_is_refused(steps):
    estimator, unseen = fitted(*steps, rounded=True)
    with pytest.raises(TrainingError, match=r"differs from the fitted model by .* Choose another class"):
        to_onnx(estimator, unseen)


def test_what_has_no_converter_says_what_to_use():
    estimator, unseen = fitted(VotingClassifier([("a", LogisticRegression()), ("b", GaussianNB())], voting="soft"))
    with pytest.raises(TrainingError, match=r"VotingClassifier cannot be exported.*such as LogisticRegression"):
        to_onnx(estimator, unseen)


def test_an_onnx_file_is_exported_as_it_is():
    estimator, unseen = fitted(LogisticRegression(max_iter=2_000))
    model = to_onnx(estimator, unseen)
    assert to_onnx(OnnxEstimator(model, ["a", "b"]), unseen) == model


def test_a_rule_has_no_onnx_form():
    from multimodal.domain.shared.estimators import RuleBasedEstimator
    from tests.toy import CalmRule

    with pytest.raises(TrainingError, match="RuleBasedEstimator has no ONNX form"):
        to_onnx(RuleBasedEstimator(CalmRule()), np.zeros((3, 2), np.float32))


def test_an_export_without_the_converter_names_the_extra(monkeypatch):
    estimator, unseen = fitted(LogisticRegression(max_iter=2_000))
    monkeypatch.setitem(__import__("sys").modules, "skl2onnx", None)
    with pytest.raises(MissingExtra, match="'train'"):
        to_onnx(estimator, unseen)
