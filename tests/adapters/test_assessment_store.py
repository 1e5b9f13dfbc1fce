"""One contract for every store of assessments: SQLite, PostgreSQL, group commit before SQLite, the fake in memory."""

import math
import multiprocessing
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings

from multimodal.adapters.assessment_document import from_document, to_document
from multimodal.adapters.assessment_store import SqlAssessmentStore
from multimodal.adapters.batching import BatchedAssessmentStore, open_assessment_store
from multimodal.adapters.db import DatabaseAway, writing
from multimodal.adapters.db_tables import ASSESSMENTS
from multimodal.domain.shared.errors import Busy, Conflict, NotFound
from multimodal.domain.shared.identity import new_id
from multimodal.domain.shared.ports import AssessmentStore, Query
from multimodal.domain.shared.results import Assessment
from tests.adapters.samples import NOON, assessment, assessments, prediction
from tests.fakes import MemoryAssessmentStore

PNG = b"\x89PNG\r\n\x1a\n\0"
HOSTILE = [
    "",
    "\0",
    "a\0b",
    "\udcff.jpg",
    "' OR 1=1 --",
    "%",
    "x" * 10_000_000,
    "\U0001f4f7 \u202egpj.exe",
    "new\nline",
]
hostile_texts = pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:15]))
same_store = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class StoreContract:
    def test_what_is_added_can_be_read(self, store: AssessmentStore) -> None:
        kept = assessment()
        store.add([kept])
        assert store.get(kept.id) == kept

    def test_a_stranger_is_not_found(self, store: AssessmentStore) -> None:
        with pytest.raises(NotFound):
            store.get(new_id())

    def test_nothing_can_be_added(self, store: AssessmentStore) -> None:
        store.add([])
        assert store.find(Query()).items == ()

    def test_the_same_assessment_twice_is_a_conflict(self, store: AssessmentStore) -> None:
        kept = assessment()
        store.add([kept])
        with pytest.raises(Conflict):
            store.add([assessment(), kept])
        assert store.find(Query()).items == (kept,)

    def test_all_are_kept_or_none(self, store: AssessmentStore) -> None:
        twin = assessment()
        with pytest.raises(Conflict):
            store.add([twin, twin])
        assert store.find(Query()).items == ()

    def test_a_pipeline_may_answer_twice(self, store: AssessmentStore) -> None:
        kept = assessment(predictions=(prediction(), prediction(label="blurred")))
        store.add([kept])
        assert store.get(kept.id) == kept

    def test_moments_survive_in_utc(self, store: AssessmentStore) -> None:
        local = datetime(2026, 3, 29, 2, 30, 0, 1, tzinfo=timezone(timedelta(hours=5, minutes=45)))
        kept = assessment(created=local)
        store.add([kept])
        assert store.get(kept.id).created == local
        assert store.find(Query(since=local, until=local + timedelta(microseconds=1))).items == (kept,)

    @pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan], ids=str)
    def test_a_number_that_json_cannot_say_survives(self, store: AssessmentStore, number: float) -> None:
        kept = assessment(predictions=(prediction(value=number, score=number, measures={"ratio": number}),))
        store.add([kept])
        read = store.get(kept.id).predictions[0]
        assert repr((read.value, read.score, dict(read.measures))) == repr((number, number, {"ratio": number}))

    def test_a_number_of_any_length_survives(self, store: AssessmentStore) -> None:
        kept = assessment(info={"serial": 2**70, "null": None})
        store.add([kept])
        assert store.get(kept.id) == kept

    @hostile_texts
    def test_a_hostile_name_survives_and_is_found(self, store: AssessmentStore, text: str) -> None:
        kept = assessment(name=text)
        store.add([kept, assessment(name=f"{text}!")])
        assert store.get(kept.id).name == text
        assert store.find(Query(name=text)).items == (kept,)

    @hostile_texts
    def test_a_hostile_word_finds_nothing(self, store: AssessmentStore, text: str) -> None:
        store.add([assessment()])
        for query in (Query(digest=text), Query(modality=text), Query(pipeline=text), Query(label=text)):
            assert store.find(query).items == ()
        with pytest.raises(NotFound):
            store.get(text)
        with pytest.raises(NotFound):
            store.evidence(text, text)
        with pytest.raises(NotFound):
            store.delete(text)

    @hostile_texts
    def test_a_page_may_end_anywhere(self, store: AssessmentStore, text: str) -> None:
        kept = assessment()
        store.add([kept])
        assert store.find(Query(after=text)).items in ((), (kept,))

    def test_newest_come_first_page_by_page(self, store: AssessmentStore) -> None:
        kept = [assessment(id=f"{number:03}") for number in range(7)]
        store.add(kept)
        first = store.find(Query(limit=3))
        second = store.find(Query(limit=3, after=first.next))
        third = store.find(Query(limit=3, after=second.next))
        assert [item.id for page in (first, second, third) for item in page.items] == [a.id for a in reversed(kept)]
        assert third.next is None

    def test_a_page_that_just_fits_is_the_last(self, store: AssessmentStore) -> None:
        store.add([assessment(), assessment()])
        assert store.find(Query(limit=2)).next is None

    @pytest.mark.parametrize(("limit", "size"), [(0, 1), (-5, 1), (10**30, 3)])
    def test_a_page_has_a_sensible_size(self, store: AssessmentStore, limit: int, size: int) -> None:
        store.add([assessment() for _ in range(3)])
        assert len(store.find(Query(limit=limit)).items) == size

    def test_paging_goes_on_after_what_was_deleted(self, store: AssessmentStore) -> None:
        store.add([assessment(id=f"{number}") for number in range(4)])
        page = store.find(Query(limit=2))
        store.delete(page.next or "")
        assert [item.id for item in store.find(Query(after=page.next)).items] == ["1", "0"]

    @pytest.mark.parametrize(
        "query",
        [
            pytest.param(Query(verdict="bad"), id="verdict"),
            pytest.param(Query(modality="model3d"), id="modality"),
            pytest.param(Query(name="scan.ply"), id="name"),
            pytest.param(Query(digest="cd" * 32), id="digest"),
            pytest.param(Query(pipeline="watertight"), id="pipeline"),
            pytest.param(Query(label="open"), id="label"),
            pytest.param(Query(pipeline="watertight", label="open"), id="pipeline-and-label"),
            pytest.param(Query(since=NOON + timedelta(minutes=1)), id="since"),
            pytest.param(Query(until=NOON + timedelta(minutes=1)), id="until"),
            pytest.param(Query(since=datetime(2026, 11, 23, 12, 1, 0, 123456)), id="naive-is-utc"),
        ],
    )
    def test_a_query_finds_what_it_names(self, store: AssessmentStore, query: Query) -> None:
        answer = prediction("watertight", "open", property="model3d/watertight")
        minutes = -1 if query.until else 1
        wanted = assessment(
            minutes, name="scan.ply", modality="model3d", digest="cd" * 32, predictions=(answer,), verdict="bad"
        )
        store.add([wanted, assessment(2 if query.until else 0)])
        assert store.find(query).items == (wanted,)

    def test_pipeline_and_label_belong_to_one_prediction(self, store: AssessmentStore) -> None:
        store.add([assessment(predictions=(prediction("a", "sharp"), prediction("b", "blurred")))])
        assert store.find(Query(pipeline="a", label="blurred")).items == ()

    @pytest.mark.parametrize("end", [datetime.max, datetime.min], ids=["last", "first"])
    @pytest.mark.parametrize("hours", [-12, 0, 12])
    def test_the_ends_of_the_calendar_are_moments_too(self, store: AssessmentStore, end: datetime, hours: int) -> None:
        kept = assessment()
        store.add([kept])
        moment = end.replace(tzinfo=timezone(timedelta(hours=hours)))
        assert store.find(Query(since=moment)).items == (() if end is datetime.max else (kept,))

    def test_evidence_belongs_to_an_assessment_and_a_pipeline(self, store: AssessmentStore) -> None:
        kept = assessment()
        store.add([kept], {(kept.id, "blur_laplacian"): PNG})
        assert store.evidence(kept.id, "blur_laplacian") == PNG
        with pytest.raises(NotFound):
            store.evidence(kept.id, "brightness")

    def test_evidence_may_come_later(self, store: AssessmentStore) -> None:
        kept = assessment()
        store.add([kept])
        store.add([], {(kept.id, "blur_laplacian"): PNG})
        assert store.evidence(kept.id, "blur_laplacian") == PNG

    def test_evidence_of_a_stranger_keeps_nothing(self, store: AssessmentStore) -> None:
        kept = assessment()
        with pytest.raises(NotFound):
            store.add([kept], {(new_id(), "blur_laplacian"): PNG})
        assert store.find(Query()).items == ()

    def test_what_is_deleted_is_gone_with_its_evidence(self, store: AssessmentStore) -> None:
        kept, other = assessment(), assessment()
        store.add([kept, other], {(kept.id, "blur_laplacian"): PNG, (other.id, "blur_laplacian"): PNG})
        store.delete(kept.id)
        with pytest.raises(NotFound):
            store.get(kept.id)
        with pytest.raises(NotFound):
            store.evidence(kept.id, "blur_laplacian")
        with pytest.raises(NotFound):
            store.delete(kept.id)
        assert store.find(Query(pipeline="blur_laplacian")).items == (other,)
        assert store.evidence(other.id, "blur_laplacian") == PNG

    def test_many_threads_write_at_once(self, store: AssessmentStore) -> None:
        kept = [assessment() for _ in range(64)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda one: store.add([one]), kept))
        assert {item.id for item in store.find(Query(limit=100)).items} == {one.id for one in kept}


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> MemoryAssessmentStore:
        return MemoryAssessmentStore()


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def store(self, sqlite_store: SqlAssessmentStore) -> SqlAssessmentStore:
        return emptied(sqlite_store)


