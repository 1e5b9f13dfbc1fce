"""Train pipelines: data set -> features -> search -> bundle in the model store, tracked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..domain.shared.errors import ConfigError
from ..domain.shared.extraction import Measured
from ..domain.shared.identity import new_id
from ..domain.shared.pipelines import Source, TrainingPipeline
from ..domain.shared.ports import ModelStore, Progress, Tracker, TrainingRun, Tuner, silent
from ..domain.shared.recipe import Recipe
from ..domain.shared.training import Trained, TrainingArguments
from .catalog import Catalog
from .dataset_service import DatasetService


class TrainingService:
    """Trains the pipelines of the catalogue and keeps what comes out as challengers.

    checkpoints: where a network's training is kept, so that an interrupted one goes on.
    """

    def __init__(
        self,
        catalog: Catalog,
        data: DatasetService,
        tuner: Tuner,
        models: ModelStore,
        tracker: Tracker,
        checkpoints: Path | None = None,
    ) -> None:
        self.catalog = catalog
        self.data = data
        self.tuner = tuner
        self.models = models
        self.tracker = tracker
        self.checkpoints = checkpoints

    def train(
        self,
        pipeline: str,
        *,
        dataset: str | None = None,
        changes: Mapping[str, Any] | None = None,
        resume: bool = False,
        progress: Progress = silent,
    ) -> TrainingRun:
        """Train a pipeline and keep it; `changes` replace values of its training arguments (trials, seed, ...).

        resume: go on with the search that was interrupted.
        """
        recipe = self.recipe(pipeline, dataset, changes or {})
        assert recipe.training is not None
        measured = self.data.measured(self.data.load(recipe.training.dataset, progress), [recipe], progress)
        return self.train_on(measured, recipe, resume=resume, progress=progress)

    def train_on(
        self, measured: Measured, recipe: Recipe, *, resume: bool = False, progress: Progress = silent
    ) -> TrainingRun:
        """Train a recipe on what was measured of its data set."""
        assert recipe.training is not None
        began = datetime.now(UTC)
        table = self.data.table(measured, recipe)
        property, resolve = self.catalog.property_of(recipe), self.catalog.resolve
        training = TrainingPipeline(recipe, property, resolve, self.tuner, self.checkpoints)
        source = Source(measured.dataset.name, recipe.training.dataset, measured.digest)

        def keep(trained: Trained) -> TrainingRun:
            bundle = training.bundle(trained, table, source)
            ref = self.models.save(bundle)
            return TrainingRun(
                id=new_id(),
                bundle=replace(bundle, version=ref.version),
                search=trained.search,
                started=began,
                finished=datetime.now(UTC),
                source=source.reference,
            )

        return training.train(table, keep, self.tracker, progress, resume=resume)

    def recipe(self, pipeline: str, dataset: str | None, changes: Mapping[str, Any]) -> Recipe:
        """The pipeline's recipe with changed training arguments."""
        recipe = self.catalog.recipe(pipeline)
        if recipe.training is None:
            raise ConfigError(f"{pipeline} does not say how it is trained: add `training:` to its YAML.")
        if dataset is not None:
            changes = {**changes, "dataset": dataset}
        return replace(recipe, training=TrainingArguments.from_dict({**recipe.training.to_dict(), **changes}))
