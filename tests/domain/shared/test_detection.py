"""Detection: known answers first, then what must hold for any scores, then honesty about what was not seen."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multimodal.domain.shared.data import FeatureTable
from multimodal.domain.shared.detection import Curve, Scale, Trials, alarm_threshold, detection, fit_curves
from multimodal.domain.shared.errors import DataError
from multimodal.domain.shared.modality import Degradation


def fault(name="shock", strengths=(1.0, 32.0)):
    return Degradation(name, "bad", "units", strengths, lambda data, strength, rng: data)


SHOCK = fault()


def trials(seed=0, groups=30, each=8, middle=5.0, spread=0.3, sign=1.0, low=1.0, high=32.0):
    """Half of all captures of strength `middle` score below what one in twenty good ones scores."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), each)
    strengths = np.exp(rng.uniform(np.log(low), np.log(high), len(group)))
    noticed = (np.log(strengths) - np.log(middle)) / spread + rng.logistic(size=len(group)) > 0
    good = rng.uniform(1, 2, len(group))
    bad = np.where(noticed, rng.uniform(0, 0.9, len(group)), rng.uniform(1.2, 2, len(group)))
    return Trials(
        np.concatenate([good, bad]),
        np.repeat(["none", "shock"], len(group)),
        np.concatenate([np.zeros(len(group)), sign * strengths]),
        np.array([f"scene {i}" for i in (*group, *group)]),
    )


def reached(found, share=0.5, rate=0.05):
    level = next(level for level in found.levels if level.rate == rate)
    return next(each for each in level.reached if each.share == share)


def test_a_known_curve_is_found():
    (found,) = detection(trials(), [SHOCK])
    for share in (0.5, 0.9):
        truth = 5.0 * (share / (1 - share)) ** 0.3
        got = reached(found, share)
        assert got.strength == pytest.approx(truth, rel=0.25)
        assert got.low < got.strength < got.high


def test_more_is_noticed_of_what_is_stronger_and_with_more_false_alarms():
    (found,) = detection(trials(), [SHOCK])
    points = found.points()
    assert points["strength"] == sorted(points["strength"])
    assert points["5%"] == sorted(points["5%"])
    strengths = [reached(found, share).strength for share in (0.5, 0.9, 0.99)]
    assert strengths == sorted(strengths)
    assert reached(found, 0.5, rate=0.05).strength <= reached(found, 0.5, rate=0.01).strength * 1.1


def test_what_the_strongest_does_not_reach_has_no_strength():
    (found,) = detection(trials(middle=200.0), [SHOCK])
    got = reached(found, 0.9)
    assert got.strength is None
    assert got.high is None
    assert not got.below


def test_what_the_weakest_reaches_already_is_called_so():
    (found,) = detection(trials(middle=0.2, spread=0.1), [SHOCK])
    got = reached(found)
    assert got.below
    assert got.strength == found.weakest


def test_a_fault_that_some_captures_never_show_does_not_reach_99_percent():
    some = trials(spread=0.15)
    hidden = (some.faults == "shock") & (np.arange(len(some.scores)) % 8 == 0)
    (found,) = detection(Trials(np.where(hidden, 1.9, some.scores), some.faults, some.strengths, some.groups), [SHOCK])
    assert reached(found, 0.99).strength is None
    assert reached(found, 0.5).strength is not None


def test_strengths_keep_the_sign_of_their_fault():
    (found,) = detection(trials(sign=-1.0), [fault(strengths=(-1.0, -32.0))])
    assert found.weakest > found.strongest
    assert reached(found).strength == pytest.approx(-5.0, rel=0.25)


def test_less_can_be_worse_as_with_the_quality_of_a_jpeg():
    some = trials()
    qualities = np.where(some.strengths > 0, 100.0 / np.maximum(some.strengths, 1e-9), 0.0)
    (found,) = detection(Trials(some.scores, some.faults, qualities, some.groups), [fault(strengths=(100.0, 3.0))])
    assert found.weakest > found.strongest
    assert reached(found).strength == pytest.approx(20.0, rel=0.25)
    assert reached(found, 0.9).strength < reached(found, 0.5).strength


