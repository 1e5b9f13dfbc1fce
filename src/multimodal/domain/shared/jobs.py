"""Jobs: work that takes longer than a request, and outlives whoever asked for it.

    queued -> running -> done | failed | cancelled
       ^---------'  its runner was interrupted, or vanished (at most twice)

Job .......... one of them, with its arguments, how far it is, and what came of it
Outcome ...... how a job ended
JobQuery ..... which jobs are wanted, JobPage what was found
plain ........ any result as plain JSON values

A store keeps the value that a method gives; two stores that use these methods agree on what a job may become.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from .errors import Conflict
from .identity import new_id

JobKind = Literal["train", "evaluate"]
JobState = Literal["queued", "running", "done", "failed", "cancelled"]
MOST_LOSSES = 2
UNFINISHED: tuple[JobState, ...] = ("queued", "running")


@dataclass(frozen=True)
class JobProgress:
    """What is being done, and how much of it: `done` of `total`."""

    what: str
    done: int
    total: int


@dataclass(frozen=True)
class JobError:
    """Why a job failed. code: the error's machine-readable name."""

    code: str
    message: str


@dataclass(frozen=True)
class Outcome:
    """How a job ended: with a result (plain JSON), an error, or neither when it was cancelled."""

    state: JobState
    result: Mapping[str, Any] | None = None
    error: JobError | None = None


@dataclass(frozen=True)
class Job:
    """One job; ids sort by the time they were made. All moments are UTC.

    arguments: plain JSON. beat: the last sign of life of its runner. owner: that runner, as PLACE/PROCESS.
    cancelling: it was told to stop and has not stopped yet. attempts: how often it was begun. losses: how often its
    runner vanished in the middle.
    """

    id: str
    kind: JobKind
    arguments: Mapping[str, Any]
    created: datetime
    state: JobState = "queued"
    progress: JobProgress | None = None
    started: datetime | None = None
    finished: datetime | None = None
    beat: datetime | None = None
    result: Mapping[str, Any] | None = None
    error: JobError | None = None
    owner: str = ""
    cancelling: bool = False
    attempts: int = 0
    losses: int = 0

    @classmethod
    def new(cls, kind: JobKind, arguments: Mapping[str, Any]) -> Job:
        """A job of this moment."""
        return cls(new_id(), kind, arguments, datetime.now(UTC))

    @property
    def is_over(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.state not in UNFINISHED

    def is_run_by(self, owner: str) -> bool:
        """Whether this runner has it."""
        return self.state == "running" and self.owner == owner

    def is_abandoned(self, place: str, before: datetime) -> bool:
        """Whether its runner is gone: it worked at `place`, where nobody works now, or gave no sign since `before`."""
        silent = self.beat is not None and self.beat < before
        return self.state == "running" and (silent or self.owner.partition("/")[0] == place)

    def begun(self, owner: str, now: datetime) -> Job:
        """A queued job in the hands of a runner."""
        started = self.started or now
        return replace(self, state="running", owner=owner, started=started, beat=now, attempts=self.attempts + 1)

    def beaten(self, owner: str, progress: JobProgress | None, now: datetime) -> Job:
        """The same with a sign of life; nothing changes when another runner has it."""
        return replace(self, progress=progress or self.progress, beat=now) if self.is_run_by(owner) else self

    def ended(self, owner: str, outcome: Outcome, now: datetime) -> Job:
        """The job with its outcome; `Conflict` when this runner does not have it any more."""
        self._require(owner)
        return self._over(outcome, now)

    def put_back(self, owner: str, now: datetime) -> Job:
        """Queued again, since its runner is told to end; `Conflict` when this runner does not have it any more."""
        self._require(owner)
        return self._over(Outcome("cancelled"), now) if self.cancelling else replace(self, state="queued", owner="")

    def cancelled(self, now: datetime) -> Job:
        """Cancelled at once when nobody works on it, else told to stop; `Conflict` when it ended otherwise."""
        if self.state == "queued":
            return self._over(Outcome("cancelled"), now)
        if self.is_over and self.state != "cancelled":
            raise Conflict(f"The job is {self.state} already, so it cannot be cancelled.")
        return self if self.is_over else replace(self, cancelling=True)

    def lost(self, now: datetime) -> Job:
        """The job after its runner vanished: queued again, or failed when that happened too often."""
        if self.cancelling:
            return self._over(Outcome("cancelled"), now)
        if self.losses < MOST_LOSSES:
            return replace(self, state="queued", owner="", losses=self.losses + 1)
        message = f"The process that ran it ended without a word, {self.losses + 1} times. Is there enough memory?"
        return self._over(Outcome("failed", error=JobError("runner-lost", message)), now)

    def _require(self, owner: str) -> None:
        if not self.is_run_by(owner):
            raise Conflict("Another runner has the job now, or it has ended.")

    def _over(self, outcome: Outcome, now: datetime) -> Job:
        ended = replace(self, state=outcome.state, result=outcome.result, error=outcome.error)
        return replace(ended, finished=now, cancelling=False)


@dataclass(frozen=True)
class JobQuery:
    """Which jobs are wanted; None means any. Newest first; `after` is the id where the last page ended."""

    state: JobState | None = None
    kind: JobKind | None = None
    after: str | None = None
    limit: int = 50


@dataclass(frozen=True)
class JobPage:
    """One page of jobs; `next` is the `after` of the following page, None on the last."""

    items: tuple[Job, ...] = field(default_factory=tuple)
    next: str | None = None


def plain(value: Any) -> Any:
    r"""Dataclasses, mappings, sequences, moments and NumPy values as plain JSON values.

    What is not finite becomes None, as do bytes; text that is not Unicode is escaped.

    >>> plain({"score": float("nan"), "names": ("a", "b\udcff")})
    {'score': None, 'names': ['a', 'b\\udcff']}
    """
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int):
        return value
    if is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    return _plain_other(value)


def _plain_other(value: Any) -> Any:
    if isinstance(value, bytes | bytearray):
        return None
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(inner) for key, inner in value.items()}
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, Iterable):
        return [plain(inner) for inner in value]
    return plain(str(value))
