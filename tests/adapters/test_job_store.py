"""One contract for every store of jobs: SQLite, PostgreSQL, the fake in memory."""

import multiprocessing
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from multimodal.adapters.db import writing
from multimodal.adapters.db_tables import JOBS
from multimodal.adapters.job_store import SqlJobStore
from multimodal.domain.shared.errors import Conflict, NotFound, QueueFull
from multimodal.domain.shared.identity import new_id
from multimodal.domain.shared.jobs import Job, JobError, JobKind, JobProgress, JobQuery, Outcome
from multimodal.domain.shared.ports import JobStore
from tests.fakes import MemoryJobStore

LONG_AGO, OWNER = datetime(2000, 1, 1, tzinfo=UTC), "home/1"
DONE = Outcome("done", result={"model": "a@1", "metrics": {"test": {"f1": [0.9, None, 1.0]}}})


def job(kind: JobKind = "train", **words: Any) -> Job:
    return Job.new(kind, {"pipeline": "blur_laplacian", **words})


def added(store: JobStore, count: int = 1, kind: JobKind = "train") -> list[Job]:
    jobs = [job(kind) for _ in range(count)]
    for one in jobs:
        store.add(one, most=100)
    return jobs


class StoreContract:
    def test_what_is_added_can_be_read(self, store: JobStore) -> None:
        kept = job(trials=3, hyperparameters={"a": {"suggest": "float", "low": 0.5}, "b\0\udcff": "\u202e"})
        store.add(kept, most=1)
        assert store.get(kept.id) == kept

    @pytest.mark.parametrize("id", ["", "\0", "' OR 1=1 --", "x" * 10_000, "\udcff"], ids=ascii)
    def test_a_stranger_is_not_found(self, store: JobStore, id: str) -> None:
        added(store)
        for ask in (store.get, store.cancel, lambda id: store.beat(id, OWNER), lambda id: store.put_back(id, OWNER)):
            with pytest.raises(NotFound):
                ask(id)

    def test_only_so_many_may_wait(self, store: JobStore) -> None:
        store.add(job(), most=2)
        store.add(job(), most=2)
        with pytest.raises(QueueFull, match="2 jobs wait already"):
            store.add(job(), most=2)
        store.claim(OWNER)
        store.add(job(), most=2)

    def test_the_same_job_twice_is_a_conflict(self, store: JobStore) -> None:
        (kept,) = added(store)
        with pytest.raises(Conflict):
            store.add(kept, most=9)

    def test_the_oldest_is_claimed_first_and_once(self, store: JobStore) -> None:
        jobs = added(store, 3)
        claimed = [store.claim(OWNER) for _ in range(4)]
        assert [one.id if one else None for one in claimed] == [*(one.id for one in jobs), None]
        assert {one.state for one in claimed if one} == {"running"}
        assert store.get(jobs[0].id) == claimed[0]

    def test_newest_come_first_page_by_page(self, store: JobStore) -> None:
        jobs = added(store, 5)
        first = store.find(JobQuery(limit=2))
        second = store.find(JobQuery(limit=2, after=first.next))
        third = store.find(JobQuery(limit=2, after=second.next))
        assert [one for page in (first, second, third) for one in page.items] == jobs[::-1]
        assert third.next is None
        assert store.find(JobQuery(limit=5)).next is None

    def test_a_query_finds_what_it_names(self, store: JobStore) -> None:
        (waiting,) = added(store, 1, "evaluate")
        (other,) = added(store, 1)
        store.claim(OWNER)
        assert [one.id for one in store.find(JobQuery(state="running")).items] == [waiting.id]
        assert [one.id for one in store.find(JobQuery(kind="train")).items] == [other.id]
        assert store.find(JobQuery(state="running", kind="train")).items == ()

    def test_progress_is_kept_and_the_owner_goes_on(self, store: JobStore) -> None:
        (kept,) = added(store)
        store.claim(OWNER)
        assert store.beat(kept.id, OWNER, JobProgress("trials (best 0.97)", 3, 20))
        assert store.beat(kept.id, OWNER)
        assert store.get(kept.id).progress == JobProgress("trials (best 0.97)", 3, 20)

    def test_who_lost_a_job_is_told_to_stop(self, store: JobStore) -> None:
        (kept,) = added(store)
        store.claim(OWNER)
        store.release("home", LONG_AGO)
        store.claim("home/2")
        assert not store.beat(kept.id, OWNER, JobProgress("trials", 3, 20))
        with pytest.raises(Conflict):
            store.finish(kept.id, OWNER, DONE)
        assert store.get(kept.id).progress is None

    @pytest.mark.parametrize(
        "outcome", [DONE, Outcome("failed", error=JobError("data-error", "none")), Outcome("cancelled")], ids=str
    )
    def test_an_outcome_is_kept(self, store: JobStore, outcome: Outcome) -> None:
        (kept,) = added(store)
        store.claim(OWNER)
        ended = store.finish(kept.id, OWNER, outcome)
        assert store.get(kept.id) == ended
        assert Outcome(ended.state, ended.result, ended.error) == outcome
        with pytest.raises(Conflict):
            store.finish(kept.id, OWNER, DONE)

    def test_a_job_that_waits_is_cancelled_and_never_claimed(self, store: JobStore) -> None:
        (kept,) = added(store)
        assert store.cancel(kept.id).state == "cancelled"
        assert store.claim(OWNER) is None

    def test_the_runner_hears_of_a_cancellation(self, store: JobStore) -> None:
        (kept,) = added(store)
        store.claim(OWNER)
        assert store.cancel(kept.id).cancelling
        assert not store.beat(kept.id, OWNER)
        store.finish(kept.id, OWNER, DONE)
        with pytest.raises(Conflict):
            store.cancel(kept.id)

    def test_a_job_that_is_put_back_is_claimed_again(self, store: JobStore) -> None:
        (kept,) = added(store)
        store.claim(OWNER)
        assert store.put_back(kept.id, OWNER).state == "queued"
        again = store.claim("home/2")
        assert again is not None
        assert (again.id, again.attempts) == (kept.id, 2)

    def test_jobs_of_runners_that_are_gone_are_released(self, store: JobStore) -> None:
        here, elsewhere, waiting = added(store, 3)
        store.claim("home/1")
        store.claim("away/1")
        assert [one.id for one in store.release("home", LONG_AGO)] == [here.id]
        assert [store.get(one.id).state for one in (here, elsewhere, waiting)] == ["queued", "running", "queued"]
        later = datetime.now(UTC) + timedelta(minutes=1)
        assert [one.id for one in store.release("nowhere", later)] == [elsewhere.id]

    def test_many_who_claim_at_once_never_get_the_same(self, store: JobStore) -> None:
        jobs = added(store, 40)
        start = threading.Barrier(8)

        def claim(number: int) -> list[str]:
            start.wait(10)
            return list(iter(lambda: getattr(store.claim(f"home/{number}"), "id", ""), ""))

        with ThreadPoolExecutor(8) as pool:
            claimed = [id for ids in pool.map(claim, range(8)) for id in ids]
        assert sorted(claimed) == [one.id for one in jobs]

    def test_many_who_ask_at_once_do_not_overfill_the_queue(self, store: JobStore) -> None:
        def ask(_: int) -> bool:
            try:
                store.add(job(), most=5)
            except QueueFull:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(ask, range(24))) == 5


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> MemoryJobStore:
        return MemoryJobStore()


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def store(self, sqlite_store: SqlJobStore) -> SqlJobStore:
        return emptied(sqlite_store)


