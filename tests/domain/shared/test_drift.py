"""Drift: known answers, no cry of wolf, and a shift is found and named."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, chi2_contingency

from multimodal.domain.shared.distributions import (
    SCORE,
    SCORE_EDGES,
    Distribution,
    Histogram,
    Reference,
    quantile_edges,
)
from multimodal.domain.shared.drift import chance, chi_square_tail, compare, compare_all, direction, holm, p_value, psi

counts = st.lists(st.integers(0, 10_000), min_size=2, max_size=12).map(lambda v: np.array(v, np.float64))
EDGES = (0.0, 1.0, 2.0)


def told(before, after, unit=""):
    return direction(Histogram(EDGES, before), Histogram(EDGES, after), unit)


def test_the_index_has_its_textbook_value():
    shares = np.array([0.1, 0.2, 0.4, 0.3]), np.array([0.2, 0.2, 0.3, 0.3])
    by_hand = 0.1 * np.log(2) + -0.1 * np.log(0.75)
    assert psi(1e7 * shares[0], 1e7 * shares[1]) == pytest.approx(by_hand, rel=1e-4)


@given(counts, st.integers(1, 50))
def test_the_same_distribution_has_not_moved_however_much_is_seen(some, times):
    assert psi(some, times * some) == pytest.approx(0, abs=1e-12)
    assert p_value(some, times * some) == pytest.approx(1, abs=1e-9)


@given(counts, counts)
def test_the_index_is_symmetric_and_never_below_zero(one, other):
    size = min(len(one), len(other))
    one, other = one[:size], other[:size]
    assert psi(one, other) == pytest.approx(psi(other, one), rel=1e-9, abs=1e-12)
    assert psi(one, other) >= -1e-12
    assert np.isfinite(psi(one, other))
    assert 0 <= p_value(one, other) <= 1


def test_an_empty_bin_costs_a_finite_amount():
    assert 1 < psi(np.array([100.0, 0]), np.array([0, 100.0])) < 20


def test_the_test_is_the_one_of_scipy():
    before, after = np.array([120.0, 60, 20, 0]), np.array([30.0, 25, 40, 5])
    assert p_value(before, after) == pytest.approx(chi2_contingency([before, after], correction=False).pvalue)


@pytest.mark.parametrize("df", [1, 2, 3, 10, 11, 40])
def test_the_tail_of_chi_square_is_the_one_of_scipy(df):
    for x in (0.0, 1e-3, 0.7, 5.0, 11.1, 60.0, 700.0, 1e5):
        assert chi_square_tail(x, df) == pytest.approx(chi2.sf(x, df), rel=1e-9, abs=1e-300)


def test_chance_gives_what_the_formula_says():
    rng = np.random.default_rng(0)
    shares = np.full(10, 0.1)
    drawn = [psi(rng.multinomial(400, shares) * 1.0, rng.multinomial(150, shares) * 1.0) for _ in range(500)]
    expected = chance(np.full(10, 40.0), np.full(10, 15.0))
    assert expected == pytest.approx(9 * (1 / 400 + 1 / 150))
    assert np.mean(drawn) == pytest.approx(expected, rel=0.1)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_corrected_probabilities_keep_their_order_and_only_grow(given_p):
    corrected = holm(given_p)
    assert all(p <= c <= 1 for p, c in zip(given_p, corrected, strict=True))
    order = np.argsort(given_p, kind="stable")
    assert (np.diff(np.array(corrected)[order]) >= 0).all()


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        pytest.param(
            (0, 90, 10, 0),
            (0, 10, 90, 0),
            "median 0.556 px -> 1.44 px; 90 % -> 10 % between 0 and 1 px",
            id="the-middle",
        ),
        pytest.param((1, 49, 49, 1), (0, 0, 10, 90), "median 1 px -> over 2 px; 90 % above 2 px (1 %", id="beyond"),
        pytest.param((1, 49, 49, 1), (60, 40, 0, 0), "median 1 px -> under 0 px; 60 % below 0 px (1 %", id="below"),
        pytest.param((1, 60, 38, 1), (1, 98, 0, 1), "60 % -> 98 % between 0 and 1 px", id="another-shape"),
        pytest.param((0, 60, 20, 20), (0, 60, 4, 36), "20 % -> 4 % between 1 and 2 px", id="inside"),
        pytest.param((0, 60, 4, 36), (0, 56, 32, 12), "4 % -> 32 % between 1 and 2 px", id="a-smaller-end"),
    ],
)
def test_the_direction_is_told_in_words(before, after, words):
    assert told(before, after, "px").startswith(words)


def reference(rng, rows, *, features=12, scenes=None, alike=0.0):
    """A training on normal features; in `scenes` groups, where rows share this much of their variance."""
    groups = np.arange(rows) if scenes is None else np.arange(rows) % scenes
    shared = rng.normal(size=(groups.max() + 1, features))[groups]
    x = np.sqrt(alike) * shared + np.sqrt(1 - alike) * rng.normal(size=(rows, features))
    known = {str(i): Distribution.of(x[:, i], quantile_edges(x[:, i]), groups) for i in range(features)}
    return Reference(known, Distribution.of(scores(x), SCORE_EDGES, groups), {"good": rows})


def scores(x):
    return 1 / (1 + np.exp(-2 * x[:, 0]))


def traffic(rng, known, captures, shift=0.0):
    """What is seen of the same kind of captures, the first feature (and so the score) shifted."""
    x = rng.normal(size=(captures, len(known.features)))
    x[:, 0] += shift
    seen = {f"feature/{i}": Histogram.of(x[:, int(i)], d.histogram.edges) for i, d in known.features.items()}
    return seen | {SCORE: Histogram.of(scores(x), SCORE_EDGES)}


def statuses(known, seen):
    score, features = compare_all(known, seen, {})
    return {score.status, *(feature.status for feature in features)}


@pytest.mark.parametrize("captures", [60, 100, 500, 5000])
@pytest.mark.parametrize(
    "training",
    [
        pytest.param({"rows": 1000}, id="independent"),
        pytest.param({"rows": 1000, "scenes": 40, "alike": 0.9}, id="few-scenes"),
        pytest.param({"rows": 200}, id="small"),
    ],
)
def test_steady_streams_are_hardly_ever_flagged(captures, training):
    rng = np.random.default_rng(captures)
    flagged = 0
    for _ in range(60):
        known = reference(rng, **training)
        flagged += statuses(known, traffic(rng, known, captures)) != {"steady"}
    assert flagged <= 3


def test_half_a_standard_deviation_is_found_in_500_captures():
    rng = np.random.default_rng(1)
    for _ in range(40):
        known = reference(rng, 2000)
        _, features = compare_all(known, traffic(rng, known, 500, shift=0.5), {})
        assert (features[0].name, features[0].status in ("moved", "strongly moved")) == ("0", True)


def test_what_no_matter_is_not_told_however_many_are_seen():
    rng = np.random.default_rng(2)
    known = reference(rng, 20_000)
    assert statuses(known, traffic(rng, known, 200_000, shift=0.05)) == {"steady"}


def test_few_captures_say_nothing():
    rng = np.random.default_rng(3)
    known = reference(rng, 1000)
    assert statuses(known, traffic(rng, known, 49, shift=9.0)) == {"too few"}


@pytest.mark.parametrize(("shift", "ends"), [(3.0, "above"), (-3.0, "below")])
def test_a_shift_and_its_mirror_are_told_alike(shift, ends):
    rng = np.random.default_rng(4)
    known = reference(rng, 4000)
    score, features = compare_all(known, traffic(rng, known, 1000, shift=shift), {"feature/0": "px"})
    assert features[0].status == score.status == "strongly moved"
    assert getattr(features[0], ends) > 0.5
    assert f"% {ends} " in features[0].direction
    assert " px" in features[0].direction
    assert {feature.status for feature in features[1:]} == {"steady"}


def test_a_constant_that_changes_is_noticed_and_one_that_does_not_is_not():
    known = Distribution.of(np.full(300, 7.0), quantile_edges(np.full(300, 7.0)), np.arange(300))
    edges = known.histogram.edges
    assert compare(known, Histogram.of([7.0] * 500, edges)).status == "steady"
    assert compare(known, Histogram.of([7.0] * 499 + [8.0], edges)).status == "steady"
    assert compare(known, Histogram.of([7.0] * 300 + [8.0] * 200, edges)).status == "strongly moved"
    assert compare(known, Histogram.of([8.0] * 500, edges)).direction.startswith("median 7 -> over 7")


def test_nothing_seen_is_compared_without_an_error():
    rng = np.random.default_rng(5)
    found = compare(reference(rng, 100).score, Histogram(SCORE_EDGES, (0,) * 10))
    assert (found.status, found.psi, found.p, found.seen_median, found.direction) == ("too few", 0, 1, None, "")
