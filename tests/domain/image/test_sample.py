"""Photographs become upright RGB at the working scale; of everything else nothing but a typed error comes out."""

import struct
import threading
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multimodal.domain.image import MODALITY
from multimodal.domain.image.formats import JpegFacts, exif_orientation, sniff
from multimodal.domain.image.sample import decode, decode_pixels, sample_from_pixels
from multimodal.domain.shared.errors import BrokenCapture, CaptureError, CaptureTooLarge, TooManyPixels
from multimodal.domain.shared.modality import Limits
from tests.hostile import LEFT, READABLE, REFUSED, RIGHT, animation, corners, encoded, halves, see_through, turned


def colour(pixels):
    """The mean colour of a region."""
    return tuple(float(channel) for channel in pixels.reshape(-1, 3).mean(axis=0))


@pytest.mark.parametrize("name", READABLE)
def test_every_format_gives_the_same_picture(name):
    sample = decode(READABLE[name])
    assert sample.pixels.shape == (48, 64, 3)
    assert colour(sample.pixels[16:32, 4:24]) == pytest.approx(LEFT, abs=12)
    assert colour(sample.pixels[16:32, 40:60]) == pytest.approx(RIGHT, abs=12)


@pytest.mark.parametrize("name", READABLE)
def test_a_format_is_told_by_its_content(name):
    assert sniff(READABLE[name]) == name.partition("-")[0]
    assert MODALITY.recognises(READABLE[name])


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_with_the_right_error(name):
    data, error = REFUSED[name]
    with pytest.raises(error) as caught:
        decode(data, name)
    assert type(caught.value) is error
    assert "/" not in str(caught.value)
    assert "0x7" not in str(caught.value)


def test_the_header_is_judged_before_pixels_are_allocated():
    with pytest.raises(TooManyPixels, match="3000 x 2000"):
        decode(encoded(np.zeros((2000, 3000, 3), np.uint8)), limits=Limits(pixels=1_000_000))


def test_a_file_larger_than_allowed_is_not_even_looked_at():
    with pytest.raises(CaptureTooLarge):
        decode(READABLE["png"], limits=Limits(bytes=10))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_photographs_are_upright_however_the_camera_was_held(orientation, kind):
    sample = decode(turned(orientation, kind))
    assert sample.size == (96, 64)
    difference = np.abs(sample.pixels.astype(int) - corners())
    assert np.median(difference) <= 4


