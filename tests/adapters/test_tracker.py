"""One contract for every tracker: what was trained is remembered, and never stops a training."""

import logging
import socket
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

import cv2
import numpy as np
import pytest

from multimodal.adapters.mlflow_place import VERSION, Place, open_client
from multimodal.adapters.mlflow_process import MlflowProcess
from multimodal.adapters.mlflow_run import COMPLETE, PARENT, RUN_ID, TRIAL
from multimodal.adapters.serialization import read_bundle
from multimodal.adapters.tracker import PUSHED, ModelTracker
from multimodal.domain.shared.identity import new_id
from multimodal.domain.shared.ports import Search, TrainingRun, Trial
from tests import toy
from tests.fakes import MemoryTracker
from tests.postgres import free_port

BEGAN = datetime(2026, 11, 25, 12, tzinfo=UTC)
SEARCH = Search(
    best=Trial(1, {"threshold": 2.0}, 0.9, (0.8, 1.0), started=BEGAN, seconds=1.5),
    trials=(
        Trial(0, {"threshold": 1.0}, 0.5, (0.5,), pruned=True, started=BEGAN, seconds=0.5),
        Trial(1, {"threshold": 2.0}, 0.9, (0.8, 1.0), started=BEGAN, seconds=1.5),
    ),
)
pytestmark = [
    pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy:sqlalchemy.exc.SADeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*Any type hint is inferred as AnyType:UserWarning"),
    pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning"),
]


def run(search=None, **more):
    """A finished training."""
    bundle = more.pop("bundle", toy.bundle(version="c0ffee000000"))
    return TrainingRun(new_id(), bundle, search, BEGAN, BEGAN + timedelta(seconds=70), source="toy", **more)


def shipped():
    """A bundle that every installation can load."""
    (folder,) = (p for p in (resources.files("multimodal") / "defaults" / "blur_laplacian").iterdir() if p.is_dir())
    return read_bundle(Path(str(folder)))


def photo() -> bytes:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    return cv2.imencode(".png", pixels)[1].tobytes()


class TrackerContract:
    @pytest.mark.parametrize("search", [SEARCH, None])
    def test_a_run_is_remembered(self, tracker, search):
        tracker.log_run(run(search))
        tracker.log_run(run(search))
        assert len(tracker.runs if isinstance(tracker, MemoryTracker) else tracker.runs("calm_rule")) == 2
        assert (tuple(tracker.waiting()), tuple(tracker.push())) == ((), ())


class AwayContract:
    def test_a_run_waits_while_its_place_is_away(self, tracker):
        finished = run(SEARCH)
        tracker.log_run(finished)
        assert tuple(tracker.waiting()) == (finished.id,)
        assert tuple(tracker.push()) == (finished.id,)


class TestMemoryTracker(TrackerContract):
    @pytest.fixture
    def tracker(self):
        return MemoryTracker()


class TestMemoryTrackerAway(AwayContract):
    @pytest.fixture
    def tracker(self):
        return MemoryTracker(away=True)


class TestKeptHere(TrackerContract):
    @pytest.fixture
    def tracker(self, tmp_path):
        return ModelTracker(tmp_path / "runs")

    def test_values_trials_and_figures_are_read_back(self, tracker):
        tracker.log_run(run(SEARCH))
        (kept,) = tracker.runs("calm_rule")
        facts = kept.read()
        assert [trial["score"] for trial in facts["trials"]] == [0.5, 0.9]
        assert facts["metrics"]["test"]["roc_auc"] == [0.9, 0.8, 1.0]
        assert facts["recipe"]["estimator"]["threshold"] == 1.0
        assert (facts["best"], facts["source"], kept.pushed) == (1, "toy", None)
        assert facts["surroundings"]["python"] == sys.version.split()[0]

    def test_the_folder_holds_model_documents_and_examples(self, tracker):
        tracker.log_run(run(documents={"report.html": b"<p>", "plots/roc.png": b"png"}, examples=(b"one", b"two")))
        (kept,) = tracker.runs("calm_rule")
        (model,) = (kept.folder / "model").iterdir()
        assert read_bundle(model).recipe == toy.bundle().recipe
        assert (kept.folder / "documents" / "plots" / "roc.png").read_bytes() == b"png"
        assert [path.read_bytes() for path in sorted((kept.folder / "examples").iterdir())] == [b"one", b"two"]
        assert [path.name for path in kept.folder.parent.iterdir()] == [kept.id]

    @pytest.mark.parametrize("name", ["../outside", "/etc/outside", "a/../../outside", "", ".hidden"])
    def test_a_document_never_leaves_the_folder(self, tracker, tmp_path, caplog, name):
        tracker.log_run(run(documents={name: b"x"}))
        assert len(tracker.runs()) == 1
        assert "names that no file can have" in caplog.text
        assert not list(tmp_path.rglob("*outside*"))

    def test_the_same_run_is_kept_once(self, tracker):
        once = run()
        tracker.log_run(once)
        tracker.log_run(replace(once, source="again"))
        (kept,) = tracker.runs()
        assert kept.read()["source"] == "again"

    def test_a_folder_that_cannot_be_written_is_a_warning(self, tmp_path, caplog):
        (tmp_path / "runs").write_text("a file where the folder should be")
        ModelTracker(tmp_path / "runs").log_run(run(None))
        assert "was not remembered" in caplog.text


