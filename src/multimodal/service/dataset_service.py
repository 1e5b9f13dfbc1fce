"""Data sets: find them, measure them once, and know what belongs together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from ..domain.shared.data import Dataset, FeatureTable
from ..domain.shared.extraction import Column, Measured, measure
from ..domain.shared.pipelines import build_features
from ..domain.shared.ports import DatasetSource, Engine, FeatureStore, Progress, silent
from ..domain.shared.recipe import Recipe
from ..domain.shared.source_code import code_digest
from .catalog import Catalog


class DatasetService:
    """Loads data sets, and measures them with the transformers of pipelines; what was measured once is kept."""

    def __init__(self, catalog: Catalog, datasets: DatasetSource, features: FeatureStore, engine: Engine) -> None:
        self.catalog = catalog
        self.datasets = datasets
        self.features = features
        self.engine = engine

    def names(self) -> Sequence[str]:
        """Data sets that need no path."""
        return self.datasets.names()

    def load(self, reference: str, progress: Progress = silent) -> Dataset:
        """The data set of a name, file, folder or URL."""
        return self.datasets.load(reference, progress)

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
        code = code_digest([*uses, modality.decode.__module__])
        key = hashlib.sha256(json.dumps([steps, code], sort_keys=True, default=str).encode()).hexdigest()
        return Column.of_features(key, build_features(recipe, self.catalog.resolve))
