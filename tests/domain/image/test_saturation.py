"""Saturation: gray, a single hue, the colours of the world and more than these are told apart."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.base import clone

from multimodal.domain.image.degradations import compress_jpeg, rescale
from multimodal.domain.image.degradations_tones import exaggerate, fade, tone
from multimodal.domain.image.sample import sample_from_pixels
from multimodal.domain.image.saturation import (
    PROPERTY,
    SaturationExtractor,
    SaturationRule,
    chroma_evidence,
)
from multimodal.domain.shared.evidence import overlay
from tests.tones import ODD_SHAPES, answer, answers, colourful, measured, pipeline_of, turned

PIPELINE = pipeline_of("saturation_chroma", PROPERTY)


def measures(pixels):
    return measured(SaturationExtractor(), pixels)


def test_an_even_red_has_the_chroma_of_the_books():
    red = measures(np.full((64, 64, 3), (255, 0, 0), np.uint8))
    assert red["chroma"] == pytest.approx(104.6, abs=1)
    assert red["lightness"] == pytest.approx(53.2, abs=1)
    assert red["neon"] == 1


@pytest.mark.parametrize("quality", [95, 40])
def test_gray_stored_as_colour_is_grayscale_after_compression_too(quality):
    gray = cv2.cvtColor(cv2.cvtColor(colourful(), cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    assert measures(gray)["chroma"] == 0
    assert answer(PIPELINE, compress_jpeg(gray, quality)).label == "grayscale"


def test_a_toned_print_has_a_single_hue():
    grades = np.full((300, 400, 3), np.linspace(0, 255, 300)[:, None, None]).astype(np.uint8)
    grades[:, 200:, 0] //= 2
    toned = tone(grades, 1.0, np.random.default_rng(1))
    assert measures(toned)["hues"] < 1.2 < measures(grades)["hues"]
    assert answer(PIPELINE, toned).label == "monochrome"


def test_an_even_coloured_wall_is_not_called_a_toned_print():
    wall = np.full((300, 400, 3), (150, 130, 110), np.uint8) + np.random.default_rng(0).integers(
        0, 12, (300, 400, 1), dtype=np.uint8
    )
    assert answer(PIPELINE, wall).label == "natural"


def test_colours_of_the_world_are_natural():
    assert answer(PIPELINE, colourful()).label == "natural"


def test_colours_at_the_border_of_the_screen_are_oversaturated():
    assert answer(PIPELINE, exaggerate(colourful(vivid=0.3), 5.0, np.random.default_rng(0))).label == "oversaturated"


def test_chroma_falls_and_rises_as_it_is_scaled():
    rng = np.random.default_rng(0)
    less = [measures(fade(colourful(), lost, rng))["chroma"] for lost in (0, 0.3, 0.6, 0.9, 1.0)]
    more = [measures(exaggerate(colourful(), times, rng))["neon"] for times in (1, 1.5, 2.5, 4)]
    assert less == sorted(less, reverse=True)
    assert less[-1] == 0
    assert more == sorted(more)


def test_nothing_is_changed_by_factors_of_one():
    rng = np.random.default_rng(0)
    assert np.abs(fade(colourful(), 0.0, rng).astype(int) - colourful()).max() <= 1
    assert np.abs(exaggerate(colourful(), 1.0, rng).astype(int) - colourful()).max() <= 1


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000))
def test_a_turned_picture_measures_the_same(seed):
    pixels = colourful(seed)
    for other in turned(pixels):
        assert measures(other)["chroma"] == pytest.approx(measures(pixels)["chroma"], abs=3)


def test_size_hardly_matters():
    large = measures(rescale(colourful(), 4))["chroma"]
    assert large == pytest.approx(measures(colourful())["chroma"], rel=0.15)


@settings(max_examples=30, deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3))))
def test_every_picture_has_finite_features(pixels):
    row = SaturationExtractor().row(sample_from_pixels(pixels))
    assert len(row) == len(SaturationExtractor.names)
    assert np.isfinite(row).all()


@pytest.mark.parametrize("shape", ODD_SHAPES)
def test_what_is_too_small_is_not_judged(shape):
    assert answer(PIPELINE, np.full((*shape, 3), (200, 60, 90), np.uint8)).label == "cannot_tell"


def test_what_is_too_dark_is_not_judged():
    assert answer(PIPELINE, (colourful() // 16).astype(np.uint8)).label == "cannot_tell"


def test_it_informs_and_does_not_decide():
    assert not answer(PIPELINE, colourful()).decides


def test_evidence_is_bright_where_the_colours_are():
    pixels = np.full((200, 300, 3), 128, np.uint8)
    pixels[:, 150:] = (250, 20, 20)
    evidence = chroma_evidence(sample_from_pixels(pixels))
    assert evidence.heat[:, :140].max() == 0
    assert evidence.heat[:, 160:].min() > 0.9
    assert overlay(evidence).shape == (200, 300, 3)


def test_gray_photographs_are_found():
    found = answers(PIPELINE, PROPERTY, count=24)
    assert all(said == "grayscale" for truth, said in found if truth == "grayscale")


def test_the_rule_is_cloned_with_its_parameters():
    assert clone(SaturationRule(least=5.0)).get_params() == {**SaturationRule().get_params(), "least": 5.0}
