"""Ports: what the domain and the services need of the outside world. Each adapter implements one.

DatasetSource ..... a data set's name or description -> Dataset
Renderer .......... captures that are made, made once
FeatureStore ...... what was measured of a capture, so that it is never measured again
Tuner ............. a search space and an objective -> the best values
Tracker ........... what a training run wants remembered
ModelStore ........ trained pipelines by name and version
AssessmentStore ... results
JobStore .......... work that takes longer than a request
TrafficStore ...... what models saw, counted by day
AgreementStore .... how challengers agree with champions
Engine ............ one function over many items, side by side
Progress .......... (what, done, of how many)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from .results import Assessment, Verdict

if TYPE_CHECKING:
    from .agreement import Agreement
    from .arguments import Suggestion
    from .bundle import Bundle, ModelRef
    from .data import Dataset
    from .jobs import Job, JobPage, JobProgress, JobQuery, Outcome
    from .promotion import Promotion
    from .sample import Capture

I_contra = TypeVar("I_contra", contravariant=True)
A = TypeVar("A")
B = TypeVar("B")
Progress = Callable[[str, int, int], None]


def silent(what: str, done: int, total: int) -> None:
    """A progress that nobody watches."""


class DatasetSource(Protocol):
    """Finds data sets by name, file, folder or URL."""

    def load(self, reference: str, progress: Progress = silent) -> Dataset:
        """The data set, or `DataError`/`UnknownName`; a synthetic one is made when it is asked for the first time."""

    def good_captures(self, reference: str, progress: Progress = silent) -> Dataset:
        """The same without labels and splits; a folder needs no folder a class: all below it, at any depth."""

    def names(self) -> Sequence[str]:
        """Names that need no path."""


class Renderer(Protocol):
    """Makes captures whose content is a function to be called, each once."""

    def render(self, captures: Sequence[Capture], key: str, progress: Progress = silent) -> list[Capture]:
        """The captures, made; `key` stands for what they are and for the code that makes them."""


class FeatureStore(Protocol):
    """Rows by what measured them (`key`) and by the content that was measured (sha256 of a capture's bytes)."""

    def read(self, key: str, contents: Sequence[str]) -> Mapping[str, bytes]:
        """The rows that are there, by content."""

    def write(self, key: str, rows: Mapping[str, bytes]) -> None:
        """Keep rows by content."""


@dataclass(frozen=True)
class Trial:
    """One try of a search: its number, the values and the score that they reached.

    steps: the score of each fold. pruned: given up after the first folds, since others were clearly better there; its
    score is the mean of those.
    """

    number: int
    values: Mapping[str, Any]
    score: float
    steps: tuple[float, ...] = ()
    pruned: bool = False
    started: datetime | None = field(default=None, compare=False)
    seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True)
class Search:
    """A finished search: the best trial and all trials in their order."""

    best: Trial
    trials: tuple[Trial, ...]


@dataclass(frozen=True)
class Plan:
    """How a search goes: it ends after so many trials, or so many minutes, whichever comes first.

    study: what it is about; searches of the same study can share their trials. resume: go on with the latest search of
    this study (which may run elsewhere at this moment), instead of beginning anew.
    """

    maximise: bool
    trials: int
    minutes: float | None = None
    seed: int = 0
    study: str = ""
    resume: bool = False


Objective = Callable[[Mapping[str, Any]], Iterable[float]]
"""Values to the scores of the folds, one after the other as they are known."""


class Tuner(Protocol):
    """Searches the values that make the mean score of an objective best."""

    def search(
        self, space: Mapping[str, Suggestion], objective: Objective, plan: Plan, progress: Progress = silent
    ) -> Search:
        """Try values as the plan says; what an interrupted search has tried is kept."""


@dataclass(frozen=True, eq=False)
class TrainingRun:
    """All that is worth remembering of a finished training.

    documents: name -> content (`report.html`, `evaluation.json`, plots). examples: captures as the model takes them.
    source: where the data set came from, as the user named it.
    """

    id: str
    bundle: Bundle
    search: Search | None
    started: datetime
    finished: datetime
    documents: Mapping[str, bytes] = field(default_factory=dict)
    examples: tuple[bytes, ...] = ()
    source: str = ""


class Tracker(Protocol):
    """Remembers training runs. A tracker that is away or slow never stops a training and loses nothing."""

    def log_run(self, run: TrainingRun) -> None:
        """Remember one finished training, here and now or later."""

    def waiting(self) -> Sequence[str]:
        """Ids of runs that are kept here and not yet where they belong."""

    def push(self) -> Sequence[str]:
        """Bring waiting runs where they belong; the ids of those that still wait."""