class TestPostgresStore(StoreContract):
    @pytest.fixture
    def store(self, postgres_store: SqlAssessmentStore) -> SqlAssessmentStore:
        return emptied(postgres_store)


class TestGroupCommit(StoreContract):
    @pytest.fixture
    def store(self, sqlite_store: SqlAssessmentStore) -> Iterator[BatchedAssessmentStore]:
        with closing(BatchedAssessmentStore(lambda: emptied(sqlite_store))) as store:
            yield store


@pytest.fixture(scope="module")
def sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlAssessmentStore]:
    with closing(SqlAssessmentStore.opened(f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'results.db'}")) as store:
        yield store


@pytest.fixture(scope="module")
def postgres_store(postgres_server: str) -> Iterator[SqlAssessmentStore]:
    with closing(SqlAssessmentStore.opened(postgres_server)) as store:
        yield store


def emptied(store: SqlAssessmentStore) -> SqlAssessmentStore:
    with writing(store.engine) as connection:
        connection.execute(sa.delete(ASSESSMENTS))
    return store


@same_store
@given(any_assessment=assessments)
def test_any_assessment_comes_back_as_it_was(any_store: AssessmentStore, any_assessment: Assessment) -> None:
    any_store.add([any_assessment])
    assert any_store.get(any_assessment.id) == any_assessment


@pytest.fixture(params=["sqlite", "postgres"])
def any_store(request: pytest.FixtureRequest) -> SqlAssessmentStore:
    return emptied(request.getfixturevalue(f"{request.param}_store"))


@given(any_assessment=assessments)
def test_a_document_says_all_of_an_assessment(any_assessment: Assessment) -> None:
    assert from_document(to_document(any_assessment)) == any_assessment


class Gate(MemoryAssessmentStore):
    """A store that tells when it is asked to commit, and waits until it may."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.free = threading.Semaphore(0), threading.Semaphore(0)
        self.batches: list[int] = []

    def add(self, assessments, evidence=None) -> None:  # type: ignore[no-untyped-def]
        self.batches.append(len(assessments))
        self.asked.release()
        self.free.acquire()
        super().add(assessments, evidence)

    def open_for(self, commits: int) -> None:
        self.free.release(commits)


class Away(MemoryAssessmentStore):
    """A database that is away; it counts how often it was asked."""

    asked = 0

    def add(self, assessments, evidence=None) -> None:  # type: ignore[no-untyped-def]
        self.asked += 1
        raise DatabaseAway


class TestBatches:
    def test_who_comes_during_a_commit_shares_the_next(self) -> None:
        gate = Gate()
        store = BatchedAssessmentStore(lambda: gate)
        first = store.submit([assessment()])
        gate.asked.acquire()
        others = [store.submit([assessment(), assessment()]) for _ in range(5)]
        gate.open_for(2)
        for future in (first, *others):
            future.result(timeout=10)
        assert gate.batches == [1, 10]

    @pytest.mark.parametrize("patient", [True, False])
    def test_who_is_patient_waits_for_the_next(self, patient: bool) -> None:
        gate = Gate()
        store = BatchedAssessmentStore(lambda: gate, delay=60)
        futures = [store.submit([assessment()], patient=True), store.submit([assessment()], patient=patient)]
        gate.open_for(1)
        for future in futures:
            future.result(timeout=10)
        assert gate.batches == [2]

    def test_who_is_patient_does_not_wait_for_ever(self) -> None:
        gate = Gate()
        store = BatchedAssessmentStore(lambda: gate, delay=0.001)
        gate.open_for(1)
        store.submit([assessment()], patient=True).result(timeout=10)
        assert gate.batches == [1]

    def test_nobody_is_told_before_the_commit(self) -> None:
        gate = Gate()
        store = BatchedAssessmentStore(lambda: gate)
        future = store.submit([assessment()])
        gate.asked.acquire()
        assert not future.done()
        gate.open_for(1)
        future.result(timeout=10)

    def test_only_the_one_at_fault_hears_of_it(self) -> None:
        gate = Gate()
        store = BatchedAssessmentStore(lambda: gate)
        twin = assessment()
        futures = [store.submit([twin])]
        gate.asked.acquire()
        futures += [store.submit([one]) for one in (assessment(), twin, assessment())]
        gate.open_for(5)
        errors = [type(future.exception(timeout=10)) for future in futures]
        assert errors == [type(None), type(None), Conflict, type(None)]

    def test_a_database_that_is_away_is_asked_once_for_all(self) -> None:
        gate, away = threading.Event(), Away()

        def opened() -> Away:
            gate.wait(10)
            return away

        store = BatchedAssessmentStore(opened)
        futures = [store.submit([assessment()]) for _ in range(20)]
        gate.set()
        assert all(isinstance(future.exception(timeout=10), Busy) for future in futures)
        assert away.asked <= 2

    def test_who_gave_up_waiting_harms_nobody(self) -> None:
        gate = Gate()
        store = BatchedAssessmentStore(lambda: gate)
        store.submit([assessment()])
        gate.asked.acquire()
        given_up, patient = store.submit([assessment()]), store.submit([assessment()])
        assert given_up.cancel()
        gate.open_for(2)
        patient.result(timeout=10)
        assert gate.batches == [1, 1]

    def test_a_store_that_cannot_be_opened_tells_every_caller(self) -> None:
        def opened() -> MemoryAssessmentStore:
            raise DatabaseAway

        store = BatchedAssessmentStore(opened)
        for _ in range(2):
            with pytest.raises(Busy):
                store.add([assessment()])

    def test_closing_commits_what_waits(self) -> None:
        memory = MemoryAssessmentStore()
        store = BatchedAssessmentStore(lambda: memory)
        futures = [store.submit([assessment()]) for _ in range(600)]
        store.close()
        assert all(future.done() for future in futures)
        assert len(memory.kept) == 600

    def test_nothing_is_added_to_a_closed_store(self) -> None:
        store = BatchedAssessmentStore(MemoryAssessmentStore)
        store.close()
        store.close()
        with pytest.raises(RuntimeError, match="closed"):
            store.add([assessment()])


def test_text_of_another_version_is_understood() -> None:
    text = to_document(assessment(info={}))
    newer = text.replace('"verdict"', '"mood":"sunny","verdict"').replace('"unit"', '"taste":"sweet","unit"')
    older = text.replace('"unit":"px",', "").replace('"info":{},', "")
    assert from_document(newer) == from_document(text)
    assert from_document(older).predictions[0].unit == ""


def test_numpy_values_and_read_only_mappings_are_plain_json() -> None:
    kept = assessment(
        info={"exposure": np.float32(0.5), "shape": np.arange(2)}, predictions=(prediction(score=np.float64(0.5)),)
    )
    assert from_document(to_document(kept)).info == {"exposure": 0.5, "shape": [0, 1]}
    nan = replace(kept, info={"exposure": np.float32("nan"), "shape": np.arange(2)})
    assert math.isnan(from_document(to_document(nan)).info["exposure"])


def write_many(url: str, count: int) -> None:
    """What a worker of the API does: open (and perhaps migrate), then write in small transactions."""
    with closing(SqlAssessmentStore.opened(url)) as store:
        for _ in range(count):
            store.add([assessment() for _ in range(3)])
            store.find(Query(limit=1))


def test_processes_that_start_and_write_at_once_lose_nothing(database_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=write_many, args=(database_url, 20)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]
    with closing(SqlAssessmentStore.opened(database_url)) as store:
        assert len(store.find(Query(limit=1000)).items) == 4 * 20 * 3


def test_a_store_is_opened_on_first_use(sqlite_url: str) -> None:
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    with closing(open_assessment_store(sqlite_url)) as store:
        assert not file.exists()
        assert store.find(Query()).items == ()
        assert file.exists()


def test_who_waits_too_long_for_the_lock_is_told_to_come_back(sqlite_url: str) -> None:
    with closing(SqlAssessmentStore.opened(sqlite_url)) as store, writing(store.engine):
        impatient = SqlAssessmentStore(store.engine.execution_options())
        sa.event.listen(store.engine, "checkout", lambda connection, *_: connection.execute("PRAGMA busy_timeout=1"))
        with pytest.raises(Busy, match="cannot be used now"):
            impatient.add([assessment()])


def test_a_batch_is_one_transaction_with_few_statements(database_url: str) -> None:
    statements: list[str] = []
    with closing(SqlAssessmentStore.opened(database_url)) as store:
        if store.engine.name == "sqlite":
            sa.event.listen(store.engine, "checkout", lambda driver, *_: driver.set_trace_callback(statements.append))
        else:
            sa.event.listen(store.engine, "before_cursor_execute", lambda *seen: statements.append(seen[2]))
        store.add([assessment(predictions=(prediction(), prediction())) for _ in range(40)])
    beginnings = {"sqlite": ["BEGIN IMMEDIATE"], "postgresql": ["INSERT INTO assessments", "INSERT INTO predictions"]}
    begun = [text for text in statements if text.startswith(tuple(beginnings[store.engine.name]))]
    assert len(begun) == len(beginnings[store.engine.name])


def test_moments_are_stored_in_utc_whatever_the_zone(sqlite_url: str) -> None:
    with closing(SqlAssessmentStore.opened(sqlite_url)) as store:
        store.add([assessment(created=datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2))))])
        with store.engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT created FROM assessments")) == "2025-12-31 23:00:00.000000"
        assert store.find(Query()).items[0].created == datetime(2025, 12, 31, 23, tzinfo=UTC)
