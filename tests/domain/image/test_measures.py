"""The measures that image properties share."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from multimodal.domain.image.exposure import STOPS, backdrop, content, layout, levels, thumbnail
from multimodal.domain.image.measures import canonical_gray, gray, luma_histogram
from multimodal.domain.image.sample import sample_from_pixels

small_pictures = arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3)))


@pytest.mark.parametrize(
    ("colour", "luma"),
    [((0, 0, 0), 0), ((255, 255, 255), 255), ((255, 0, 0), 76), ((0, 255, 0), 150), ((0, 0, 255), 29)],
)
def test_luma_weighs_colours_as_the_eye_does(colour, luma):
    sample = sample_from_pixels(np.full((4, 4, 3), colour, np.uint8))
    assert np.all(gray(sample) == luma)


@pytest.mark.parametrize(
    ("shape", "canonical"),
    [((480, 640), (480, 640)), ((300, 200), (300, 200)), ((1080, 1920), (480, 853)), ((3000, 2000), (720, 480))],
)
def test_the_canonical_scale_has_a_short_side_of_480(shape, canonical):
    assert canonical_gray(sample_from_pixels(np.zeros(shape, np.uint8))).shape == canonical


@pytest.mark.parametrize("side", [500, 600, 750, 900, 959])
def test_the_canonical_scale_keeps_even_surfaces_even(side):
    assert np.all(canonical_gray(sample_from_pixels(np.full((side, side), 131, np.uint8))) == 131)


def test_a_measure_is_computed_once_and_cannot_be_changed():
    sample = sample_from_pixels(np.zeros((500, 700, 3), np.uint8))
    assert canonical_gray(sample) is canonical_gray(sample)
    with pytest.raises(ValueError, match="read-only"):
        gray(sample)[0, 0] = 1


@given(small_pictures)
def test_the_histogram_counts_every_pixel(pixels):
    sample = sample_from_pixels(pixels)
    assert luma_histogram(sample).shape == (256,)
    assert luma_histogram(sample).sum() == pixels.shape[0] * pixels.shape[1]


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


def test_the_thumbnail_has_a_short_side_of_120_at_the_canonical_scale():
    assert thumbnail(sample_from_pixels(np.zeros((1500, 2000), np.uint8))).shape == (120, 160)
    assert thumbnail(sample_from_pixels(np.zeros((5, 9), np.uint8))).shape == (5, 9)


def test_content_sees_the_subject_and_not_the_backdrop():
    rng = np.random.default_rng(0)
    pixels = np.full((480, 640), 255, np.uint8)
    pixels[160:320, 220:420] = rng.choice([60, 118, 170], (160, 200))
    middle = content(sample_from_pixels(pixels))[1]
    assert STOPS[60] < middle < STOPS[200]


def test_a_white_frame_around_a_subject_is_a_backdrop_and_a_white_sky_is_none():
    studio, land = np.full((120, 160), 90, np.uint8), np.full((120, 160), 90, np.uint8)
    studio[:] = 255
    studio[40:80, 50:110] = 90
    land[:50] = 255
    assert backdrop(sample_from_pixels(studio)) == pytest.approx(1 - 40 * 60 / (120 * 160))
    assert backdrop(sample_from_pixels(land)) == 0


def test_a_layout_tells_border_from_middle():
    mask = np.zeros((20, 20), np.uint8)
    assert layout(mask) == (0, 0, 0)
    mask[0] = 1
    on_border, in_middle, largest = layout(mask)
    assert (on_border, in_middle, largest) == (20 / 76, 0, 20 / 400)
