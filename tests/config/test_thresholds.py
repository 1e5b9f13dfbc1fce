"""The user's thresholds.yaml: read strictly, changed without losing what else stands in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multimodal.config.thresholds import NAME, merged, read_thresholds, values_of, write_thresholds
from multimodal.domain.shared.errors import ConfigError

TEXT = """\
# Photographs of walls
image/noise: {threshold: 6.0}  # measured in May

image/blur:   # strict
  accept: 0.7
  cannot_tell: {texture: 1.0}
# the end
"""
names = st.from_regex(r"[a-z][a-z_/]{0,8}[a-z]", fullmatch=True)
numbers = st.floats(allow_nan=False, allow_infinity=False)


def test_what_is_not_changed_stays_with_its_comments():
    text = merged(TEXT, {"image/noise": {"threshold": 7.0}, "blur_laplacian": {"threshold": 80.0}})
    assert "# Photographs of walls\nimage/noise: {threshold: 7.0}\n" in text
    assert "image/blur:   # strict\n  accept: 0.7\n" in text
    assert text.endswith("# the end\nblur_laplacian: {threshold: 80.0}\n")


def test_other_values_of_a_target_stay():
    values = values_of(merged(TEXT, {"image/blur": {"accept": 0.8}}))
    assert values["image/blur"] == {"accept": 0.8, "cannot_tell": {"texture": 1.0}}


@pytest.mark.parametrize(
    "text", ["a: {x: 1}", "a: {x: 1}  # no end of line", "'a': {x: 1}\n", "", "# nothing\n", "{a: {x: 1}}\n"]
)
def test_any_text_can_be_changed(text):
    assert values_of(merged(text, {"a": {"y": 2.0}})) == {"a": {**values_of(text).get("a", {}), "y": 2.0}}


@given(st.dictionaries(names, st.dictionaries(names, numbers, min_size=1), max_size=4), st.data())
def test_what_is_written_is_read_again(values, data):
    text = merged("", values)
    again = data.draw(st.dictionaries(names, st.dictionaries(names, numbers, min_size=1), max_size=4))
    expected = {t: {**values.get(t, {}), **again.get(t, {})} for t in {**values, **again}}
    assert values_of(merged(text, again)) == expected


def test_an_entry_that_is_no_mapping_is_not_written_over():
    with pytest.raises(ConfigError, match="image/noise is written"):
        merged("image/noise: 6.0\n", {"image/noise": {"threshold": 7.0}})


def test_a_file_is_made_with_its_folder_and_nothing_is_left_beside_it(tmp_path):
    path = write_thresholds(tmp_path / "config" / NAME, {"image/noise": {"threshold": 6.0}})
    write_thresholds(path, {"image/noise": {"threshold": 7.0}})
    assert read_thresholds(tmp_path / "config") == {"image/noise": {"threshold": 7.0}}
    assert [file.name for file in path.parent.iterdir()] == [NAME]


def test_no_file_is_no_thresholds(tmp_path):
    assert read_thresholds(tmp_path) == {}


def test_a_mistake_names_the_file_and_the_line(tmp_path):
    (tmp_path / NAME).write_text("image/noise: {threshold: 6.0}\nimage/noise: {threshold: 7.0}\n")
    with pytest.raises(ConfigError, match=r"thresholds\.yaml: .*line 2"):
        read_thresholds(tmp_path)


def test_a_broken_file_is_not_written_over(tmp_path):
    (tmp_path / NAME).write_text("image/noise: [6.0")
    with pytest.raises(ConfigError):
        write_thresholds(tmp_path / NAME, {"image/noise": {"threshold": 7.0}})
    assert (tmp_path / NAME).read_text() == "image/noise: [6.0"
