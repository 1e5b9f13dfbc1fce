"""`multimodal train` on a folder a label."""

import json
from pathlib import Path

import pytest


def test_a_rule_is_trained_promoted_and_measured(run, dataset):
    options = ["--trials", 3, "--set", "seed=7", "--promote", "--format", "json"]
    trained = run("train", "blueness_rule", "--dataset", dataset, *options)
    assert trained.exit_code == 0, trained.output
    found = json.loads(trained.stdout)
    assert found["metrics"]["test"]["roc_auc"][0] == 1.0
    assert found["model"].partition("@")[2] in run("pipelines").stdout
    assert f"{found['model']} serves now" in trained.stderr


def test_a_new_version_is_a_challenger_with_a_report_and_does_not_serve(run, dataset):
    trained = run("train", "blueness_rule", "--dataset", dataset, "--set", "hyperparameters.threshold=0.5")
    assert trained.exit_code == 0, trained.output
    assert trained.stdout.split()[:1] == ["metric"]
    assert "is a challenger" in trained.stderr
    (report,) = (line for line in trained.stderr.splitlines() if line.startswith("Report: "))
    assert Path(report.removeprefix("Report: ")).read_text().startswith("<!doctype html>")
    assert "challenger" in run("models", "list", "blueness_rule").stdout
    assert "rule" in run("pipelines").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        pytest.param(["blueness_role"], 1, "Did you mean 'blueness_rule'?", id="pipeline"),
        pytest.param(["blueness_rule", "--set", "trails=3"], 1, "Did you mean 'trials'?", id="argument"),
        pytest.param(["blueness_rule", "--set", "trials"], 2, "is not KEY=VALUE", id="no-assignment"),
        pytest.param(["blueness_rule", "--dataset", "nowhere"], 1, "No data set", id="data-set"),
    ],
)
def test_what_is_wrong_is_told(run, arguments, code, message):
    result = run("train", *arguments)
    assert result.exit_code == code
    assert message in result.stderr
