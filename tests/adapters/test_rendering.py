"""Captures that are made are made once, side by side, and whole or not at all."""

import sys
from functools import partial

import pytest

from multimodal.adapters.rendering import FEW, FolderRenderer, file_name, portable
from multimodal.domain.shared.sample import Capture
from tests import toy


def made(number: int) -> bytes:
    return toy.HEADER + f"{number} {number + 1}".encode()


def captures(count: int, make=made) -> list[Capture]:
    return [Capture(f"toy-{i}", partial(make, i), label="calm", group=f"g{i // 2}") for i in range(count)]


@pytest.fixture
def renderer(tmp_path):
    return FolderRenderer(tmp_path / "rendered", processes=2)


@pytest.mark.parametrize("count", [3, FEW + 8])
def test_rendered_captures_are_those_that_would_have_been_made(renderer, count):
    rendered = renderer.render(captures(count), "key")
    assert [c.read() for c in rendered] == [made(i) for i in range(count)]
    assert [(c.name, c.label, c.group) for c in rendered] == [(c.name, c.label, c.group) for c in captures(count)]


def test_a_capture_is_made_once_only(renderer):
    calls = []
    counted = captures(4, lambda i: calls.append(i) or made(i))
    for _ in range(2):
        renderer.render(counted, "key")
    assert calls == [0, 1, 2, 3]


def test_another_key_is_another_rendering(renderer):
    renderer.render(captures(2), "one")
    other = renderer.render(captures(2, lambda i: made(i + 5)), "two")
    assert [c.read() for c in other] == [made(5), made(6)]


def test_an_interrupted_rendering_goes_on_and_leaves_nothing_half_written(renderer):
    def stops(i):
        if i == 2:
            raise KeyboardInterrupt
        return made(i)

    with pytest.raises(KeyboardInterrupt):
        renderer.render(captures(4, stops), "key")
    kept = sorted(path.name for path in (renderer.folder / "key").iterdir())
    assert kept == ["toy-0", "toy-1"]
    assert len(renderer.render(captures(4), "key")) == 4


def test_progress_counts_what_is_made(renderer):
    seen = []
    renderer.render(captures(3), "key", lambda *step: seen.append(step))
    renderer.render(captures(3), "key", lambda *step: seen.append(step))
    assert seen == [("rendering", done, 3) for done in (1, 2, 3)]


def test_files_and_bytes_stay_as_they_are(renderer):
    assert renderer.render([Capture("a", b"bytes")], "key")[0].content == b"bytes"


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "", "ü", "x" * 500, "a\0b", ".."])
def test_a_name_never_leaves_the_folder(name):
    assert file_name(name).isalnum()
    assert len(file_name(name)) <= 100


def test_what_no_other_process_finds_is_made_in_this_one():
    module = sys.modules["multimodal_user_abc"] = type(toy)("multimodal_user_abc")
    exec("def make(): return b''", module.__dict__)
    assert not portable(Capture("a", partial(made, module.make)))
    assert not portable(Capture("a", lambda: b""))
    assert portable(Capture("a", partial(made, 1)))
    del sys.modules["multimodal_user_abc"]
