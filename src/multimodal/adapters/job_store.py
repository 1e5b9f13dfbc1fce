"""Where jobs are kept: the port JobStore in a relational database.

Each change reads a job, asks the domain what it becomes, and writes that, in one transaction that has the job's lock
from the start (SQLite: the database's).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row

from ..domain.shared.errors import NotFound, QueueFull
from ..domain.shared.jobs import Job, JobError, JobPage, JobProgress, JobQuery, Outcome
from .db import reading, writing
from .db_tables import JOBS
from .migrations import opened

LARGEST_PAGE = 1_000
AS_JSON: Mapping[str, Callable[..., Any]] = {  # columns of JSON text, and what it becomes
    "arguments": dict,
    "progress": JobProgress,
    "result": dict,
    "error": JobError,
}
Step = Callable[[Job], Job]


class SqlJobStore:
    """Jobs in a database whose tables are up to date."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def opened(cls, url: str) -> SqlJobStore:
        """The store in the database of this URL, made or brought up to date when needed."""
        return cls(opened(url))

    def add(self, job: Job, most: int) -> None:
        """Keep a queued job; `QueueFull` when `most` wait already, `Conflict` when it is kept already."""
        with writing(self.engine) as connection:
            if self.engine.dialect.name == "postgresql":  # or two who count at once would both find room
                connection.execute(sa.text("LOCK TABLE jobs IN SHARE ROW EXCLUSIVE MODE"))
            waiting = sa.select(JOBS.c.id).where(JOBS.c.state == "queued").limit(most)
            if len(connection.execute(waiting).all()) >= most:
                raise QueueFull(most)
            connection.execute(sa.insert(JOBS).values(to_row(job)))

    def get(self, id: str) -> Job:
        """One job or `NotFound`."""
        with reading(self.engine) as connection:
            return found(connection, id)

    def find(self, query: JobQuery) -> JobPage:
        """A page of jobs, newest first; at most 1,000."""
        size = max(1, min(query.limit, LARGEST_PAGE))
        statement = sa.select(JOBS).order_by(JOBS.c.id.desc()).limit(size + 1)
        wanted = {"state": query.state, "kind": query.kind}
        statement = statement.where(*(JOBS.c[name] == value for name, value in wanted.items() if value is not None))
        if query.after is not None:
            statement = statement.where(JOBS.c.id < query.after)
        with reading(self.engine) as connection:
            jobs = tuple(map(from_row, connection.execute(statement)))
        return JobPage(jobs[:size], jobs[size - 1].id if len(jobs) > size else None)

    def claim(self, owner: str) -> Job | None:
        """The oldest queued job, now this runner's; None when none waits."""
        oldest = sa.select(JOBS).where(JOBS.c.state == "queued").order_by(JOBS.c.id).limit(1)
        with writing(self.engine) as connection:
            row = connection.execute(oldest.with_for_update(skip_locked=True)).one_or_none()
            return None if row is None else kept(connection, from_row(row).begun(owner, now()))

    def beat(self, id: str, owner: str, progress: JobProgress | None = None) -> bool:
        """A sign of life; whether this runner is to go on."""
        job = self._change(id, lambda job: job.beaten(owner, progress, now()))
        return job.is_run_by(owner) and not job.cancelling

    def finish(self, id: str, owner: str, outcome: Outcome) -> Job:
        """Keep how a job ended; `Conflict` when this runner does not have it any more."""
        return self._change(id, lambda job: job.ended(owner, outcome, now()))

    def put_back(self, id: str, owner: str) -> Job:
        """Queue a job again whose runner is told to end; `Conflict` as above."""
        return self._change(id, lambda job: job.put_back(owner, now()))

    def cancel(self, id: str) -> Job:
        """Cancel a job, or tell it to stop when it runs; `Conflict` when it ended otherwise, or `NotFound`."""
        return self._change(id, lambda job: job.cancelled(now()))

    def release(self, place: str, before: datetime) -> Sequence[Job]:
        """Take jobs from runners that are gone; those jobs as they are now."""
        running = sa.select(JOBS).where(JOBS.c.state == "running").order_by(JOBS.c.id)
        with writing(self.engine) as connection:
            jobs = map(from_row, connection.execute(running.with_for_update(skip_locked=True)).all())
            return [kept(connection, job.lost(now())) for job in jobs if job.is_abandoned(place, before)]

    def close(self) -> None:
        """Let go of the connections."""
        self.engine.dispose()

    def _change(self, id: str, step: Step) -> Job:
        with writing(self.engine) as connection:
            return kept(connection, step(found(connection, id, lock=True)))


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


def found(connection: Connection, id: str, *, lock: bool = False) -> Job:
    """One job or `NotFound`; with `lock`, nobody else changes it before the transaction ends."""
    statement = sa.select(JOBS).where(JOBS.c.id == id)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise NotFound(f"There is no job {id[:80]!r}.")
    return from_row(row)


def kept(connection: Connection, job: Job) -> Job:
    """The job, whose values are now those of its row."""
    connection.execute(sa.update(JOBS).where(JOBS.c.id == job.id).values(to_row(job)))
    return job


def to_row(job: Job) -> dict[str, Any]:
    """A job as its row."""
    return {**vars(job), **{name: to_json(getattr(job, name)) for name in AS_JSON}}


def from_row(row: Row[Any]) -> Job:
    """A row as its job."""
    values = dict(row._mapping)
    made = {name: make(**json.loads(values[name])) for name, make in AS_JSON.items() if values[name] is not None}
    return Job(**{**values, **made})


def to_json(value: Any) -> str | None:
    """A mapping or a flat dataclass as JSON text."""
    if value is None:
        return None
    return json.dumps(dict(value) if isinstance(value, Mapping) else vars(value), allow_nan=False)
