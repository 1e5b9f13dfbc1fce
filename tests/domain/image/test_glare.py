"""Glare: a lamp with a halo is told from a window, paper, a backdrop and what is over-exposed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from multimodal.domain.image.degradations import expose, rescale
from multimodal.domain.image.degradations_tones import flare
from multimodal.domain.image.glare import (
    CIRCLES,
    DIRECTIONS,
    PROPERTY,
    GlareExtractor,
    GlareRule,
    circles,
    glare_evidence,
    sources,
)
from multimodal.domain.image.light import encode, linearise
from multimodal.domain.image.sample import sample_from_pixels
from multimodal.domain.shared.evidence import overlay
from tests.rules import scikit_learn_checks
from tests.tones import ODD_SHAPES, answer, answers, colourful, measured, pipeline_of, turned

PIPELINE = pipeline_of("glare_halo", PROPERTY)


def dim(seed=0, shape=(360, 480)):
    return (colourful(seed, shape) * 0.5).astype(np.uint8)


def lamp(pixels, centre=(150, 200), radius=30, fall=2.2):
    """A source of light whose disk of this radius is white."""
    rows, columns = np.ogrid[: pixels.shape[0], : pixels.shape[1]]
    far = np.hypot(rows - centre[0], columns - centre[1]) / radius + 0.02
    return encode(linearise(pixels) + (far**-fall).astype(np.float32)[..., None])


def window(pixels):
    """White with sharp borders."""
    lit = pixels.copy()
    lit[60:160, 100:180] = 255
    return lit


def glare(pixels):
    return measured(GlareExtractor(), pixels)["glare"]


def test_a_lamp_is_measured_by_its_white_disk():
    expected = 100 * np.pi * 30**2 / (360 * 480)
    assert glare(lamp(dim())) == pytest.approx(expected, rel=0.25)
    assert answer(PIPELINE, lamp(dim())).label == "glare"


@pytest.mark.parametrize("spoil", [lambda p: p, window], ids=["as it is", "window"])
def test_without_a_halo_there_is_no_glare(spoil):
    assert glare(spoil(dim())) == 0
    assert answer(PIPELINE, spoil(dim())).label == "clear"


def test_paper_and_a_backdrop_are_no_glare():
    studio = np.full((360, 480, 3), 255, np.uint8)
    studio[100:300, 120:400] = dim()[100:300, 120:400]
    assert glare(studio) == 0


def test_an_over_exposed_picture_is_left_to_brightness():
    assert answer(PIPELINE, expose(dim(), 4)).label != "glare"


def test_circles_read_the_light_around():
    luma = np.zeros((60, 80), np.uint8)
    luma[:, 40:] = 200
    read = circles(luma, np.array([[39.5, 30.0]]), np.array([8.0]))
    assert read.shape == (1, len(CIRCLES), DIRECTIONS)
    assert (read == 0).sum() == (read == 200).sum()


def test_glare_grows_with_the_share_that_turns_white():
    values = [glare(flare(dim(), share, np.random.default_rng(4))) for share in (0.1, 1.5, 4, 10)]
    assert values == sorted(values)
    assert values[1] > 0.6 > values[0]


def test_a_flare_turns_white_what_it_says():
    before, after = dim(), flare(dim(), 5.0, np.random.default_rng(4))
    whiter = np.mean((after.min(axis=2) >= 250) & (before.min(axis=2) < 250))
    assert whiter == pytest.approx(0.05, rel=0.25)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.integers(60, 300), st.integers(60, 420))
def test_a_turned_picture_measures_the_same(seed, row, column):
    pixels = lamp(dim(seed), (row, column))
    for other in turned(pixels):
        assert glare(other) == pytest.approx(glare(pixels), rel=0.3, abs=0.3)


@pytest.mark.parametrize("factor", [2, 4])
def test_size_hardly_matters(factor):
    assert glare(rescale(lamp(dim()), factor)) == pytest.approx(glare(lamp(dim())), rel=0.25)


@settings(max_examples=30, deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3)), elements=st.integers(240, 255)))
def test_every_picture_has_finite_features(pixels):
    row = GlareExtractor().row(sample_from_pixels(pixels))
    assert len(row) == len(GlareExtractor.names)
    assert np.isfinite(row).all()


@pytest.mark.parametrize("shape", ODD_SHAPES)
@pytest.mark.parametrize("level", [0, 255])
def test_what_is_too_small_is_not_judged(shape, level):
    assert answer(PIPELINE, np.full((*shape, 3), level, np.uint8)).label == "cannot_tell"


def test_a_white_picture_is_not_judged():
    assert answer(PIPELINE, np.full((300, 400), 255, np.uint8)).label == "cannot_tell"


def test_evidence_is_where_the_lamp_is_and_not_at_the_window():
    pixels = lamp(dim(), (250, 380), 25)
    pixels[40:100, 60:120] = 255
    evidence = glare_evidence(sample_from_pixels(pixels))
    assert evidence.heat[250, 380] > 0.7
    assert evidence.heat[70, 90] < 0.1
    assert overlay(evidence).shape == (360, 480, 3)


def test_without_white_there_are_no_sources():
    found = sources(sample_from_pixels(dim()))
    assert found.areas.size == found.halos.size == 0
    assert glare_evidence(sample_from_pixels(dim())).heat.max() == 0


def test_faults_are_found_and_sound_photographs_left_alone():
    found = answers(PIPELINE, PROPERTY)
    assert all(said != "glare" for truth, said in found if truth == "clear")
    assert np.mean([said == "glare" for truth, said in found if truth == "glare"]) > 0.65


@scikit_learn_checks(GlareRule())
def test_the_rule_keeps_the_contract_of_scikit_learn(estimator, check):
    check(estimator)
