"""Jobs: trainings and evaluations that are asked for now and done by another process.

submit, get, find, cancel ... for whoever asks
work ........................ for the runner: all that waits, one after the other
has_work .................... whether a runner is needed
Pulse ....................... between a job that runs and the store: progress there, "stop" back
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self, cast

from ..domain.shared.errors import Cancelled, ConfigError, Conflict, InvalidJob, JobsOff, QualityError
from ..domain.shared.jobs import Job, JobError, JobKind, JobPage, JobProgress, JobQuery, Outcome, plain
from ..domain.shared.ports import JobStore, Progress, TrainingRun
from .dataset_service import DatasetService
from .evaluation_service import EvaluationService
from .job_arguments import checked
from .training_service import TrainingService

log = logging.getLogger(__name__)
PAUSE = 0.5  # seconds between two reports of progress
SILENCE = 1.0  # seconds without progress until a sign of life is due; also what a cancellation takes to be heard
STALE = timedelta(seconds=60)  # a runner that is silent for so long is taken for gone
UNEXPECTED = JobError("unexpected", "The job failed in an unexpected way. The log of its runner says why.")
Words = Mapping[str, Any]


class JobService:
    """Takes jobs and runs them.

    store: opens the store of jobs on first use. most: how many jobs may wait; 0 takes none.
    """

    def __init__(
        self,
        store: Callable[[], JobStore],
        trainer: TrainingService,
        evaluator: EvaluationService,
        data: DatasetService,
        *,
        most: int,
    ) -> None:
        self.store = store
        self.trainer = trainer
        self.evaluator = evaluator
        self.data = data
        self.most = most
        self.kinds: Mapping[JobKind, Callable[[Job, Progress], Words]] = {
            "train": self._train,
            "evaluate": self._evaluate,
        }

    def submit(self, kind: str, arguments: Words) -> Job:
        """Queue a job. Its arguments are checked now: `InvalidJob`; also `JobsOff`, `QueueFull`."""
        if not self.most:
            raise JobsOff
        recipes = self.trainer.catalog.recipes
        words = checked(kind, arguments, recipes=recipes, datasets=self.data.names())
        if kind == "train":
            self._refuse_untrainable(words)
        job = Job.new(cast(JobKind, kind), words)
        self.store().add(job, self.most)
        log.info("job %s waits: %s %s", job.id, kind, words["pipeline"])
        return job

    def get(self, id: str) -> Job:
        """One job or `NotFound`."""
        return self.store().get(id)

    def find(self, query: JobQuery) -> JobPage:
        """A page of jobs, newest first."""
        return self.store().find(query)

    def cancel(self, id: str) -> Job:
        """Cancel a job, or tell it to stop; `Conflict` when it has ended otherwise, or `NotFound`."""
        return self.store().cancel(id)

    def has_work(self, place: str) -> bool:
        """Whether a job waits, or is abandoned, given that nobody works at `place` now."""
        if self.find(JobQuery(state="queued", limit=1)).items:
            return True
        before = stale()
        return any(job.is_abandoned(place, before) for job in self.find(JobQuery(state="running")).items)

    def work(self, owner: str) -> int:
        """Run all jobs that wait, one after the other; how many. Only one runner works at the owner's place."""
        for lost in self.store().release(owner.partition("/")[0], stale()):
            log.warning("job %s lost its runner and is %s", lost.id, lost.state)
        count = 0
        while (job := self.store().claim(owner)) is not None:
            self.run(job)
            count += 1
        return count

    def run(self, job: Job) -> None:
        """Do a claimed job and keep what comes of it; put it back when this process is interrupted."""
        log.info("job %s begins, attempt %d: %s %s", job.id, job.attempts, job.kind, job.arguments["pipeline"])
        try:
            outcome = self._outcome(job)
        except KeyboardInterrupt:
            with suppress(Conflict):
                self.store().put_back(job.id, job.owner)
            raise
        try:
            ended = self.store().finish(job.id, job.owner, outcome)
        except Conflict:
            log.warning("job %s was given to another runner meanwhile; what came of it here is forgotten", job.id)
        else:
            log.info("job %s is %s", job.id, ended.state)

    def _outcome(self, job: Job) -> Outcome:
        try:
            with Pulse(lambda progress: self.store().beat(job.id, job.owner, progress)) as pulse:
                return Outcome("done", result=plain(self.kinds[job.kind](job, pulse.report)))
        except Cancelled:
            return Outcome("cancelled")
        except QualityError as error:
            return Outcome("failed", error=JobError(error.code, str(error)))
        except Exception:  # a job, like a request, must not take others down
            log.exception("job %s failed", job.id)
            return Outcome("failed", error=UNEXPECTED)

    def _train(self, job: Job, progress: Progress) -> Words:
        pipeline, dataset, changes = self._parts(job.arguments)
        resume = job.attempts > 1
        run = self.trainer.train(pipeline, dataset=dataset, changes=changes, resume=resume, progress=progress)
        return learned(run)

    def _evaluate(self, job: Job, progress: Progress) -> Words:
        words = job.arguments
        return self.evaluator.evaluate(words["pipeline"], dataset=words["dataset"], progress=progress).to_dict()

    def _parts(self, arguments: Words) -> tuple[str, str | None, Words]:
        """Pipeline, data set, and the training arguments that differ from the pipeline's own.

        Hyperparameters that are not spoken of stay as they are.
        """
        changes = {key: value for key, value in arguments.items() if key not in ("pipeline", "dataset")}
        pipeline: str = arguments["pipeline"]
        training = self.trainer.catalog.recipe(pipeline).training
        if training is not None and "hyperparameters" in changes:
            changes["hyperparameters"] = {**training.hyperparameters, **changes["hyperparameters"]}
        return pipeline, arguments.get("dataset"), changes

    def _refuse_untrainable(self, words: Words) -> None:
        """Notice now what the arguments together make impossible."""
        pipeline, dataset, changes = self._parts(words)
        try:
            self.trainer.recipe(pipeline, dataset, changes)
        except ConfigError as error:
            raise InvalidJob(str(error)) from error


