"""When a photograph was taken is read from any file that says so, and nothing in a file can break the reading."""

import io
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from multimodal.domain.image.exif import exif_taken
from multimodal.domain.image.sample import decode

WHEN = {0x9003: "2026:11:01 12:00:03", 0x9291: "25"}


def exif(**tags):
    made = Image.Exif()
    made[0x0110] = "camera"
    made.get_ifd(0x8769).update(tags.get("tags", WHEN))
    return made


def photo(form, **more):
    stream = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    Image.fromarray(pixels).save(stream, form, **more)
    return stream.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_the_time_is_known_of_every_format(form):
    assert decode(photo(form, exif=exif())).info["taken"] == "2026-11-01T12:00:03.250"
    assert "taken" not in decode(photo(form)).info


def test_a_tiff_file_is_such_a_block_itself():
    assert exif_taken(exif().tobytes().removeprefix(b"Exif\0\0")) == "2026-11-01T12:00:03.250"


@pytest.mark.parametrize(
    ("tags", "taken"),
    [
        pytest.param({0x9003: "2026:11:01 12:00:03"}, "2026-11-01T12:00:03", id="whole-seconds"),
        pytest.param({0x9003: "0000:00:00 00:00:00"}, "", id="clock-not-set"),
        pytest.param({0x9003: "    :  :     :  :  "}, "", id="blank"),
        pytest.param({0x9003: "2026:13:01 12:00:03"}, "", id="no-such-month"),
        pytest.param({0x9003: "2026:11:01 12:00:03", 0x9291: "x" * 4000}, "2026-11-01T12:00:03", id="odd-fraction"),
        pytest.param({0x9291: "25"}, "", id="fraction-only"),
    ],
)
def test_a_time_is_told_only_when_it_exists(tags, taken):
    assert exif_taken(exif(tags=tags).tobytes()) == taken


@given(st.binary(max_size=300), st.integers(0, 300), st.sampled_from([b"", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"]))
def test_no_block_breaks_the_reading(noise, at, head):
    whole = exif().tobytes()
    for block in (head + noise, whole[:at], whole[:at] + noise + whole[at:]):
        assert isinstance(exif_taken(block), str)


def test_a_block_with_very_many_entries_takes_no_time():
    block = b"II*\0\x08\0\0\0\xff\xff" + b"\x69\x87\x04\0\x01\0\0\0\x08\0\0\0" * 5000
    start = time.perf_counter()
    assert exif_taken(block) == ""
    assert time.perf_counter() - start < 0.1
