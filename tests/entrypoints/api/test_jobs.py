"""Jobs over the real API, done by a real runner in a process of its own, on a property of one's own."""

from __future__ import annotations

import errno
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from multimodal.bootstrap import App, bootstrap
from multimodal.config.config import Settings
from multimodal.domain.shared.jobs import Job, JobQuery, Outcome
from multimodal.entrypoints.api import runner
from multimodal.entrypoints.api.schemas import JobRequest
from multimodal.service.job_arguments import KEYS
from tests.entrypoints.api.serving import Running, running
from tests.entrypoints.api.test_server import Served, eventually, served
from tests.own_property import BLUE, GREEN, close_gate, write_own_property, write_picture

LONG = 60.0
TRAIN = {"kind": "train", "pipeline": "blueness_rule", "dataset": "blueness", "trials": 2}
EVALUATE = {"kind": "evaluate", "pipeline": "blueness_rule", "dataset": "blueness"}


def write_dataset(config: Path) -> None:
    """Some pictures; the last one waits at the gate when there is one."""
    for number in range(8):
        for label, colour in (("blue", BLUE), ("natural", GREEN)):
            name = "z_gate" if (number, label) == (7, "natural") else str(number)
            write_picture(config / "datasets" / "pictures" / label / f"{name}.png", colour, seed=number)
    (config / "datasets" / "blueness.yaml").write_text("dataset: blueness\nfolder: pictures\n", encoding="utf-8")


class Place:
    """A home, and a configuration with a property and a data set of its own."""

    def __init__(self, folder: Path) -> None:
        self.module = write_own_property(folder / "config")
        write_dataset(folder / "config")
        self.settings = Settings(
            home=folder / "home", config_path=folder / "config", workers=1, api_port=0, log_level="WARNING"
        )

    def spoil(self) -> None:
        """Other pictures: nothing that was measured is of use."""
        for path in self.module.parent.glob("datasets/pictures/*/*.png"):
            write_picture(path, BLUE if path.parent.name == "blue" else GREEN, seed=time.time_ns() % 2**32)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("jobs"))


@contextmanager
def client_of(place: Place) -> Iterator[tuple[Served, httpx.Client]]:
    """A service in processes of its own, as a person starts it."""
    with (
        served(place.settings.home, workers=1, config_path=place.settings.config_path) as service,
        httpx.Client(base_url=service.url, timeout=LONG) as client,
    ):
        yield service, client


@pytest.fixture(scope="module")
def client(place: Place) -> Iterator[httpx.Client]:
    with client_of(place) as (service, client):
        yield client
        assert service.end() == 0


def asked(client: httpx.Client, words: dict[str, Any]) -> str:
    """Where the job is that was asked for."""
    response = client.post("/v1/jobs", json=words)
    assert response.status_code == 202, response.text
    return response.headers["Location"]


