"""The package's face: every name can be imported, and nothing is imported before."""

import subprocess
import sys

import pytest

import multimodal


@pytest.mark.parametrize("name", multimodal.__all__)
def test_each_name_of_the_face_is_there(name):
    assert getattr(multimodal, name) is not None


def test_the_face_lists_what_it_has_and_no_more():
    assert sorted(name for names in multimodal.ROOMS.values() for name in names) == sorted(multimodal.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Quality'"):
        multimodal.Quality  # noqa: B018


def test_importing_the_package_imports_nothing_heavy():
    code = "import sys, multimodal; print(sorted({'numpy', 'cv2', 'sklearn', 'fastapi'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
