"""Training and evaluation of the toy pipelines, in memory."""

from dataclasses import replace

import numpy as np

from multimodal.adapters.report import documents
from multimodal.domain.shared.modality import Limits
from multimodal.domain.shared.recipe import Recipe
from multimodal.service.catalog import Catalog
from multimodal.service.dataset_service import DatasetService
from multimodal.service.evaluation_service import EvaluationService
from multimodal.service.training_service import TrainingService
from tests import toy
from tests.fakes import (
    GridTuner,
    InlineEngine,
    InlineRenderer,
    MemoryDatasetSource,
    MemoryFeatureStore,
    MemoryModelStore,
    MemoryTracker,
)


class House:
    """All that training needs, in memory."""

    def __init__(self) -> None:
        recipes = [Recipe.from_dict(values) for values in (toy.RULE, toy.LEARNED)]
        self.catalog = Catalog(
            {"numbers": replace(toy.MODALITY, thumbnail=thumbnail)},
            {"numbers/calmness": toy.PROPERTY},
            {r.name: r for r in recipes},
        )
        self.models, self.tracker, self.engine = MemoryModelStore(), MemoryTracker(), InlineEngine()
        self.datasets = MemoryDatasetSource(toy=toy.dataset(), fresh=toy.dataset(seed=9))
        self.data = DatasetService(
            self.catalog, self.datasets, MemoryFeatureStore(), InlineRenderer(), self.engine, Limits()
        )
        self.evaluator = EvaluationService(self.catalog, self.models, self.data, documents)
        quiet = EvaluationService(self.catalog, self.models, self.data, lambda examination, pictures: {})
        self.trainer = TrainingService(self.catalog, self.data, GridTuner(), self.models, self.tracker, quiet)


def thumbnail(sample: toy.NumbersSample, side: int) -> np.ndarray:
    """A bar as gray as the numbers are wild."""
    return np.full((side // 8, side, 3), int(min(255, toy.spread(sample))), np.uint8)
