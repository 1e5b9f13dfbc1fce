"""Models are swapped 50 times under load in a real service: nobody fails, nobody gets half of a model."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import numpy as np
import pytest

from multimodal.adapters.model_store import LocalModelStore
from multimodal.bootstrap import App, bootstrap
from multimodal.config.config import Settings
from multimodal.domain.shared.bundle import Bundle, ModelRef
from multimodal.domain.shared.calibration import Calibration, Thresholds
from multimodal.domain.shared.pipelines import InferencePipeline
from multimodal.domain.shared.recipe import EstimatorSpec
from multimodal.domain.shared.sample import Capture
from multimodal.domain.shared.selftest import selftest_of
from tests.entrypoints.api.test_server import Served, served
from tests.own_property import BLUE, GREEN, write_own_property, write_picture
from tests.patience import eventually

NAME = "blueness_rule"
PATH = f"/v1/assessments?pipelines={NAME}"
CLIENTS = 4
SWAPS = 50
Answer = tuple[str, str, str, float]  # capture, model, label, score


@dataclass
class Crowd:
    """Clients, each on one connection, that ask without a pause. latest: the model that answered each of them last."""

    address: tuple[str, int]
    pictures: Mapping[str, bytes]
    ended: threading.Event = field(default_factory=threading.Event)
    latest: dict[int, str] = field(default_factory=dict)
    answers: set[Answer] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)
    count: int = 0

    def ask(self, number: int) -> None:
        """One client, until it is enough."""
        connection = http.client.HTTPConnection(*self.address, timeout=30)
        while not self.ended.is_set():
            for name, data in self.pictures.items():
                connection.request("POST", PATH, data)
                response = connection.getresponse()
                self.note(number, name, response.status, response.read())
        connection.close()

    def note(self, number: int, name: str, status: int, body: bytes) -> None:
        self.count += 1
        document = json.loads(body)
        if status != 201 or document["failures"] or len(document["predictions"]) != 1:
            self.failures.append(f"{status}: {body!r}")
            return
        (p,) = document["predictions"]
        self.answers.add((name, p["model"], p["label"], p["score"]))
        self.latest[number] = p["model"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    write_own_property(tmp_path / "config")
    return Settings(home=tmp_path / "home", config_path=tmp_path / "config")


@pytest.fixture
def pictures(tmp_path: Path) -> Mapping[str, bytes]:
    colours = {"blue": BLUE, "green": GREEN}
    return {name: write_picture(tmp_path / f"{name}.png", colour).read_bytes() for name, colour in colours.items()}


def version(app: App, threshold: float) -> Bundle:
    """The rule with another threshold, as training keeps it."""
    recipe = app.catalog.recipe(NAME)
    (step,) = recipe.estimator.steps
    bundle = Bundle(
        recipe=replace(recipe, estimator=EstimatorSpec("rule", (replace(step, parameters={"threshold": threshold}),))),
        classes=app.catalog.property_of(recipe).labels,
        calibration=Calibration(1.0, (0.0, 0.0)),
        thresholds=Thresholds(),
    )
    shares = np.linspace(0, 1, 20, dtype=np.float32)[:, None]
    return replace(bundle, selftest=selftest_of(loaded(app, bundle), shares))


def loaded(app: App, bundle: Bundle) -> InferencePipeline:
    return InferencePipeline.from_bundle(bundle, app.catalog.property_of(bundle.recipe), app.catalog.resolve)


def expected(app: App, refs: Sequence[ModelRef], pictures: Mapping[str, bytes]) -> set[Answer]:
    """What each version says of each picture."""
    found = set()
    for ref in refs:
        pipeline = loaded(app, app.models.load(ref))
        for name, data in pictures.items():
            (p,) = app.assessor.examine(Capture(name, data), [pipeline])[0].predictions
            found.add((name, str(ref), p.label, p.score))
    return found


def swap(crowd: Crowd, store: LocalModelStore, refs: Sequence[ModelRef], times: int) -> None:
    """Promote one version after the other, each when somebody was answered by the one before."""
    for number in range(1, times + 1):
        ref = refs[number % len(refs)]
        store.promote(ref)
        eventually(lambda ref=ref: str(ref) in crowd.latest.values(), 30)
    eventually(lambda: set(crowd.latest.values()) == {str(ref)}, 30)


def under_load(service: Served, crowd: Crowd, store: LocalModelStore, refs: Sequence[ModelRef]) -> None:
    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(crowd.ask, number) for number in range(CLIENTS)]
        try:
            eventually(lambda: len(crowd.latest) == CLIENTS, 30)
            swap(crowd, store, refs, SWAPS)
        finally:
            crowd.ended.set()
        for client in clients:
            client.result()
    assert service.process.poll() is None


def test_fifty_swaps_under_load_cost_no_request_and_each_answer_is_that_of_its_version(settings, pictures):
    app = bootstrap(settings)
    store = LocalModelStore(settings.models)
    refs = [store.save(version(app, threshold)) for threshold in (0.5, 0.9)]
    store.promote(refs[0])
    more = {"config_path": settings.config_path, "follow": 0.04, "queue": 8}
    with served(settings.home, **more) as service:
        crowd = Crowd(service.address, pictures)
        under_load(service, crowd, store, refs)
        assert crowd.failures == []
        assert crowd.count > SWAPS
        assert crowd.answers <= expected(app, refs, pictures)
        assert {model for _, model, _, _ in crowd.answers} == {str(ref) for ref in refs}
        listed = {info["name"]: info for info in httpx.get(f"{service.url}/v1/pipelines").json()}
        assert (listed[NAME]["model"], listed[NAME]["status"]) == (str(refs[SWAPS % 2]), "ready")


def test_a_version_that_fails_its_self_test_is_refused_by_every_worker_and_shown(settings, pictures):
    app = bootstrap(settings)
    store = LocalModelStore(settings.models)
    good = store.save(version(app, 0.5))
    store.promote(good)
    wrong = {"features": [[0.2]], "probabilities": [[0.9, 0.1]]}
    bad = store.save(replace(version(app, 0.7), selftest=wrong))
    with served(settings.home, config_path=settings.config_path, follow=0.04) as service:
        workers = [http.client.HTTPConnection(*service.address, timeout=30) for _ in range(2)]

        def states() -> list[tuple[str, str]]:
            """What both workers say: of two connections each has one."""
            return [state_at(worker) for worker in workers]

        assert states() == [("ready", str(good))] * 2
        store.promote(bad)
        eventually(lambda: states() == [("refused", str(good))] * 2, 30)
        answer = httpx.post(service.url + PATH, content=pictures["blue"]).json()
        assert answer["predictions"][0]["model"] == str(good)
        store.promote(good)
        eventually(lambda: states() == [("ready", str(good))] * 2, 30)
        for worker in workers:
            worker.close()


def state_at(worker: http.client.HTTPConnection) -> tuple[str, str]:
    """Status and model of the pipeline, as one connection is told."""
    worker.request("GET", "/v1/pipelines")
    (info,) = [info for info in json.loads(worker.getresponse().read()) if info["name"] == NAME]
    return info["status"], info["model"]