def learned(run: TrainingRun) -> Words:
    """What is told of a training: the model that it made, and how good that is."""
    search = run.search
    return {
        "run": run.id,
        "model": str(run.bundle.ref),
        "metrics": run.bundle.metrics,
        "trials": len(search.trials) if search else 0,
        "values": search.best.values if search else {},
    }


def stale() -> datetime:
    """Who gave no sign of life since then is taken for gone."""
    return datetime.now(UTC) - STALE


class Pulse:
    """Tells how far a job is, and hears whether it is to go on; for `with`, around the work.

    A thread does both, so that a database that is slow costs the work no time, and a long step without any progress
    looks alive. beat: sends progress (None: none is new); False when the work is to stop.
    """

    def __init__(self, beat: Callable[[JobProgress | None], bool], pause: float = PAUSE) -> None:
        self.beat = beat
        self.pause, self.silence = pause, SILENCE
        self.latest: JobProgress | None = None
        self.ended, self.stopped = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.ended.set()
        self.thread.join()

    def report(self, what: str, done: int, total: int) -> None:
        """The progress of the work; raises `Cancelled` when it is to stop."""
        self.latest = JobProgress(what, done, total)
        if self.stopped.is_set():
            raise Cancelled("The job was cancelled.")

    def _run(self) -> None:
        told: JobProgress | None = None
        silent = 0.0
        while not self.ended.wait(self.pause):
            latest, silent = self.latest, silent + self.pause
            if latest != told or silent >= self.silence:
                self._tell(latest)
                told, silent = latest, 0.0
        if self.latest != told:
            self._tell(self.latest)

    def _tell(self, latest: JobProgress | None) -> None:
        try:
            if not self.beat(latest):
                self.stopped.set()
        except Exception as error:  # noqa: BLE001  (the edge of a thread: the work goes on, the next beat may succeed)
            log.warning("a job's progress could not be kept: %s", error)
