"""A training over HTTP into the server that users start: every figure is read back over REST, the model by MLflow."""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest

from multimodal.adapters.mlflow_place import Place
from multimodal.adapters.mlflow_process import MlflowProcess
from multimodal.adapters.tracker import ModelTracker
from multimodal.bootstrap import App, bootstrap
from multimodal.config.config import Settings
from multimodal.core import Folders, version
from multimodal.domain.shared.ports import TrainingRun
from tests.adapters.test_tracker import SEARCH, run, shipped
from tests.own_property import BLUE, GREEN, write_own_property, write_picture

pytestmark = [
    pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy:sqlalchemy.exc.SADeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*Any type hint is inferred as AnyType:UserWarning"),
    pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning"),
]
NAME = "blueness_rule"


@dataclass(frozen=True)
class Trained:
    """A training that is over, and the server that has it."""

    app: App
    run: TrainingRun
    url: str
    data: Path

    def ask(self, path: str, **values: Any) -> dict[str, Any]:
        """A question of MLflow's REST interface."""
        answer = httpx.post(f"{self.url}/api/2.0/mlflow/{path}", json=values, timeout=30)
        return answer.raise_for_status().json()

    def get(self, path: str, **values: Any) -> dict[str, Any]:
        answer = httpx.get(f"{self.url}/api/2.0/mlflow/{path}", params=values, timeout=30)
        return answer.raise_for_status().json()

    @property
    def pushed(self) -> dict[str, Any]:
        (kept,) = self.app.tracker.runs()
        assert kept.pushed is not None
        return dict(kept.pushed)

    @property
    def logged(self) -> dict[str, Any]:
        return self.get("runs/get", run_id=self.pushed["run"])["run"]

    @property
    def files(self) -> Path:
        """The files of the registered version; server and test share a disk."""
        uri = self.get("model-versions/get-download-uri", name=NAME, version="1")["artifact_uri"]
        return Path(uri.removeprefix("file://"))


@pytest.fixture(scope="module")
def trained(tmp_path_factory, mlflow_server):
    folder = tmp_path_factory.mktemp("trained")
    write_own_property(folder / "config")
    for label, colour in (("blue", BLUE), ("natural", GREEN)):
        for number in range(12):
            dimmed = tuple(int(channel * (1 - number / 48)) for channel in colour)
            write_picture(folder / "data" / label / f"{number}.png", dimmed, seed=number)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
        patch.setenv("MULTIMODAL_CONFIG_PATH", str(folder / "config"))
        app = bootstrap(Settings(home=folder / "home", config_path=folder / "config"))
        run = app.trainer.train(NAME, dataset=str(folder / "data"), changes={"trials": 5, "seed": 3})
        yield Trained(app, run, mlflow_server, folder / "data")


def by_key(pairs: list[dict[str, Any]]) -> dict[str, Any]:
    return {pair["key"]: pair["value"] for pair in pairs}


def expected(run: TrainingRun) -> dict[str, float]:
    """Every figure of every split, by the name that it has in MLflow."""
    figures = {
        f"{part}.{name}{suffix}": value
        for part, metrics in run.bundle.metrics.items()
        for name, values in metrics.items()
        for suffix, value in zip(("", ".low", ".high"), values, strict=True)
        if value is not None and not np.isnan(value)
    }
    assert run.search is not None
    return figures | {"search.score": run.search.best.score}


def test_every_figure_of_every_split_is_there(trained):
    logged = by_key(trained.logged["data"]["metrics"])
    assert logged == pytest.approx(expected(trained.run))
    assert {name.partition(".")[0] for name in logged} == {"train", "validation", "test", "search"}


def test_arguments_and_tuned_values_are_there(trained):
    params = by_key(trained.logged["data"]["params"])
    recipe = trained.run.bundle.recipe
    assert params["estimator.rule.threshold"] == str(recipe.estimator.steps[0].parameters["threshold"])
    assert (params["training.trials"], params["training.seed"], params["training.folds"]) == ("5", "3", "2")
    space = {"suggest": "float", "low": 0.3, "high": 0.9}
    assert json.loads(params["training.hyperparameters.threshold"]) == space
    assert params["search.best_trial"] == str(trained.run.search.best.number)
    assert params["transformers.0"] == "image.blueness:BluenessExtractor"


def test_commit_and_environment_are_there(trained):
    tags = by_key(trained.logged["data"]["tags"])
    assert (tags["environment.python"], tags["environment.multimodal"]) == (platform.python_version(), version())
    assert tags["environment.numpy"] == np.__version__
    assert tags["multimodal.version"] == trained.run.bundle.version
    if "environment.git.commit" in tags:  # tests may run from an archive
        assert len(tags["mlflow.source.git.commit"]) == 40
        assert tags["environment.git.dirty"] in ("true", "false")


def test_trials_are_nested_runs_with_their_folds(trained):
    (parent,) = [trained.pushed["run"]]
    wanted = f"tags.`mlflow.parentRunId` = '{parent}'"
    found = trained.ask("runs/search", experiment_ids=[trained.pushed["experiment"]], filter=wanted)["runs"]
    logged = {int(by_key(run["data"]["tags"])["multimodal.trial"]): run for run in found}
    assert sorted(logged) == [trial.number for trial in trained.run.search.trials]
    for trial in trained.run.search.trials:
        run = logged[trial.number]
        assert by_key(run["data"]["params"]) == {name: str(value) for name, value in trial.values.items()}
        assert by_key(run["data"]["metrics"])["score"] == pytest.approx(trial.score)
        assert by_key(run["data"]["tags"])["multimodal.pruned"] == str(trial.pruned).lower()
        history = trained.get("metrics/get-history", run_id=run["info"]["run_id"], metric_key="fold")["metrics"]
        assert [m["value"] for m in sorted(history, key=lambda m: m.get("step", 0))] == pytest.approx(trial.steps)
        if trial.started is not None:
            assert run["info"]["start_time"] == round(1000 * trial.started.timestamp())
        assert run["info"]["status"] == "FINISHED"


