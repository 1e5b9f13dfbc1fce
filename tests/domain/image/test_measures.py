"""The measures that image properties share."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from multimodal.domain.image.exposure import STOPS, backdrop, content, layout, levels
from multimodal.domain.image.measures import judged, luma_histogram, octaves, thumbnail
from multimodal.domain.image.sample import sample_from_pixels

small_pictures = arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3)))


@pytest.mark.parametrize(
    ("colour", "luma"),
    [((0, 0, 0), 0), ((255, 255, 255), 255), ((255, 0, 0), 76), ((0, 255, 0), 150), ((0, 0, 255), 29)],
)
def test_luma_weighs_colours_as_the_eye_does(colour, luma):
    sample = sample_from_pixels(np.full((4, 4, 3), colour, np.uint8))
    assert np.all(sample.luma == luma)


@pytest.mark.parametrize(
    ("shape", "whole_tiles"),
    [((480, 640), (480, 640)), ((300, 200), (288, 192)), ((1200, 1600), (576, 800)), ((900, 1900), (480, 1024))],
)
def test_the_judged_picture_is_whole_tiles_of_about_1024_pixels(shape, whole_tiles):
    assert judged(sample_from_pixels(np.zeros(shape, np.uint8))).shape == whole_tiles


def test_each_octave_is_half_of_the_one_before():
    sample = sample_from_pixels(np.full((480, 640), 131, np.uint8))
    assert [octave.shape for octave in octaves(sample)] == [(480, 640), (240, 320), (120, 160), (60, 80)]
    assert all((octave == 131).all() for octave in octaves(sample))


def test_a_measure_is_computed_once_and_cannot_be_changed():
    sample = sample_from_pixels(np.zeros((500, 700, 3), np.uint8))
    assert octaves(sample) is octaves(sample)
    for array in (sample.luma, sample.pixels, judged(sample), octaves(sample)[2]):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1


@given(small_pictures)
def test_the_histogram_counts_every_pixel_of_half_the_judged_size(pixels):
    sample = sample_from_pixels(pixels)
    assert luma_histogram(sample).shape == (256,)
    assert luma_histogram(sample).sum() == judged(sample).size / 4


def test_stops_double_the_light():
    assert STOPS[118] == pytest.approx(0, abs=0.05)
    assert STOPS[255] == pytest.approx(2.47, abs=0.01)
    assert STOPS[188] - STOPS[137] == pytest.approx(1, abs=0.05)  # sRGB 0.737 and 0.537: linear 0.50 and 0.25
    assert np.all(np.diff(STOPS) > 0)


def test_percentiles_of_two_halves_are_the_halves():
    pixels = np.zeros((100, 100), np.uint8)
    pixels[50:] = 255
    light = levels(sample_from_pixels(pixels))
    assert light[0] == STOPS[0]
    assert light[-1] == STOPS[255]


@pytest.mark.parametrize(
    ("shape", "small"), [((480, 640), (120, 160)), ((3000, 4000), (92, 124)), ((5, 9), (4, 4)), ((96, 64), (24, 16))]
)
def test_the_thumbnail_has_four_pixels_to_the_side_of_a_tile(shape, small):
    assert thumbnail(sample_from_pixels(np.zeros(shape, np.uint8))).shape == small


def test_content_sees_the_subject_and_not_the_backdrop():
    rng = np.random.default_rng(0)
    pixels = np.full((480, 640), 255, np.uint8)
    pixels[160:320, 220:420] = rng.choice([60, 118, 170], (160, 200))
    middle = content(sample_from_pixels(pixels))[1]
    assert STOPS[60] < middle < STOPS[200]


def test_a_white_frame_around_a_subject_is_a_backdrop_and_a_white_sky_is_none():
    studio, land = np.full((480, 640), 90, np.uint8), np.full((480, 640), 90, np.uint8)
    studio[:] = 255
    studio[160:320, 200:440] = 90
    land[:200] = 255
    assert backdrop(sample_from_pixels(studio)) == pytest.approx(1 - 160 * 240 / (480 * 640), abs=0.02)
    assert backdrop(sample_from_pixels(land)) == 0


def test_a_layout_tells_border_from_middle():
    mask = np.zeros((20, 20), np.uint8)
    assert layout(mask) == (0, 0, 0)
    mask[0] = 1
    on_border, in_middle, largest = layout(mask)
    assert (on_border, in_middle, largest) == (20 / 76, 0, 20 / 400)
