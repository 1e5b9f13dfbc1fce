"""Compression: the lowest JPEG quality with which a photograph was ever written, from the file and from its pixels."""

import io

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from multimodal.domain.image import scenes
from multimodal.domain.image.camera import Camera
from multimodal.domain.image.compression import LABELS, PROPERTY, QualityExtractor, QualityRule, compressed, resaved
from multimodal.domain.image.degradations import compress_jpeg, jpeg_bytes
from multimodal.domain.image.formats import JpegFacts
from multimodal.domain.image.sample import decode, sample_from_pixels
from multimodal.domain.image.spoiling import png_bytes

from ...rules import scikit_learn_checks

QUALITY, TABLE, PIXELS, TRUST, KNOWN = range(5)
SCENES = {"facade": 3, "portrait": 2, "grass": 1, "room": 4}


def photo(kind, size=(384, 512)):
    return Camera().photograph(scenes.draw(kind, SCENES[kind], size), np.random.default_rng(0))


@pytest.fixture(scope="module", params=SCENES)
def scene(request):
    return photo(request.param)


@pytest.fixture(scope="module")
def facade():
    return photo("facade")


def measured(sample):
    return QualityExtractor().row(sample)


def judged(sample):
    return LABELS[int(QualityRule().margins(np.array([measured(sample)]))[0] >= 0)]


@pytest.mark.parametrize("quality", [5, 10, 25, 50, 75, 90])
def test_a_file_says_its_quality_by_its_table(facade, quality):
    assert JpegFacts.of(jpeg_bytes(facade, quality)).quality == pytest.approx(quality, abs=1)
    assert measured(decode(jpeg_bytes(facade, quality)))[TABLE] == pytest.approx(quality, abs=1)


@pytest.mark.parametrize("quality", [8, 20, 40, 60, 80])
def test_pixels_tell_a_quality_that_no_file_says(scene, quality):
    row = measured(decode(png_bytes(compress_jpeg(scene, quality))))
    assert row[TABLE] == 100
    assert row[QUALITY] == row[PIXELS] == pytest.approx(quality, abs=4)


@pytest.mark.parametrize("quality", [8, 20, 40])
def test_a_photograph_that_is_saved_again_keeps_the_worse_quality(scene, quality):
    row = measured(decode(jpeg_bytes(compress_jpeg(scene, quality), 95)))
    assert row[TABLE] == pytest.approx(95, abs=1)
    assert row[QUALITY] == pytest.approx(quality, abs=4)


def test_coarse_rounding_is_found_beneath_fine_rounding(facade):
    assert measured(decode(jpeg_bytes(compress_jpeg(facade, 40), 85)))[QUALITY] == pytest.approx(40, abs=4)


def test_what_was_never_compressed_has_no_trace(scene):
    row = measured(sample_from_pixels(scene))
    assert row[QUALITY] == 100
    assert row[KNOWN] == 1


def test_mild_compression_is_clean(scene):
    assert judged(decode(jpeg_bytes(scene, 75))) == "clean"
    assert judged(decode(jpeg_bytes(scene, 25))) == "compressed"


@pytest.mark.parametrize("turn", [np.fliplr, np.flipud, np.rot90, np.transpose])
def test_a_mirrored_or_turned_photograph_has_the_same_quality(facade, turn):
    gray = cv2.cvtColor(compress_jpeg(facade, 30), cv2.COLOR_RGB2GRAY)
    assert measured(sample_from_pixels(np.ascontiguousarray(turn(gray))))[QUALITY] == pytest.approx(30, abs=4)


@pytest.mark.parametrize("preset", ["web_low", "web_medium", "low", "medium"])
def test_tables_that_are_not_libjpegs_are_understood(facade, preset):
    file = io.BytesIO()
    Image.fromarray(facade).save(file, "JPEG", quality=preset)
    row = measured(decode(file.getvalue()))
    assert 20 < row[TABLE] < 80
    assert row[QUALITY] == pytest.approx(row[TABLE], abs=12)


def test_a_photograph_that_was_blurred_after_compression_shows_nothing(facade):
    assert measured(sample_from_pixels(cv2.GaussianBlur(compress_jpeg(facade, 30), (0, 0), 1.5)))[QUALITY] == 100


@pytest.mark.parametrize("format", ["webp", "avif"])
def test_nobody_knows_what_another_format_did(facade, format):
    file = io.BytesIO()
    Image.fromarray(facade).save(file, format, quality=30)
    assert measured(decode(file.getvalue()))[KNOWN] == 0


def test_a_jpeg_before_another_format_is_known(facade):
    file = io.BytesIO()
    Image.fromarray(compress_jpeg(facade, 20)).save(file, "webp", quality=95)
    row = measured(decode(file.getvalue()))
    assert row[KNOWN] == 1
    assert row[QUALITY] < 40


@pytest.mark.parametrize("level", [0, 118, 255])
@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (1, 5000), (3000, 1), (40, 40), (480, 640)])
def test_nothing_is_known_of_a_surface_without_any_detail(shape, level):
    row = measured(sample_from_pixels(np.full(shape, level, np.uint8)))
    assert row[QUALITY] == 100
    assert row[KNOWN] == 0


@settings(max_examples=40, deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(1, 70), st.integers(1, 70), st.just(3))))
def test_every_picture_has_finite_features(pixels):
    row = measured(sample_from_pixels(pixels))
    assert len(row) == len(QualityExtractor.names)
    assert np.isfinite(row).all()
    assert 1 <= row[QUALITY] <= 100


@pytest.mark.parametrize("spoil", [compressed, resaved])
def test_the_degradations_lead_to_their_label(facade, spoil):
    rng = np.random.default_rng(0)
    assert judged(sample_from_pixels(spoil(facade, PROPERTY.degradations[0].strengths[0], rng))) == "compressed"
    assert judged(sample_from_pixels(spoil(facade, 30.0, rng))) == "clean"


@scikit_learn_checks(QualityRule())
def test_the_rule_keeps_the_contract_of_scikit_learn(estimator, check):
    check(estimator)
