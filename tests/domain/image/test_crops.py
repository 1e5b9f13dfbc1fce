"""What was cut out of a photograph is found in it, to where its edges lie; other photographs are not."""

from functools import cache
from itertools import permutations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multimodal.domain.image import photos
from multimodal.domain.image.crops import LEAST, WINDOWS, Box, fitted, is_part, look
from multimodal.domain.image.fingerprint import equalised, equalised_all, fingerprint
from multimodal.domain.image.image_utils import encode_image
from multimodal.domain.image.sample import decode, sample_from_pixels
from multimodal.domain.shared.duplicates import NEAR

NAMES = ("coffee", "chelsea", "astronaut", "rocket")
SIDES = {
    "2 % off each": (0.02, 0.02, 0.02, 0.02),
    "5 % off each": (0.05, 0.05, 0.05, 0.05),
    "10 % off each": (0.1, 0.1, 0.1, 0.1),
    "10 % off the left": (0.1, 0, 0, 0),
    "15 % off the top": (0, 0, 0.15, 0),
    "unevenly": (0.13, 0.01, 0.04, 0.09),
}


@cache
def seen(name):
    return sample_from_pixels(photos.load(name))


@cache
def looked(name):
    return look(seen(name))


def cut(pixels, sides):
    left, right, top, bottom = sides
    height, width = pixels.shape[:2]
    return np.ascontiguousarray(
        pixels[round(top * height) : round((1 - bottom) * height), round(left * width) : round((1 - right) * width)]
    )


def saved(pixels, factor=0.6, quality=60):
    small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return decode(encode_image(small, ".jpg", quality))


def nearest(whole, part):
    """The window nearest a sample, and its distance in bits."""
    bits = np.bitwise_count(looked(whole)[1] ^ np.uint64(fingerprint(part.luma)))
    return int(bits.argmin()), int(bits.min())


def stretch(whole, part):
    return (whole.size[0] / whole.size[1]) / (part.size[0] / part.size[1])


def test_windows_begin_with_the_whole_and_are_all_combinations_of_three_cuts():
    assert WINDOWS[0] == Box(0, 1, 0, 1)
    assert len(set(WINDOWS)) == 81
    assert {edge.left for edge in WINDOWS} == {0, 0.06, 0.12}


@pytest.mark.parametrize("window", [0, 1, 10, 40, 80])
def test_the_fingerprint_of_a_window_is_that_of_the_picture_cut_there(window):
    box = WINDOWS[window]
    part = cut(seen("coffee").luma, (box.left, 1 - box.right, box.top, 1 - box.bottom))
    assert np.bitwise_count(looked("coffee")[1][window] ^ np.uint64(fingerprint(part))) <= 4


@pytest.mark.parametrize("sides", SIDES.values(), ids=SIDES.keys())
@pytest.mark.parametrize("name", NAMES)
def test_a_part_is_found_where_it_was_cut_out(name, sides):
    whole = seen(name)
    part = saved(cut(whole.pixels, sides))
    window, bits = nearest(name, part)
    assert bits <= NEAR
    small = look(part)[0]
    assert is_part(looked(name)[0], small, window=window, stretch=stretch(whole, part))
    box, _ = fitted(looked(name)[0], small, WINDOWS[window])
    assert [box.left, 1 - box.right, box.top, 1 - box.bottom] == pytest.approx(sides, abs=0.03)


def test_a_part_that_was_made_darker_and_flatter_is_found():
    whole = seen("astronaut")
    part = saved(cut(whole.pixels // 2 + 20, (0.1, 0, 0.05, 0)))
    window, _ = nearest("astronaut", part)
    assert is_part(looked("astronaut")[0], look(part)[0], window=window, stretch=stretch(whole, part))


@pytest.mark.parametrize(("whole", "part"), list(permutations(NAMES, 2)))
def test_another_photograph_is_no_part(whole, part):
    window, _ = nearest(whole, seen(part))
    assert not is_part(looked(whole)[0], looked(part)[0], window=window, stretch=stretch(seen(whole), seen(part)))


def test_a_part_has_the_shape_that_it_was_cut_in():
    whole, part = seen("coffee"), saved(cut(seen("coffee").pixels, (0.1, 0, 0, 0)))
    window, _ = nearest("coffee", part)
    right = stretch(whole, part)
    answers = [is_part(looked("coffee")[0], look(part)[0], window=window, stretch=right * by) for by in (0.9, 1, 1.1)]
    assert answers == [False, True, False]


@pytest.mark.parametrize(
    ("box", "answer"),
    [
        pytest.param(Box(0, 0.9, 0, 1), True, id="inside"),
        pytest.param(Box(-0.01, 0.89, 0, 1), True, id="on the edge, but for noise"),
        pytest.param(Box(-0.05, 0.85, 0, 1), False, id="reaches out"),
        pytest.param(Box(0, 1, 0, 1), False, id="of another shape"),
    ],
)
def test_a_box_is_possible_inside_the_whole_and_in_the_shape_of_the_part(box, answer):
    assert box.fits(stretch=1 / 0.9) is answer


def test_a_box_that_shrinks_to_nothing_is_given_up():
    assert Box(0.2, 0.75, 0, 1).moved(np.float32([0.1, 0, 0, 0])) is None


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, len(WINDOWS) - 1), st.integers(0, 255))
def test_any_two_pictures_can_be_fitted(seed, window, grey):
    rng = np.random.default_rng(seed)
    noise, flat = rng.integers(0, 256, (48, 48), np.uint8), np.full((48, 48), grey, np.uint8)
    for whole, part in [(noise, noise[::-1]), (noise, flat), (flat, noise)]:
        box, likeness = fitted(whole, part, WINDOWS[window])
        assert -1.001 <= likeness <= 1.001
        assert min(box.right - box.left, box.bottom - box.top) >= LEAST
        assert not is_part(whole, part, window=window, stretch=1.0)


def test_pictures_are_equalised_together_as_one_by_one():
    several = np.random.default_rng(0).integers(0, 256, (3, 5, 4), np.uint8)
    assert np.array_equal(equalised_all(several), np.stack([equalised(one) for one in several]))
