"""`multimodal evaluate` on a folder a label."""

import json

import pytest


def test_what_serves_is_measured(run, dataset):
    table = run("evaluate", "blueness_rule", "--dataset", dataset)
    assert table.exit_code == 0, table.output
    assert table.stderr.endswith("blueness_rule@rule on data: 32 captures in 32 groups.\n")
    assert "label \\ answer" in table.stdout
    found = json.loads(run("evaluate", "blueness_rule", "--dataset", dataset, "--format", "json").stdout)
    assert (found["model"], found["rows"]) == ("blueness_rule@rule", 32)
    assert sum(found["confusion"]["blue"].values()) == 16


def test_captures_of_the_training_are_left_out_unless_asked_for(run, dataset):
    assert run("train", "blueness_rule", "--dataset", dataset, "--trials", 3, "--promote").exit_code == 0
    left = run("evaluate", "blueness_rule", "--dataset", dataset)
    assert "seen in training" in left.stderr
    everything = run("evaluate", "blueness_rule", "--dataset", dataset, "--include-seen")
    assert "32 captures in 32 groups.\n" in everything.stderr


def test_two_versions_are_compared(run, dataset):
    assert run("train", "blueness_rule", "--dataset", dataset, "--trials", 3).exit_code == 0
    compared = run("evaluate", "blueness_rule", "--dataset", dataset, "--version", "challenger", "--against", "rule")
    assert compared.exit_code == 0, compared.output
    header = next(line for line in compared.stdout.splitlines() if "p worse" in line)
    assert header.split()[:2] == ["metric", "blueness_rule@rule"]


def test_a_report_is_written_as_a_folder(run, dataset, tmp_path):
    out = tmp_path / "deep" / "evaluation"
    result = run("evaluate", "blueness_rule", "--dataset", dataset, "--out", out)
    assert result.exit_code == 0, result.output
    assert {"report.html", "evaluation.json", "roc.svg", "confusion.svg"} <= {path.name for path in out.iterdir()}
    assert json.loads((out / "evaluation.json").read_text())["rows"] == 32
    assert not list(out.glob("*.unfinished"))
    assert "report.html" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["blueness_role"], "Did you mean 'blueness_rule'?", id="pipeline"),
        pytest.param(["blueness_rule", "--version", "champoin"], "Did you mean 'champion'?", id="version"),
        pytest.param(["blueness_rule", "--against", "challenger"], "has no challenger", id="challenger"),
    ],
)
def test_what_is_wrong_is_told(run, dataset, arguments, message):
    result = run("evaluate", *arguments, "--dataset", dataset)
    assert result.exit_code == 1
    assert message in result.stderr


def test_an_unknown_data_set_is_told(run):
    result = run("evaluate", "blueness_rule", "--dataset", "nowhere")
    assert (result.exit_code, "No data set" in result.stderr) == (1, True)
