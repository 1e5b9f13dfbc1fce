"""Ports in memory, kept with care: the same contracts as the real ones, nothing to install, nothing left behind."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np

from multimodal.domain.shared.agreement import Agreement
from multimodal.domain.shared.bundle import Bundle, ModelRef
from multimodal.domain.shared.data import Dataset
from multimodal.domain.shared.errors import Busy, Conflict, NotFound, QueueFull, UnknownName
from multimodal.domain.shared.jobs import Job, JobPage, JobProgress, JobQuery, Outcome
from multimodal.domain.shared.ports import Page, Query, Search, Traffic, TrainingRun, Trial, silent
from multimodal.domain.shared.promotion import Promotion
from multimodal.domain.shared.results import Assessment
from multimodal.domain.shared.sample import Capture

LARGEST_PAGE = 1_000


class MemoryAssessmentStore:
    """The port AssessmentStore in two dictionaries."""

    def __init__(self) -> None:
        self.kept: dict[str, Assessment] = {}
        self.pictures: dict[tuple[str, str], bytes] = {}

    def add(self, assessments: Sequence[Assessment], evidence: Mapping[tuple[str, str], bytes] | None = None) -> None:
        added = {assessment.id: assessment for assessment in assessments}
        pictures = evidence or {}
        if len(added) < len(assessments) or added.keys() & self.kept.keys() or pictures.keys() & self.pictures.keys():
            raise Conflict("Such an entry is stored already.")
        if any(id not in added and id not in self.kept for id, _ in pictures):
            raise NotFound("What the entry refers to is not stored.")
        self.kept |= added
        self.pictures |= pictures

    def get(self, id: str) -> Assessment:
        if id not in self.kept:
            raise NotFound(f"Nothing in assessments has the key {id[:80]!r}.")
        return self.kept[id]

    def find(self, query: Query) -> Page:
        size = max(1, min(query.limit, LARGEST_PAGE))
        found = [self.kept[id] for id in sorted(self.kept, reverse=True) if all(answers(self.kept[id], query))]
        items = tuple(found[:size])
        return Page(items, items[-1].id if len(found) > size else None)

    def evidence(self, id: str, pipeline: str) -> bytes:
        if (id, pipeline) not in self.pictures:
            raise NotFound(f"Nothing in evidence has the key {f'{id}, {pipeline}'[:80]!r}.")
        return self.pictures[id, pipeline]

    def delete(self, id: str) -> None:
        self.get(id)
        del self.kept[id]
        self.pictures = {key: png for key, png in self.pictures.items() if key[0] != id}

    def close(self) -> None:
        """Nothing to let go of."""


def answers(assessment: Assessment, query: Query) -> Iterator[bool]:
    """Whether the assessment is what each word of the query asks for."""
    for name in ("verdict", "modality", "name", "digest"):
        yield getattr(query, name) in (None, getattr(assessment, name))
    yield query.since is None or aware(assessment.created) >= aware(query.since)
    yield query.until is None or aware(assessment.created) < aware(query.until)
    yield query.after is None or assessment.id < query.after
    if query.pipeline is not None or query.label is not None:
        yield any(
            query.pipeline in (None, prediction.pipeline) and query.label in (None, prediction.label)
            for prediction in assessment.predictions
        )


def aware(moment: datetime) -> datetime:
    """A moment without a zone is in UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class MemoryModelStore:
    """The port ModelStore in a list; a version is a number, the same bundle is recognised by its values."""

    def __init__(self) -> None:
        self.kept: list[Bundle] = []
        self.promotions: dict[str, list[Promotion]] = {}

    def save(self, bundle: Bundle) -> ModelRef:
        for known in self.kept:
            if contents(known) == contents(bundle):
                return known.ref
        self.kept.append(replace(bundle, version=f"{len(self.kept):012x}"))
        return self.kept[-1].ref

    def load(self, ref: ModelRef) -> Bundle:
        for known in self.kept:
            if known.ref == ref:
                return known
        raise NotFound(f"There is no model {ref}.")

    def champion(self, name: str) -> ModelRef | None:
        past = self.history(name)
        return ModelRef(name, past[-1].version) if past else None

    def challenger(self, name: str) -> ModelRef | None:
        newest = next(iter(self.versions(name)[::-1]), None)
        served = {promotion.version for promotion in self.history(name)}
        return newest if newest and newest.version not in served else None

    def promote(self, ref: ModelRef, promotion: Promotion | None = None) -> None:
        self.load(ref)
        self.promotions.setdefault(ref.name, []).append(promotion or Promotion.now(ref.version))

    def history(self, name: str) -> Sequence[Promotion]:
        return tuple(self.promotions.get(name, ()))

    def versions(self, name: str) -> Sequence[ModelRef]:
        return tuple(known.ref for known in self.kept if known.recipe.name == name)

    def names(self) -> Sequence[str]:
        return tuple(sorted({known.recipe.name for known in self.kept}))


