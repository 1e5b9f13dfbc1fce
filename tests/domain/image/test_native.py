"""Native rows: what of a large photograph is looked at pixel by pixel."""

import io

import cv2
import numpy as np
import pytest
import simplejpeg
from PIL import Image

from multimodal.domain.image.measures import native, small
from multimodal.domain.image.sample import decode, sample_from_pixels


def scenery(height=1500, width=2001, above=0):
    """Soft blotches; the upper `above` rows are an even sky."""
    noise = np.random.default_rng(0).integers(0, 255, (height, width, 3), dtype=np.uint8)
    soft = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 9), None, 20, 220, cv2.NORM_MINMAX)
    soft[:above] = 200
    return soft


def file(pixels, form="JPEG", **options):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, form, **({"quality": 90} if form == "JPEG" else {}) | options)
    return buffer.getvalue()


KINDS = {
    "plain": {},
    "progressive": {"progressive": True},
    "full-colour": {"subsampling": 0},
    "half-colour": {"subsampling": 1},
    "restarts": {"restart_marker_rows": 4},
    "many-restarts": {"restart_marker_blocks": 3},
}


@pytest.mark.parametrize("options", [pytest.param(options, id=name) for name, options in KINDS.items()])
def test_the_upper_rows_of_a_jpeg_are_those_of_the_whole_picture(options):
    data = file(scenery(), **options)
    rows = native(decode(data))
    assert rows.shape == (192, 2001)
    assert np.array_equal(rows, simplejpeg.decode_jpeg(data, "GRAY")[: len(rows), :, 0])


@pytest.mark.parametrize("options", [pytest.param(options, id=name) for name, options in KINDS.items()])
def test_the_upper_rows_are_whole_where_nearly_all_bytes_of_a_file_are_theirs(options):
    pixels = np.full((1500, 2001, 3), 90, np.uint8)
    pixels[:192] = np.random.default_rng(0).integers(0, 255, (192, 2001, 3), dtype=np.uint8)
    data = file(pixels, **options)
    rows = native(decode(data))
    assert np.array_equal(rows, simplejpeg.decode_jpeg(data, "GRAY")[: len(rows), :, 0])


def test_the_upper_rows_of_other_formats_are_native_too():
    rows = native(decode(file(scenery(), "PNG")))
    assert rows.shape == (192, 2001)
    assert np.array_equal(rows, cv2.cvtColor(scenery(), cv2.COLOR_RGB2GRAY)[:192])


def test_a_gray_jpeg_has_native_rows():
    data = file(scenery()[..., 0])
    assert np.array_equal(native(decode(data)), simplejpeg.decode_jpeg(data, "GRAY")[:192, :, 0])


def test_a_photograph_at_its_own_scale_is_native_as_it_is():
    sample = decode(file(scenery(600, 800)))
    assert native(sample) is sample.luma


@pytest.mark.parametrize("above", [0, 500])
def test_more_rows_are_looked_at_below_an_even_sky(above):
    rows = native(decode(file(scenery(above=above))))
    assert len(rows) == (192 if not above else 768)  # an eighth, at least 192; half, in whole rows of blocks


def test_where_there_is_nothing_to_be_seen_nothing_more_is_decoded():
    assert len(native(decode(file(np.full((1500, 2001, 3), 120, np.uint8))))) == 192


@pytest.mark.parametrize("orientation", [1, 2, 3, 4, 5, 6, 7, 8])
def test_native_rows_lie_as_they_are_stored(orientation):
    exif = Image.Exif()
    exif[274] = orientation
    stored = scenery(above=500)
    assert native(decode(file(stored, exif=exif))).shape == (768, 2001)


def test_a_changed_sample_has_no_rows_of_the_file():
    from multimodal.domain.image.transforms import ImageResizer

    resized = ImageResizer(longest=400).transform_one(decode(file(scenery())))
    assert native(resized) is resized.luma


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (1, 2000), (480, 640), (600, 800)])
def test_the_small_copy_is_small(shape):
    copy = small(sample_from_pixels(np.full((*shape, 3), (10, 20, 30), np.uint8)))
    assert max(copy.shape[:2]) <= max(255, 1)
    assert np.all(copy == (10, 20, 30))
