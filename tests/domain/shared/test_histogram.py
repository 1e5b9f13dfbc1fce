"""Histograms: known bins, and axes that a person can read whatever the values are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from multimodal.domain.shared.histogram import MOST, histogram, is_skewed

ANY = st.floats(allow_nan=True, allow_infinity=True, width=64)
SOME = arrays(np.float64, st.integers(0, 60), elements=ANY)


def of(values, **more):
    values = np.asarray(values, float)
    return histogram(values, np.zeros(len(values), np.int64), kinds=1, **more)


def test_equal_shares_fill_equal_bins():
    found = of(np.linspace(0.05, 0.95, 10).repeat(10), within=np.array([0.0, 1.0]))
    assert found.counts.shape == (1, 20)
    assert found.counts[0].reshape(10, 2).sum(axis=1).tolist() == [10] * 10
    assert found.edges[[0, -1]].tolist() == [0, 1]


def test_each_outcome_has_a_row():
    found = histogram(np.array([1.0, 1.0, 5.0]), np.array([0, 2, 2]), kinds=3)
    assert found.counts.sum(axis=1).tolist() == [1, 0, 2]


@pytest.mark.parametrize("values", [[], [3.0], [0.0] * 50, [-2.5, -2.5], [np.nan]], ids=str)
def test_few_or_equal_values_have_an_axis_too(values):
    found = of(values)
    assert np.all(np.diff(found.edges) > 0)
    assert found.total == np.isfinite(values).sum()


def test_one_mistaken_value_does_not_squeeze_the_others():
    found = of([*np.linspace(-1, 1, 999), 1e9])
    assert found.edges[-1] < 2
    assert found.beyond >= 1
    assert found.total == 1000


def test_what_is_no_number_is_told_and_not_counted():
    found = of([1.0, np.nan, np.inf])
    assert (found.total, found.missing) == (1, 2)


def test_skewed_positive_values_have_a_logarithmic_axis():
    found = of(np.geomspace(0.1, 1000, 200))
    assert found.logarithmic
    assert np.allclose(np.diff(np.log(found.edges)), np.diff(np.log(found.edges))[0])
    assert found.place(10.0) == pytest.approx(0.5, abs=0.01)


def test_mostly_zero_values_have_a_plain_axis():
    assert not is_skewed(np.array([0.0] * 90 + [5.0] * 10))


def test_a_threshold_is_on_the_axis_wherever_it_is():
    found = of([1.0, 2.0, 3.0], marks=[40.0])
    assert found.edges[0] < 1
    assert found.edges[-1] > 40
    assert 0 < found.place(40.0) < 1


def test_a_threshold_that_has_no_logarithm_makes_a_plain_axis():
    assert not of(np.geomspace(0.1, 1000, 200), marks=[0.0]).logarithmic


def test_many_captures_have_no_more_bins_than_can_be_seen():
    assert of(np.arange(50_000.0)).counts.shape == (1, MOST)


@given(SOME, st.lists(st.floats(-1e6, 1e6), max_size=2))
def test_every_number_is_counted_once(values, marks):
    values = np.clip(values, -1e12, 1e12)
    found = of(values, marks=marks)
    assert found.total + found.missing == len(values)
    assert np.all(np.diff(found.edges) > 0)
    assert all(0 <= found.place(mark) <= 1 for mark in marks)
