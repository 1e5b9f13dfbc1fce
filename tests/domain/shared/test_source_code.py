"""A cached feature lives as long as the code that measured it."""

import importlib.util
import sys
from importlib.metadata import version

import numpy
import pytest

from multimodal.domain.shared.source_code import closure, code_digest, imported, source, versions


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write a package of two modules, loaded anew."""

    def written(**texts: str) -> None:
        for name, text in texts.items():
            (tmp_path / "own_code").mkdir(exist_ok=True)
            (tmp_path / "own_code" / f"{name}.py").write_text(text)
        for known in (imported, source):
            known.cache_clear()
        importlib.invalidate_caches()

    monkeypatch.syspath_prepend(tmp_path)
    yield written
    for name in [name for name in sys.modules if name.startswith("own_code")]:
        del sys.modules[name]


def test_a_change_in_what_is_imported_changes_the_digest(write):
    write(__init__="", first="from . import second\n", second="from .third import x\n")
    write(third="x = 1\n", other="y = 1\n")
    before = code_digest(["own_code.first"])
    write(other="y = 2\n")
    assert code_digest(["own_code.first"]) == before
    write(third="x = 2\n")
    assert code_digest(["own_code.first"]) != before


def test_our_own_modules_are_followed_from_a_users_module(write):
    write(__init__="", first="import numpy\nfrom multimodal.domain.shared.identity import new_id\n")
    assert {"multimodal.domain.shared.identity", "numpy"} <= closure(["own_code.first"])


def test_libraries_count_by_their_version_whether_they_are_loaded_or_not():
    assert versions("numpy") == (numpy.__version__,)
    assert versions("optuna") == (version("optuna"),)
    assert versions("json") == ()


def test_the_measures_of_blur_do_not_depend_on_how_synthetic_scenes_are_drawn():
    found = closure(["multimodal.domain.image.sharpness"])
    assert "multimodal.domain.image.measures" in found
    assert not {name for name in found if "scenery" in name}