class TestMlflowAway(AwayContract):
    @pytest.fixture
    def tracker(self, tmp_path, quick_children):
        place = Place(f"http://127.0.0.1:{free_port()}", tmp_path)
        return ModelTracker(tmp_path / "runs", MlflowProcess(place))

    def test_one_that_never_answers_is_left_alone_in_time(self, tmp_path, caplog):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            place = Place(f"http://me:secret@127.0.0.1:{silent.getsockname()[1]}", tmp_path)
            tracker = ModelTracker(tmp_path / "runs", MlflowProcess(place, timeout=0.5))
            tracker.log_run(run())
        (line,) = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
        assert "took longer than 0.5 s. `multimodal runs push` tries again." in line
        assert "secret" not in line
        assert len(tracker.waiting()) == 1

    def test_without_the_extra_runs_wait_too(self, tracker, monkeypatch, caplog):
        monkeypatch.setitem(sys.modules, "mlflow", None)
        tracker.log_run(run())
        assert "pip install 'multimodal[tracking]'" in caplog.text
        assert len(tracker.waiting()) == 1


class TestMlflow:
    @pytest.fixture
    def tracker(self, tmp_path, mlflow_place, quick_children):
        return ModelTracker(tmp_path / "runs", MlflowProcess(mlflow_place))

    def test_a_half_logged_run_is_finished_and_never_doubled(self, tracker, mlflow_place, tmp_path):
        finished = run(SEARCH, bundle=shipped(), documents={"report.html": b"<p>"}, examples=(photo(),))
        ModelTracker(tracker.folder).log_run(finished)  # kept only
        client = open_client(mlflow_place)
        experiment = client.create_experiment("blur_laplacian", (mlflow_place.artifacts / "blur_laplacian").as_uri())
        begun = client.create_run(experiment, tags={RUN_ID: finished.id})
        half = client.create_run(experiment, tags={PARENT: begun.info.run_id, TRIAL: "1"})
        client.create_logged_model(experiment, "model", source_run_id=begun.info.run_id)

        assert tuple(tracker.push()) == ()
        (kept,) = tracker.runs()
        assert kept.pushed["run"] == begun.info.run_id
        (kept.folder / PUSHED).unlink()
        assert tuple(tracker.push()) == ()

        found = {r.info.run_id: r for r in client.search_runs([experiment])}
        trials = sorted(r.data.tags[TRIAL] for r in found.values() if PARENT in r.data.tags)
        assert (len(found), trials, half.info.run_id in found) == (3, ["0", "1"], False)
        assert (found[begun.info.run_id].data.tags[COMPLETE], kept.pushed["run"]) == ("true", begun.info.run_id)
        assert [v.tags[VERSION] for v in client.search_model_versions()] == [finished.bundle.version]
        assert len(client.search_logged_models([experiment])) == 1

    def test_what_mlflow_refuses_waits_with_a_reason(self, tracker, mlflow_place, caplog):
        finished = run(bundle=shipped())
        ModelTracker(tracker.folder).log_run(finished)
        (kept,) = tracker.runs()
        (card,) = kept.folder.rglob("card.md")
        card.write_text("# another\n")
        assert tuple(tracker.push()) == (finished.id,)
        assert "tampered" in caplog.text
