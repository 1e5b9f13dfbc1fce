"""Contrast: a veil is told from a dark photograph, from a single colour, and from where there is nothing to see."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from multimodal.domain.image.contrast import (
    PROPERTY,
    ContrastRangeRule,
    ContrastRmsRule,
    RangeExtractor,
    RmsExtractor,
    michelson,
    tone_range,
    veil_evidence,
)
from multimodal.domain.image.degradations import expose, rescale
from multimodal.domain.image.degradations_tones import FLAT_TONES, HAZE, flatten, haze
from multimodal.domain.image.sample import sample_from_pixels
from multimodal.domain.shared.evidence import overlay
from tests.rules import scikit_learn_checks
from tests.tones import ODD_SHAPES, answer, answers, colourful, measured, pipeline_of, turned

RANGE, RMS = pipeline_of("contrast_range", PROPERTY), pipeline_of("contrast_rms", PROPERTY)


def contrast(pixels):
    return measured(RangeExtractor(), pixels)["contrast"]


def two_tones(dark, light):
    pixels = np.full((240, 320, 3), dark, np.uint8)
    pixels[::2, :160] = pixels[:, 160::3] = light
    pixels[60:120] = light
    return pixels


def test_two_tones_have_the_contrast_of_their_values():
    assert tone_range(sample_from_pixels(two_tones(90, 190))) == (90, 190)
    assert contrast(two_tones(90, 190)) == pytest.approx(100 / 288)
    assert contrast(two_tones(0, 255)) == pytest.approx(255 / 263)


def test_an_even_picture_has_none_and_nobody_can_tell():
    assert contrast(np.full((100, 100), 128, np.uint8)) == 0
    assert answer(RANGE, np.full((480, 640), 128, np.uint8)).label == "cannot_tell"


def test_a_good_picture_is_good_and_a_hazy_one_is_not():
    assert answer(RANGE, colourful()).label == "good"
    for fault in (HAZE, FLAT_TONES):
        spoiled = fault.apply(colourful(), fault.strengths[2], np.random.default_rng(1))
        assert answer(RANGE, spoiled).label == "low_contrast"


@pytest.mark.parametrize("stops", [-1, -2, -3])
def test_a_dark_photograph_keeps_its_contrast(stops):
    assert answer(RANGE, expose(colourful(), stops)).label == "good"


def test_textbook_contrast_takes_a_dark_photograph_for_a_flat_one():
    assert answer(RMS, colourful()).label == "good"
    assert answer(RMS, expose(colourful(), -5)).label == "low_contrast"


def test_a_single_strong_colour_is_no_veil():
    red = np.zeros((300, 400, 3), np.uint8)
    red[..., 0] = np.random.default_rng(0).integers(120, 180, (300, 400))
    assert contrast(red) > 0.8


def test_a_picture_that_is_mostly_white_is_left_to_brightness():
    assert answer(RANGE, expose(colourful(), 4)).label == "cannot_tell"


@pytest.mark.parametrize("spoil", [haze, flatten])
def test_contrast_falls_with_the_strength(spoil):
    values = [contrast(spoil(colourful(), lost, np.random.default_rng(3))) for lost in (0, 0.2, 0.4, 0.6, 0.8)]
    assert values == sorted(values, reverse=True)


def test_root_mean_square_of_half_black_half_white_is_a_half():
    halves = np.repeat([[0, 255]], 200, axis=0).repeat(100, axis=1).astype(np.uint8)
    assert measured(RmsExtractor(), halves)["rms_contrast"] == pytest.approx(0.5, abs=0.01)


@given(st.floats(0, 255), st.floats(0, 255))
def test_contrast_lies_between_none_and_all(one, other):
    assert 0 <= michelson(min(one, other), max(one, other)) < 1


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000))
def test_a_turned_picture_measures_the_same(seed):
    pixels = haze(colourful(seed), 0.4, np.random.default_rng(seed))
    for other in turned(pixels):
        assert contrast(other) == pytest.approx(contrast(pixels), abs=0.03)


@pytest.mark.parametrize("factor", [2, 4])
def test_size_hardly_matters(factor):
    pixels = haze(colourful(), 0.4, np.random.default_rng(2))
    assert contrast(rescale(pixels, factor)) == pytest.approx(contrast(pixels), abs=0.04)


@settings(max_examples=30, deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3))))
def test_every_picture_has_finite_features(pixels):
    for extractor in (RangeExtractor(), RmsExtractor()):
        row = extractor.row(sample_from_pixels(pixels))
        assert len(row) == len(extractor.names)
        assert np.isfinite(row).all()


@pytest.mark.parametrize("shape", ODD_SHAPES)
def test_what_is_too_small_is_not_judged(shape):
    pixels = np.random.default_rng(0).integers(100, 140, (*shape, 3), dtype=np.uint8)
    assert answer(RANGE, pixels).label == "cannot_tell"


def test_evidence_is_bright_where_the_veil_lies():
    pixels = colourful(shape=(400, 400))
    pixels[:200] = haze(pixels, 0.7, np.random.default_rng(0))[:200]
    evidence = veil_evidence(sample_from_pixels(pixels))
    assert evidence.heat[:150].mean() > evidence.heat[250:].mean() + 0.3
    assert overlay(evidence).shape == (400, 400, 3)


def test_faults_are_found_and_sound_photographs_left_alone():
    found = answers(RANGE, PROPERTY)
    assert sum(said == "low_contrast" for truth, said in found if truth == "good") <= 1
    faulty = [said == "low_contrast" for truth, said in found if truth == "low_contrast"]
    assert np.mean(faulty) > 0.7


@scikit_learn_checks(ContrastRangeRule(), ContrastRmsRule())
def test_rules_keep_the_contract_of_scikit_learn(estimator, check):
    check(estimator)
