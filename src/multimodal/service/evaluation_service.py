"""Evaluate pipelines as they serve, on a labelled data set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..domain.shared.data import FeatureTable
from ..domain.shared.errors import ArtifactError, DataError
from ..domain.shared.evaluation import Interval
from ..domain.shared.extraction import table_of
from ..domain.shared.ports import DatasetSource, Engine, Progress, silent
from ..domain.shared.results import Prediction
from ..domain.shared.sample import Capture
from ..domain.shared.training import score
from .quality_assessment_service import QualityAssessmentService


@dataclass(frozen=True)
class Evaluation:
    """How a pipeline answers a data set: figures with intervals, and how often each label got each answer."""

    pipeline: str
    model: str
    dataset: str
    rows: int
    groups: int
    metrics: Mapping[str, Interval]
    confusion: Mapping[str, Mapping[str, int]]


class EvaluationService:
    """Measures serving pipelines."""

    def __init__(self, assessor: QualityAssessmentService, datasets: DatasetSource, engine: Engine) -> None:
        self.assessor = assessor
        self.datasets = datasets
        self.engine = engine

    def evaluate(self, pipeline: str, *, dataset: str, progress: Progress = silent) -> Evaluation:
        """Metrics of the serving version; captures whose label the property does not know are left out of them."""
        serving = self.assessor.pipeline(pipeline)
        if serving is None:
            raise ArtifactError(f"{pipeline} is not trained yet: `multimodal train {pipeline}`.")
        data = self.datasets.load(dataset)

        def row(capture: Capture) -> tuple[np.ndarray, Prediction]:
            features = serving.features.transform([data.decode(capture)])
            return features[0], serving.predict_features(features)[0]

        rows = []
        for done, answer in enumerate(self.engine.map(row, data.captures), start=1):
            rows.append(answer)
            progress("captures", done, len(data))
        table = table_of(
            data, np.array([f for f, _ in rows], np.float32), serving.features.names, serving.recipe.target
        )
        known = self._known(table, serving.decision.property.labels, serving.decision.property.kinds)
        return Evaluation(
            pipeline=pipeline,
            model=serving.model,
            dataset=data.name,
            rows=len(data),
            groups=len(np.unique(table.groups)),
            metrics=score(serving.estimator, serving.decision, known),
            confusion=_confusion(table, [p for _, p in rows]),
        )

    def _known(self, table: FeatureTable, labels: tuple[str, ...], kinds: Mapping[str, str]) -> FeatureTable:
        known = table.rows(np.isin(table.labels, [*labels, *kinds]))
        if not len(known):
            raise DataError(
                f"No capture has one of the labels {', '.join(labels)}. Map yours with `data_label_mapping`."
            )
        return known


def _confusion(table: FeatureTable, predictions: list[Prediction]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for label, prediction in zip(table.labels, predictions, strict=True):
        row = counts.setdefault(str(label), {})
        row[prediction.label] = row.get(prediction.label, 0) + 1
    return counts
