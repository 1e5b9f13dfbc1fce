"""Calibrate: thresholds that fit a folder's own kind of picture, and what they achieve there.

    CalibrationService.calibrate ... good pictures (and bad ones) -> Proposal; nothing is changed
    Proposal ....................... all changes, their false alarms and detection, before and after
    Effect, Scene .................. the same of one pipeline, of one folder of pictures

Pictures are measured once; the feature store keeps that. False alarms are told on pictures that the thresholds have not
been chosen on (`held_out`: cross-validation over groups), which is what may be expected of others of the kind.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domain.shared.adjusting import adjusted
from ..domain.shared.alarms import Budget, Flags, folds_of, share_of
from ..domain.shared.calibrating import Change, Table, budget_of, chosen, rejected, values_of
from ..domain.shared.data import Dataset
from ..domain.shared.duplicates import joined
from ..domain.shared.errors import ArtifactError, CaptureError, ConfigError, DataError
from ..domain.shared.evaluation import Interval
from ..domain.shared.extraction import Measured
from ..domain.shared.modality import Property
from ..domain.shared.pipelines import InferencePipeline
from ..domain.shared.ports import Progress, silent
from .dataset_service import DatasetService
from .quality_assessment_service import QualityAssessmentService, suits

ANY = "any"
FILES = (".csv", ".jsonl", ".parquet", ".yaml", ".yml")


@dataclass(frozen=True)
class Rates:
    """A share of pictures that are rejected: as it was, as it will be, and (of good ones) on pictures held out."""

    before: Interval
    after: Interval
    held_out: Interval | None = None


@dataclass(frozen=True)
class Effect:
    """What changes for one pipeline.

    alarms: good pictures that it rejects. detection: bad pictures of its property that it rejects, None without any.
    claim: the rate of false alarms that so many good pictures can promise (with 95 % confidence); where that is more
    than was wanted, `needed` is how many it takes. independent: as how many pictures the good ones count, since those
    of a group are alike.
    """

    pipeline: str
    property: str
    changes: tuple[Change, ...]
    claim: float
    needed: int
    independent: int
    alarms: Rates
    detection: Rates | None
    bad: int


@dataclass(frozen=True)
class Scene:
    """The good pictures of one folder: how many, and which share any pipeline rejects."""

    name: str
    pictures: int
    before: float
    after: float


@dataclass(frozen=True)
class Proposal:
    """New thresholds for pictures like the good ones. `broken` pictures could not be read and are not counted."""

    pictures: int
    groups: int
    bad: int
    wanted: float
    effects: tuple[Effect, ...]
    alarms: Rates
    detection: Rates | None
    scenes: tuple[Scene, ...]
    broken: tuple[str, ...]

    @property
    def values(self) -> dict[str, dict[str, float]]:
        """Pipeline -> threshold -> value, as thresholds.yaml holds them; only what changes."""
        changed = {effect.pipeline: dict(values_of(effect.changes)) for effect in self.effects}
        return {pipeline: values for pipeline, values in changed.items() if values}

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"values": self.values}


@dataclass(frozen=True, eq=False)
class Pictures:
    """Measured pictures: which belong together, and what each is said to be (a property, `any`, or nothing)."""

    measured: Measured
    groups: NDArray[np.str_]
    said: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.groups)

    def table(self, pipeline: InferencePipeline) -> Table:
        """The rows of a pipeline."""
        return self.measured.table(pipeline.name, pipeline.features).features

    @property
    def broken(self) -> tuple[str, ...]:
        """Those that cannot be read."""
        return tuple(self.measured.dataset.captures[i].name for i in self.measured.broken)


@dataclass(frozen=True, eq=False)
class Found:
    """One pipeline's choice with the rows that it rejects: of the good before, after, held out; of the bad."""

    pipeline: InferencePipeline
    changes: tuple[Change, ...]
    budget: Budget
    good: tuple[Flags, Flags, Flags | None]
    bad: tuple[Flags, Flags] | None


