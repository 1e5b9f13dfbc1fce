"""What one capture says of a champion and a challenger, and how that adds up."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multimodal.domain.shared.agreement import COUNTS, Agreement
from tests.adapters.samples import prediction

ANSWERS = {
    "sharp": prediction(label="sharp", accepted=True, score=0.9),
    "blurred": prediction(label="blurred", accepted=False, score=0.1, model="blur_laplacian@ffffff"),
    "cannot_tell": prediction(label="cannot_tell", accepted=None, score=0.5, model="blur_laplacian@ffffff"),
}
counts = st.integers(0, 2**40)
agreements = st.builds(
    Agreement,
    *map(st.just, ("p", "a", "b")),
    **{name: st.floats(0, 1e6) if name == "difference" else counts for name in COUNTS},
)


@pytest.mark.parametrize(
    ("champion", "challenger", "counted"),
    [
        pytest.param("sharp", "sharp", {"same_label", "same_acceptance"}, id="both accept"),
        pytest.param("cannot_tell", "cannot_tell", {"same_label", "same_acceptance"}, id="both leave it open"),
        pytest.param("sharp", "blurred", {"rejects_accepted"}, id="the challenger rejects"),
        pytest.param("blurred", "sharp", {"accepts_rejected"}, id="the challenger accepts"),
        pytest.param("sharp", "cannot_tell", set(), id="the challenger leaves it open"),
        pytest.param("cannot_tell", "sharp", set(), id="the champion leaves it open"),
    ],
)
def test_a_capture_counts_as_what_the_two_said(champion, challenger, counted):
    one = Agreement.of(ANSWERS[champion], ANSWERS[challenger])
    assert {name for name in COUNTS if name not in ("seen", "difference") and getattr(one, name)} == counted
    assert (one.seen, one.difference) == (1, abs(ANSWERS[champion].score - ANSWERS[challenger].score))


def test_versions_are_those_of_the_models():
    assert Agreement.of(ANSWERS["sharp"], ANSWERS["blurred"]).key == ("blur_laplacian", "0a1b2c", "ffffff")


def test_nothing_has_no_mean():
    assert Agreement("p", "a", "b").mean_difference is None


@given(agreements, agreements)
def test_counts_add_up_whatever_comes_first(one, other):
    both = one + other
    assert both == other + one
    assert both.seen == one.seen + other.seen
    assert both + Agreement("p", "a", "b") == both


def test_other_versions_do_not_add_up():
    with pytest.raises(ValueError, match="not the same versions"):
        Agreement("p", "a", "b") + Agreement("p", "a", "c")


def test_all_fields_but_the_key_are_counts():
    assert [field.name for field in fields(Agreement)] == ["pipeline", "champion", "challenger", *COUNTS]
