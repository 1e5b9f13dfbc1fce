"""`multimodal drift` after `multimodal assess --store`."""

import json

import numpy as np
import pytest

from tests.entrypoints.cli.conftest import ONLY
from tests.own_property import write_pictures

SHARES = np.linspace(0.15, 0.45, 60), np.linspace(0.65, 0.9, 60)


@pytest.fixture
def trained(run, tmp_path):
    for label, shares in zip(("natural", "blue"), SHARES, strict=True):
        write_pictures(tmp_path / "data" / label, shares)
    result = run("train", "blueness_rule", "--dataset", tmp_path / "data", "--trials", 1, "--promote")
    assert result.exit_code == 0, result.output


def store(run, folder, *options):
    result = run("assess", folder, *ONLY, "--fail-on", "never", *options)
    assert result.exit_code == 0, result.output


def test_what_is_stored_is_compared_with_the_training(run, trained, tmp_path):
    store(run, tmp_path / "data", "--store")
    header, *lines = run("drift", "blueness_rule", "--fail-on", "moved").stdout.splitlines()
    assert header.split()[:4] == ["pipeline", "version", "captures", "status"]
    assert [(line.split()[0], *line.split()[2:]) for line in lines] == [("blueness_rule", "120", "steady")]


def test_what_moved_most_is_told_in_words_and_can_fail(run, trained, tmp_path):
    write_pictures(tmp_path / "shown", SHARES[0] + 0.2)
    store(run, tmp_path / "shown", "--store", "--out", tmp_path / "results.jsonl")
    result = run("drift", "--fail-on", "strongly")
    first = result.stdout.splitlines()[1]
    assert result.exit_code == 1
    assert first.startswith("blueness_rule")
    assert "60        strongly moved  " in first
    assert " share (PSI " in first or "blueness: " in first
    assert run("drift").exit_code == 0
    (found,) = json.loads(run("drift", "blueness_rule", "--format", "json", "--days", 1).stdout)
    assert found["features"][0]["status"] == "strongly moved"


def test_what_is_not_stored_is_not_counted(run, trained, tmp_path):
    store(run, tmp_path / "data")
    (found,) = json.loads(run("drift", "blueness_rule", "--format", "json").stdout)
    assert (found["captures"], found["status"]) == (0, "too few")


def test_a_rule_that_was_never_trained_has_no_reference(run):
    assert run("drift", "blueness_rule").stdout.splitlines()[1].split() == [
        "blueness_rule",
        "rule",
        "0",
        "no",
        "reference",
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        pytest.param(["blueness_role"], 1, "Did you mean 'blueness_rule'?", id="pipeline"),
        pytest.param(["--days", "0"], 2, "0 is not in the range", id="days"),
        pytest.param(["--fail-on", "always"], 2, "is not one of", id="grade"),
    ],
)
def test_what_is_wrong_is_told(run, arguments, code, message):
    result = run("drift", *arguments)
    assert result.exit_code == code
    assert message in result.stderr