class CalibrationService:
    """Finds thresholds for somebody's own pictures."""

    def __init__(self, assessor: QualityAssessmentService, data: DatasetService) -> None:
        self.assessor = assessor
        self.data = data

    def calibrate(
        self,
        good: str,
        *,
        bad: str | None = None,
        false_alarms: float = 0.01,
        pipelines: Sequence[str] = (),
        progress: Progress = silent,
    ) -> Proposal:
        """Thresholds with which each pipeline rejects at most a share `false_alarms` of pictures like the good ones.

        good: a folder (one folder a scene in it, if there are scenes) or another data set. bad: the same; folders in it
        that are called as a property or as one of its labels hold faults of that property, others any. pipelines: those
        that decide, if none are named. `DataError` when nothing can be read.
        """
        if not 0 < false_alarms < 1:
            raise ConfigError(f"A rate of false alarms lies between 0 and 1, got {false_alarms}.")
        ready = self._ready(pipelines)
        dataset = self.data.good(good, progress)
        if not pipelines:
            ready = self._fitting(ready, dataset)
        sound = self._measured(dataset, ready, progress)
        faulty = self._measured(self._bad(bad, progress), ready, progress) if bad else None
        found = [choice(pipeline, sound, faulty, false_alarms) for pipeline in ready]
        return proposal(found, sound, faulty, false_alarms)

    def _ready(self, names: Sequence[str]) -> list[InferencePipeline]:
        """The pipelines that are asked for, else those that decide and can answer."""
        recipes = self.assessor.catalog.recipes
        found = {
            name: self.assessor.pipeline(name)
            for name in names or [name for name, recipe in recipes.items() if recipe.decides]
        }
        untrained = [name for name, pipeline in found.items() if pipeline is None]
        if untrained and (names or len(untrained) == len(found)):
            raise ArtifactError(f"{untrained[0]} is not trained yet: `multimodal train {untrained[0]}`.")
        ready = [pipeline for pipeline in found.values() if pipeline is not None]
        modalities = sorted({pipeline.recipe.modality for pipeline in ready})
        if names and len(modalities) > 1:
            raise ConfigError(f"Name pipelines of one modality; these are of {', '.join(modalities)}.")
        return ready

    def _fitting(self, ready: list[InferencePipeline], dataset: Dataset) -> list[InferencePipeline]:
        """The pipelines that can be asked about the first capture that can be read; all when none can."""
        for index in range(len(dataset)):
            with contextlib.suppress(CaptureError):
                sample = dataset.sample(index)
                modality = self.assessor.catalog.modality_of_sample(sample)
                return [one for one in ready if modality is not None and suits(one, sample, modality.name)]
        return ready

    def _bad(self, reference: str, progress: Progress) -> Dataset:
        """Bad pictures: of a folder all, of a file with their labels."""
        is_file = Path(reference).suffix.lower() in FILES or reference in self.data.names()
        return (self.data.load if is_file else self.data.good)(reference, progress)

    def _measured(self, dataset: Dataset, ready: Sequence[InferencePipeline], progress: Progress) -> Pictures:
        measured = self.data.measured(dataset, [pipeline.recipe for pipeline in ready], progress)
        captures = [dataset.captures[i] for i in measured.index.tolist()]
        own = [capture.group or capture.name for capture in captures]
        groups = joined(own, self.data.links(measured))
        words = [capture.label or capture.name.rpartition("/")[0].partition("/")[0] for capture in captures]
        asked = {p.recipe.property: p.decision.property for p in ready}
        return Pictures(measured, np.array(groups, str), np.array([said_of(word, asked) for word in words], str))


def said_of(word: str, properties: Mapping[str, Property]) -> str:
    """The property that a label or the name of a folder speaks of; `any` when of none.

    A label that is accepted speaks of none.
    """
    for name, asked in properties.items():
        bad = [label for label in asked.labels if label not in asked.accepted]
        if word in (name, asked.name, *bad, *asked.kinds, *(fault.name for fault in asked.degradations)):
            return name
    return ANY