@pytest.mark.parametrize(
    ("size", "working"),
    [
        pytest.param((640, 480), (640, 480), id="small-stays"),
        pytest.param((1280, 959), (1280, 959), id="just-below-twice"),
        pytest.param((1920, 1080), (960, 540), id="full-hd"),
        pytest.param((4000, 3000), (1000, 750), id="12-megapixels"),
        pytest.param((1000, 8000), (500, 4000), id="tall"),
        pytest.param((30000, 1), (3750, 1), id="a-line"),
        pytest.param((1, 1), (1, 1), id="a-point"),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_working_scale_keeps_a_short_side_of_480(kind, size, working):
    sample = decode(encoded(np.full((size[1], size[0], 3), 77, np.uint8), kind))
    assert sample.size == size
    assert sample.pixels.shape == (working[1], working[0], 3)
    assert sample.scale == pytest.approx(working[0] / size[0], rel=0.001)
    assert np.all(np.abs(sample.pixels.astype(int) - 77) <= 1)


def test_a_picture_of_60_megapixels_is_small_in_memory():
    sample = decode(encoded(np.full((7700, 7700, 3), 9, np.uint8), "JPEG"))
    assert sample.pixels.shape == (482, 482, 3)


def test_jpeg_and_png_measure_alike_after_reduction():
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 255, (30, 40, 3)).astype(np.uint8)
    picture = coarse.repeat(50, axis=0).repeat(50, axis=1)
    jpeg, lossless = (decode(encoded(picture, *options)).pixels.astype(int) for options in (("JPEG",), ("PNG",)))
    assert np.abs(jpeg - lossless).mean() < 4


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animation_the_first_frame_counts(kind):
    assert colour(decode(animation(kind)).pixels) == pytest.approx(LEFT, abs=4)


@pytest.mark.parametrize("data", [encoded(see_through()), encoded(see_through(), "WEBP", lossless=True)])
def test_transparent_pixels_lie_over_white(data):
    pixels = decode(data).pixels
    assert tuple(pixels[24, 8]) == LEFT
    assert tuple(pixels[24, 56]) == (255, 255, 255)


def test_a_transparent_palette_colour_lies_over_white():
    palette = encoded(halves(), mode="P", transparency=0)
    black = encoded(np.zeros((8, 8), np.uint8), mode="P", transparency=0)
    assert decode(palette).pixels.shape == (48, 64, 3)
    assert decode(black).pixels.min() == 255


@pytest.mark.parametrize(
    ("array", "level"),
    [
        pytest.param(np.full((5, 4), 100, np.uint8), 100, id="gray"),
        pytest.param(np.full((5, 4, 1), 100, np.uint8), 100, id="gray-with-an-axis"),
        pytest.param(np.full((5, 4, 3), 25700, np.uint16), 100, id="16-bit"),
        pytest.param(np.full((5, 4, 3), 25700, ">u2"), 100, id="16-bit-big-endian"),
        pytest.param(np.full((5, 4, 4), 255, np.uint8), 255, id="opaque"),
        pytest.param(np.full((5, 4, 3), 0.5), 128, id="float"),
        pytest.param(np.full((5, 4, 3), 0.5, np.float16), 128, id="half-float"),
        pytest.param(np.ones((5, 4), bool), 255, id="bool"),
        pytest.param(np.full((10, 8), 100, np.uint8)[::2, ::2], 100, id="strided"),
    ],
)
def test_arrays_of_any_kind_become_rgb(array, level):
    sample = sample_from_pixels(array)
    assert sample.pixels.shape == (5, 4, 3)
    assert sample.size == (4, 5)
    assert np.all(sample.pixels == level)


@pytest.mark.parametrize(
    "array",
    [
        pytest.param(np.zeros((0, 4)), id="no-rows"),
        pytest.param(np.zeros(3), id="one-axis"),
        pytest.param(np.zeros((3, 3, 5)), id="five-channels"),
        pytest.param(np.full((3, 3), np.nan), id="not-a-number"),
        pytest.param(np.full((3, 3), np.inf), id="infinite"),
        pytest.param(np.full((3, 3), 7.0), id="beyond-white"),
        pytest.param(np.zeros((3, 3), np.int64), id="int64"),
        pytest.param(np.array([["a"]]), id="text"),
    ],
)
def test_arrays_that_are_no_picture_are_refused(array):
    with pytest.raises(BrokenCapture):
        sample_from_pixels(array)


def test_a_sample_cannot_be_changed_and_leaves_its_source_alone():
    source = halves()
    sample = sample_from_pixels(source)
    source[:] = 0
    assert tuple(sample.pixels[0, 0]) == LEFT
    with pytest.raises(ValueError, match="read-only"):
        sample.pixels[0, 0] = 0
    assert sample.info == {"width": 64, "height": 48, "format": "pixels"}


def test_all_native_pixels_can_be_had():
    picture = np.full((1300, 1100, 3), 50, np.uint8)
    assert decode_pixels(encoded(picture, "JPEG")).shape == picture.shape
    assert decode(encoded(picture, "JPEG")).pixels.shape == (650, 550, 3)


def test_many_threads_decode_side_by_side():
    names = [*READABLE] * 6
    start = threading.Barrier(4)

    def work(part):
        start.wait()
        return [decode(READABLE[name]).pixels.mean() for name in names[part::4]]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(work, range(4)))
    assert together == [[decode(READABLE[name]).pixels.mean() for name in names[part::4]] for part in range(4)]


def test_damaged_exif_means_upright():
    assert exif_orientation(b"II*\0" + struct.pack("<IH", 8, 9)) == 1
    assert exif_orientation(b"II*\0" + struct.pack("<I", 2**31)) == 1
    assert exif_orientation(b"MM\0*" + struct.pack(">IHHHIH", 8, 1, 274, 3, 1, 6)) == 6


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_jpeg_facts_can_be_read_from_any_bytes(data):
    assert 1 <= JpegFacts.of(b"\xff\xd8" + data).orientation <= 8


def sure(data):
    """Whether the bytes decode; anything but a `CaptureError` is a failure of the test."""
    try:
        sample = decode(data, limits=Limits(pixels=2_000_000))
    except CaptureError:
        return False
    assert sample.pixels.dtype == np.uint8
    assert min(sample.pixels.shape) > 0
    return True


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([data[:16] for data in READABLE.values()] + [b""]), st.binary(max_size=400))
def test_random_bytes_never_surprise(start, rest):
    sure(start + rest)


@settings(max_examples=600, deadline=None)
@given(
    st.sampled_from(sorted(READABLE)),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8),
    st.floats(0.05, 1),
)
def test_mutated_files_never_surprise(name, changes, kept):
    data = bytearray(READABLE[name])
    for place, value in changes:
        data[int(place * len(data))] = value
    sure(bytes(data[: int(len(data) * kept)]))


@pytest.mark.parametrize("space", ["RGB", "L", "CMYK"])
def test_luma_is_that_of_the_colours_whether_they_were_decoded_or_not(space):
    sample = decode(encoded(corners(), "JPEG", space, quality=95))
    assert sample.luma.shape == sample.pixels.shape[:2]
    assert not sample.luma.flags.writeable
    assert np.abs(cv2.cvtColor(sample.pixels, cv2.COLOR_RGB2GRAY).astype(int) - sample.luma).mean() < 1.5


def test_colours_of_a_jpeg_are_decoded_once_and_only_when_asked_for():
    sample = decode(READABLE["jpeg"])
    assert not sample.memo
    assert sample.pixels is sample.pixels
