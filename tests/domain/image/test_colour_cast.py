"""Colour cast: what all estimates agree on is one, a leaf or a sunset is none, and a single colour cannot be told."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.base import clone

from multimodal.domain.image.colour_cast import (
    LABELS,
    PROPERTY,
    CastExtractor,
    CastRule,
    agreed,
    estimates,
    variety,
)
from multimodal.domain.image.colours import light_of
from multimodal.domain.image.degradations import rescale
from multimodal.domain.image.degradations_tones import CASTS
from multimodal.domain.image.light import encode
from multimodal.domain.image.sample import sample_from_pixels
from tests.tones import ODD_SHAPES, answer, answers, colourful, measured, pipeline_of, turned

PIPELINE = pipeline_of("colour_cast_agreement", PROPERTY)


def muted():
    """Nothing so bright that a wrong white balance makes it clip."""
    return (colourful() * 0.6).astype(np.uint8)


def cast(pixels):
    return measured(CastExtractor(), pixels)["cast"]


def test_all_estimates_see_the_colour_of_the_light_on_grey_things():
    rng = np.random.default_rng(0)
    grey = rng.uniform(0.05, 0.7, (240, 320, 1)).astype(np.float32)
    guesses = estimates(sample_from_pixels(encode(grey * light_of(8, 20).astype(np.float32))))
    assert np.array(guesses) == pytest.approx(np.array([[8, 20]] * 4), abs=1.5)


def test_guesses_that_agree_are_believed_and_others_are_not():
    assert agreed([(0, 10), (0, 10), (0, 10), (0, 10)]) == pytest.approx((10, 0, 10, 10, 0))
    assert agreed([(-5, 0), (10, 0), (10, 0), (10, 0)])[0] == 0
    assert agreed([(0, 30), (0, 30), (0, 12), (0, 0)])[0] == 0


def test_a_picture_of_many_colours_is_neutral():
    assert cast(colourful()) < 6
    assert answer(PIPELINE, colourful()).label == "neutral"


@pytest.mark.parametrize("fault", CASTS, ids=lambda fault: fault.label)
def test_a_wrong_white_balance_is_named_by_its_direction(fault):
    spoiled = fault.apply(muted(), 25.0, np.random.default_rng(0))
    assert answer(PIPELINE, spoiled).label == fault.label


@pytest.mark.parametrize("fault", CASTS, ids=lambda fault: fault.label)
def test_the_cast_grows_with_its_strength(fault):
    values = [cast(fault.apply(muted(), strength, np.random.default_rng(0))) for strength in (8, 16, 24, 32)]
    assert values == sorted(values)
    assert values[-1] == pytest.approx(32, abs=8)


def test_one_colour_that_fills_the_frame_is_not_judged():
    leaf = np.zeros((300, 400, 3), np.uint8)
    leaf[:] = (70, 150, 50)
    leaf += np.random.default_rng(0).integers(0, 40, (300, 400, 1), dtype=np.uint8)
    assert answer(PIPELINE, leaf).label == "cannot_tell"


def test_a_gray_picture_has_no_cast_and_no_variety():
    gray = colourful().mean(axis=2).astype(np.uint8)
    assert cast(gray) == pytest.approx(0, abs=0.1)
    assert variety(sample_from_pixels(gray)) == 0
    assert answer(PIPELINE, gray).accepted is None


def test_a_large_coloured_object_is_no_cast():
    pixels = colourful()
    pixels[40:260, 60:300] = (190, 40, 35)
    assert answer(PIPELINE, pixels).label != "warm"
    assert cast(pixels) < 10


def test_more_is_accepted_towards_warm_and_cool():
    towards = {
        name: [20.0, 20 * np.cos(np.radians(hue)), 20 * np.sin(np.radians(hue))]
        for name, hue in {"warm": 75, "cool": 265, "green": 145, "magenta": 330}.items()
    }
    margins = CastRule(threshold=16, tolerance=1.5).margins(np.array(list(towards.values())))
    assert [LABELS[place] for place in margins.argmax(axis=1)] == ["neutral", "neutral", "green", "magenta"]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000))
def test_a_turned_picture_measures_the_same(seed):
    pixels = CASTS[seed % 4].apply(colourful(seed), 20, np.random.default_rng(seed))
    for other in turned(pixels):
        assert cast(other) == pytest.approx(cast(pixels), abs=1.5)


@pytest.mark.parametrize("factor", [2, 4])
def test_size_hardly_matters(factor):
    pixels = CASTS[2].apply(colourful(), 20, np.random.default_rng(2))
    assert cast(rescale(pixels, factor)) == pytest.approx(cast(pixels), abs=2.5)


@settings(max_examples=30, deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3))))
def test_every_picture_has_finite_features(pixels):
    row = CastExtractor().row(sample_from_pixels(pixels))
    assert len(row) == len(CastExtractor.names)
    assert np.isfinite(row).all()


@pytest.mark.parametrize("shape", ODD_SHAPES)
@pytest.mark.parametrize("level", [0, 255, 90])
def test_what_is_too_small_is_not_judged(shape, level):
    assert answer(PIPELINE, np.full((*shape, 3), level, np.uint8)).label == "cannot_tell"


def test_sound_photographs_are_left_alone():
    found = answers(PIPELINE, PROPERTY)
    accused = [said for truth, said in found if truth == "neutral" and said not in ("neutral", "cannot_tell")]
    assert len(accused) <= 2
    right = [said == truth for truth, said in found if truth != "neutral" and said not in ("neutral", "cannot_tell")]
    assert np.mean(right) > 0.75


def test_the_rule_is_cloned_with_its_parameters():
    assert clone(CastRule(threshold=20)).get_params() == {"threshold": 20, "tolerance": 1.15, "softness": 2.0}