def contents(bundle: Bundle) -> tuple:
    return (bundle.recipe, bundle.classes, bundle.calibration, bundle.thresholds, bundle.model)


class MemoryAgreementStore:
    """The port AgreementStore in a dictionary; while `away` is set, it does not answer."""

    def __init__(self) -> None:
        self.away = False
        self.kept: dict[tuple[str, str, str], Agreement] = {}

    def add(self, increments: Sequence[Agreement]) -> None:
        if self.away:
            raise Busy
        for one in increments:
            self.kept[one.key] = self.kept[one.key] + one if one.key in self.kept else one

    def find(self, pipeline: str | None = None) -> Sequence[Agreement]:
        return tuple(self.kept[key] for key in sorted(self.kept) if pipeline in (None, key[0]))


class InlineEngine:
    """The port Engine, one item after the other in the caller's thread."""

    def map(self, function, items: Iterable) -> Iterator:
        return map(function, items)


class GridTuner:
    """The port Tuner without any cleverness: values at even steps of each space."""

    def search(self, space, objective, plan, progress=silent) -> Search:
        tried = []
        for number in range(plan.trials):
            values = {
                name: step(s, (number * (i + 1)) % plan.trials / max(plan.trials - 1, 1))
                for i, (name, s) in enumerate(space.items())
            }
            steps = tuple(np.cumsum(scores := list(objective(values))) / np.arange(1, len(scores) + 1))
            tried.append(Trial(number, values, float(steps[-1]), steps))
            progress("trials", number + 1, plan.trials)
        return Search((max if plan.maximise else min)(tried, key=lambda t: t.score), tuple(tried))


