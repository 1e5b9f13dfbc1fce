"""A file that kills its reader costs its sender an error and nobody else anything."""

import os
import pickle
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from multimodal.adapters.sandbox import GIB, Sandbox
from multimodal.domain.model3d.files.parse import parse
from multimodal.domain.model3d.sample import MeshSample, decode
from multimodal.domain.shared.errors import BrokenCapture, MissingExtra, TooManyPixels
from multimodal.domain.shared.modality import Limits
from tests import hostile_parse, scan_files

LIMITS = Limits()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """With a second for a file, and a gibibyte."""
    made = Sandbox(hostile_parse.obey, memory=GIB, seconds=5.0, workers=1)
    yield made
    made.close()


def test_what_is_read_comes_back_as_it_is_and_what_libraries_print_does_not_disturb(sandbox):
    found = sandbox(b"reads", LIMITS)
    assert found.facts["format"] == "TEST"
    assert found.arrays["vertices"].tolist() == [[float(byte) for byte in b"reads"]]
    assert found.arrays["empty"].shape == (0, 3)


def test_a_process_reads_many_files(sandbox):
    processes = {sandbox(b"reads", LIMITS).facts["process"] for _ in range(5)}
    assert len(processes) == 1
    assert os.getpid() not in processes


@pytest.mark.parametrize("deed", [b"aborts", b"crashes", b"leaves"])
def test_a_file_that_kills_its_reader_is_an_error_and_the_next_one_is_read(sandbox, deed):
    with pytest.raises(BrokenCapture, match="crashed"):
        sandbox(deed, LIMITS)
    assert sandbox(b"reads", LIMITS).facts["format"] == "TEST"


def test_a_file_that_hangs_is_ended_after_its_time():
    sandbox = Sandbox(hostile_parse.obey, memory=GIB, seconds=1.0, workers=1)
    with pytest.raises(BrokenCapture, match="longer than 1 s"):
        sandbox(b"hangs", LIMITS)
    sandbox.close()


def test_a_file_that_eats_memory_is_an_error(sandbox):
    with pytest.raises(TooManyPixels, match="memory"):
        sandbox(b"eats", LIMITS)
    assert sandbox(b"reads", LIMITS).facts["format"] == "TEST"


def test_the_errors_of_readers_arrive_as_they_are(sandbox):
    with pytest.raises(BrokenCapture, match="It is empty"):
        sandbox(b"refuses", LIMITS)
    with pytest.raises(MissingExtra, match=r"multimodal\[scan\]"):
        sandbox(b"lacks", LIMITS)


def test_an_answer_that_is_no_array_of_numbers_is_refused(sandbox):
    with pytest.raises(BrokenCapture):
        sandbox(b"lies", LIMITS)


def test_while_one_file_hangs_others_are_read():
    sandbox = Sandbox(hostile_parse.obey, memory=GIB, seconds=4.0, workers=2)
    failures: list[str] = []

    def hang() -> None:
        with pytest.raises(BrokenCapture) as caught:
            sandbox(b"hangs", LIMITS)
        failures.append(str(caught.value))

    thread = threading.Thread(target=hang)
    thread.start()
    assert sandbox(b"reads", LIMITS).facts["format"] == "TEST"
    assert not failures
    thread.join()
    assert "longer" in failures[0]
    sandbox.close()


def test_it_travels_to_other_processes():
    copy = pickle.loads(pickle.dumps(Sandbox(parse, memory=GIB, seconds=3.0, workers=1)))
    assert (copy.parse, copy.memory, copy.seconds, copy.workers) == (parse, GIB, 3.0, 1)


def test_a_scene_that_multiplies_without_end_is_ended():
    objects = "".join(
        f'<object id="{i}" type="model"><components>{f"<component objectid={chr(34)}{i + 1}{chr(34)}/>" * 2}'
        "</components></object>"
        for i in range(1, 40)
    )
    model = (
        '<?xml version="1.0"?><model xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02"><resources>'
        '<object id="40" type="model"><mesh><vertices><vertex x="0" y="0" z="0"/><vertex x="1" y="0" z="0"/>'
        '<vertex x="0" y="1" z="0"/></vertices><triangles><triangle v1="0" v2="1" v3="2"/></triangles></mesh></object>'
        f'{objects}</resources><build><item objectid="1"/></build></model>'
    )
    sandbox = Sandbox(parse, memory=2 * GIB, seconds=4.0, workers=1)
    with pytest.raises((BrokenCapture, TooManyPixels)):
        sandbox(scan_files.three_mf(model), LIMITS)
    sandbox.close()


def test_samples_are_the_same_as_when_read_here():
    sandbox = Sandbox(parse, workers=1)
    data = scan_files.ply_binary()
    there, here = decode(data, parse=sandbox), decode(data)
    assert isinstance(there, MeshSample)
    np.testing.assert_array_equal(there.faces, here.faces)
    np.testing.assert_array_equal(there.vertices, here.vertices)
    assert there.units == here.units
    sandbox.close()