class TestPostgresStore(StoreContract):
    @pytest.fixture
    def store(self, postgres_store: SqlJobStore) -> SqlJobStore:
        return emptied(postgres_store)


@pytest.fixture(scope="module")
def sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlJobStore]:
    with closing(SqlJobStore.opened(f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'jobs.db'}")) as store:
        yield store


@pytest.fixture(scope="module")
def postgres_store(postgres_server: str) -> Iterator[SqlJobStore]:
    with closing(SqlJobStore.opened(postgres_server)) as store:
        yield store


def emptied(store: SqlJobStore) -> SqlJobStore:
    with writing(store.engine) as connection:
        connection.execute(sa.delete(JOBS))
    return store


def run_all(url: str, owner: str) -> None:
    """What a runner does, but for the work."""
    with closing(SqlJobStore.opened(url)) as store:
        while (claimed := store.claim(owner)) is not None:
            store.finish(claimed.id, owner, Outcome("done", result={"by": owner}))


def test_processes_that_run_at_once_do_each_job_once(database_url: str) -> None:
    with closing(SqlJobStore.opened(database_url)) as store:
        jobs = added(store, 40)
        spawn = multiprocessing.get_context("spawn")
        runners = [spawn.Process(target=run_all, args=(database_url, f"{new_id()}/1")) for _ in range(3)]
        for runner in runners:
            runner.start()
        for runner in runners:
            runner.join(60)
        assert [runner.exitcode for runner in runners] == [0, 0, 0]
        ended = [store.get(one.id) for one in jobs]
    assert {(one.state, one.attempts) for one in ended} == {("done", 1)}
