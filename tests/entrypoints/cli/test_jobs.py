"""`multimodal jobs`: run, list, show, cancel."""

import json
import signal
from contextlib import ExitStack

import pytest

from multimodal.adapters.only_one import only_one
from multimodal.bootstrap import bootstrap
from multimodal.config.config import load_settings
from tests.entrypoints.api.test_server import eventually
from tests.own_property import BLUE, GREEN, at_gate, close_gate, write_picture

LONG = 60
EVALUATE = {"pipeline": "blueness_rule", "dataset": "pictures"}
FAILING = {"pipeline": "blueness_rule", "dataset": "gone"}


@pytest.fixture
def jobs(tmp_path, environment):
    """The jobs of a home with a data set, and one whose pictures are gone."""
    datasets = tmp_path / "config" / "datasets"
    for label, colour in (("blue", BLUE), ("natural", GREEN)):
        write_picture(datasets / "files" / label / "a_gate.png", colour)
        write_picture(datasets / "files" / label / "b.png", colour, seed=1)
    (datasets / "pictures.yaml").write_text("dataset: pictures\nfolder: files\n")
    (datasets / "gone.yaml").write_text("dataset: gone\nfolder: nowhere\n")
    return bootstrap().jobs


def test_jobs_are_run_and_shown(run, start, jobs):
    done, failed = jobs.submit("evaluate", EVALUATE), jobs.submit("evaluate", FAILING)
    with start("jobs", "run", "--nice", 1) as process:
        _, said = process.communicate(timeout=LONG)
    assert process.returncode == 0, said.decode()
    first, second = run("jobs", "list").stdout.splitlines()[1:]
    assert first.split()[:4] == [failed.id, "evaluate", "blueness_rule", "failed"]
    assert "There is no folder 'nowhere'." in first
    assert (second.split()[0], second.split()[-1]) == (done.id, "blueness_rule@rule")
    assert json.loads(run("jobs", "show", done.id).stdout)["result"]["rows"] == 4
    listed = json.loads(run("jobs", "list", "--state", "failed", "--format", "json").stdout)
    assert [job["error"]["code"] for job in listed] == ["data-error"]


def test_a_job_that_waits_is_cancelled(run, jobs):
    job = jobs.submit("evaluate", EVALUATE)
    assert run("jobs", "cancel", job.id).stderr == f"{job.id} is cancelled.\n"
    assert run("jobs", "list").stdout.splitlines()[1].split()[3] == "cancelled"
    jobs.store().claim("away/1")
    assert run("jobs", "cancel", "nothing").exit_code == 1
    assert "There is no job 'nothing'." in run("jobs", "show", "nothing").stderr


def test_a_job_that_runs_is_told_to_stop(run, jobs):
    job = jobs.submit("evaluate", EVALUATE)
    jobs.store().claim("away/1")
    assert run("jobs", "cancel", job.id).stderr == f"{job.id} is told to stop.\n"
    assert run("jobs", "list").stdout.splitlines()[1].split()[3] == "stopping"


def test_a_second_runner_ends_at_once(start, jobs):
    jobs.submit("evaluate", FAILING)
    with only_one(load_settings().folders.runner), start("jobs", "run") as process:
        assert process.wait(LONG) == 0
    assert jobs.has_work("")


def test_a_runner_that_is_told_to_end_puts_its_job_back(start, jobs, place):
    job = jobs.submit("evaluate", EVALUATE)
    gate = close_gate(place)
    with start("jobs", "run") as process:
        with at_gate(process, gate):
            process.send_signal(signal.SIGTERM)
        assert process.wait(LONG) == 130
    again = jobs.get(job.id)
    assert (again.state, again.attempts, again.losses) == ("queued", 1, 0)


def test_a_patient_runner_waits_for_its_turn_and_for_more(start, jobs):
    with ExitStack() as until_the_end:
        with only_one(load_settings().folders.runner):
            process = until_the_end.enter_context(start("jobs", "run", "--forever"))
            assert process.poll() is None
        for _ in range(2):
            job = jobs.submit("evaluate", FAILING)
            eventually(lambda id=job.id: jobs.get(id).is_over)
        process.send_signal(signal.SIGTERM)
        assert process.wait(LONG) == 130
