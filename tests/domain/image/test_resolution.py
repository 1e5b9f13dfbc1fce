"""Resolution: what is enlarged by f has 1 / f of its detail, repeats f pixels apart, and is told from what is whole."""

from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from multimodal.bootstrap import read_recipe
from multimodal.domain.image import scenes
from multimodal.domain.image.blur import resolve
from multimodal.domain.image.degradations import jpeg_bytes
from multimodal.domain.image.degradations_resolution import ENLARGEMENT, ZOOM, digital_zoom, shrunk_and_enlarged
from multimodal.domain.image.faulty_resolution import LEAST_QUALITY, captures
from multimodal.domain.image.resolution import (
    LABELS,
    PROPERTY,
    TRACES,
    DetailExtractor,
    ResolutionRule,
    TracesExtractor,
    detail,
    periods,
    repetitions,
    rolloff,
    spectra,
)
from multimodal.domain.image.sample import decode, sample_from_pixels
from multimodal.domain.image.spoiling import plain_camera
from multimodal.domain.shared.pipelines import InferencePipeline
from tests.rules import scikit_learn_checks

CONFIG = Path(__file__).parents[3] / "src/multimodal/config/image"
RULE = InferencePipeline.from_recipe(read_recipe(CONFIG / "resolution_detail.yaml"), PROPERTY, resolve)
ODD_SHAPES = [(1, 1), (3, 5), (1, 5000), (5000, 1), (17, 40)]
SLOW, MIDDLE, FAST = (TRACES.index(name) for name in ("slow", "middle", "fast"))


@cache
def photo(kind, seed=3, shape=(400, 600)):
    """A scene as a good camera takes it."""
    rng = np.random.default_rng(seed)
    return plain_camera(rng).photograph(scenes.draw(kind, seed, shape), rng)


@cache
def grain(shape=(480, 640)):
    """Noise: detail at all frequencies."""
    return np.clip(np.random.default_rng(0).normal(128, 25, shape), 0, 255).astype(np.uint8)


def enlarged(pixels, times, way=cv2.INTER_CUBIC):
    """As large as before, from a copy that is `times` smaller."""
    height, width = pixels.shape[:2]
    small = cv2.resize(pixels, (round(width / times), round(height / times)), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (width, height), interpolation=way)


def measured(pixels):
    return detail(sample_from_pixels(pixels))


def answer(pixels):
    return RULE.predict([sample_from_pixels(pixels)])[0]


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_flat_picture_has_no_detail(level):
    assert measured(np.full((300, 400), level, np.uint8)) == 0


def test_noise_has_all_the_detail_that_pixels_can_hold():
    assert measured(grain()) > 95


@pytest.mark.parametrize("times", [1.5, 2, 3, 4])
def test_what_is_enlarged_has_the_detail_of_the_smaller_one(times):
    assert measured(enlarged(grain(), times, cv2.INTER_LANCZOS4)) == pytest.approx(100 / times, rel=0.25)


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_detail_ends_where_the_spectrum_does(share):
    power = np.where(np.linspace(0, 0.5, 33) <= share / 2, 100.0, 0.0)
    assert rolloff(power) == pytest.approx(100 * share, abs=4)


@pytest.mark.parametrize("kind", ["leaves", "grass", "portrait"])
def test_detail_falls_as_the_factor_grows(kind):
    values = [measured(enlarged(photo(kind), times)) for times in (1.5, 2.3, 3.5, 5)]
    assert values == sorted(values, reverse=True)
    assert measured(photo(kind)) > values[0]


@pytest.mark.parametrize(("times", "trace"), [(1.25, SLOW), (1.45, MIDDLE), (1.75, FAST), (2.3, FAST), (3.2, MIDDLE)])
@pytest.mark.parametrize(
    "way", [cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC], ids=["nearest", "linear", "cubic"]
)
def test_an_interpolation_repeats_as_often_as_its_factor_says(times, trace, way):
    found = periods(sample_from_pixels(enlarged(grain(), times, way))).max(axis=0)
    assert found[trace] > np.log(8)
    assert periods(sample_from_pixels(grain()))[:, : FAST + 1].max() < np.log(6)


def test_profiles_of_every_length_have_finite_repetitions():
    line = np.random.default_rng(0).uniform(0, 16, (2, 900)).astype(np.float32)
    for length in range(1, 900, 3):
        found = repetitions(line[:, :length])
        assert found.shape == (2, len(TRACES))
        assert np.isfinite(found).all()


