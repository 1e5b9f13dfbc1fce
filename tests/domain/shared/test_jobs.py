"""What a job may become, whoever keeps it."""

from collections import deque
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multimodal.domain.shared.errors import Conflict
from multimodal.domain.shared.jobs import MOST_LOSSES, Job, JobProgress, Outcome, plain

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
OWNER = "home/1"


@pytest.fixture
def waiting() -> Job:
    return Job.new("train", {"pipeline": "blur_laplacian"})


@pytest.fixture
def running(waiting: Job) -> Job:
    return waiting.begun(OWNER, NOON)


def test_a_job_waits_runs_and_is_done(waiting, running):
    assert (waiting.state, running.state, running.attempts) == ("queued", "running", 1)
    done = running.ended(OWNER, Outcome("done", result={"model": "a@1"}), NOON)
    assert (done.state, done.result, done.finished, done.is_over) == ("done", {"model": "a@1"}, NOON, True)


def test_who_does_not_have_it_changes_nothing(running):
    assert running.beaten("home/2", JobProgress("trials", 1, 2), NOON) is running
    with pytest.raises(Conflict):
        running.ended("home/2", Outcome("done"), NOON)
    with pytest.raises(Conflict):
        running.put_back("home/2", NOON)


def test_progress_stays_when_only_a_sign_of_life_comes(running):
    step = JobProgress("trials", 1, 2)
    later = running.beaten(OWNER, step, NOON).beaten(OWNER, None, NOON + timedelta(seconds=5))
    assert (later.progress, later.beat) == (step, NOON + timedelta(seconds=5))


def test_one_that_waits_is_cancelled_at_once_and_one_that_runs_is_told(waiting, running):
    assert waiting.cancelled(NOON).state == "cancelled"
    told = running.cancelled(NOON)
    assert (told.state, told.cancelling) == ("running", True)
    ended = told.ended(OWNER, Outcome("cancelled"), NOON)
    assert (ended.state, ended.cancelling) == ("cancelled", False)
    assert ended.cancelled(NOON) is ended


def test_one_that_is_done_cannot_be_cancelled(running):
    with pytest.raises(Conflict, match="done already"):
        running.ended(OWNER, Outcome("done"), NOON).cancelled(NOON)


def test_one_that_is_put_back_begins_again_where_it_was(running):
    again = running.put_back(OWNER, NOON).begun("home/2", NOON + timedelta(hours=1))
    assert (again.attempts, again.losses, again.started) == (2, 0, NOON)
    assert running.cancelled(NOON).put_back(OWNER, NOON).state == "cancelled"


def test_one_whose_runner_vanishes_too_often_fails_with_a_reason(running):
    job = running
    for _ in range(MOST_LOSSES):
        job = job.lost(NOON).begun(OWNER, NOON)
    failed = job.lost(NOON)
    assert (failed.state, failed.error.code, failed.attempts) == ("failed", "runner-lost", 3)
    assert "ended without a word, 3 times" in failed.error.message


def test_one_that_was_to_stop_is_not_begun_again(running):
    assert running.cancelled(NOON).lost(NOON).state == "cancelled"


@pytest.mark.parametrize(
    ("place", "before", "abandoned"),
    [
        pytest.param("home", NOON, True, id="of-this-place"),
        pytest.param("other", NOON, False, id="of-another-place"),
        pytest.param("other", NOON + timedelta(seconds=1), True, id="silent-for-long"),
        pytest.param("hom", NOON, False, id="of-a-place-that-begins-alike"),
    ],
)
def test_one_is_abandoned_when_its_runner_is_gone(running, place, before, abandoned):
    assert running.is_abandoned(place, before) is abandoned
    assert not replace(running, state="queued").is_abandoned(place, before)


@dataclass(frozen=True)
class Figures:
    score: float
    counts: object
    at: datetime
    picture: bytes = b"\x89PNG"


def test_any_result_becomes_plain_json():
    value = Figures(np.float64("nan"), MappingProxyType({1: np.arange(2), "path": ("a\udcff", {"b"})}), NOON)
    assert plain(value) == {
        "score": None,
        "counts": {"1": [0, 1], "path": ["a\\udcff", ["b"]]},
        "at": "2026-11-23T12:00:00+00:00",
        "picture": None,
    }
    assert plain([np.float32(0.5), np.bool_(True), deque([1])]) == [0.5, True, [1]]


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.characters(codec=None) | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.integers() | st.characters(codec=None), inner),
)


@given(value=anything)
def test_whatever_it_is_it_can_be_sent(value):
    assert orjson.loads(orjson.dumps(plain(value))) == plain(value)
