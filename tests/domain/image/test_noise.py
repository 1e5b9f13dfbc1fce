"""Noise: sigma is what was put in, at every size; texture is not taken for it."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from multimodal.bootstrap import read_recipe
from multimodal.domain.image import scenes
from multimodal.domain.image.blur import resolve
from multimodal.domain.image.degradations import add_noise, defocus_blur, jpeg_bytes
from multimodal.domain.image.degradations_noise import HIGH_ISO, NOISE, high_iso, photons_of
from multimodal.domain.image.noise import (
    LABELS,
    PROPERTY,
    GrainExtractor,
    NoiseRule,
    SigmaExtractor,
    levels,
    noise_evidence,
    sigma,
)
from multimodal.domain.image.sample import decode, sample_from_pixels
from multimodal.domain.image.spoiling import plain_camera
from multimodal.domain.shared.evidence import overlay
from multimodal.domain.shared.pipelines import InferencePipeline
from tests.rules import scikit_learn_checks

CONFIG = Path(__file__).parents[3] / "src/multimodal/config/image"
RULE = InferencePipeline.from_recipe(read_recipe(CONFIG / "noise_sigma.yaml"), PROPERTY, resolve)
ODD_SHAPES = [(1, 1), (3, 5), (1, 5000), (5000, 1), (17, 40)]


def even(amount, shape=(480, 640), seed=0, level=128):
    """An even grey picture with Gaussian noise of a known deviation."""
    rng = np.random.default_rng(seed)
    return np.clip(np.rint(level + rng.normal(0, amount, shape)), 0, 255).astype(np.uint8)


@cache
def photo(kind, seed=3, shape=(400, 600)):
    """A scene as a good camera takes it."""
    rng = np.random.default_rng(seed)
    return plain_camera(rng).photograph(scenes.draw(kind, seed, shape), rng)


def measured(pixels):
    return sigma(sample_from_pixels(pixels))


def answer(pixels):
    return RULE.predict([sample_from_pixels(pixels)])[0]


@pytest.mark.parametrize("level", [0, 12, 128, 255])
def test_a_flat_picture_has_no_noise(level):
    assert measured(np.full((300, 400), level, np.uint8)) == 0


@pytest.mark.parametrize("shape", [(200, 300), (480, 640), (1500, 2000)])
@pytest.mark.parametrize("amount", [2, 5, 12])
def test_sigma_is_what_was_put_in(amount, shape):
    assert measured(even(amount, shape)) == pytest.approx(amount, rel=0.05)


def test_independent_noise_in_three_colours_is_two_thirds_of_it_in_the_luma():
    assert measured(even(10, (480, 640, 3))) == pytest.approx(10 * np.sqrt(0.299**2 + 0.587**2 + 0.114**2), rel=0.04)


def test_gradients_and_straight_lines_are_no_noise():
    ramp = np.tile(np.linspace(20, 230, 640), (480, 1)).astype(np.uint8)
    stripes = np.tile((np.arange(640) // 7 % 2 * 150 + 50).astype(np.uint8), (480, 1))
    assert measured(ramp) == measured(stripes) == measured(np.ascontiguousarray(stripes.T)) == 0


def test_edges_do_not_count_where_there_are_quiet_places():
    pixels = even(4)
    pixels[:, 100:300:10] = pixels[::10, 100:300] = 250
    assert measured(pixels) == pytest.approx(4, rel=0.1)


def test_black_and_white_are_left_out():
    pixels = even(6)
    pixels[:200], pixels[200:300] = 0, 255
    assert measured(pixels) == pytest.approx(6, rel=0.06)


@pytest.mark.parametrize("kind", ["grass", "stones", "concrete", "bricks", "foliage", "portrait"])
def test_noise_grows_with_its_strength_and_texture_is_clean(kind):
    pixels, rng = photo(kind), np.random.default_rng(1)
    values = [measured(pixels), *(measured(add_noise(pixels, amount, rng)) for amount in (3, *NOISE.strengths))]
    assert values == sorted(values)
    assert answer(pixels).label == "clean"
    assert answer(add_noise(pixels, NOISE.strengths[0], rng)).label == "noisy"


def test_noise_of_a_camera_grows_with_the_sensors():
    values = [measured(high_iso(photo("portrait"), amount, np.random.default_rng(2))) for amount in HIGH_ISO.strengths]
    assert values == sorted(values)
    assert values[0] > 3 * measured(photo("portrait"))


def test_the_sensor_of_a_camera_is_as_noisy_as_it_says():
    assert photons_of(10) == pytest.approx(4 * photons_of(20))
    grey = np.full((300, 300, 3), 118, np.uint8)
    counted = add_noise(grey, 10, np.random.default_rng(0))
    assert counted[..., 1].std() == pytest.approx(10, rel=0.03)


def test_texture_goes_on_at_coarser_scales_and_noise_does_not():
    noise, grass = levels(sample_from_pixels(even(6))).quiet, levels(sample_from_pixels(photo("grass"))).quiet
    assert noise[1] / noise[0] < 0.5 < 1 < grass[1] / grass[0]


@pytest.mark.parametrize("quality", [75, 90, 98])
def test_a_clean_photograph_is_clean_whatever_its_file(quality):
    sample = decode(jpeg_bytes(photo("facade"), quality))
    assert RULE.predict([sample])[0].label == "clean"


def test_a_blurred_photograph_keeps_its_noise():
    blurred = defocus_blur(photo("leaves"), 8)
    assert answer(blurred).label == "clean"
    assert answer(add_noise(blurred, 8, np.random.default_rng(0))).label == "noisy"


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([1, 4, 9]))
def test_a_mirrored_or_turned_picture_measures_about_the_same(seed, amount):
    pixels = add_noise(photo("room"), amount, np.random.default_rng(seed))
    for other in (pixels[:, ::-1], pixels[::-1], np.rot90(pixels)):
        assert measured(np.ascontiguousarray(other)) == pytest.approx(measured(pixels), rel=0.12, abs=0.1)


@settings(max_examples=30, deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3))))
def test_every_picture_has_finite_features(pixels):
    for extractor in (SigmaExtractor(), GrainExtractor()):
        row = extractor.row(sample_from_pixels(pixels))
        assert len(row) == len(extractor.names)
        assert np.isfinite(row).all()


@pytest.mark.parametrize("shape", ODD_SHAPES)
def test_what_is_too_small_is_not_judged(shape):
    assert answer(even(20, shape)).label == "cannot_tell"


@pytest.mark.parametrize("level", [0, 255])
def test_of_black_and_white_nobody_can_tell(level):
    assert answer(np.full((480, 640), level, np.uint8)).label == "cannot_tell"


def test_the_evidence_shows_where_the_grain_is():
    pixels = np.full((480, 640), 128, np.uint8)
    pixels[:, 320:] = even(8)[:, 320:]
    found = noise_evidence(sample_from_pixels(pixels))
    assert found.heat[:, :300].max() == 0
    assert found.heat[:, 340:].mean() > 0.5
    assert overlay(found).shape == found.picture.shape


@pytest.mark.parametrize("fault", [NOISE, HIGH_ISO], ids=lambda fault: fault.name)
def test_what_nobody_notices_is_far_from_what_is_a_fault(fault):
    assert fault.label == LABELS[0]
    assert 0 < 2 * fault.unnoticed < fault.strengths[0]


@scikit_learn_checks(NoiseRule())
def test_the_rule_keeps_the_contract_of_scikit_learn(estimator, check):
    check(estimator)