def test_what_repeats_at_the_blocks_of_a_jpeg_is_told_from_the_rest():
    profiles = 5 + np.random.default_rng(0).normal(0, 0.1, (2, 640)).astype(np.float32)
    profiles[:, ::8] += 3
    assert np.exp(repetitions(profiles)[:, 3:]).min() > 20
    assert np.exp(repetitions(profiles)[:, :3]).max() < 8


def test_a_file_keeps_its_quality():
    names = DetailExtractor.names
    row = dict(zip(names, DetailExtractor().row(decode(jpeg_bytes(photo("leaves"), 80))), strict=True))
    assert row["quality"] == pytest.approx(80, abs=1)
    assert dict(zip(names, DetailExtractor().row(sample_from_pixels(photo("leaves"))), strict=True))["quality"] == 100


@pytest.mark.parametrize("kind", ["grass", "stones", "bricks", "foliage", "facade"])
def test_a_photograph_is_detailed_and_one_enlarged_five_times_is_not(kind):
    assert answer(photo(kind)).label == "detailed"
    assert answer(enlarged(photo(kind), 5)).label == "enlarged"


def test_a_file_of_low_quality_is_not_judged():
    assert RULE.predict([decode(jpeg_bytes(photo("leaves"), 30))])[0].label == "cannot_tell"


@pytest.mark.parametrize("spoil", [shrunk_and_enlarged, digital_zoom])
def test_enlargement_keeps_the_size_and_takes_detail(spoil):
    pixels = photo("leaves")
    spoiled = [spoil(pixels, 3, np.random.default_rng(seed)) for seed in range(8)]
    assert {each.shape for each in spoiled} == {pixels.shape}
    assert sorted(measured(each) for each in spoiled)[4] < 0.7 * measured(pixels)  # pixels that are repeated look sharp
    assert np.array_equal(spoil(pixels, 0.9, np.random.default_rng(1)), pixels)


@pytest.mark.parametrize("fault", [ENLARGEMENT, ZOOM], ids=lambda fault: fault.name)
def test_what_nobody_notices_is_far_from_what_is_a_fault(fault):
    assert fault.label == LABELS[0]
    assert 1 < fault.unnoticed < fault.strengths[0] ** 0.5


def test_a_set_has_both_kinds_and_reads_the_same_bytes_again():
    found = captures(8, seed=5)
    assert {capture.label for capture in found} == set(LABELS)
    assert {capture.facts["fault"] for capture in captures(64)} == {"none", ENLARGEMENT.name, ZOOM.name}
    sample = decode(found[0].read())
    assert found[0].read() == captures(8, seed=5)[0].read()
    assert sample.quality is None or sample.quality > LEAST_QUALITY - 2


@settings(max_examples=10, deadline=None)
@given(st.sampled_from(["room", "leaves", "portrait"]), st.sampled_from([1, 2, 3]))
def test_a_mirrored_picture_has_the_same_detail(kind, times):
    pixels = enlarged(photo(kind), times) if times > 1 else photo(kind)
    mirrored = np.ascontiguousarray(pixels[:, ::-1])
    assert measured(mirrored) == pytest.approx(measured(pixels), rel=0.1)


@settings(max_examples=30, deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 90), st.just(3))))
def test_every_picture_has_finite_features(pixels):
    for extractor in (DetailExtractor(), TracesExtractor()):
        row = extractor.row(sample_from_pixels(pixels))
        assert len(row) == len(extractor.names)
        assert np.isfinite(row).all()


@pytest.mark.parametrize("shape", ODD_SHAPES)
def test_what_is_too_small_is_not_judged(shape):
    assert answer(np.resize(grain(), shape)).label == "cannot_tell"


@pytest.mark.parametrize("level", [0, 255])
def test_of_black_and_white_nobody_can_tell(level):
    assert answer(np.full((480, 640), level, np.uint8)).label == "cannot_tell"


def test_black_and_white_windows_are_left_out():
    pixels = grain().copy()
    pixels[:, 320:] = 255
    assert spectra(sample_from_pixels(pixels)).textured == pytest.approx(15 * 8 * 5, abs=5)


@scikit_learn_checks(ResolutionRule())
def test_the_rule_keeps_the_contract_of_scikit_learn(estimator, check):
    check(estimator)
