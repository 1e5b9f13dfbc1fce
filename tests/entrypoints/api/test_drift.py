"""`/v1/drift` from end to end: a model is trained, the service sees pictures, and the report says what moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from multimodal.bootstrap import App, bootstrap
from multimodal.config.config import Settings
from multimodal.domain.shared.drift import FeatureDrift, PipelineDrift
from multimodal.domain.shared.errors import Busy
from multimodal.service.observer import Observer
from tests.entrypoints.api.serving import Running, running
from tests.own_property import write_own_property, write_pictures

PATH = "/v1/drift"
ONLY = {"pipelines": "blueness_rule"}


def natural(rng: np.random.Generator, count: int = 80) -> np.ndarray:
    return rng.uniform(0.15, 0.45, count)


def blue(rng: np.random.Generator, count: int = 80) -> np.ndarray:
    return rng.uniform(0.65, 0.9, count)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> App:
    """An application with a rule that was trained on blue and natural pictures, half and half."""
    folder: Path = tmp_path_factory.mktemp("drift")
    rng = np.random.default_rng(0)
    write_own_property(folder / "config")
    write_pictures(folder / "data" / "natural", natural(rng))
    write_pictures(folder / "data" / "blue", blue(rng))
    app = bootstrap(Settings(home=folder / "home", config_path=folder / "config", workers=1))
    app.models.promote(
        app.trainer.train("blueness_rule", dataset=str(folder / "data"), changes={"trials": 1}).bundle.ref
    )
    return app


@pytest.fixture
def watched(trained: App, tmp_path: Path) -> Iterator[Running]:
    """A service with that model and a database of its own."""
    fresh = bootstrap(replace(trained.settings, database_url=f"sqlite:///{tmp_path / 'seen.db'}"))
    with running(fresh) as service:
        yield service


def show(service: Running, folder: Path, shares: np.ndarray) -> None:
    """Have pictures assessed, and what was seen stored at once."""
    files = [("files", (path.name, path.read_bytes())) for path in sorted(write_pictures(folder, shares).iterdir())]
    assert service.client.post("/v1/assessments", files=files, params=ONLY).status_code == 201
    service.context.observer.close()


def of_blueness(service: Running) -> dict:
    (found,) = service.client.get(PATH, params={"pipeline": "blueness_rule"}).json()
    return found


def test_pictures_like_those_of_the_training_are_steady(watched, tmp_path):
    rng = np.random.default_rng(1)
    show(watched, tmp_path / "shown", np.concatenate([natural(rng), blue(rng)]))
    found = of_blueness(watched)
    assert (found["status"], found["captures"]) == ("steady", 160)
    assert found["model"] == str(watched.context.app.models.champion("blueness_rule"))
    assert [(label["label"], round(label["seen"], 1)) for label in found["labels"]][:2] == [
        ("blue", 0.5),
        ("natural", 0.5),
    ]


def test_a_lens_that_turns_blue_is_found_and_named(watched, tmp_path):
    show(watched, tmp_path / "shown", natural(np.random.default_rng(2), 100) + 0.2)
    found = of_blueness(watched)
    (feature,) = found["features"]
    assert (found["status"], feature["name"], feature["status"]) == ("strongly moved", "blueness", "strongly moved")
    assert feature["psi"] > 1 > feature["chance"]
    assert "share" in feature["direction"]


def test_what_is_not_stored_is_not_counted(trained, tmp_path):
    class Full:
        """A store that can be read, and has no room."""

        def find(self, query):
            return

        def add(self, assessments, evidence=None):
            raise Busy

    app = replace(trained, store=Full())
    with running(app) as service:
        seen: list = []
        service.context.observer.see = seen.append
        picture = write_pictures(tmp_path / "shown", [0.3]) / "000.png"
        assert service.client.post("/v1/assessments", content=picture.read_bytes(), params=ONLY).status_code == 503
        assert seen == []


def test_what_was_seen_is_stored_when_the_service_ends(trained, tmp_path):
    fresh = bootstrap(replace(trained.settings, database_url=f"sqlite:///{tmp_path / 'seen.db'}"))
    picture = write_pictures(tmp_path / "shown", [0.3]) / "000.png"
    with running(fresh) as service:
        assert service.client.post("/v1/assessments", content=picture.read_bytes(), params=ONLY).status_code == 201
    assert fresh.drift.drift("blueness_rule")[0].captures == 1


def test_every_request_that_is_stored_is_counted(trained, tmp_path):
    app = bootstrap(replace(trained.settings, database_url=f"sqlite:///{tmp_path / 'seen.db'}"))
    picture = write_pictures(tmp_path / "shown", [0.3]) / "000.png"
    with running(app) as service:
        service.context.observer = Observer(app.references, app.traffic, pause=0.01)
        for _ in range(7):
            service.client.post("/v1/assessments", content=picture.read_bytes(), params=ONLY)
        service.client.post("/v1/assessments", content=b"no picture", params=ONLY)
    assert app.drift.drift("blueness_rule")[0].captures == 7


def test_all_pipelines_are_told_of(client, app):
    found = client.get(PATH).json()
    assert {one["pipeline"] for one in found} == {i.name for i in app.assessor.pipelines() if i.status == "ready"}
    assert all(one["until"] >= one["since"] for one in found)


def test_an_unknown_pipeline_is_refused_with_the_nearest_name(client, app):
    name = next(iter(app.catalog.recipes))
    response = client.get(PATH, params={"pipeline": name[:-1]})
    assert (response.status_code, response.headers["Content-Type"]) == (422, "application/problem+json")
    assert f"Did you mean '{name}'?" in response.json()["detail"]


@pytest.mark.parametrize("query", ["days=0", "days=-1", "days=4000", "days=x", "days=1.5", "pipeline=%00"])
def test_a_period_that_makes_no_sense_is_refused(client, query):
    assert client.get(f"{PATH}?{query}").status_code == 422


def test_the_document_shows_an_answer_with_all_its_fields(client):
    operation = client.get("/openapi.json").json()["paths"][PATH]["get"]
    (example,) = operation["responses"]["200"]["content"]["application/json"]["example"]
    assert example.keys() == {field.name for field in fields(PipelineDrift)}
    assert example["score"].keys() == {field.name for field in fields(FeatureDrift)}
    assert example["features"][0]["direction"].startswith("median 1.11 px -> 2.19 px")
