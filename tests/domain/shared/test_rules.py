"""Rules on one value: what lies on the right side of a limit is accepted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multimodal.domain.shared.rules import AtLeastRule, AtMostRule, BetweenRule

VALUES = st.floats(0.001, 1000)


class LogRule(AtMostRule):
    labels = ("noisy", "clean")
    logarithmic = True

    def __init__(self, threshold: float = 6.0, softness: float = 0.25) -> None:
        super().__init__(threshold, softness)


def accepted(rule, *values):
    """Whether each value is accepted, as a pipeline sees it: no other label is more probable."""
    margins = rule.margins(np.array(values, float)[:, None])
    return (margins >= 0).tolist() if margins.ndim == 1 else (margins.argmax(axis=1) == 1).tolist()


def test_values_up_to_the_limit_are_accepted():
    assert accepted(AtMostRule(2.0), 1.0, 2.0, 2.1) == [True, True, False]


def test_values_from_the_limit_on_are_accepted():
    assert accepted(AtLeastRule(2.0), 1.9, 2.0, 3.0) == [False, True, True]


def test_values_between_two_limits_are_accepted():
    assert accepted(BetweenRule(1.0, 2.0), 0.5, 1.5, 2.5) == [False, True, False]


def test_each_side_has_its_label():
    rule = BetweenRule(1.0, 2.0).fit([[0.5], [1.5], [2.5]], ["below", "within", "above"])
    assert rule.predict([[0.1], [1.2], [9.0]]).tolist() == ["below", "within", "above"]


@given(VALUES, VALUES)
def test_a_larger_value_is_never_better_for_an_upper_limit(one, other):
    low, high = sorted((one, other))
    margins = LogRule().margins(np.array([[low], [high]]))
    assert margins[0] >= margins[1]


@given(st.floats(0.1, 100))
def test_softness_is_what_one_logit_takes(threshold):
    rule = LogRule(threshold, softness=0.5)
    assert rule.margins(np.array([[threshold * np.exp(0.5)]])) == pytest.approx(-1.0)


def test_nothing_is_too_small_for_a_logarithm():
    assert np.isfinite(LogRule().margins(np.array([[0.0], [-3.0]]))).all()
