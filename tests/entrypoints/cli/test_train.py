"""`multimodal train` on a folder a label."""

import json
import signal
from pathlib import Path

import pytest

from tests.own_property import GREEN, at_gate, close_gate, work, write_picture


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


def test_an_interrupted_training_keeps_what_was_measured_and_goes_on(start, run, dataset, place):
    write_picture(dataset / "natural" / "gate.png", GREEN, seed=99)
    gate = close_gate(place)
    command = ("train", "blueness_rule", "--dataset", dataset, "--trials", 3)
    with start(*command) as process:
        with at_gate(process, gate):
            process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"--resume goes on" in said
    gate.unlink()
    before = len(work(place))
    assert before > 16
    again = run(*command, "--resume")
    assert again.exit_code == 0, again.output
    assert len(work(place)) - before < 12


def test_good_captures_alone_teach_a_property_that_knows_what_spoils_it(run, tmp_path):
    for number in range(8):
        dimmed = tuple(int(channel * (1 - number / 24)) for channel in GREEN)
        write_picture(tmp_path / "good" / f"{number}.png", dimmed, seed=number)
    trained = run("train", "blueness_rule", "--good", tmp_path / "good", "--trials", 3, "--format", "json")
    assert trained.exit_code == 0, trained.output
    found = json.loads(trained.stdout)
    assert found["metrics"]["test"]["balanced_accuracy"][0] > 0.8
    (fault,) = found["data"]["detection"]
    assert (fault["fault"], fault["unit"]) == ("filter", "share of red and green lost")
    assert [level["rate"] for level in fault["levels"]] == [0.01, 0.05]
    text = run("models", "show", "blueness_rule", "challenger").stdout
    assert "From which strength on a fault is noticed" in text
    refused = run("models", "promote", "blueness_rule")
    assert refused.exit_code == 1
    assert "not enough to judge by (" in refused.stderr
    forced = run("models", "promote", "blueness_rule", "--force", "--reason", "a try")
    assert forced.exit_code == 0, forced.output
    assert "against the gate: a try" in run("models", "show", "blueness_rule").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([], "Name a pipeline", id="no-pipeline"),
        pytest.param(["blueness_rule", "--good", "a", "--dataset", "b"], "not both", id="good-and-labelled"),
    ],
)
def test_impossible_orders_are_refused(run, arguments, message):
    result = run("train", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
