"""Size: two limits on native pixels, whatever the picture shows."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from multimodal.bootstrap import read_recipe
from multimodal.domain.image.blur import resolve
from multimodal.domain.image.sample import decode, sample_from_pixels
from multimodal.domain.image.size import PROPERTY, SHRUNK, STRIP, SizeExtractor, SizeRule, captures, shrunk, strip
from multimodal.domain.shared.pipelines import InferencePipeline
from tests.rules import scikit_learn_checks

CONFIG = Path(__file__).parents[3] / "src/multimodal/config/image"
PIPELINE = InferencePipeline.from_recipe(read_recipe(CONFIG / "size_sides.yaml"), PROPERTY, resolve)
RNG = np.random.default_rng(0)


def picture(width, height):
    return np.zeros((height, width, 3), np.uint8)


def judged(pixels):
    return PIPELINE.predict([sample_from_pixels(pixels)])[0].label


def jpeg(width, height, orientation):
    exif = Image.Exif()
    exif[274] = orientation
    file = io.BytesIO()
    Image.new("RGB", (width, height)).save(file, "JPEG", exif=exif)
    return file.getvalue()


@pytest.mark.parametrize(
    ("width", "height", "label"),
    [
        pytest.param(640, 480, "good", id="vga"),
        pytest.param(480, 640, "good", id="vga-upright"),
        pytest.param(320, 240, "good", id="just-large-enough"),
        pytest.param(319, 239, "too_small", id="just-too-small"),
        pytest.param(160, 160, "too_small", id="thumbnail"),
        pytest.param(32, 32, "too_small", id="icon"),
        pytest.param(1, 1, "too_small", id="pixel"),
        pytest.param(4000, 3000, "good", id="camera"),
        pytest.param(2400, 800, "good", id="panorama"),
        pytest.param(2000, 500, "good", id="just-not-too-long"),
        pytest.param(2010, 500, "odd_aspect", id="just-too-long"),
        pytest.param(500, 3000, "odd_aspect", id="slip"),
        pytest.param(5000, 1, "odd_aspect", id="scan-line"),
        pytest.param(1200, 200, "odd_aspect", id="banner"),
        pytest.param(234, 60, "too_small", id="button"),
    ],
)
def test_a_size_has_a_known_answer(width, height, label):
    assert judged(picture(width, height)) == label


def test_native_pixels_count_not_those_of_the_working_scale():
    row = SizeExtractor().row(sample_from_pixels(picture(4000, 3000)))
    assert row == (3000, 4000, pytest.approx(4 / 3), 12)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_file_measures_the_same(orientation):
    assert SizeExtractor().row(decode(jpeg(800, 300, orientation)))[:2] == (300, 800)


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_turning_changes_nothing_and_more_pixels_never_make_it_too_small(width, height):
    margins = SizeRule().margins
    table = [(min(w, h), max(w, h)) for w, h in ((width, height), (height, width), (2 * width, 2 * height))]
    one, turned, doubled = margins(np.array(table, float))
    assert np.array_equal(one, turned)
    assert doubled[1] < one[1]
    assert doubled[2] == pytest.approx(one[2])


@pytest.mark.parametrize("times", SHRUNK.strengths)
@pytest.mark.parametrize("size", [(640, 480), (1200, 1600)])
def test_a_shrunk_picture_has_the_short_side_it_says(size, times):
    small = shrunk(picture(*size), times, RNG)
    assert min(small.shape[:2]) == pytest.approx(480 / times, abs=1)
    assert judged(small) == "too_small"


def test_what_is_small_already_is_not_enlarged():
    assert shrunk(picture(90, 60), 2.5, RNG).shape == (60, 90, 3)


@pytest.mark.parametrize("aspect", STRIP.strengths)
@pytest.mark.parametrize("size", [(1400, 1000), (1000, 1400)])
def test_a_strip_has_the_aspect_it_says(size, aspect):
    cut = strip(picture(*size), aspect, RNG)
    assert max(cut.shape[:2]) == 1400
    assert max(cut.shape[:2]) / min(cut.shape[:2]) == pytest.approx(aspect, rel=0.02)
    assert judged(cut) == "odd_aspect"


@pytest.mark.parametrize("fault", PROPERTY.degradations, ids=lambda fault: fault.name)
def test_what_goes_unnoticed_is_good(fault):
    assert judged(fault.apply(picture(1400, 1000), fault.unnoticed, RNG)) == "good"


def test_the_set_to_tune_on_is_labelled_as_the_rule_would():
    made = captures("size", 8, seed=3)
    for capture in (c for c in made if not c.facts["borderline"]):
        assert PIPELINE.predict([decode(capture.read())])[0].label == capture.label
    assert {"good", "too_small", "odd_aspect"} == {capture.label for capture in captures("size", 60)}


@scikit_learn_checks(SizeRule())
def test_the_rule_keeps_the_contract_of_scikit_learn(estimator, check):
    check(estimator)
