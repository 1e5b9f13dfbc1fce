"""Train pipelines: data set -> features -> search -> bundle in the model store, tracked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from ..domain.shared.bundle import Bundle
from ..domain.shared.comparison import unseen
from ..domain.shared.data import FeatureTable
from ..domain.shared.detection import Detection, Trials, detection
from ..domain.shared.errors import ConfigError
from ..domain.shared.extraction import Measured
from ..domain.shared.identity import new_id
from ..domain.shared.modality import Property
from ..domain.shared.pipelines import InferencePipeline, TrainingPipeline
from ..domain.shared.ports import ModelStore, Progress, Tracker, TrainingRun, Tuner, silent
from ..domain.shared.provenance import Source
from ..domain.shared.recipe import Recipe
from ..domain.shared.training import Known, Trained, TrainingArguments, require_tools
from .catalog import Catalog
from .dataset_service import DatasetService
from .evaluation_service import EvaluationService, Part


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
        evaluator: EvaluationService,
        checkpoints: Path | None = None,
    ) -> None:
        self.catalog = catalog
        self.data = data
        self.tuner = tuner
        self.models = models
        self.tracker = tracker
        self.evaluator = evaluator
        self.checkpoints = checkpoints

    def into(self, models: ModelStore) -> TrainingService:
        """The same with another store of models."""
        return TrainingService(
            self.catalog, self.data, self.tuner, models, self.tracker, self.evaluator, self.checkpoints
        )

    def train(
        self,
        pipeline: str,
        *,
        dataset: str | None = None,
        good: str | None = None,
        changes: Mapping[str, Any] | None = None,
        resume: bool = False,
        progress: Progress = silent,
    ) -> TrainingRun:
        """Train a pipeline and keep it; `changes` replace values of its training arguments (trials, seed, ...).

        dataset: instead of the recipe's own. good: learn from good captures alone (a folder or URL) and spoiled copies
        of them. resume: go on with the search that was interrupted.
        """
        recipe = self.recipe(pipeline, good or dataset, changes or {})
        assert recipe.training is not None
        arguments = recipe.training
        if good:
            data = self.data.spoiled(good, recipe, seed=arguments.seed, progress=progress)
        else:
            data = self.data.load(arguments.dataset, progress)
        measured = self.data.measured(data, [recipe], progress)
        return self.train_on(measured, recipe, good=bool(good), resume=resume, progress=progress)

    def train_all(self, pipelines: Sequence[str], progress: Progress = silent) -> Iterator[TrainingRun]:
        """Train several pipelines; the captures of a data set are decoded once for all that learn from it."""
        recipes = [self.recipe(name, None, {}) for name in pipelines]
        for reference, same in groupby(sorted(recipes, key=_reference), key=_reference):
            chosen = list(same)
            measured = self.data.measured(self.data.load(reference, progress), chosen, progress)
            for recipe in chosen:
                yield self.train_on(measured, recipe, progress=progress)

    def train_on(
        self,
        measured: Measured,
        recipe: Recipe,
        *,
        good: bool = False,
        resume: bool = False,
        progress: Progress = silent,
    ) -> TrainingRun:
        """Train a recipe on what was measured of its data set. good: it was made from good captures alone."""
        assert recipe.training is not None
        began = datetime.now(UTC)
        table = self.data.table(measured, recipe)
        property, resolve = self.catalog.property_of(recipe), self.catalog.resolve
        training = TrainingPipeline(recipe, property, resolve, self.tuner, self.checkpoints)
        arguments = recipe.training
        source = Source(measured.dataset.name, arguments.dataset, measured.digest, good=good, seed=arguments.seed)
        champion = self._known(recipe, table) if good else None

        def keep(trained: Trained) -> TrainingRun:
            whence = source
            if champion is not None and trained.taken_over:
                whence = replace(source, taken_over=str(champion.ref), seen=frozenset(champion.data.get("seen", ())))
            bundle = training.bundle(trained, table, whence, noticed(training, trained, table))
            kept = replace(bundle, version=self.models.save(bundle).version)
            fresh = self._pipeline(kept, training.property)
            test = training.usable(table).rows(trained.splits["test"])
            _, documents = self.evaluator.documented(fresh, Part(test, measured))
            return TrainingRun(
                id=new_id(),
                bundle=kept,
                search=trained.search,
                started=began,
                finished=datetime.now(UTC),
                documents=documents,
                source=source.reference,
                examples=(measured.dataset.captures[measured.index[0]].read(measured.dataset.limit),),
            )

        serving = self._pipeline(champion, training.property) if champion else None
        known = Known(serving.estimator, serving.decision) if serving else None
        return training.train(table, keep, self.tracker, progress, known=known, resume=resume)

    def _known(self, recipe: Recipe, table: FeatureTable) -> Bundle | None:
        """The champion, where it reads the same features, is learned, and has seen nothing of this table."""
        ref = self.models.champion(recipe.name)
        bundle = self.models.load(ref) if ref and recipe.learned else None
        fits = bundle is not None and bundle.recipe.transformers == recipe.transformers and "seen" in bundle.data
        return bundle if bundle is not None and fits and unseen(table, bundle).all() else None

    def _pipeline(self, bundle: Bundle, property: Property) -> InferencePipeline:
        return InferencePipeline.from_bundle(bundle, property, self.catalog.resolve)

    def recipe(self, pipeline: str, dataset: str | None, changes: Mapping[str, Any]) -> Recipe:
        """The pipeline's recipe with changed training arguments; `MissingExtra` where nothing can be trained."""
        require_tools()
        recipe = self.catalog.recipe(pipeline)
        if recipe.training is None:
            raise ConfigError(f"{pipeline} does not say how it is trained: add `training:` to its YAML.")
        if dataset is not None:
            changes = {**changes, "dataset": self.data.settled(dataset)}
        return replace(recipe, training=TrainingArguments.from_dict({**recipe.training.to_dict(), **changes}))


def _reference(recipe: Recipe) -> str:
    return recipe.training.dataset if recipe.training else ""


def noticed(training: TrainingPipeline, trained: Trained, table: FeatureTable) -> tuple[Detection, ...]:
    """From which strength on the model notices each fault, on all captures of the test part's groups.

    Those are among them that nothing learns from since people would not agree on their label. Nothing where the data
    set does not say what was done to its captures.
    """
    if not table.facts or not all("fault" in facts and "strength" in facts for facts in table.facts):
        return ()
    property = training.property
    borderline = np.array([bool(facts.get("borderline")) for facts in table.facts])
    known = np.isin(table.labels, [*property.labels, *property.kinds])
    tested = np.isin(table.groups, training.usable(table).rows(trained.splits["test"]).groups)
    held = table.rows(tested & (known | borderline))
    scores = trained.decision.scores(trained.decision.predicted(trained.estimator, held.features))
    return detection(Trials.of(np.asarray(scores, np.float64), held), property.degradations)