def test_few_good_captures_cannot_tell_one_percent_and_it_says_so():
    (found,) = detection(trials(groups=8, each=4), [SHOCK])
    one, five = found.levels
    assert (one.good, one.good_groups) == (32, 8)
    assert not one.certain
    assert one.alarms == 0.0
    assert five.certain


def test_a_handful_of_spoiled_captures_gives_no_curve():
    (found,) = detection(trials(groups=1, each=4), [SHOCK])
    assert found.levels[0].curve is None
    assert reached(found).strength is None
    assert set(found.points()) == {"strength"}


def test_a_fault_that_nobody_has_is_left_out_and_the_others_keep_their_order():
    some = trials()
    names = np.where((some.faults == "shock") & (np.arange(len(some.faults)) % 2 == 0), "burn", some.faults)
    found = detection(
        Trials(some.scores, names, some.strengths, some.groups), [SHOCK, fault("flood"), fault("burn")], resamples=2
    )
    assert [each.fault for each in found] == ["shock", "burn"]


def test_plain_values_survive_json():
    (found,) = detection(trials(), [SHOCK], resamples=5)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["levels"][0]["rate"] == 0.01


def test_the_same_seed_gives_the_same_intervals():
    assert detection(trials(), [SHOCK], resamples=20) == detection(trials(), [SHOCK], resamples=20)


def test_nothing_can_be_said_without_good_captures():
    some = trials()
    with pytest.raises(DataError, match="good capture"):
        detection(some.rows(some.faults == "shock"), [SHOCK])


def test_parts_of_different_length_are_refused():
    with pytest.raises(DataError, match="length"):
        Trials(np.zeros(2), np.array(["none"]), np.zeros(2), np.array(["a", "b"]))


def test_trials_are_read_from_the_facts_of_a_table():
    facts = ({"fault": "none", "strength": 0.0}, {"fault": "shock", "strength": 2.5})
    names = np.array(["a", "b"])
    table = FeatureTable(np.zeros((2, 1), np.float32), ("x",), names, names, np.array(["", ""]), facts)
    found = Trials.of(np.array([0.9, 0.1]), table)
    assert found.strengths.tolist() == [0.0, 2.5]
    assert found.faults.tolist() == ["none", "shock"]


def test_a_table_without_facts_is_refused():
    names = np.array(["a"])
    table = FeatureTable(np.zeros((1, 1), np.float32), ("x",), names, names, np.array([""]), ({"kind": "x"},))
    with pytest.raises(DataError, match="fault"):
        Trials.of(np.array([0.9]), table)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=60), st.floats(0, 0.5))
def test_no_more_good_captures_are_alarms_than_the_rate_allows(scores, rate):
    values = np.array(scores)
    assert np.mean(values < alarm_threshold(values, rate)) <= rate + 1e-9


@given(st.floats(-1, 3), st.floats(0.05, 1.5), st.floats(0.1, 0.9))
def test_a_curve_reaches_a_share_where_it_has_that_share(middle, width, share):
    curve = Curve(middle, width, 0.01, 0.05)
    assert curve.share(curve.reaches(share)) == pytest.approx(share, abs=1e-6)


def test_a_share_beyond_the_ceiling_is_never_reached():
    curve = Curve(1.0, 0.2, floor=0.05, ceiling=0.02)
    assert curve.reaches(0.99) == math.inf
    assert curve.reaches(0.01) == -math.inf


@given(st.lists(st.booleans(), min_size=8, max_size=40))
def test_any_answers_give_a_finite_curve(answers):
    places = np.linspace(0, 3, len(answers))
    yes = np.array(answers, float)[:, None]
    (curve,) = fit_curves(places, yes, 1 - yes, 0.05)
    assert math.isfinite(curve.middle)
    assert 0.04 <= curve.width <= 2.0


@given(st.sampled_from([-1.0, 1.0]), st.sampled_from([-1.0, 1.0]), st.floats(0.01, 100))
def test_a_strength_comes_back_from_its_place(sign, way, amount):
    scale = Scale(sign, way)
    assert scale.strength(scale.place(sign * amount)) == pytest.approx(sign * amount)
