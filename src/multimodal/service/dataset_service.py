"""Data sets: find them, measure them once, and know what belongs together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from ..domain.shared.data import Dataset, FeatureTable
from ..domain.shared.extraction import Column, Measured, measure
from ..domain.shared.modality import Limits, decode_capture
from ..domain.shared.pipelines import build_features
from ..domain.shared.ports import DatasetSource, Engine, FeatureStore, Progress, Renderer, silent
from ..domain.shared.recipe import Recipe
from ..domain.shared.source_code import code_digest
from ..domain.shared.spoiling import spoiled
from .catalog import Catalog


class DatasetService:
    """Loads data sets, and measures them with the transformers of pipelines; what was measured once is kept."""

    def __init__(
        self,
        catalog: Catalog,
        datasets: DatasetSource,
        features: FeatureStore,
        renderer: Renderer,
        engine: Engine,
        limits: Limits,
    ) -> None:
        self.catalog = catalog
        self.datasets = datasets
        self.features = features
        self.renderer = renderer
        self.engine = engine
        self.limits = limits

    def names(self) -> Sequence[str]:
        """Data sets that need no path."""
        return self.datasets.names()

    def load(self, reference: str, progress: Progress = silent) -> Dataset:
        """The data set of a name, file, folder or URL."""
        return self.datasets.load(reference, progress)

    def spoiled(self, reference: str, recipe: Recipe, *, seed: int, progress: Progress = silent) -> Dataset:
        """The labelled data set that good captures and spoiled copies of them make; the copies are made once."""
        modality, property = self.catalog.modalities[recipe.modality], self.catalog.property_of(recipe)
        given = self.datasets.good_captures(reference, progress)
        good = Dataset(
            given.captures,
            partial(decode_capture, modality=modality, limits=self.limits),
            name=given.name,
            limit=self.limits.bytes,
        )
        made = spoiled(good, property, modality, seed=seed)
        makers = [modality.spoil, modality.decode, *(fault.apply for fault in property.degradations)]
        code = code_digest([spoiled.__module__, *(module_of(maker) for maker in makers)])
        names = [capture.name for capture in made.captures]
        key = hashlib.sha256(json.dumps([code, good.digest, names, recipe.property, seed]).encode()).hexdigest()
        return made.with_captures(self.renderer.render(made.captures, key, progress))

    def learned_from(self, data: Mapping[str, Any], recipe: Recipe, progress: Progress = silent) -> Dataset:
        """The data set of a trained pipeline again (`Bundle.data`), as far as it is still there."""
        reference = str(data.get("reference", ""))
        if data.get("good"):
            return self.spoiled(reference, recipe, seed=int(data.get("seed", 0)), progress=progress)
        return self.load(reference, progress)

    def measured(self, dataset: Dataset, recipes: Sequence[Recipe], progress: Progress = silent) -> Measured:
        """All that these pipelines ask of a data set, from one decode of each capture."""
        columns = {recipe.name: self._column(recipe) for recipe in recipes}
        return measure(dataset, columns, self.engine, self.features, progress)

    def table(self, measured: Measured, recipe: Recipe) -> FeatureTable:
        """The feature table of a pipeline."""
        return measured.table(recipe.name, build_features(recipe, self.catalog.resolve), recipe.target)

    def _column(self, recipe: Recipe) -> Column:
        modality = self.catalog.modalities[recipe.modality]
        steps = [[step.use, dict(step.parameters)] for step in recipe.transformers]
        uses = [type(step.build(self.catalog.resolve)).__module__ for step in recipe.transformers]
        code = code_digest([*uses, module_of(modality.decode)])
        key = hashlib.sha256(json.dumps([steps, code], sort_keys=True, default=str).encode()).hexdigest()
        return Column.of_features(key, build_features(recipe, self.catalog.resolve))


def module_of(function: Any) -> str:
    """Where a function (or what a partial calls) is written."""
    return str(getattr(function, "func", function).__module__)
