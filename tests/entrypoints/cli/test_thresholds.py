"""Thresholds that are the user's: thresholds.yaml, --set, config thresholds, calibrate."""

import json
import re

import pytest

from multimodal.entrypoints.cli import run as run_module
from tests.entrypoints.cli.conftest import ONLY
from tests.own_property import BLUE, work, write_picture, write_pictures

YAML = "thresholds.yaml"


@pytest.fixture
def limited(place):
    """The user's own rule says that its threshold is a limit."""
    module = place / "blueness.py"
    text = module.read_text().replace(
        "    labels = ", '    limits = {"threshold": Limit(rejects="above")}\n    labels = '
    )
    module.write_text(text.replace("from pathlib", "from multimodal.domain.shared.limits import Limit\nfrom pathlib"))
    return place


@pytest.fixture
def photos(tmp_path):
    """Shares of blue of 0.40, 0.50, 0.70."""
    return write_pictures(tmp_path / "photos", [0.4, 0.5, 0.7])


def verdicts(result) -> list[str]:
    return [json.loads(line)["verdict"] for line in result.stdout.splitlines()]


def test_a_threshold_on_the_command_line_goes_over_that_of_the_file(run, limited, photos, tmp_path):
    ask = ("assess", photos, *ONLY, "--format", "jsonl")
    assert verdicts(run(*ask)) == ["good", "good", "bad"]
    (tmp_path / "config" / YAML).write_text("image/blueness: {threshold: 0.45}\n")
    assert verdicts(run(*ask)) == ["good", "bad", "bad"]
    assert verdicts(run(*ask, "--set", "blueness.threshold=0.9")) == ["good"] * 3
    assert verdicts(run(*ask, "--set", "blueness.threshold=0.9", "--set", "blueness.threshold=0.1")) == ["bad"] * 3


def test_so_it_does_in_the_processes_of_a_crew(run, limited, photos, monkeypatch):
    monkeypatch.setattr(run_module, "MANY", 2)
    ask = ("assess", photos, *ONLY, "--format", "jsonl", "--workers", 2)
    assert verdicts(run(*ask, "--set", "blueness.threshold=0.45")) == ["good", "bad", "bad"]


def test_an_interrupted_output_begins_anew_with_other_thresholds(run, start, limited, tmp_path):
    photos = write_pictures(tmp_path / "photos", [0.4, 0.5, 0.7])
    killer = write_picture(tmp_path / "photos" / "z_killer.png", BLUE)
    out = ("assess", photos, *ONLY, "--out", tmp_path / "out.jsonl", "--workers", 1)
    with start(*out) as process:
        process.wait(60)
    killer.unlink()
    before = len(work(limited))
    run(*out, "--set", "blueness.threshold=0.45")
    assert len(work(limited)) == before + 3


def test_every_threshold_is_shown_with_where_it_comes_from(run, limited, tmp_path):
    (tmp_path / "config" / YAML).write_text("image/blur: {accept: 0.8}\n")
    shown = json.loads(run("config", "thresholds", "--set", "blueness.threshold=0.5", "--format", "json").stdout)
    found = {(t["pipeline"], t["name"]): (round(t["value"], 6), t["source"]) for t in shown}
    assert found["blueness_rule", "threshold"] == (0.5, "--set")
    assert found["blur_sharpness", "accept"] == (0.8, YAML)
    assert found["blur_sharpness", "cannot_tell.texture"] == (1.3, "recipe")
    assert found["blur_sharpness", "reject"][1] == "trained"
    assert "blueness_rule" in run("config", "thresholds").stdout


@pytest.mark.parametrize(
    "command", [("assess", "."), ("config", "thresholds"), ("evaluate", "blueness_rule", "-d", "x")]
)
def test_an_unknown_threshold_is_refused_with_the_nearest(run, limited, command):
    result = run(*command, "--set", "bluness.threshold=1")
    assert result.exit_code == 1
    assert "Did you mean 'blueness'?" in result.stderr


def test_the_check_finds_mistakes_in_the_file(run, limited, tmp_path):
    (tmp_path / "config" / YAML).write_text("image/blueness: {treshold: 0.45}\n")
    result = run("config", "check")
    assert result.exit_code == 1
    assert result.stdout.startswith("thresholds.yaml: No threshold of image/blueness is called 'treshold'")


def test_without_a_configured_folder_it_is_config_in_the_home(run, tmp_path, monkeypatch):
    monkeypatch.delenv("MULTIMODAL_CONFIG_PATH")
    assert run("config", "path", "config").stdout == f"{tmp_path / 'home' / 'config'}\n"
    (tmp_path / "home" / "config").mkdir(parents=True)
    (tmp_path / "home" / "config" / YAML).write_text("image/blur: {accept: 0.8}\n")
    assert "thresholds.yaml" in run("config", "thresholds").stdout


def test_calibration_writes_what_assessment_then_obeys(run, limited, tmp_path):
    good = write_pictures(tmp_path / "good", [0.62, 0.65, 0.3])
    bad = write_pictures(tmp_path / "bad" / "blueness", [0.9, 0.95])
    (tmp_path / "config" / YAML).write_text("# mine\nimage/blur: {accept: 0.8}\n")
    ask = ("calibrate", "--good", good, "--bad", bad.parent, *ONLY)

    dry = run(*ask, "--dry-run")
    assert re.search(r"blueness_rule +threshold +0.6 +0.\d+", dry.stdout)
    assert "too few to promise 1.00%" in dry.stderr
    assert "blueness_rule" not in (tmp_path / "config" / YAML).read_text()

    result = run(*ask, "--format", "json")
    (value,) = json.loads(result.stdout)["values"]["blueness_rule"].values()
    assert (tmp_path / "config" / YAML).read_text() == (
        f"# mine\nimage/blur: {{accept: 0.8}}\nblueness_rule: {{threshold: {value}}}\n"
    )
    assert verdicts(run("assess", good, bad, *ONLY, "--format", "jsonl")) == ["good"] * 3 + ["bad"] * 2
    assert "Nothing changes" in run(*ask).stderr


def test_calibration_writes_elsewhere_when_asked(run, limited, tmp_path):
    good = write_pictures(tmp_path / "good", [0.62, 0.65, 0.3])
    (good / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    result = run("calibrate", "--good", good, *ONLY, "--out", tmp_path / "other" / "mine.yaml")
    assert "blueness_rule: {threshold: 0.6" in (tmp_path / "other" / "mine.yaml").read_text()
    assert not (tmp_path / "config" / YAML).exists()
    assert "1 pictures cannot be read and are not counted: torn.png" in result.stderr


def test_a_folder_that_is_not_there_is_told(run):
    result = run("calibrate", "--good", "nowhere")
    assert result.exit_code == 1
    assert "nowhere" in result.stderr
