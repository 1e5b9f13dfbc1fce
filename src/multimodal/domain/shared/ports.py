"""Ports: what the domain and the services need of the outside world. Each adapter implements one.

DatasetSource ..... a data set's name or description -> Dataset
Tuner ............. a search space and an objective -> the best values
Tracker ........... what a training run wants remembered
ModelStore ........ trained pipelines by name and version
AssessmentStore ... results
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
    from .arguments import Suggestion
    from .bundle import Bundle, ModelRef
    from .data import Dataset

I_contra = TypeVar("I_contra", contravariant=True)
A = TypeVar("A")
B = TypeVar("B")
Progress = Callable[[str, int, int], None]


def silent(what: str, done: int, total: int) -> None:
    """A progress that nobody watches."""


class DatasetSource(Protocol):
    """Finds data sets by name, file or folder."""

    def load(self, reference: str) -> Dataset:
        """The data set, or `DataError`/`UnknownName`."""

    def names(self) -> Sequence[str]:
        """Names that need no path."""


@dataclass(frozen=True)
class Trial:
    """One try of a search: its number, the values and the score that they reached."""

    number: int
    values: Mapping[str, Any]
    score: float


@dataclass(frozen=True)
class Search:
    """A finished search: the best trial and all trials in their order."""

    best: Trial
    trials: tuple[Trial, ...]


class Tuner(Protocol):
    """Searches the values that make an objective best."""

    def search(
        self,
        space: Mapping[str, Suggestion],
        objective: Callable[[Mapping[str, Any]], float],
        *,
        maximise: bool,
        trials: int,
        seed: int,
        progress: Progress = silent,
    ) -> Search:
        """Try at most `trials` sets of values."""


class Tracker(Protocol):
    """Remembers training runs. A tracker that is away never stops a training."""

    def log_run(self, bundle: Bundle, search: Search | None) -> None:
        """Remember one finished training."""


class ModelStore(Protocol):
    """Trained pipelines by name and version; one version of a name is the champion."""

    def save(self, bundle: Bundle) -> ModelRef:
        """Keep a bundle; the same content gives the same reference."""

    def load(self, ref: ModelRef) -> Bundle:
        """The bundle, checked; `NotFound` or `ArtifactError`."""

    def champion(self, name: str) -> ModelRef | None:
        """The version that serves, if there is one."""

    def promote(self, ref: ModelRef) -> None:
        """Make a version the champion."""

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


class Engine(Protocol):
    """Maps a function over items side by side; the order of the items is kept and only a few are in flight."""

    def map(self, function: Callable[[A], B], items: Iterable[A]) -> Iterator[B]:
        """Results in the order of the items."""
