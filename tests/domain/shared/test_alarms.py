"""What counts of pictures can tell about a rate."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from multimodal.domain.shared.alarms import Budget, folds_of, independent, lower_bound, share_of, upper_bound


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_bounds_are_those_of_clopper_and_pearson(counts):
    alarms, pictures = counts
    upper = 1.0 if alarms == pictures else beta.ppf(0.95, alarms + 1, pictures - alarms)
    lower = 0.0 if alarms == 0 else beta.ppf(0.05, alarms, pictures - alarms + 1)
    assert upper_bound(alarms, pictures) == pytest.approx(upper, abs=1e-8)
    assert lower_bound(alarms, pictures) == pytest.approx(lower, abs=1e-8)


@pytest.mark.parametrize(
    ("pictures", "wanted", "limits", "count", "needed"),
    [
        pytest.param(299, 0.01, 1, 0, 299, id="just enough"),
        pytest.param(298, 0.01, 1, None, 299, id="one too few"),
        pytest.param(1000, 0.01, 1, 4, 299, id="a thousand"),
        pytest.param(1000, 0.05, 1, 38, 59, id="five per cent"),
        pytest.param(473, 0.01, 2, 0, 473, id="two limits"),
    ],
)
def test_a_budget_says_how_many_may_be_rejected_and_how_many_are_needed(pictures, wanted, limits, count, needed):
    budget = Budget(pictures, wanted, limits)
    assert (budget.count, budget.needed) == (count, needed)
    assert count is None or (budget.claim <= wanted < budget.claim_of(count + 1))


def test_a_budget_is_shared_by_the_limits_and_scaled_to_a_part():
    assert Budget(1000, 0.02, 2).shares(1000) == (6, 5)
    assert Budget(1000, 0.02, 2).shares(500) == (3, 2)
    assert Budget(10, 0.02, 2).shares(10) is None


def test_the_claim_holds_in_nineteen_of_twenty_draws():
    rng = np.random.default_rng(0)
    budget = Budget(300, 0.05)
    cuts = np.sort(rng.uniform(size=(2000, 300)), axis=1)[:, -1 - budget.count]
    assert np.mean(1 - cuts <= 0.05) > 0.94


def test_a_share_of_none_still_has_an_upper_end():
    found = share_of(np.zeros(50, bool), np.arange(50))
    assert (found.value, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(0.0711, abs=1e-3)


def test_a_share_in_few_groups_is_less_sure():
    flags = np.repeat([True, False, False, False, False], 40)
    apart, together = share_of(flags, np.arange(200)), share_of(flags, np.repeat(np.arange(5), 40))
    assert together.high - together.low > 2 * (apart.high - apart.low)


def test_pictures_of_a_group_count_as_often_as_they_differ():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(40), 5)
    assert independent(rng.normal(size=200), np.arange(200)) == 200
    assert independent(np.repeat(rng.normal(size=40), 5), groups) == 40
    assert independent(rng.normal(size=200), groups) > 150
    assert independent(rng.normal(size=9), np.zeros(9)) == 9


@given(st.lists(st.integers(0, 6), min_size=1, max_size=60))
def test_folds_hold_each_picture_once_and_no_group_twice(groups):
    folds = folds_of(groups)
    if len(set(groups)) < 2:
        assert folds == []
    else:
        assert sorted(np.concatenate(folds).tolist()) == list(range(len(groups)))
        held = [{groups[i] for i in fold} for fold in folds]
        assert sum(map(len, held)) == len(set(groups))
