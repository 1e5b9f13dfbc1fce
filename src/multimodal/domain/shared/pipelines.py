"""Pipelines: named models of a property.

FeaturePipeline ..... transformers in their order: samples -> feature table
TrainingPipeline .... recipe + feature table -> trained pipeline
InferencePipeline ... samples -> predictions; from a training, from a bundle, or a rule as it stands
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bundle import Bundle
from .card import card
from .data import DataTransformer, FeatureExtractor, FeatureTable
from .decision import Decision
from .detection import Detection
from .distributions import learned_from
from .errors import ArtifactError, ConfigError, DataError
from .estimators import Estimator
from .making import check_labels, make_estimator, make_rule, served, tuned
from .modality import Property
from .onnx_export import to_onnx
from .ports import Progress, Tracker, TrainingRun, Tuner, silent
from .provenance import Source, learned_of
from .recipe import Abstention, Recipe, Resolve
from .results import CANNOT_TELL, Prediction
from .sample import Sample
from .selftest import selftest_of
from .torch_estimator import TorchEstimator
from .training import Keep, Known, Trained, Trainer


class FeaturePipeline:
    """Transformers in their order; the tables of all extractors stand side by side."""

    def __init__(self, transformers: Sequence[DataTransformer]) -> None:
        self.transformers = tuple(transformers)
        self.names = tuple(str(name) for t in transformers if isinstance(t, FeatureExtractor) for name in t.names)
        if not self.names:
            raise ConfigError("A pipeline needs at least one transformer that extracts features.")
        self._told = tuple((i, name) for i, name in enumerate(self.names) if not name.startswith("_"))
        self._tells_all = len(self._told) == len(self.names)

    @property
    def measures(self) -> tuple[str, ...]:
        """The names that answers tell; those that begin with `_`, such as pixels, say nothing to a person."""
        return tuple(name for _, name in self._told)

    def told(self, row: Sequence[float]) -> dict[str, float]:
        """The measures of one row."""
        if self._tells_all:
            return dict(zip(self.names, row, strict=True))
        return {name: row[i] for i, name in self._told}

    def transform(self, samples: Sequence[Sample]) -> NDArray[np.float32]:
        """The feature table, float32 (n, d)."""
        tables = []
        for transformer in self.transformers:
            if isinstance(transformer, FeatureExtractor):
                tables.append(transformer.transform(samples))
            else:
                samples = transformer.transform(samples)
        return tables[0] if len(tables) == 1 else np.concatenate(tables, axis=1)


@dataclass(frozen=True, eq=False)
class InferencePipeline:
    """Samples to predictions: extract, estimate, calibrate, decide. Batched, frozen, safe to share between threads.

    own: the thresholds that the user set, by name (see adjusting.py); answers tell them.
    """

    recipe: Recipe
    features: FeaturePipeline
    estimator: Estimator
    decision: Decision
    version: str = "rule"
    own: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def from_recipe(cls, recipe: Recipe, property: Property, resolve: Resolve) -> InferencePipeline:
        """A rule or an ONNX file as its recipe states it; it needs no training."""
        if recipe.learned:
            raise ArtifactError(
                f"{recipe.name} is a learned pipeline without a trained version: `multimodal train {recipe.name}`."
            )
        check_labels(recipe, property)
        features = build_features(recipe, resolve)
        estimator = make_estimator(recipe, {}, resolve, columns=len(features.names))
        return cls(recipe, features, estimator, Decision.plain(property))

    @classmethod
    def from_bundle(cls, bundle: Bundle, property: Property, resolve: Resolve) -> InferencePipeline:
        """A trained pipeline; `resolve` decides which names an artifact may use."""
        recipe = bundle.recipe
        features = build_features(recipe, resolve)
        expected = tuple(bundle.data.get("features", features.names))
        if features.names != expected:
            raise ArtifactError(
                f"{bundle.ref} was trained on other features than this version measures. Train it again."
            )
        estimator = (
            served(recipe, bundle.model, bundle.classes, len(features.names))
            if recipe.has_graph
            else make_rule(recipe, resolve)
        )
        return cls(
            recipe, features, estimator, Decision(property, bundle.calibration, bundle.thresholds), bundle.version
        )

    @property
    def name(self) -> str:
        """The pipeline's name."""
        return self.recipe.name

    @cached_property
    def model(self) -> str:
        """`name@version`."""
        return f"{self.recipe.name}@{self.version}"

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """What the estimator tells apart, in the order of its columns."""
        return tuple(str(name) for name in self.estimator.classes_)

    def predict(self, samples: Sequence[Sample]) -> list[Prediction]:
        """One prediction a sample, in order."""
        return self.predict_features(self.features.transform(samples)) if len(samples) else []

    def predict_features(self, table: NDArray[np.float32]) -> list[Prediction]:
        """One prediction a row of an extracted table."""
        raw = self.estimator.log_proba(table)
        probabilities = self.decision.probabilities(raw, self.classes)
        scores = self.decision.scores(probabilities)
        rows = zip(table.tolist(), raw.tolist(), probabilities.tolist(), scores.tolist(), strict=True)
        return [self._prediction(*row) for row in rows]

    def _prediction(self, row: list[float], raw: list[float], probabilities: list[float], score: float) -> Prediction:
        measures = self.features.told(row)
        label, accepted = self.decision.answer(probabilities, score)
        reason = next(
            (_because(a) for a in self.recipe.cannot_tell if not a.below <= measures[a.measure] <= a.above), ""
        )
        if reason:
            label, accepted = CANNOT_TELL, None
        labels = self.decision.property.labels
        return Prediction(
            pipeline=self.recipe.name,
            property=self.recipe.property,
            model=self.model,
            label=label,
            accepted=accepted,
            score=round(score, 6),
            probabilities={name: round(p, 6) for name, p in zip(labels, probabilities, strict=True)},
            value=measures.get(self.recipe.value),
            unit=self.recipe.unit,
            reason=reason,
            measures=measures,
            details=self._details(raw, label) | self._told_own,
            decides=self.recipe.decides,
        )

    @cached_property
    def _told_own(self) -> dict[str, str | float]:
        told = ", ".join(f"{name}={value:g}" for name, value in sorted(self.own.items()))
        return {"thresholds": told} if told else {}

    def _details(self, raw: list[float], label: str) -> dict[str, str | float]:
        """Which finer kind of the label it most probably is, when the estimator knows kinds."""
        kinds = self.decision.property.kinds
        if not kinds:
            return {}
        of_label = [(name, value) for name, value in zip(self.classes, raw, strict=True) if kinds.get(name) == label]
        shares = {name: math.exp(value) for name, value in of_label}
        if not shares:
            return {}
        kind = max(shares, key=shares.__getitem__)
        return {"kind": kind, "kind_probability": round(shares[kind] / sum(shares.values()), 4)}


