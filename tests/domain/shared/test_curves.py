"""Curves: known answers, scikit-learn's areas, and few enough points to draw."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from multimodal.domain.shared.curves import MOST, Curves, precision_recall, reliability, roc
from multimodal.domain.shared.errors import DataError

SCORES, POSITIVE = [0.9, 0.8, 0.7, 0.6], [True, True, False, True]


def test_a_roc_curve_goes_from_nothing_to_everything():
    curve = roc(SCORES, POSITIVE)
    assert curve.x == (0, 0, 0, 1, 1)
    assert curve.y == pytest.approx((0, 1 / 3, 2 / 3, 2 / 3, 1), abs=1e-6)
    assert curve.area == pytest.approx(2 / 3, abs=1e-6)


def test_a_precision_recall_curve_gives_the_average_precision():
    curve = precision_recall(SCORES, POSITIVE)
    assert (curve.x[0], curve.y[0]) == (0, 1)
    assert curve.area == pytest.approx((1 + 1 + 0.75) / 3, abs=1e-6)


def test_equal_scores_are_one_step():
    assert roc([0.5] * 4, POSITIVE).x == (0, 1)
    assert roc([0.5] * 4, POSITIVE).area == 0.5


@given(st.lists(st.tuples(st.integers(0, 10), st.booleans()), min_size=2).filter(lambda r: len({y for _, y in r}) == 2))
def test_areas_are_those_of_scikit_learn(rows):
    scores, positive = np.array([s / 10 for s, _ in rows]), np.array([y for _, y in rows])
    assert roc(scores, positive).area == pytest.approx(sk.roc_auc_score(positive, scores), abs=1e-5)
    expected = sk.average_precision_score(positive, scores)
    assert precision_recall(scores, positive).area == pytest.approx(expected, abs=1e-5)


def test_a_curve_of_many_rows_is_thinned_and_keeps_its_ends_and_shape():
    rng = np.random.default_rng(0)
    positive = rng.random(20_000) < 0.3
    curves = Curves.of("good", np.clip(0.3 * positive + rng.random(20_000) * 0.7, 0, 1), positive)
    for curve in (curves.roc, curves.precision_recall):
        assert len(curve.x) <= MOST
        drawn = np.trapezoid(curve.y, curve.x)
        assert drawn == pytest.approx(curve.area, abs=0.01)
    assert (curves.roc.x[-1], curves.roc.y[-1]) == (1, 1)


def test_reliable_scores_have_no_calibration_error():
    scores = np.repeat([0.25, 0.75], 4)
    positive = np.array([True, False, False, False, True, True, True, False])
    assert reliability(scores, positive).error == 0
    assert reliability(scores, ~positive).error == 0.5


def test_a_score_of_one_is_in_the_last_bin():
    assert reliability([0.0, 1.0], [False, True]).rows == (1, 1)


@pytest.mark.parametrize(
    ("scores", "positive", "message"),
    [
        pytest.param(SCORES, [True] * 4, "all 4 are positive", id="one class only"),
        pytest.param(["a", "b"], [True, False], "needs scores", id="labels"),
        pytest.param([0.1, np.nan], [True, False], "finite", id="not a number"),
        pytest.param([0.1], [True, False], "yes or no", id="lengths"),
        pytest.param([0.1, 0.2], [0.0, 1.0], "yes or no", id="numbers where yes or no is needed"),
        pytest.param([], np.array([], bool), "0 scores", id="nothing"),
    ],
)
def test_wrong_input_is_a_clear_error(scores, positive, message):
    with pytest.raises(DataError, match=message):
        roc(scores, positive)


def test_reliability_needs_probabilities():
    with pytest.raises(DataError, match="from 0 to 1"):
        reliability([0.5, 1.5], [True, False])