def choice(pipeline: InferencePipeline, sound: Pictures, faulty: Pictures | None, wanted: float) -> Found:
    """The thresholds of one pipeline, and which pictures it rejects with them."""
    good = sound.table(pipeline)
    all_bad = faulty.table(pipeline) if faulty else good[:0]
    bad = all_bad[faulty.said == pipeline.recipe.property] if faulty else all_bad
    budget = budget_of(pipeline, good, sound.groups, wanted)
    changes = chosen(pipeline, good, bad, budget)
    new = adjusted(pipeline, values_of(changes))
    held_out = _held_out(pipeline, good, bad, (budget, folds_of(sound.groups)))
    caught = (rejected(pipeline, all_bad), rejected(new, all_bad)) if faulty else None
    return Found(pipeline, changes, budget, (rejected(pipeline, good), rejected(new, good), held_out), caught)


def _held_out(
    pipeline: InferencePipeline, good: Table, bad: Table, plan: tuple[Budget, list[NDArray[np.intp]]]
) -> Flags | None:
    """Which good pictures are rejected by thresholds that were chosen on those of other groups."""
    budget, folds = plan
    flags = np.zeros(len(good), bool)
    for fold in folds:
        others = np.delete(good, fold, axis=0)
        new = adjusted(pipeline, values_of(chosen(pipeline, others, bad, budget)))
        flags[fold] = rejected(new, good[fold])
    return flags if folds else None


def proposal(found: Sequence[Found], sound: Pictures, faulty: Pictures | None, wanted: float) -> Proposal:
    """Everything put together."""
    if not found:
        raise DataError("There is no pipeline to calibrate.")
    before, after = _any([one.good[0] for one in found]), _any([one.good[1] for one in found])
    held: list[Flags] = [one.good[2] for one in found if one.good[2] is not None]
    detection = None
    if faulty is not None:
        caught = [_any([pair[i] for one in found if (pair := one.bad)]) for i in (0, 1)]
        detection = Rates(*(share_of(flags, faulty.groups) for flags in caught))
    return Proposal(
        pictures=len(sound),
        groups=len(np.unique(sound.groups)),
        bad=len(faulty) if faulty else 0,
        wanted=wanted,
        effects=tuple(effect(one, sound, faulty) for one in found),
        alarms=_rates(before, after, _any(held) if held else None, sound.groups),
        detection=detection,
        scenes=scenes(sound, before, after),
        broken=(*sound.broken, *(faulty.broken if faulty else ())),
    )


def effect(found: Found, sound: Pictures, faulty: Pictures | None) -> Effect:
    """One pipeline's part."""
    recipe = found.pipeline.recipe
    mine = faulty.said == recipe.property if faulty else np.zeros(0, bool)
    detection = None
    if faulty and found.bad and mine.any():
        detection = Rates(*(share_of(flags[mine], faulty.groups[mine]) for flags in found.bad))
    return Effect(
        pipeline=recipe.name,
        property=recipe.property,
        changes=found.changes,
        claim=found.budget.claim,
        needed=found.budget.needed,
        independent=found.budget.pictures,
        alarms=_rates(*found.good, sound.groups),
        detection=detection,
        bad=int(mine.sum()),
    )


def _any(flags: Sequence[Flags]) -> Flags:
    """Which pictures are flagged by any."""
    return np.asarray(np.logical_or.reduce(np.stack(flags)), bool)


def _rates(before: Flags, after: Flags, held_out: Flags | None, groups: NDArray[np.str_]) -> Rates:
    kept = share_of(held_out, groups) if held_out is not None else None
    return Rates(share_of(before, groups), share_of(after, groups), kept)


def scenes(sound: Pictures, before: Flags, after: Flags) -> tuple[Scene, ...]:
    """The good pictures by their folders, the worst first; none when all lie in one."""
    captures = sound.measured.dataset.captures
    names = np.array([captures[i].group or "" for i in sound.measured.index.tolist()], str)
    parts = [(name, names == name) for name in np.unique(names).tolist()]
    found = [Scene(n, int(m.sum()), float(before[m].mean()), float(after[m].mean())) for n, m in parts]
    return tuple(sorted(found, key=lambda scene: (-scene.after, -scene.before, scene.name))) if len(found) > 1 else ()
