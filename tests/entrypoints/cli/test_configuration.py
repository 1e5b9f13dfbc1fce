"""`multimodal config`."""

import json

from tests import onnx_graphs


def test_settings_are_shown_with_where_they_come_from(run, tmp_path, monkeypatch):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".env").write_text("MULTIMODAL_QUEUE=7\nMULTIMODAL_WORKERS=3\n")
    (tmp_path / "here" / ".env").write_text("MULTIMODAL_QUEUE=8\n")
    monkeypatch.setenv("MULTIMODAL_API_PORT", "9000")
    shown = json.loads(run("config", "show", "--format", "json").stdout)
    assert shown["MULTIMODAL_API_PORT"] == {"value": "9000", "from": "environment"}
    assert shown["MULTIMODAL_QUEUE"] == {"value": "8", "from": "./.env"}
    assert shown["MULTIMODAL_WORKERS"] == {"value": "3", "from": "HOME/.env"}
    assert shown["MULTIMODAL_API_HOST"] == {"value": "127.0.0.1", "from": "default"}


def test_an_option_goes_over_the_environment(run, tmp_path):
    shown = json.loads(run("--home", tmp_path / "other", "config", "show", "--format", "json").stdout)
    assert shown["MULTIMODAL_HOME"] == {"value": str(tmp_path / "other"), "from": "--home"}


def test_a_password_is_hidden(run, monkeypatch):
    monkeypatch.setenv("MULTIMODAL_DATABASE_URL", "postgresql://me:secret@host/results")
    for command in (["show"], ["path"], ["path", "database"]):
        result = run("config", *command)
        assert "secret" not in result.stdout
        assert "me:***@host" in result.stdout


def test_a_place_can_be_asked_for(run, tmp_path):
    assert run("config", "path", "models").stdout == f"{tmp_path / 'home' / 'artifacts' / 'models'}\n"
    assert f"config    {tmp_path / 'config'}" in run("config", "path").stdout


def test_right_files_pass_the_check(run, place):
    pass_training = place / "blueness_rule.yaml"
    assert pass_training.exists()
    mistakes = [line for line in run("config", "check").stdout.splitlines() if "blueness" in line]
    assert mistakes == []


def test_each_mistake_is_told_with_its_file_and_the_nearest_word(run, place, tmp_path):
    good = (place / "blueness_rule.yaml").read_text()
    changes = {
        "key": ("summary:", "sumary:"),
        "property": ("image/blueness", "image/bluness"),
        "class": ("blueness:BluenessRule", "blueness:BluenesRule"),
        "parameter": ("threshold: 0.6", "treshold: 0.6"),
        "measure": ("measure: blueness", "measure: bluenes"),
        "yaml": ("property: image/blueness", "property: [image"),
        "twice": ("nothing", "nothing"),
        "training": ("trials: 4", "trails: 4"),
        "dataset": ('dataset: ""', "dataset: blue_tings"),
    }
    for name, change in changes.items():
        text = good.replace(*change)
        renamed = text if name == "twice" else text.replace("pipeline: blueness_rule", f"pipeline: blue_{name}")
        (place / f"wrong_{name}.yaml").write_text(renamed)
    datasets = tmp_path / "config" / "datasets"
    datasets.mkdir()
    (datasets / "blue_things.yaml").write_text("dataset: blue_things\nfoldr: here\n")
    (datasets / "blue_others.yaml").write_text("dataset: blue_others\nfolder: here\n")

    result = run("config", "check")
    assert result.exit_code == 1
    told = dict(line.split(": ", 1) for line in result.stdout.splitlines() if "wrong" in line or "datasets/" in line)
    hints = {
        "image/wrong_key.yaml": "Did you mean 'summary'?",
        "image/wrong_property.yaml": "Did you mean 'image/blueness'?",
        "image/wrong_class.yaml": "has no attribute 'BluenesRule'",
        "image/wrong_parameter.yaml": "treshold",
        "image/wrong_measure.yaml": "Did you mean 'blueness'?",
        "image/wrong_yaml.yaml": "line",
        "image/wrong_twice.yaml": "is described in image/blueness_rule.yaml already",
        "image/wrong_training.yaml": "Did you mean 'trials'?",
        "image/wrong_dataset.yaml": "No data set",
        "datasets/blue_things.yaml": "Did you mean 'folder'?",
    }
    assert {file: hint for file, hint in hints.items() if hint not in told.get(file, "")} == {}
    assert told.keys() == hints.keys()


def test_an_onnx_file_and_a_network_are_checked_without_training_them(run, place):
    head = (place / "blueness_rule.yaml").read_text().partition("estimator:")[0]
    (place / "right.onnx").write_bytes(onnx_graphs.one_logit_a_label(columns=1))
    (place / "wide.onnx").write_bytes(onnx_graphs.one_logit_a_label(columns=7))
    estimators = {
        "right": "{onnx: right.onnx, labels: [blue, natural], output: logits}",
        "wide": "{onnx: wide.onnx, labels: [blue, natural], output: logits}",
        "label": "{onnx: right.onnx, labels: [blue, naturl], output: logits}",
        "output": "{onnx: right.onnx, labels: [blue, natural]}",
        "missing": "{onnx: mising.onnx, labels: [blue, natural]}",
        "outside": "{onnx: ../../../secret.onnx, labels: [blue, natural]}",
        "network": "{torch: mlp, hidden: [8]}",
        "misspelt": "{torch: mlp, hiden: [8]}",
    }
    for name, estimator in estimators.items():
        text = head.replace("pipeline: blueness_rule", f"pipeline: blue_{name}")
        (place / f"own_{name}.yaml").write_text(f"{text}estimator: {estimator}\n")

    lines = [line for line in run("config", "check").stdout.splitlines() if "own_" in line]
    told = dict(line.split(": ", 1) for line in lines)
    hints = {
        "image/own_wide.yaml": "wants 7 features, but the transformers give 1",
        "image/own_label.yaml": "Did you mean 'natural'?",
        "image/own_output.yaml": "output: logits",
        "image/own_missing.yaml": "no ONNX file 'mising.onnx'",
        "image/own_outside.yaml": "outside of the configuration folder",
        "image/own_misspelt.yaml": "Did you mean 'hidden'?",
    }
    assert {file: hint for file, hint in hints.items() if hint not in told.get(file, "")} == {}
    assert told.keys() == hints.keys()
