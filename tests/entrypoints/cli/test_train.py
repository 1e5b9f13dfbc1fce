"""`multimodal train` and `multimodal evaluate` on a folder a label."""

import json

import pytest


def test_a_rule_is_trained_promoted_and_measured(run, dataset):
    trained = run("train", "blueness_rule", "--dataset", dataset, "--trials", 3, "--set", "seed=7", "--format", "json")
    assert trained.exit_code == 0, trained.output
    found = json.loads(trained.stdout)
    assert found["promoted"] is True
    assert found["metrics"]["test"]["roc_auc"][0] == 1.0

    measured = json.loads(run("evaluate", "blueness_rule", "--dataset", dataset, "--format", "json").stdout)
    assert measured["model"] == found["model"]
    assert sum(measured["confusion"]["blue"].values()) == 16
    assert f"{found['model'].partition('@')[2]}" in run("pipelines").stdout


def test_a_version_that_is_not_promoted_does_not_serve(run, dataset):
    options = ["--set", "hyperparameters.threshold=0.5", "--no-promote"]
    trained = run("train", "blueness_rule", "--dataset", dataset, *options)
    assert trained.exit_code == 0, trained.output
    assert trained.stdout.split()[:1] == ["metric"]
    assert "is kept, but does not serve" in trained.stderr
    table = run("evaluate", "blueness_rule", "--dataset", dataset)
    assert table.stderr.startswith("blueness_rule@rule on data: 32 captures in 32 groups.")
    assert "label \\ answer" in table.stdout


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
