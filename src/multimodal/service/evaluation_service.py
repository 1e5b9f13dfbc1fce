"""Evaluate pipelines as they serve: on a labelled data set, or on the test part of a training.

EvaluationService.evaluate ... a version of a pipeline on a data set, alone or against another version
EvaluationService.examine .... a pipeline on rows that are measured already, as a training has them
EvaluationService.report ..... an examination as documents, with a contact sheet of the worst mistakes
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..domain.shared.bundle import Bundle, ModelRef
from ..domain.shared.comparison import compare, unseen
from ..domain.shared.data import Dataset, FeatureTable
from ..domain.shared.errors import ArtifactError, DataError, UnknownName
from ..domain.shared.examination import Examination, Material, answers_of, examine
from ..domain.shared.extraction import Measured
from ..domain.shared.modality import Modality
from ..domain.shared.pipelines import InferencePipeline
from ..domain.shared.ports import ModelStore, Progress, silent
from ..domain.shared.recipe import Recipe
from .catalog import Catalog
from .dataset_service import DatasetService
from .serving import trusted

log = logging.getLogger(__name__)
CHAMPION, CHALLENGER, RULE = "champion", "challenger", "rule"
PICTURES = 24
SIDE = 240
"""Longest side of a picture on the contact sheet in pixels."""
Pictures = Mapping[int, NDArray[np.uint8]]
Write = Callable[[Examination, Pictures], Mapping[str, bytes]]
"""An examination and pictures of captures, RGB by position in the data set, to documents by file name."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A version that can answer; no bundle for a rule as its recipe states it, which has learned nothing."""

    pipeline: InferencePipeline
    bundle: Bundle | None = None


@dataclass(frozen=True, eq=False)
class Part:
    """Rows of a measured data set to examine on. seen, unlabelled: how many others were left out, and why."""

    table: FeatureTable
    measured: Measured
    seen: int = 0
    unlabelled: int = 0

    @property
    def material(self) -> Material:
        """What an examination says of them."""
        data = self.measured.dataset
        broken = len(self.measured.broken)
        return Material(data.name, self.measured.digest, data.captures, broken, self.seen, self.unlabelled)


