"""YAML: what it means, and what is refused."""

import math
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multimodal.config.strict_yaml import MOST_BYTES, read_yaml
from multimodal.domain.shared.errors import ConfigError

BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcde", "bcdef", strict=True)
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-4", 0.0001),
        ("-1E+3", -1000.0),
        (".5", 0.5),
        ("1.", 1.0),
        (".inf", math.inf),
        ("-.inf", -math.inf),
        ("7", 7),
        ("007", 7),
        ("0x1F", 31),
        ("0o17", 15),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2026-01-01", "2026-01-01"),
        ("true", True),
        ("False", False),
        ("no", "no"),
        ("on", "on"),
        ("y", "y"),
        ("null", None),
        ("~", None),
        ("", None),
        ("'1'", "1"),
        ("1.2.3", "1.2.3"),
        ("{x: [1, {y: 2}]}", {"x": [1, {"y": 2}]}),
    ],
)
def test_values_mean_what_yaml_1_2_says(text: str, value: object) -> None:
    read = read_yaml(f"key: {text}")["key"]
    assert read == value
    assert type(read) is type(value)


def test_not_a_number_is_a_number() -> None:
    assert math.isnan(read_yaml("key: .nan")["key"])


def test_anchors_and_merges_work() -> None:
    text = "base: &base {low: 1, high: 2}\nother: {<<: *base, high: 3}\nsame: *base"
    assert read_yaml(text) == {
        "base": {"low": 1, "high": 2},
        "other": {"low": 1, "high": 3},
        "same": {"low": 1, "high": 2},
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("a: 1\nb: 2\na: 3", "line 3, column 1: found 'a' twice", id="twice"),
        pytest.param("a: {b: 1, b: 2}", "found 'b' twice", id="twice-inside"),
        pytest.param("a: [1,\n", "line 2", id="unfinished"),
        pytest.param("a: b: c", "line 1", id="two-colons"),
        pytest.param("a:\n\t- x", "line 2", id="tab"),
        pytest.param("- a\n- b", "has to be a mapping", id="list"),
        pytest.param("", "has to be a mapping", id="empty"),
        pytest.param("1: a", "has to be a mapping of names", id="number-as-key"),
        pytest.param("? [a]\n: b", "no plain word", id="list-as-key"),
        pytest.param("a: 1\n---\nb: 2", "another document", id="two-documents"),
        pytest.param("a: !!python/object/apply:os.system [ls]", "tag .* not allowed", id="python-object"),
        pytest.param("a: !!timestamp x", "tag .* not allowed", id="wrong-timestamp"),
        pytest.param("a: !x y", "tag !x is not allowed", id="own-tag"),
        pytest.param("a: *b", "alias \\*b is unknown", id="unknown-alias"),
        pytest.param("a: &a [*a]", "contains itself", id="endless"),
        pytest.param("a: &a {<<: *a}", "contains itself", id="endless-merge"),
        pytest.param(BOMB, "more than 100,000 values", id="billion-laughs"),
        pytest.param("a: " + "[" * 100_000 + "]" * 100_000, "deeper than 50", id="deep"),
        pytest.param("a: " + "{a: " * 100_000, "deeper than 50", id="deep-mappings"),
        pytest.param("a: \0", "control characters", id="nul"),
        pytest.param("a: \ud800", "not valid YAML", id="lone-surrogate"),
        pytest.param("a: 1" + "0" * 5_000, "not valid YAML", id="endless-number"),
        pytest.param("a: " + "x" * MOST_BYTES, "too large", id="large"),
    ],
)
def test_what_looks_like_a_mistake_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_yaml(text)


def test_a_file_is_named_in_its_error(tmp_path: Path) -> None:
    path = tmp_path / "blur.yaml"
    path.write_text("a: 1\na: 2", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"blur\.yaml is not valid YAML: line 2") as caught:
        read_yaml(path)
    assert str(tmp_path) not in str(caught.value)


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "blur.yaml"
    path.write_text("\ufeffname: Prüfung", encoding="utf-8")
    assert read_yaml(path) == {"name": "Prüfung"}


@pytest.mark.parametrize("content", [b"\xff\xfe", None], ids=["no-text", "no-file"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "blur.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"blur\.yaml cannot be read"):
        read_yaml(path)


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "blur.yaml"
    path.write_bytes(b"#" * (MOST_BYTES + 1))
    with pytest.raises(ConfigError, match=r"blur\.yaml is too large"):
        read_yaml(path)


@given(st.text())
def test_any_text_is_a_mapping_or_one_clear_error(text: str) -> None:
    with suppress(ConfigError):
        assert isinstance(read_yaml(text), dict)
