"""`multimodal runs`: a training while MLflow is away, and bringing it there later."""

import json

import pytest

from tests.postgres import free_port


def listed(run):
    return json.loads(run("runs", "list", "--format", "json").stdout)


def test_a_training_outlives_an_mlflow_that_is_away_and_is_pushed_later(run, dataset, monkeypatch, tmp_path):
    monkeypatch.setenv("MULTIMODAL_TRACKING", "mlflow")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{free_port()}")
    trained = run("train", "blueness_rule", "--dataset", dataset, "--trials", 1)
    assert trained.exit_code == 0, trained.output
    (waiting,) = listed(run)
    assert (waiting["state"], waiting["pipeline"], waiting["mlflow"]) == ("waiting", "blueness_rule", None)

    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    pushed = run("runs", "push")
    assert (pushed.exit_code, pushed.stderr) == (0, "1 of 1 waiting runs were brought to MLflow.\n")
    (there,) = listed(run)
    assert (there["state"], there["run"], there["mlflow"]["version"]) == ("pushed", waiting["run"], "1")
    assert (tmp_path / "home" / "artifacts" / "mlflow" / "mlflow.db").is_file()
    table = run("runs", "list", "blueness_rule").stdout
    assert "pushed" in table
    assert there["mlflow"]["run"] in table
    assert run("runs", "list", "another").stdout.split() == ["run", "pipeline", "model", "finished", "state", "mlflow"]


def test_what_still_waits_is_an_exit_code(run, dataset, monkeypatch):
    run("train", "blueness_rule", "--dataset", dataset, "--trials", 0, "--set", "hyperparameters.threshold=0.5")
    (kept,) = listed(run)
    assert kept["state"] == "kept"
    local = run("runs", "push")
    assert (local.exit_code, local.stderr) == (0, "Runs stay here: MULTIMODAL_TRACKING is local.\n")
    monkeypatch.setenv("MULTIMODAL_TRACKING", "mlflow")
    monkeypatch.setenv("MULTIMODAL_TRACKING_TIMEOUT", "1")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{free_port()}")
    pushed = run("runs", "push")
    assert (pushed.exit_code, pushed.stderr) == (1, "0 of 1 waiting runs were brought to MLflow.\n")


@pytest.mark.parametrize(
    ("name", "value"), [("TRACKING", "mlflw"), ("MODEL_STORE", "mlfow"), ("TRACKING_TIMEOUT", "0")]
)
def test_a_wrong_setting_is_told(run, monkeypatch, name, value):
    monkeypatch.setenv(f"MULTIMODAL_{name}", value)
    refused = run("runs", "list")
    assert refused.exit_code == 1
    assert f"MULTIMODAL_{name} is" in refused.stderr