def seen(client: httpx.Client, where: str, is_right: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The job, once it is as it should be."""
    found: list[dict[str, Any]] = []

    def look() -> bool:
        found.append(client.get(where).json())
        return is_right(found[-1])

    eventually(look)
    return found[-1]


def over(job: dict[str, Any]) -> bool:
    return job["state"] not in ("queued", "running")


@contextmanager
def at_gate(place: Place) -> Iterator[None]:
    """Inside, a runner waits at the gate in the middle of its job; afterwards it may pass."""
    ends: list[int] = []

    def is_there() -> bool:
        try:
            ends.append(os.open(place.module / "gate", os.O_WRONLY | os.O_NONBLOCK))
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
        return bool(ends)

    eventually(is_there)
    try:
        yield
    finally:
        (place.module / "gate").unlink()
        os.close(ends[0])


def process_of(job: dict[str, Any]) -> int:
    return int(job["owner"].rpartition("/")[2])


def test_a_training_outlives_a_restart_of_the_service_and_its_result_too(place):
    place.spoil()
    close_gate(place.module)
    with client_of(place) as (service, client):
        where = asked(client, TRAIN)
        with at_gate(place):
            going = seen(client, where, lambda job: job["progress"] is not None)
            assert (going["state"], going["attempts"], going["finished"]) == ("running", 1, None)
            assert os.getpriority(os.PRIO_PROCESS, process_of(going)) >= runner.NICENESS
            assert service.end() == 0
            os.kill(process_of(going), 0)  # still there
    with client_of(place) as (service, client):
        done = seen(client, where, over)
        assert (done["state"], done["attempts"], done["error"]) == ("done", 1, None)
        assert done["result"]["model"].startswith("blueness_rule@")
        assert done["result"]["metrics"]["test"]["roc_auc"][0] == 1.0
        assert (done["result"]["trials"], done["progress"]["done"]) == (2, 2)
        assert client.get("/v1/jobs", params={"state": "done"}).json()["items"][0] == done
        assert service.end() == 0
    version = done["result"]["model"].partition("@")[2]
    assert version in {ref.version for ref in bootstrap(place.settings).models.versions("blueness_rule")}


def test_a_job_that_runs_is_cancelled_at_its_next_step_and_the_next_one_is_done(place, client):
    place.spoil()
    close_gate(place.module)
    where, next_one = asked(client, TRAIN), asked(client, EVALUATE)
    with at_gate(place):
        told = client.post(f"{where}/cancel").json()
        assert (told["state"], told["cancelling"]) == ("running", True)
        seen(client, where, lambda job: job["beat"] > told["beat"])  # with it, the runner heard
    cancelled = seen(client, where, over)
    assert (cancelled["state"], cancelled["result"], cancelled["error"]) == ("cancelled", None, None)
    done = seen(client, next_one, over)
    assert (done["state"], done["result"]["rows"]) == ("done", 16)
    assert done["result"]["model"].startswith("blueness_rule@")
    assert client.post(f"{next_one}/cancel").status_code == 409


def test_a_runner_that_is_killed_is_missed_and_its_job_done_by_another(place, client):
    place.spoil()
    close_gate(place.module)
    where = asked(client, TRAIN)
    with at_gate(place):
        first = seen(client, where, lambda job: job["state"] == "running")
        os.kill(process_of(first), signal.SIGKILL)
        seen(client, where, lambda job: job["attempts"] == 2)
    done = seen(client, where, over)
    assert (done["state"], done["losses"]) == ("done", 1)
    assert process_of(done) != process_of(first)


def test_a_runner_that_vanished_without_a_service_is_missed_when_one_starts(place):
    place.spoil()
    close_gate(place.module)
    jobs = bootstrap(place.settings).jobs
    job = jobs.submit("evaluate", {"pipeline": "blueness_rule", "dataset": "blueness"})
    with runner.only_one(place.settings.folders.runner, LONG) as home:
        jobs.store().claim(f"{home}/1")
    with client_of(place), at_gate(place):
        told = jobs.cancel(job.id)
        assert (told.attempts, told.losses, told.cancelling) == (2, 1, True)
        eventually(lambda: jobs.get(job.id).beat > told.beat)
    eventually(lambda: jobs.get(job.id).state == "cancelled")


def test_a_runner_that_cannot_start_is_not_tried_again_at_once(place, caplog):
    settings = replace(place.settings, home=place.settings.home.with_name("broken"))
    jobs = bootstrap(settings).jobs
    jobs.submit("evaluate", {"pipeline": "blueness_rule", "dataset": "blueness"})
    ours = runner.Runner(replace(settings, database_url="sqlite://"), jobs)
    ours.wake()
    assert ours.is_ours
    eventually(lambda: not ours.is_ours and "ended with code 1" in caplog.text)
    assert ours.not_before > 0
    ours.wake()
    assert not ours.is_ours


@pytest.fixture(scope="module")
def quiet(place: Place) -> Iterator[tuple[App, Running]]:
    """A service that has jobs, but never a runner: its place is taken."""
    settings = replace(place.settings, home=place.settings.home.with_name("quiet"), jobs=3)
    app = bootstrap(settings)
    with runner.only_one(settings.folders.runner) as taken, running(app) as service:
        assert taken is not None
        yield app, service


@pytest.fixture
def kept(quiet: tuple[App, Running]) -> Iterator[Job]:
    """A job that waits."""
    job = quiet[0].jobs.submit("evaluate", {"pipeline": "blueness_rule", "dataset": "blueness"})
    yield job
    for waiting in quiet[0].jobs.find(JobQuery(state="queued")).items:
        quiet[0].jobs.cancel(waiting.id)


def test_a_job_that_waits_is_cancelled_at_once(quiet, kept):
    client = quiet[1].client
    for _ in range(2):
        response = client.post(f"/v1/jobs/{kept.id}/cancel")
        assert (response.status_code, response.json()["state"]) == (200, "cancelled")


def test_jobs_are_listed_newest_first_page_by_page(quiet, kept):
    client = quiet[1].client
    asked(client, EVALUATE)
    page = client.get("/v1/jobs", params={"state": "queued", "limit": 1})
    assert page.links["next"]["url"] == page.json()["next"]
    rest = client.get(page.json()["next"]).json()
    assert [job["id"] for job in rest["items"]] == [kept.id]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"", 422, "not JSON"),
        (b"[]", 422, "The body is an object"),
        (b"{}", 422, "No kind of job is called"),
        (b'{"kind": "train", "pipeline": "blueness_role"}', 422, "Did you mean 'blueness_rule'?"),
        (b'{"kind": "train", "pipeline": "blueness_rule", "dataset": "../pictures"}', 422, "No data set is called"),
        (b'{"kind": "train", "pipeline": "blueness_rule", "dataset": "https://host/x.csv"}', 422, "No data set"),
        (b'{"kind": "train", "pipeline": "blueness_rule"}', 422, "dataset is missing"),
        (b'{"a":' * 900 + b"1" + b"}" * 900, 422, "No kind of job"),
        (b'{"kind": "train", "hyperparameters": ' + b"[" * 30_000, 422, "not JSON"),
        (b" " * 70_000, 413, ""),
    ],
    ids=range(10),
)
def test_what_cannot_be_done_is_a_problem_that_says_why(quiet, body, status, message):
    response = quiet[1].client.post("/v1/jobs", content=body)
    assert response.status_code == status
    assert message in response.json()["detail"]
    assert response.headers["content-type"] == "application/problem+json"


def test_a_full_queue_asks_to_come_back(quiet, kept):
    client = quiet[1].client
    statuses = [client.post("/v1/jobs", json=EVALUATE).status_code for _ in range(3)]
    response = client.post("/v1/jobs", json=EVALUATE)
    assert statuses == [202, 202, 503]
    assert (response.json()["type"], response.headers["Retry-After"]) == ("/problems/queue-full", "60")


def test_what_is_not_there_is_not_found(quiet):
    client = quiet[1].client
    assert client.get("/v1/jobs/nothing").status_code == 404
    assert client.post("/v1/jobs/nothing/cancel").status_code == 404


def test_a_service_may_take_no_jobs(quiet):
    app = bootstrap(replace(quiet[0].settings, jobs=0))
    with running(app) as service:
        response = service.client.post("/v1/jobs", json=EVALUATE)
        assert (response.status_code, response.json()["type"]) == (403, "/problems/jobs-off")
        assert service.client.get("/v1/jobs").status_code == 200


def test_a_result_with_figures_that_are_no_numbers_can_be_answered(quiet, kept):
    app, service = quiet
    store = app.jobs.store()
    assert store.claim("away/1").id == kept.id
    store.finish(kept.id, "away/1", Outcome("done", result={"metrics": {"f1": [None, None, None]}}))
    assert service.client.get(f"/v1/jobs/{kept.id}").json()["result"] == {"metrics": {"f1": [None, None, None]}}


def test_the_documentation_knows_each_argument_and_its_examples_can_be_sent(tmp_path):
    assert {field.name for field in fields(JobRequest)} == {"kind", *KEYS["train"], *KEYS["evaluate"]}
    app = bootstrap(Settings(home=tmp_path))
    with runner.only_one(app.settings.folders.runner), running(app) as service:
        schema = service.client.get("/openapi.json").json()
        content = schema["paths"]["/v1/jobs"]["post"]["requestBody"]["content"]["application/json"]
        for example in content["examples"].values():
            response = service.client.post("/v1/jobs", json=example["value"])
            assert response.status_code == 202, response.text
            assert service.client.post(f"{response.headers['Location']}/cancel").json()["state"] == "cancelled"
