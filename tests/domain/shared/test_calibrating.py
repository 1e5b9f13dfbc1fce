"""Thresholds for somebody's own kind of picture."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multimodal.domain.shared.adjusting import adjusted
from multimodal.domain.shared.calibrating import budget_of, chosen, rejected, values_of
from tests.domain.shared.test_adjusting import exposure, in_force, learned_alike, stated, trained

NONE = np.zeros((0, 2), np.float32)


def table(spreads) -> np.ndarray:
    return np.array([[spread, 9.0] for spread in spreads], np.float32)


def calibrated(pipeline, good, bad=NONE, wanted=0.01):
    groups = np.arange(len(good)).astype(str)
    return values_of(chosen(pipeline, good, bad, budget_of(pipeline, good, groups, wanted)))


def test_a_limit_is_put_where_the_budget_ends():
    good = table(np.arange(1, 1001) / 1000)
    assert calibrated(trained(), good) == {"threshold": pytest.approx(0.996, abs=1e-4)}


def test_with_known_faults_it_is_put_halfway_to_them():
    good, bad = table(np.arange(1, 1001) / 1000), table([0.5, 3.0, 9.0])
    assert calibrated(trained(), good, bad) == {"threshold": pytest.approx((0.996 + 3.0) / 2, abs=2e-3)}


def test_too_few_pictures_never_tighten():
    assert calibrated(stated(), table([0.1, 0.2, 0.3])) == {}


def test_too_few_pictures_loosen_until_none_is_rejected():
    good = table([0.1, 0.2, 3.0])
    values = calibrated(stated(), good)
    assert values == {"threshold": 3.0}
    assert not rejected(adjusted(stated(), values), good).any()


def test_two_limits_get_a_part_each():
    rng = np.random.default_rng(0)
    good = rng.uniform(0, 1, (1000, 3)).astype(np.float32)
    new = adjusted(exposure({}), calibrated(exposure({}), good, NONE, 0.02))
    assert rejected(new, good).sum() <= 11
    assert {name: value > 0.98 for name, value in in_force(new).items()} == {"darkness": True, "lightness": True}


def test_what_cannot_be_told_is_never_rejected_and_moves_no_limit():
    good = table(np.arange(1, 1001) / 1000)
    silent = np.array([[50.0, 1.0]] * 100, np.float32)
    with_silent = calibrated(trained(), np.concatenate([good, silent]))["threshold"]
    assert with_silent == pytest.approx(0.996, abs=2e-3)


@settings(deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.01, 0.05, 0.2]), st.integers(3, 600))
def test_no_more_good_ones_are_rejected_than_wanted(seed, wanted, n):
    good = table(np.exp(np.random.default_rng(seed).normal(size=n)))
    for pipeline in (trained(), learned_alike()):
        new = adjusted(pipeline, calibrated(pipeline, good, NONE, wanted))
        assert rejected(new, good).mean() <= wanted


def test_a_score_gets_a_threshold_too_and_leaves_few_undecided():
    good = table(np.exp(0.3 * np.random.default_rng(0).normal(size=1000)) * 2)
    new = adjusted(learned_alike(), calibrated(learned_alike(), good))
    accepted = [answer.accepted for answer in new.predict_features(good)]
    assert accepted.count(False) <= 10
    assert accepted.count(None) <= 100


def test_calibrating_again_changes_nothing():
    good = table(np.exp(np.random.default_rng(1).normal(size=700)))
    for pipeline in (trained(), learned_alike()):
        new = adjusted(pipeline, calibrated(pipeline, good))
        assert calibrated(new, good) == {}