class ModelStore(Protocol):
    """Trained pipelines by name and version. One version of a name is the champion, a newer one the challenger."""

    def save(self, bundle: Bundle) -> ModelRef:
        """Keep a bundle; the same content gives the same reference."""

    def load(self, ref: ModelRef) -> Bundle:
        """The bundle, checked; `NotFound` or `ArtifactError`."""

    def champion(self, name: str) -> ModelRef | None:
        """The version that serves, if there is one."""

    def challenger(self, name: str) -> ModelRef | None:
        """The version that was saved last, if it is not (and was not since) the champion."""

    def promote(self, ref: ModelRef, promotion: Promotion | None = None) -> None:
        """Make a version the champion, and remember why (default: now, without a reason)."""

    def history(self, name: str) -> Sequence[Promotion]:
        """All promotions of a name, oldest first."""

    def versions(self, name: str) -> Sequence[ModelRef]:
        """All versions of a name, oldest first."""

    def names(self) -> Sequence[str]:
        """All names that have a version."""


@dataclass(frozen=True)
class Query:
    """Which stored assessments are wanted.

    None means any. Newest first; `after` is the id where the last page ended.
    """

    verdict: Verdict | None = None
    modality: str | None = None
    name: str | None = None
    digest: str | None = None
    pipeline: str | None = None
    label: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: str | None = None
    limit: int = 50


@dataclass(frozen=True)
class Page:
    """One page of assessments; `next` is the `after` of the following page, None on the last."""

    items: tuple[Assessment, ...] = field(default_factory=tuple)
    next: str | None = None


class AssessmentStore(Protocol):
    """Keeps assessments and the evidence pictures (PNG) that belong to them."""

    def add(self, assessments: Sequence[Assessment], evidence: Mapping[tuple[str, str], bytes] = ...) -> None:
        """Keep all or none; evidence by (assessment id, pipeline)."""

    def get(self, id: str) -> Assessment:
        """One assessment or `NotFound`."""

    def find(self, query: Query) -> Page:
        """A page of assessments."""

    def evidence(self, id: str, pipeline: str) -> bytes:
        """One picture or `NotFound`."""

    def delete(self, id: str) -> None:
        """Forget one assessment with its evidence, or `NotFound`."""


class JobStore(Protocol):
    """Jobs, shared by all processes of a database; each change is one step that no other process can come between."""

    def add(self, job: Job, most: int) -> None:
        """Keep a queued job; `QueueFull` when `most` wait already, `Conflict` when it is kept already."""

    def get(self, id: str) -> Job:
        """One job or `NotFound`."""

    def find(self, query: JobQuery) -> JobPage:
        """A page of jobs, newest first."""

    def claim(self, owner: str) -> Job | None:
        """The oldest queued job, now this runner's; None when none waits."""

    def beat(self, id: str, owner: str, progress: JobProgress | None = None) -> bool:
        """A sign of life; whether this runner is to go on."""

    def finish(self, id: str, owner: str, outcome: Outcome) -> Job:
        """Keep how a job ended; `Conflict` when this runner does not have it any more."""

    def put_back(self, id: str, owner: str) -> Job:
        """Queue a job again whose runner is told to end; `Conflict` as above."""

    def cancel(self, id: str) -> Job:
        """Cancel a job, or tell it to stop when it runs; `Conflict` when it ended otherwise, or `NotFound`."""

    def release(self, place: str, before: datetime) -> Sequence[Job]:
        """Take jobs from runners that are gone, see `Job.is_abandoned`; those jobs as they are now."""


@dataclass(frozen=True)
class Traffic:
    """What one version of a pipeline saw of one thing on one day (UTC).

    what: `score`, `labels` or `feature/NAME`. counts: of the bins of the version's reference (see distributions.py).
    """

    pipeline: str
    version: str
    what: str
    day: date
    counts: tuple[int, ...]


class TrafficStore(Protocol):
    """Adds up counts, whoever else adds to them at the same moment."""

    def add(self, traffic: Sequence[Traffic]) -> None:
        """Add all counts to what is kept of the same version, thing and day, or none."""

    def read(self, since: date, until: date) -> Sequence[Traffic]:
        """All that is kept of the days from `since` to `until`, both included."""


class AgreementStore(Protocol):
    """Counts how challengers agree with champions; many processes add to the same counts."""

    def add(self, increments: Sequence[Agreement]) -> None:
        """Add to the counts of each pipeline, champion and challenger; all or none."""

    def find(self, pipeline: str | None = None) -> Sequence[Agreement]:
        """The counts (of one pipeline), ordered by pipeline, champion, challenger."""


class Engine(Protocol):
    """Maps a function over items side by side; the order of the items is kept and only a few are in flight."""

    def map(self, function: Callable[[A], B], items: Iterable[A]) -> Iterator[B]:
        """Results in the order of the items."""
