"""Group commit: one transaction carries the assessments of all who want to keep some at the same time.

    caller -- add ------> queue -- thread --> store.add(all that have queued up)
           <- its batch is committed --

The thread takes what is there, and while it commits, more queues up. Who knows that others come right behind is
patient: its commit waits a few milliseconds for the next of them (as with PostgreSQL's `commit_delay`), since a commit
costs much more than a row. Nobody else waits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from ..domain.shared.errors import Busy
from ..domain.shared.ports import AssessmentStore, Page, Query
from ..domain.shared.results import Assessment

NO_EVIDENCE: Mapping[tuple[str, str], bytes] = {}
T = TypeVar("T")
LARGEST_BATCH = 256  # callers in one transaction
DELAY = 0.008  # seconds that a patient job waits for another one


def open_assessment_store(url: str) -> BatchedAssessmentStore:
    """The store of results in this database; it is connected, and migrated when needed, on first use."""

    def opened() -> AssessmentStore:
        from .assessment_store import SqlAssessmentStore  # SQLAlchemy: half a second that most commands need not pay

        return SqlAssessmentStore.opened(url)

    return BatchedAssessmentStore(opened)


@dataclass(frozen=True, eq=False)
class Job:
    """What one caller wants kept; `done` tells it how that went. patient: whether others come right behind."""

    assessments: Sequence[Assessment]
    evidence: Mapping[tuple[str, str], bytes]
    patient: bool = False
    done: Future[None] = field(default_factory=Future)


class Once(Generic[T]):
    """What `make` gives, made when it is first asked for, by whichever thread comes first."""

    def __init__(self, make: Callable[[], T]) -> None:
        self.make = make
        self.lock = threading.Lock()
        self.made: T | None = None

    def __call__(self) -> T:
        with self.lock:
            self.made = self.make() if self.made is None else self.made
            return self.made


class BatchedAssessmentStore:
    """A store in front of another, which `opened` gives on first use; its thread starts with the first `add`."""

    def __init__(self, opened: Callable[[], AssessmentStore], delay: float = DELAY) -> None:
        self.store = Once(opened)
        self.delay = delay
        self.jobs: SimpleQueue[Job | None] = SimpleQueue()
        self.lock = threading.Lock()  # of the two that follow
        self.writer: threading.Thread | None = None
        self.closed = False

    def submit(
        self,
        assessments: Sequence[Assessment],
        evidence: Mapping[tuple[str, str], bytes] = NO_EVIDENCE,
        *,
        patient: bool = False,
    ) -> Future[None]:
        """Keep all or none, some time soon: the future ends when they are committed, or with the error."""
        job = Job(assessments, evidence, patient)
        with self.lock:
            if self.closed:
                raise RuntimeError("The store is closed.")
            self._start()
            self.jobs.put(job)
        return job.done

    def add(self, assessments: Sequence[Assessment], evidence: Mapping[tuple[str, str], bytes] = NO_EVIDENCE) -> None:
        """Keep all or none; returns when they are committed."""
        self.submit(assessments, evidence).result()

    def get(self, id: str) -> Assessment:
        """One assessment or `NotFound`."""
        return self.store().get(id)

    def find(self, query: Query) -> Page:
        """A page of assessments."""
        return self.store().find(query)

    def evidence(self, id: str, pipeline: str) -> bytes:
        """One picture or `NotFound`."""
        return self.store().evidence(id, pipeline)

    def delete(self, id: str) -> None:
        """Forget one assessment with its evidence, or `NotFound`."""
        self.store().delete(id)

    def close(self) -> None:
        """Commit what has queued up, and end; nothing can be added any more."""
        with self.lock:
            self.closed = True
            self.jobs.put(None)
        if self.writer is not None:
            self.writer.join()

    def _start(self) -> None:
        if self.writer is None:
            self.writer = threading.Thread(target=self._write, name="assessments", daemon=True)
            self.writer.start()

    def _write(self) -> None:
        while (job := self.jobs.get()) is not None:
            batch, ended = self._queued_up(job)
            self._keep([job for job in batch if job.done.set_running_or_notify_cancel()])
            if ended:
                return

    def _queued_up(self, first: Job) -> tuple[list[Job], bool]:
        """The jobs that wait, and the one that a patient first waits for; and whether the end stands behind them."""
        batch, patience = [first], self.delay if first.patient else 0.0
        with suppress(Empty):
            while len(batch) < LARGEST_BATCH:
                if (job := self.jobs.get(timeout=patience)) is None:
                    return batch, True
                batch.append(job)
                patience = 0.0
        return batch, False

    def _keep(self, batch: Sequence[Job]) -> None:
        """Commit all jobs together; when that fails, each for itself, so that only those at fault hear of it."""
        error = self._error_of(batch)
        if error is None or isinstance(error, Busy) or len(batch) == 1:
            for job in batch:
                job.done.set_exception(error) if error else job.done.set_result(None)
        else:
            for job in batch:
                self._keep([job])

    def _error_of(self, batch: Sequence[Job]) -> Exception | None:
        try:
            assessments = [assessment for job in batch for assessment in job.assessments]
            self.store().add(assessments, {key: png for job in batch for key, png in job.evidence.items()})
        except Exception as error:  # noqa: BLE001  (the edge of a thread: the error belongs to the callers)
            return error
        return None
