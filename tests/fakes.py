"""Ports in memory, kept with care: the same contracts as the real ones, nothing to install, nothing left behind."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from multimodal.domain.shared.bundle import Bundle, ModelRef
from multimodal.domain.shared.data import Dataset
from multimodal.domain.shared.errors import Conflict, NotFound, UnknownName
from multimodal.domain.shared.ports import Page, Query, Search, Trial, silent
from multimodal.domain.shared.results import Assessment

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
        self.champions: dict[str, ModelRef] = {}

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
        return self.champions.get(name)

    def promote(self, ref: ModelRef) -> None:
        self.champions[ref.name] = self.load(ref).ref

    def versions(self, name: str) -> Sequence[ModelRef]:
        return tuple(known.ref for known in self.kept if known.recipe.name == name)

    def names(self) -> Sequence[str]:
        return tuple(sorted({known.recipe.name for known in self.kept}))


def contents(bundle: Bundle) -> tuple:
    return (bundle.recipe, bundle.classes, bundle.calibration, bundle.thresholds, bundle.model)


class InlineEngine:
    """The port Engine, one item after the other in the caller's thread."""

    def map(self, function, items: Iterable) -> Iterator:
        return map(function, items)


class GridTuner:
    """The port Tuner without any cleverness: values at even steps of each space."""

    def search(self, space, objective, *, maximise, trials, seed, progress=silent) -> Search:
        tried = []
        for number in range(trials):
            values = {
                name: step(s, (number * (i + 1)) % trials / max(trials - 1, 1))
                for i, (name, s) in enumerate(space.items())
            }
            tried.append(Trial(number, values, objective(values)))
            progress("trials", number + 1, trials)
        return Search((max if maximise else min)(tried, key=lambda t: t.score), tuple(tried))


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

    def load(self, reference: str) -> Dataset:
        if reference not in self.kept:
            raise UnknownName("data set", reference, self.kept)
        return self.kept[reference]

    def names(self) -> Sequence[str]:
        return tuple(sorted(self.kept))


class MemoryTracker:
    """The port Tracker in a list."""

    def __init__(self) -> None:
        self.runs: list[tuple[Bundle, Search | None]] = []

    def log_run(self, bundle: Bundle, search: Search | None) -> None:
        self.runs.append((bundle, search))
