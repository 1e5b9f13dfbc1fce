"""Files, folders, patterns, lists -> captures."""

import os

import click
import pytest

from multimodal.entrypoints.cli.finding import find, readable

SUFFIXES = frozenset({".jpg", ".png"})


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("b.jpg", "a.PNG", "notes.txt", ".hidden.jpg", "sub/c.jpg", ".git/d.jpg", "sub/deep/e.jpg"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def names(*paths, lists=()):
    return [item.capture.name for item in find(paths, lists, SUFFIXES, 100)]


def test_a_folder_is_walked_in_order_without_what_is_hidden(tree):
    assert names(".") == ["./a.PNG", "./b.jpg", "./sub/c.jpg", "./sub/deep/e.jpg"]


def test_what_is_named_is_taken_whatever_it_is_called(tree):
    assert names("notes.txt", ".hidden.jpg") == ["notes.txt", ".hidden.jpg"]


def test_each_path_is_taken_once(tree):
    assert names("b.jpg", "*.jpg", "b.jpg") == ["b.jpg"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        pytest.param("*.jpg", ["b.jpg"], id="files"),
        pytest.param("**/*.jpg", ["b.jpg", "sub/c.jpg", "sub/deep/e.jpg"], id="in-all-folders"),
        pytest.param("s*", ["sub/c.jpg", "sub/deep/e.jpg"], id="a-folder-that-matches"),
    ],
)
def test_a_pattern_that_the_shell_left_is_resolved(tree, pattern, found):
    assert names(pattern) == found


def test_links_in_a_circle_end(tree):
    (tree / "sub" / "again").symlink_to(tree, target_is_directory=True)
    (tree / "loop.jpg").symlink_to("loop.jpg")
    (tree / "link.jpg").symlink_to("b.jpg")
    assert names(".") == ["./a.PNG", "./b.jpg", "./link.jpg", "./sub/c.jpg", "./sub/deep/e.jpg"]


def test_a_link_to_a_folder_is_followed_when_it_is_named(tree):
    (tree / "link").symlink_to("sub", target_is_directory=True)
    assert names("link") == ["link/c.jpg", "link/deep/e.jpg"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\0"])
def test_a_list_names_captures(tree, end):
    (tree / "list").write_bytes(b"b.jpg" + end + b"gone.jpg" + end)
    assert names(lists=["list"]) == ["b.jpg", "gone.jpg"]


def test_nothing_found_is_wrong_usage(tree):
    (tree / "empty").mkdir()
    with pytest.raises(click.UsageError, match=r"no file there ends in \.jpg, \.png"):
        names("empty")


def test_a_name_that_is_no_unicode_can_be_told(tree):
    name = os.fsdecode(b"caf\xe9.jpg")
    assert readable(name) == r"caf\xe9.jpg"
    (tree / name).touch()
    assert names(".")[2] == r"./caf\xe9.jpg"


def test_a_key_changes_with_the_file(tree):
    (item,) = find(["b.jpg"], [], SUFFIXES, 100)
    before = item.key
    assert item.key == before
    (tree / "b.jpg").write_bytes(b"more")
    assert item.key != before
