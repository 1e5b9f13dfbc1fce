"""Links of a page that is passed on: relative, and only to what lies below it."""

from pathlib import Path

import pytest

from multimodal.adapters.collection_report.places import Places


def place(name, path, folder="/work/album"):
    return Places([name], [path and Path(path)], folder and Path(folder))[0]


@pytest.mark.parametrize(
    ("path", "href"),
    [
        ("/work/album/a.jpg", "./a.jpg"),
        ("/work/album/deep/b c.jpg", "./deep/b%20c.jpg"),
        ("/work/album/deep/../d.jpg", "./d.jpg"),
        ("/work/album/100%/#?.jpg", "./100%25/%23%3F.jpg"),
        ("/work/album/javascript:alert(1)/a.jpg", "./javascript%3Aalert%281%29/a.jpg"),
        ("/work/other/a.jpg", None),
        ("/work/album2/a.jpg", None),
        (None, None),
    ],
)
def test_a_link_leads_to_what_lies_below_the_page(path, href):
    assert place(path or "stdin", path).href == href


def test_a_page_that_lies_nowhere_has_no_links():
    assert place("/work/album/a.jpg", "/work/album/a.jpg", None).href is None


def test_a_relative_path_is_seen_from_where_the_program_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert place("photos/a.jpg", "photos/a.jpg", str(tmp_path)).href == "./photos/a.jpg"


@pytest.mark.parametrize(
    ("file", "shown", "kept"),
    [
        ("a\u202egpj.jpg", "a\\u202egpj.jpg", "photos/a\u202egpj.jpg"),
        ("a\nb.jpg", "a\\nb.jpg", "photos/a\nb.jpg"),
        ("caf\udce9.jpg", "caf\\udce9.jpg", None),
    ],
)
def test_a_name_that_cannot_be_shown_as_it_is_has_no_link_and_is_kept(file, shown, kept):
    found = place(f"photos/{file}", f"/work/album/photos/{file}")
    assert (found.file, found.href, found.whole) == (shown, None, kept)


def test_a_name_that_is_not_the_file_s_has_no_link():
    assert place("first", "/work/album/a.jpg").href is None


def test_a_folder_and_its_file_are_told_apart():
    found = place("photos/deep/a.jpg", "/work/album/photos/deep/a.jpg")
    assert (found.folder, found.file) == ("photos/deep/", "a.jpg")
