"""A folder of many captures goes to a crew of processes; what is answered is the same."""

import json
from pathlib import Path

import pytest

from multimodal.bootstrap import bootstrap
from multimodal.domain.shared.bundle import Bundle
from multimodal.domain.shared.calibration import Calibration, Thresholds
from multimodal.domain.shared.ports import Query
from multimodal.entrypoints.cli import run as run_module
from tests.entrypoints.cli.conftest import ONLY
from tests.own_property import BLUE, work, write_picture

VARYING = ("id", "created")


@pytest.fixture
def photos(tmp_path):
    for seed, name in enumerate(["a.png", "b.png", "c.png", "d.png", "e.png"]):
        write_picture(tmp_path / "photos" / name, BLUE if name == "b.png" else (40, 160, 60), seed)
    (tmp_path / "photos" / "broken.jpg").write_bytes(b"\xff\xd8\xff no more than this")
    return tmp_path / "photos"


@pytest.fixture
def many(monkeypatch):
    """Three captures are many."""
    monkeypatch.setattr(run_module, "MANY", 3)


def documents(result):
    return [
        {key: value for key, value in json.loads(line).items() if key not in VARYING}
        for line in result.stdout.splitlines()
    ]


def test_a_crew_answers_as_threads_do(run, photos, monkeypatch):
    few = run("assess", photos, "--format", "jsonl", "--workers", 2)
    monkeypatch.setattr(run_module, "MANY", 3)
    many = run("assess", photos, "--format", "jsonl", "--workers", 2)
    assert documents(many) == documents(few)
    assert [d["verdict"] for d in documents(run("assess", photos, *ONLY, "--format", "jsonl"))] == [
        *("good", "bad", "failed", "good", "good", "good")
    ]


def test_a_capture_that_kills_whoever_assesses_it_is_one_failure(run, photos, place, many):
    write_picture(photos / "c_killer.png", seed=9)
    result = run("assess", photos, *ONLY, "--format", "jsonl", "--workers", 2)
    answers = {Path(d["name"]).name: d for d in documents(result)}
    assert len(answers) == 7
    assert answers["c_killer.png"]["verdict"] == "failed"
    assert "ends each process" in answers["c_killer.png"]["failures"][0]["message"]
    assert [answers[name]["verdict"] for name in ("a.png", "b.png", "e.png")] == ["good", "bad", "good"]
    assert result.exit_code == 1
    assert work(place).count("c_killer.png") == 2


def test_results_of_a_crew_are_stored_and_written(run, photos, tmp_path, many):
    out = tmp_path / "results.csv"
    assert run("assess", photos, *ONLY, "--out", out, "--store", "--workers", 2, "--fail-on", "never").exit_code == 0
    assert len(bootstrap().store.find(Query()).items) == 6
    assert len(out.read_text().splitlines()) == 7


def test_a_process_of_the_crew_answers_with_the_models_that_the_run_began_with(run, photos, many, monkeypatch):
    """A version that is promoted during a run, here before its processes start, does not enter it."""
    app = bootstrap()
    recipe = app.catalog.recipe("blueness_rule")
    bundle = Bundle(recipe, app.catalog.property_of(recipe).labels, Calibration(1.0, (0.0, 0.0)), Thresholds())
    crew = run_module.Crew

    def promoting(*arguments):
        app.models.promote(app.models.save(bundle))
        return crew(*arguments)

    monkeypatch.setattr(run_module, "Crew", promoting)
    result = run("assess", photos, *ONLY, "--format", "jsonl", "--workers", 2)
    assert {p["model"] for d in documents(result) for p in d["predictions"]} == {"blueness_rule@rule"}
    assert app.models.champion("blueness_rule") is not None
