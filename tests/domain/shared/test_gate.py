"""The gate lets through what is not worse, calibrated and fast, and says why it refuses the rest."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multimodal.domain.shared.errors import ConfigError, UnknownName
from multimodal.domain.shared.gate import Difference, Findings, Gate

EQUAL = Difference("roc_auc", 0.95, 0.95, 0.0, 0.5)
CLEARLY, PROBABLY = replace(EQUAL, worse=0.04), replace(EQUAL, metric="f1", loss=0.03, worse=0.1)
GOOD = Findings(rows=200, groups=50, differences=(EQUAL,), calibration=0.03, chance=0.02, latency=5.0)


def refused(findings, gate=None):
    return [check.name for check in (gate or Gate()).judge(findings) if not check.passed]


def test_an_equal_challenger_passes():
    assert refused(GOOD) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({"groups": 4}, "enough to judge by", id="few-groups"),
        pytest.param(
            {"differences": (replace(EQUAL, worse=0.04),)}, "no worse roc_auc than the champion", id="clearly-worse"
        ),
        pytest.param(
            {"differences": (EQUAL, replace(EQUAL, metric="f1", loss=0.03, worse=0.1))},
            "no worse f1 than the champion",
            id="probably-much-worse",
        ),
        pytest.param({"calibration": 0.2}, "calibrated", id="miscalibrated"),
        pytest.param({"latency": 300.0}, "fast enough", id="slow"),
    ],
)
def test_a_challenger_is_refused_for_one_reason(change, reason):
    assert refused(replace(GOOD, **change)) == [reason]


def test_the_first_version_needs_no_champion_to_beat():
    assert refused(replace(GOOD, differences=())) == []


def test_a_few_captures_more_wrong_may_be_chance():
    assert refused(replace(GOOD, differences=(replace(EQUAL, loss=0.08, worse=0.5),))) == []


def test_chance_is_not_held_against_a_small_test_set():
    assert refused(replace(GOOD, calibration=0.15, chance=0.08)) == []


def test_the_reasons_have_figures():
    details = " ".join(check.detail for check in Gate().judge(GOOD))
    assert "0.950, champion 0.950" in details
    assert "5.0 ms" in details


@given(st.floats(0, 1), st.floats(-1, 1), st.floats(0, 1), st.floats(0, 1000))
def test_a_better_challenger_is_never_refused_where_a_worse_one_passes(worse, loss, calibration, latency):
    some = Findings(200, 50, (Difference("f1", 0.5, 0.5, loss, worse),), calibration, 0.0, latency)
    better = replace(some, differences=(replace(some.differences[0], loss=loss - 0.1),), calibration=calibration / 2)
    assert set(refused(better)) <= set(refused(some))


def test_limits_are_set_by_a_recipe_and_checked():
    assert Gate.from_dict({"latency": 50.0}).to_dict() == {"latency": 50.0}
    with pytest.raises(UnknownName, match="Did you mean 'latency'"):
        Gate.from_dict({"latancy": 50})
    with pytest.raises(ConfigError):
        Gate(calibration=-1)