class EvaluationService:
    """Finds out how good pipelines are."""

    def __init__(self, catalog: Catalog, models: ModelStore, data: DatasetService, write: Write) -> None:
        self.catalog = catalog
        self.models = models
        self.data = data
        self.write = write

    def evaluate(
        self,
        pipeline: str,
        *,
        dataset: str | Dataset,
        version: str | None = None,
        against: str | None = None,
        include_seen: bool = False,
        progress: Progress = silent,
    ) -> Examination:
        """How a version of a pipeline answers a data set (a reference, or loaded already).

        version, against: a version, "champion" (default), "challenger", or "rule" for a rule before any training; with
        `against` the two are compared. Captures without a label of the property are left out, and so are those that
        either version learned from, unless `include_seen`. `DataError` when nothing is left.
        """
        recipe = self.catalog.recipe(pipeline)
        chosen = self.candidate(recipe, version or CHAMPION)
        other = self.candidate(recipe, against) if against else None
        data = self.data.load(dataset, progress) if isinstance(dataset, str) else dataset
        measured = self.data.measured(data, [chosen.pipeline.recipe], progress)
        learned = [] if include_seen else [c.bundle for c in (chosen, other) if c and c.bundle]
        part = self.part(measured, chosen.pipeline.recipe, learned)
        if other is None:
            return self.examine(chosen.pipeline, part)
        return self.examine(chosen.pipeline, part, (other.pipeline, self._rows_for(other, chosen, part, progress)))

    def part(self, measured: Measured, recipe: Recipe, learned: Sequence[Bundle] = ()) -> Part:
        """The rows that have a label of the property, and that none of the bundles has learned from."""
        property = self.catalog.property_of(recipe)
        table = self.data.table(measured, recipe)
        known = table.rows(np.isin(table.labels, [*property.labels, *property.kinds]))
        if not len(known):
            raise DataError(
                f"No capture has one of the labels {', '.join(property.labels)}. Map yours with `data_label_mapping`."
            )
        fresh = known.rows(unseen(known, *learned))
        if not len(fresh):
            raise DataError(
                f"{recipe.name} has learned from all {len(known)} labelled captures of {measured.dataset.name}, or "
                "from others of their groups, so they cannot show how it does on new ones. Evaluate on other captures, "
                "or include those that were seen (`--include-seen`)."
            )
        return Part(fresh, measured, seen=len(known) - len(fresh), unlabelled=len(table) - len(known))

    def examine(
        self, pipeline: InferencePipeline, part: Part, against: tuple[InferencePipeline, FeatureTable] | None = None
    ) -> Examination:
        """How a pipeline answers measured rows; compared with another one on its table of the same rows, if given."""
        answers = answers_of(pipeline, part.table)
        comparison = None
        if against:
            other = answers_of(*against)
            comparison = compare(other.sheet, answers.sheet, names=(other.pipeline.model, pipeline.model))
        return examine(answers, part.material, comparison)

    def documented(self, pipeline: InferencePipeline, part: Part) -> tuple[Examination, Mapping[str, bytes]]:
        """`examine`, then `report`."""
        examination = self.examine(pipeline, part)
        return examination, self.report(examination, part.measured.dataset)

    def report(self, examination: Examination, dataset: Dataset) -> Mapping[str, bytes]:
        """The examination as documents: `report.html`, which needs nothing else, `evaluation.json`, and its plots."""
        modality = self.catalog.modalities[examination.property.partition("/")[0]]
        worst = [mistake.position for mistake in examination.mistakes[:PICTURES]]
        return self.write(examination, pictures(dataset, worst, modality))

    def candidate(self, recipe: Recipe, version: str) -> Candidate:
        """A version of a pipeline, ready to answer: by its name, or what serves, or what was trained last."""
        ref = self._ref(recipe, version)
        property = self.catalog.property_of(recipe)
        if ref is None:
            stated = InferencePipeline.from_recipe(recipe, property, self.catalog.resolve)
            return Candidate(self.catalog.adjusted(stated))
        bundle = trusted(self.models.load(ref), recipe)
        trained = InferencePipeline.from_bundle(bundle, property, self.catalog.resolve)
        return Candidate(self.catalog.adjusted(trained), bundle)

    def _ref(self, recipe: Recipe, version: str) -> ModelRef | None:
        """Which stored version is meant; None for a rule as it stands."""
        name = recipe.name
        if version == RULE:
            return None
        if version == CHAMPION:
            return self.models.champion(name)
        if version == CHALLENGER:
            challenger = self.models.challenger(name)
            if challenger is None:
                raise ArtifactError(f"{name} has no challenger: `multimodal train {name}` makes one.")
            return challenger
        known = {ref.version: ref for ref in self.models.versions(name)}
        if version not in known:
            raise UnknownName(f"version of {name}", version, [*known, CHAMPION, CHALLENGER, RULE])
        return known[version]

    def _rows_for(self, other: Candidate, chosen: Candidate, part: Part, progress: Progress) -> FeatureTable:
        """The same rows, measured as the other version asks."""
        recipe = other.pipeline.recipe
        if recipe.transformers == chosen.pipeline.recipe.transformers:
            return part.table
        table = self.data.table(self.data.measured(part.measured.dataset, [recipe], progress), recipe)
        rows = {position: row for row, position in enumerate(table.index.tolist())}
        return replace(
            part.table, features=table.features[[rows[i] for i in part.table.index.tolist()]], names=table.names
        )


def pictures(dataset: Dataset, positions: Sequence[int], modality: Modality) -> dict[int, NDArray[np.uint8]]:
    """Small RGB pictures by position, of those captures that can be shown; none where a modality has no thumbnails."""
    found: dict[int, NDArray[np.uint8]] = {}
    if modality.thumbnail is None:
        return found
    for position in positions:
        try:
            found[position] = modality.thumbnail(dataset.sample(position), SIDE)
        except Exception:  # a picture less must not cost the evaluation
            log.exception("no picture of capture %d of %s", position, dataset.name)
    return found