def test_the_run_began_and_ended_with_the_training(trained):
    info, run = trained.logged["info"], trained.run
    times = [round(1000 * moment.timestamp()) for moment in (run.started, run.finished)]
    assert [info["start_time"], info["end_time"]] == times
    assert (info["status"], info["run_name"][: len(NAME)]) == ("FINISHED", NAME)
    assert datetime.fromisoformat(f"{info['run_name'][len(NAME) + 1 :]}:00+00:00") <= run.started


def test_the_data_set_is_an_input_with_its_digest(trained):
    (entry,) = trained.logged["inputs"]["dataset_inputs"]
    dataset, facts = entry["dataset"], trained.run.bundle.data
    assert (dataset["name"], dataset["digest"]) == (facts["name"], facts["digest"][:36])
    assert json.loads(dataset["profile"]) == facts["splits"]
    assert json.loads(dataset["source"]) == {"uri": str(trained.data)}
    assert entry["tags"] == [{"key": "mlflow.data.context", "value": "training"}]


def test_the_model_is_a_registered_challenger(trained):
    model = trained.get("model-versions/get", name=NAME, version=trained.pushed["version"])["model_version"]
    assert by_key(model["tags"]) == {"multimodal.version": trained.run.bundle.version}
    assert (model["run_id"], model["aliases"]) == (trained.pushed["run"], ["challenger"])


def test_no_pickle_and_no_path_of_this_machine_is_in_the_model(trained):
    names = {path.name for path in trained.files.rglob("*") if path.is_file()}
    assert names >= {"MLmodel", "bundle.json", "input_example.json"}
    assert not [name for name in names if name.endswith((".pkl", ".pickle", ".joblib"))]
    lines = (trained.files / "MLmodel").read_text().splitlines()
    assert lines[0] == f"artifact_path: file://{trained.files}"  # MLflow's own address of the model
    rest = "\n".join(lines[1:])
    assert str(trained.data.parent) not in rest
    assert str(Path.cwd()) not in rest
    assert (trained.files / "requirements.txt").read_text().splitlines()[-1] == f"multimodal[tracking]=={version()}"


@pytest.fixture(scope="module")
def model(trained):
    import mlflow

    mlflow.set_tracking_uri(trained.url)
    yield mlflow.pyfunc.load_model(f"models:/{NAME}@challenger")
    mlflow.set_tracking_uri(None)


PHOTO = "natural/3.png"


def forms(path: Path) -> dict[str, tuple[Any, int]]:
    """What `predict` takes, and how many answers that has."""
    import pandas as pd

    data, pixels = path.read_bytes(), cv2.imread(str(path))[..., ::-1]
    return {
        "bytes": (data, 1),
        "path": (path, 1),
        "text": (str(path), 1),
        "array": (pixels, 1),
        "batch": (np.stack([pixels, pixels]), 2),
        "list of bytes": ([data, data], 2),
        "list of paths": ([path, str(path)], 2),
        "list of arrays": ([pixels, pixels, pixels], 3),
        "data frame of bytes": (pd.DataFrame({"capture": [data, data]}), 2),
        "data frame of arrays": (pd.DataFrame({"capture": [pixels]}), 1),
        "series": (pd.Series([data]), 1),
    }


def test_mlflow_takes_captures_in_every_form(trained, model):
    kept = trained.app.models.load(trained.run.bundle.ref)
    trained.app.models.promote(kept.ref)
    direct = trained.app.assessor.assess(capture_of(trained.data / PHOTO), pipelines=[NAME]).predictions[0]
    for form, (given, count) in forms(trained.data / PHOTO).items():
        answers = model.predict(given)
        assert len(answers) == count, form
        for answer in answers.to_dict("records"):
            found = (answer["label"], answer["accepted"], answer["score"], answer["probabilities"], answer["model"])
            wanted = (direct.label, direct.accepted, direct.score, direct.probabilities, direct.model)
            assert found == wanted, form


def capture_of(path: Path):
    from multimodal.domain.shared.sample import Capture

    return Capture.from_path(path)


def test_the_saved_example_is_answered(model, trained):
    answers = model.predict(model.input_example)
    assert answers["error"].isna().all()
    assert answers["label"][0] in ("blue", "natural")
    assert list(answers.columns) == [column.name for column in model.metadata.get_output_schema()]


def test_what_cannot_be_read_is_a_row_with_an_error(model, trained):
    answers = model.predict([b"no picture", (trained.data / PHOTO).read_bytes(), "nowhere.png", 7])
    assert answers["label"].isna().tolist() == [True, False, True, True]
    assert answers["error"].notna().tolist() == [True, False, True, True]
    assert "no format that can be read" in answers["error"][0]


def test_a_training_beside_the_server_writes_its_file_without_it(mlflow_server, mlflow_home, tmp_path):
    place = Place.of({}, Folders(mlflow_home).artifacts / "mlflow")
    tracker = ModelTracker(tmp_path / "runs", MlflowProcess(place))
    tracker.log_run(run(SEARCH, bundle=shipped()))
    (kept,) = tracker.runs()
    assert kept.pushed is not None
    answer = httpx.get(f"{mlflow_server}/api/2.0/mlflow/runs/get", params={"run_id": kept.pushed["run"]}, timeout=30)
    assert by_key(answer.json()["run"]["data"]["tags"])["multimodal.run_id"] == kept.id
