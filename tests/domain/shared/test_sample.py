"""Samples remember their measures; captures are read with limits."""

import numpy as np
import pytest

from multimodal.domain.shared.errors import BrokenCapture, CaptureTooLarge
from multimodal.domain.shared.sample import Capture, Sample, measure
from tests import toy

CALLS = []


@measure
def counted(sample: Sample) -> np.ndarray:
    CALLS.append(sample.name)
    return np.zeros(3)


@measure
def pair(sample: Sample) -> tuple[np.ndarray, float]:
    return np.zeros(2), 1.0


def test_a_measure_is_computed_once_a_sample():
    sample, other = Sample(name="once"), Sample(name="other")
    CALLS.clear()
    assert counted(sample) is counted(sample)
    counted(other)
    assert CALLS == ["once", "other"]


@pytest.mark.parametrize("array", [lambda: counted(Sample()), lambda: pair(Sample())[0]])
def test_what_is_remembered_cannot_be_changed(array):
    with pytest.raises(ValueError, match="read-only"):
        array()[0] = 1


def test_two_measures_of_one_sample_do_not_mix():
    sample = toy.decode(toy.capture("a", [0, 2]).read())
    assert (toy.spread(sample), len(counted(sample))) == (1.0, 3)


@pytest.mark.parametrize("content", [pytest.param(b"12345", id="bytes"), pytest.param(lambda: b"12345", id="made")])
def test_a_capture_is_read_from_bytes_or_from_what_makes_them(content):
    assert Capture("x", content).read() == b"12345"
    with pytest.raises(CaptureTooLarge, match="5 bytes; at most 4"):
        Capture("x", content).read(limit=4)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(CaptureTooLarge):
        Capture("large", path).read(limit=2**20)


def test_a_file_that_is_none_is_a_broken_capture_and_its_folder_is_not_told(tmp_path):
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(BrokenCapture) as caught:
            Capture("x", path).read()
        assert str(tmp_path.parent) not in str(caught.value)
