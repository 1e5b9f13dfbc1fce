"""Aligned columns."""

import pytest

from multimodal.entrypoints.cli.table import shortened, table, width


def test_columns_are_aligned_and_empty_ones_left_out():
    rows = [[("a", ""), ("", ""), ("yes", "green")], [("longer", ""), ("", ""), ("no", "")]]
    assert list(table(["name", "note", "ok"], rows, bold=False)) == [
        "name    ok",
        "a       \x1b[32myes\x1b[0m",
        "longer  no",
    ]


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("é", 1), ("e\u0301", 1), ("写真", 4)])
def test_a_text_is_as_wide_as_a_terminal_shows_it(text, columns):
    assert width(text) == columns


def test_a_long_path_keeps_its_end():
    assert shortened("photos/summer/beach.jpg", 10) == "…beach.jpg"
