"""Ports: what the domain and the services need of the outside world. Each adapter implements one.

DatasetSource ..... a data set's name or description -> Dataset
Renderer .......... captures that are made, made once
FeatureStore ...... what was measured of a capture, so that it is never measured again
Tuner ............. a search space and an objective -> the best values
Tracker ........... what a training run wants remembered
ModelStore ........ trained pipelines by name and version
AssessmentStore ... results
AgreementStore .... how challengers agree with champions
Engine ............ one function over many items, side by side
Progress .......... (what, done, of how many)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from .results import Assessment, Verdict

if TYPE_CHECKING:
    from .agreement import Agreement
    from .arguments import Suggestion
    from .bundle import Bundle, ModelRef
    from .data import Dataset
    from .promotion import Promotion

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

    def names(self) -> Sequence[str]:
        """Names that need no path."""


class Renderer(Protocol):
    """Makes the captures of a data set that are a function to be called, each once."""

    def render(self, dataset: Dataset, key: str, progress: Progress = silent) -> Dataset:
        """The data set with its captures made; `key` stands for the data set and for the code that makes it."""


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