def _because(abstention: Abstention) -> str:
    return abstention.because or f"{abstention.measure} is out of the range in which this pipeline can tell"


class TrainingPipeline:
    """Makes an `InferencePipeline` from a recipe and a table of its features (see extraction.py).

    checkpoints: a folder in which the training of a network is kept, so that an interrupted one goes on.
    """

    def __init__(
        self, recipe: Recipe, property: Property, resolve: Resolve, tuner: Tuner, checkpoints: Path | None = None
    ) -> None:
        if recipe.training is None:
            raise ConfigError(f"{recipe.name} does not say how it is trained: add `training:` to its YAML.")
        self.recipe = recipe
        self.property = property
        self.resolve = resolve
        self.tuner = tuner
        self.checkpoints = checkpoints
        self.features = build_features(recipe, resolve)
        check_labels(recipe, property)

    def trainer(self, progress: Progress = silent, *, resume: bool = False) -> Trainer:
        """A trainer with the recipe's arguments; `resume` goes on with an interrupted search."""
        assert self.recipe.training is not None
        name = self.recipe.name
        return Trainer(self.recipe.training, self.property, self.tuner, progress, study=name, resume=resume)

    def fit(self, table: FeatureTable, progress: Progress = silent) -> Trained:
        """Tune, refit, calibrate and score on a table."""
        return self.trainer(progress).fit(self.make, self.usable(table))

    def train(
        self,
        table: FeatureTable,
        keep: Keep,
        tracker: Tracker,
        progress: Progress = silent,
        *,
        known: Known | None = None,
        resume: bool = False,
    ) -> TrainingRun:
        """`fit`, then let `keep` say what is worth remembering, and have the tracker remember it.

        known: what may do better, see `Trainer.fit`.
        """
        return self.trainer(progress, resume=resume).train(self.make, self.usable(table), keep, tracker, known)

    def usable(self, table: FeatureTable) -> FeatureTable:
        """The rows whose label the property knows; `DataError` when one of its labels has none."""
        usable = table.rows(np.isin(table.labels, [*self.property.labels, *self.property.kinds]))
        there = {self.property.label_of(str(label)) for label in usable.labels}
        missing = [label for label in self.property.labels if label not in there]
        if missing:
            raise DataError(
                f"{self.recipe.name} needs examples of each label ({', '.join(self.property.labels)}); there are none "
                f"of {', '.join(missing)}."
                " Map your labels with `data_label_mapping`, or train from good captures alone."
            )
        return usable

    def make(self, values: Mapping[str, Any]) -> Estimator:
        """An unfitted estimator with these parameters."""
        estimator = make_estimator(self.recipe, values, self.resolve, columns=len(self.features.names))
        if isinstance(estimator, TorchEstimator) and estimator.checkpoints is None:
            estimator.set_params(checkpoints=self.checkpoints)
        return estimator

    def bundle(
        self, trained: Trained, table: FeatureTable, source: Source, noticed: Sequence[Detection] = ()
    ) -> Bundle:
        """The trained pipeline as a value; `table` is the one that it was trained on.

        noticed: from which strength on it notices faults, for the card.

        An export that does not reproduce the model on the validation part is refused.
        """
        recipe = tuned(self.recipe, trained.values)
        usable = self.usable(table)
        validation = usable.rows(trained.splits["validation"]).features
        model = to_onnx(trained.estimator, validation) if recipe.has_graph else b""
        bundle = Bundle(
            recipe=recipe,
            classes=tuple(str(c) for c in trained.estimator.classes_),
            calibration=trained.decision.calibration,
            thresholds=trained.decision.thresholds,
            model=model,
            metrics={part: {k: [i.value, i.low, i.high] for k, i in m.items()} for part, m in trained.metrics.items()},
            data=learned_of(source, usable, trained.splits) | {"detection": [each.to_dict() for each in noticed]},
            distributions=learned_from(trained, usable, self.inference(trained).predict_features).to_dict(),
        )
        exported = InferencePipeline.from_bundle(bundle, self.property, self.resolve)
        return replace(bundle, selftest=selftest_of(exported, validation), card=card(bundle))

    def inference(self, trained: Trained) -> InferencePipeline:
        """The fitted estimator as a pipeline, before any export."""
        return InferencePipeline(
            tuned(self.recipe, trained.values), self.features, trained.estimator, trained.decision, "unsaved"
        )


def build_features(recipe: Recipe, resolve: Resolve) -> FeaturePipeline:
    """The recipe's transformers."""
    return FeaturePipeline([step.build(resolve) for step in recipe.transformers])