def step(suggestion, share: float):
    """The value at this share of a space."""
    if suggestion.suggest == "categorical":
        return suggestion.choices[min(int(share * len(suggestion.choices)), len(suggestion.choices) - 1)]
    value = suggestion.low + share * (suggestion.high - suggestion.low)
    if suggestion.suggest == "int":
        stride = int(suggestion.step or 1)
        return int(suggestion.low) + stride * int((value - suggestion.low) // stride)
    return value


class MemoryDatasetSource:
    """The port DatasetSource in a dictionary."""

    def __init__(self, **kept: Dataset) -> None:
        self.kept = kept

    def load(self, reference: str, progress=silent) -> Dataset:
        if reference not in self.kept:
            raise UnknownName("data set", reference, self.kept)
        return self.kept[reference]

    def good_captures(self, reference: str, progress=silent) -> Dataset:
        found = self.load(reference, progress)
        return found.with_captures([replace(c, label=None, split=None) for c in found.captures])

    def names(self) -> Sequence[str]:
        return tuple(sorted(self.kept))


class InlineRenderer:
    """The port Renderer in memory: what is made is kept as bytes."""

    def render(self, captures: Sequence[Capture], key: str, progress=silent) -> list[Capture]:
        made = [replace(c, content=c.read()) for c in captures]
        progress("rendering", len(made), len(made))
        return made


class MemoryFeatureStore:
    """The port FeatureStore in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], bytes] = {}

    def read(self, key: str, contents: Sequence[str]) -> Mapping[str, bytes]:
        return {content: self.kept[key, content] for content in contents if (key, content) in self.kept}

    def write(self, key: str, rows: Mapping[str, bytes]) -> None:
        self.kept |= {(key, content): row for content, row in rows.items()}


class MemoryTracker:
    """The port Tracker in a list; while `away` is set, runs wait."""

    def __init__(self, away: bool = False) -> None:
        self.away = away
        self.kept: list[TrainingRun] = []
        self.runs: list[TrainingRun] = []

    def log_run(self, run: TrainingRun) -> None:
        self.kept.append(run)
        self.push()

    def waiting(self) -> Sequence[str]:
        return tuple(run.id for run in self.kept)

    def push(self) -> Sequence[str]:
        if not self.away:
            self.runs += self.kept
            self.kept = []
        return self.waiting()


class MemoryJobStore:
    """The port JobStore in a dictionary; one lock makes each change a step of its own."""

    def __init__(self) -> None:
        self.kept: dict[str, Job] = {}
        self.lock = threading.RLock()

    def add(self, job: Job, most: int) -> None:
        with self.lock:
            if sum(kept.state == "queued" for kept in self.kept.values()) >= most:
                raise QueueFull(most)
            if job.id in self.kept:
                raise Conflict("Such an entry is stored already.")
            self.kept[job.id] = job

    def get(self, id: str) -> Job:
        if id not in self.kept:
            raise NotFound(f"There is no job {id[:80]!r}.")
        return self.kept[id]

    def find(self, query: JobQuery) -> JobPage:
        size = max(1, min(query.limit, LARGEST_PAGE))
        newest = [self.kept[id] for id in sorted(self.kept, reverse=True) if query.after is None or id < query.after]
        found = [job for job in newest if query.state in (None, job.state) and query.kind in (None, job.kind)]
        return JobPage(tuple(found[:size]), found[size - 1].id if len(found) > size else None)

    def claim(self, owner: str) -> Job | None:
        with self.lock:
            waiting = sorted(id for id, job in self.kept.items() if job.state == "queued")
            return self._change(waiting[0], lambda job: job.begun(owner, datetime.now(UTC))) if waiting else None

    def beat(self, id: str, owner: str, progress: JobProgress | None = None) -> bool:
        job = self._change(id, lambda job: job.beaten(owner, progress, datetime.now(UTC)))
        return job.is_run_by(owner) and not job.cancelling

    def finish(self, id: str, owner: str, outcome: Outcome) -> Job:
        return self._change(id, lambda job: job.ended(owner, outcome, datetime.now(UTC)))

    def put_back(self, id: str, owner: str) -> Job:
        return self._change(id, lambda job: job.put_back(owner, datetime.now(UTC)))

    def cancel(self, id: str) -> Job:
        return self._change(id, lambda job: job.cancelled(datetime.now(UTC)))

    def release(self, place: str, before: datetime) -> Sequence[Job]:
        with self.lock:
            gone = [id for id in sorted(self.kept) if self.kept[id].is_abandoned(place, before)]
            return [self._change(id, lambda job: job.lost(datetime.now(UTC))) for id in gone]

    def _change(self, id: str, step: Callable[[Job], Job]) -> Job:
        with self.lock:
            self.kept[id] = step(self.get(id))
            return self.kept[id]


class MemoryTrafficStore:
    """The port TrafficStore in a dictionary; while `away` is set, nothing can be kept."""

    def __init__(self, away: bool = False) -> None:
        self.away = away
        self.kept: dict[tuple, tuple[int, ...]] = {}

    def add(self, traffic: Sequence[Traffic]) -> None:
        if self.away:
            raise Busy
        for one in traffic:
            key = (one.pipeline, one.version, one.what, one.day)
            before = self.kept.get(key, (0,) * len(one.counts))
            self.kept[key] = tuple(a + b for a, b in zip(before, one.counts, strict=True))

    def read(self, since: date, until: date) -> Sequence[Traffic]:
        return tuple(Traffic(*key, self.kept[key]) for key in sorted(self.kept) if since <= key[3] <= until)
