"""Calibration makes probabilities mean what they say; thresholds leave open what is too often wrong."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from multimodal.domain.shared.calibration import Calibration, Thresholds, best_threshold
from multimodal.domain.shared.decision import Decision
from multimodal.domain.shared.errors import ConfigError, TrainingError
from multimodal.domain.shared.estimators import log_softmax
from multimodal.domain.shared.modality import Property
from tests import toy


def overconfident(n: int, k: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """True log-odds, tripled and shifted, and outcomes drawn with the true ones."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, k))
    p = np.exp(log_softmax(logits))
    targets = np.array([rng.choice(k, p=row) for row in p])
    return log_softmax(3 * logits + np.arange(k)), targets


@pytest.mark.parametrize("k", [2, 3])
def test_an_overconfident_model_is_calibrated_back_to_the_truth(k):
    log_proba, targets = overconfident(20_000, k)
    calibration = Calibration.fit(log_proba, targets)
    assert calibration.scale == pytest.approx(1 / 3, rel=0.05)
    assert np.diff(calibration.bias) == pytest.approx(-np.ones(k - 1) / 3, abs=0.08)


def test_for_two_labels_it_is_platt_scaling():
    log_proba, targets = overconfident(2_000, 2)
    margin = (log_proba[:, 1] - log_proba[:, 0])[:, None]
    platt = LogisticRegression(C=1e6).fit(margin, targets)
    assert Calibration.fit(log_proba, targets).apply(log_proba)[:, 1] == pytest.approx(
        platt.predict_proba(margin)[:, 1], abs=2e-3
    )


def test_a_model_that_ranks_the_wrong_way_round_is_refused():
    log_proba, targets = overconfident(2_000, 2)
    with pytest.raises(TrainingError, match="wrong way round"):
        Calibration.fit(log_proba, 1 - targets)


def test_separable_data_give_a_finite_calibration():
    log_proba = log_softmax(np.array([[0.0, -5.0]] * 20 + [[0.0, 5.0]] * 20))
    assert np.isfinite(Calibration.fit(log_proba, np.repeat([0, 1], 20)).scale)


def test_a_calibration_survives_the_way_to_plain_values_and_back():
    calibration = Calibration(0.5, (0.25, -0.25))
    assert Calibration.from_dict(calibration.to_dict()) == calibration


@pytest.mark.parametrize("wrong", [(-1.0, (0.0, 0.0)), (float("nan"), (0.0, 0.0)), (1.0, (float("inf"), 0.0))])
def test_a_calibration_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ConfigError):
        Calibration(*wrong)


@pytest.mark.parametrize(("score", "answer"), [(0.0, False), (0.3, False), (0.5, None), (0.7, True), (1.0, True)])
def test_a_score_is_judged_by_two_thresholds(score, answer):
    assert Thresholds(reject=0.3, accept=0.7).decide(score) is answer


@pytest.mark.parametrize("wrong", [(0.7, 0.3), (-0.1, 0.5), (0.5, 1.1)])
def test_thresholds_in_the_wrong_order_are_refused(wrong):
    with pytest.raises(ConfigError):
        Thresholds(*wrong)


def test_well_separated_scores_leave_nothing_open():
    scores, good = np.array([0.1, 0.2, 0.8, 0.9]), np.array([False, False, True, True])
    chosen = Thresholds.choose(scores, good)
    assert chosen.reject == chosen.accept == pytest.approx(0.5)


def test_overlapping_scores_leave_a_band_open_but_never_more_than_asked_for():
    rng = np.random.default_rng(0)
    scores = rng.random(4_000)
    good = rng.random(4_000) < scores
    chosen = Thresholds.choose(scores, good, wrong=0.05, undecided=0.2)
    undecided = np.mean((scores > chosen.reject) & (scores < chosen.accept))
    assert chosen.reject < 0.5 < chosen.accept
    assert 0.15 < undecided <= 0.2


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40))
def test_chosen_thresholds_are_always_valid(rows):
    scores, good = np.array([s for s, _ in rows]), np.array([g for _, g in rows])
    chosen = Thresholds.choose(scores, good)
    assert 0 <= chosen.reject <= chosen.accept <= 1


@settings(max_examples=50)
@given(st.lists(st.tuples(st.floats(0, 0.99), st.booleans()), min_size=2, max_size=12))
def test_the_best_threshold_is_as_good_as_any_other(rows):
    scores, good = np.array([s for s, _ in rows]), np.array([g for _, g in rows])
    if good.all() or not good.any():
        assert best_threshold(scores, good) == 0.5
        return

    def balanced(threshold: float) -> float:
        return float(np.mean(scores[good] >= threshold) + np.mean(scores[~good] < threshold))

    assert balanced(best_threshold(scores, good)) >= max(balanced(t) for t in [*scores, 2.0]) - 1e-9


def test_kinds_are_joined_to_their_label():
    decision = Decision.plain(toy.PROPERTY)
    log_proba = np.log(np.array([[0.2, 0.3, 0.5]]))
    assert np.exp(decision.collapse(log_proba, ("calm", "explosive", "shaky"))) == pytest.approx(np.array([[0.8, 0.2]]))


def test_a_label_that_the_estimator_never_saw_is_almost_impossible():
    probabilities = Decision.plain(toy.PROPERTY).probabilities(np.zeros((1, 1)), ("calm",))
    assert probabilities[0, 1] == pytest.approx(1.0)


def test_the_label_agrees_with_the_acceptance_even_when_another_is_likelier():
    """Three labels: a capture is rejected though its likeliest single label is the accepted one."""
    brightness = Property("brightness", ("dark", "good", "light"), frozenset({"good"}))
    decision = Decision(brightness, Calibration.identity(3), Thresholds(0.45, 0.45))
    assert decision.answer([0.35, 0.40, 0.25], score=0.40) == ("dark", False)
