"""Train pipelines: data set -> features -> search -> bundle in the model store."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..domain.shared.bundle import Bundle, ModelRef
from ..domain.shared.errors import ConfigError
from ..domain.shared.pipelines import TrainingPipeline
from ..domain.shared.ports import DatasetSource, Engine, ModelStore, Progress, Tracker, Tuner, silent
from ..domain.shared.recipe import Recipe
from ..domain.shared.training import TrainingArguments
from .catalog import Catalog


class TrainingService:
    """Trains the pipelines of the catalogue and keeps what comes out."""

    def __init__(
        self,
        catalog: Catalog,
        datasets: DatasetSource,
        tuner: Tuner,
        models: ModelStore,
        engine: Engine,
        tracker: Tracker,
    ) -> None:
        self.catalog = catalog
        self.datasets = datasets
        self.tuner = tuner
        self.models = models
        self.engine = engine
        self.tracker = tracker

    def train(
        self,
        pipeline: str,
        *,
        dataset: str | None = None,
        changes: dict[str, Any] | None = None,
        promote: bool = True,
        progress: Progress = silent,
    ) -> tuple[ModelRef, Bundle]:
        """Train a pipeline and keep it; `changes` replace values of its training arguments (trials, seed, ...).

        The new version serves when `promote` is set.
        """
        recipe = self.recipe(pipeline, dataset, changes or {})
        assert recipe.training is not None
        bundle = self.make(recipe, progress)
        ref = self.models.save(bundle)
        if promote:
            self.models.promote(ref)
        return ref, replace(bundle, version=ref.version)

    def make(self, recipe: Recipe, progress: Progress = silent) -> Bundle:
        """Train a recipe; nothing is kept but what the tracker remembers."""
        data = self.datasets.load(recipe.training.dataset if recipe.training else "")
        training = TrainingPipeline(recipe, self.catalog.property_of(recipe), self.catalog.resolve, self.tuner)
        table = training.extract(data, self.engine, progress)
        trained = training.train(table, progress)
        bundle = training.bundle(trained, table, data)
        self.tracker.log_run(bundle, trained.search)
        return bundle

    def recipe(self, pipeline: str, dataset: str | None, changes: dict[str, Any]) -> Recipe:
        """The pipeline's recipe with changed training arguments."""
        recipe = self.catalog.recipe(pipeline)
        if recipe.training is None:
            raise ConfigError(f"{pipeline} does not say how it is trained: add `training:` to its YAML.")
        if dataset is not None:
            changes = {**changes, "dataset": dataset}
        return replace(recipe, training=TrainingArguments.from_dict({**recipe.training.to_dict(), **changes}))
