"""Formats: what a JPEG's tables of steps say of its quality, whatever their form."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from multimodal.domain.image.degradations import jpeg_bytes
from multimodal.domain.image.formats import JpegFacts, table_quality

GRAY = np.full((16, 16, 3), 90, np.uint8)


def file_of(quality, **options):
    file = io.BytesIO()
    Image.fromarray(GRAY).save(file, "JPEG", quality=quality, **options)
    return file.getvalue()


def with_table(content):
    """A file whose first segment of tables holds `content` instead."""
    file = file_of(50)
    start = file.index(b"\xff\xdb")
    end = start + 2 + int.from_bytes(file[start + 2 : start + 4], "big")
    return file[:start] + b"\xff\xdb" + (len(content) + 2).to_bytes(2, "big") + content + file[end:]


def steps_of(quality):
    file = file_of(quality)
    start = file.index(b"\xff\xdb")
    return file[start + 5 : start + 69]


def test_each_quality_of_libjpeg_is_told_from_the_next():
    found = [JpegFacts.of(file_of(quality)).quality for quality in range(1, 98)]
    assert found == pytest.approx(list(range(1, 98)), abs=1)
    assert (np.diff(found) > 0).all()


@pytest.mark.parametrize(("steps", "quality"), [([1] * 64, 100), ([1] * 63 + [2], 99), ([255] * 64, 1)])
def test_tables_at_the_ends_of_the_scale(steps, quality):
    assert table_quality(steps) == quality


@pytest.mark.parametrize("options", [{"progressive": True}, {"optimize": True}, {"subsampling": 0}, {"exif": b"Exif"}])
def test_the_kind_of_jpeg_does_not_matter(options):
    assert JpegFacts.of(file_of(30, **options)).quality == pytest.approx(30, abs=0.5)


def test_the_luma_table_is_taken_among_several_in_one_segment():
    coarse, fine = bytes([1]) + bytes([90] * 64), bytes([0]) + steps_of(80)
    assert JpegFacts.of(with_table(coarse + fine)).quality == pytest.approx(80, abs=0.5)


def test_steps_of_two_bytes_may_be_larger_than_255():
    steps = [50 * step for step in steps_of(50)]
    wide = bytes([16]) + b"".join(step.to_bytes(2, "big") for step in steps)
    assert JpegFacts.of(with_table(wide)).quality == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\0" + bytes(64), id="zeros"),
        pytest.param(b"\0" + bytes([9] * 63), id="cut off"),
        pytest.param(b"\x10" + bytes([9] * 127), id="cut off, 16 bits"),
        pytest.param(b"\x0f" + bytes([9] * 64), id="another number"),
    ],
)
def test_a_table_that_is_none_has_no_quality(content):
    file = with_table(content)
    assert JpegFacts.of(file).quality is None


def test_a_gray_file_has_one_table():
    assert JpegFacts.of(jpeg_bytes(GRAY[..., 0], 40)).quality == pytest.approx(40, abs=0.5)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=150), st.integers(0, 600))
def test_hostile_tables_are_never_an_error(noise, place):
    file = file_of(50)
    quality = JpegFacts.of(file[:place] + noise + file[place + len(noise) :]).quality
    assert quality is None or 1 <= quality <= 100


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 65535), min_size=64, max_size=64))
def test_any_table_has_a_quality(steps):
    assert 1 <= table_quality(steps) <= 100
