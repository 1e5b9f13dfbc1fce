"""Assess captures: bytes -> sample -> all pipelines -> assessment.

A broken capture is one typed error (`assess`) or one failed assessment (`assess_many`); a failing pipeline is a
`Failure` in the assessment. Nothing is lost and nothing else is affected.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from ..domain.shared.bundle import Bundle
from ..domain.shared.errors import CaptureError, NotFound, QualityError
from ..domain.shared.evidence import to_png
from ..domain.shared.identity import new_id
from ..domain.shared.modality import Limits, Property
from ..domain.shared.pipelines import InferencePipeline
from ..domain.shared.ports import Engine, ModelStore
from ..domain.shared.recipe import Recipe
from ..domain.shared.results import Assessment, Failure, Prediction, judge
from ..domain.shared.sample import Capture, Sample
from .catalog import Catalog

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PipelineInfo:
    """What is known of a pipeline. status: ready, or untrained (it answers nothing until it is trained)."""

    name: str
    modality: str
    property: str
    kind: Literal["rule", "learned"]
    labels: tuple[str, ...]
    accepted: tuple[str, ...]
    decides: bool
    summary: str
    model: str
    status: Literal["ready", "untrained"]


class QualityAssessmentService:
    """Answers for captures with the champions of the model store. Safe to share between threads."""

    def __init__(self, catalog: Catalog, models: ModelStore, engine: Engine, limits: Limits) -> None:
        self.catalog = catalog
        self.models = models
        self.engine = engine
        self.limits = limits
        self._loaded: dict[str, InferencePipeline | None] = {}

    def assess(self, capture: Capture, *, pipelines: Sequence[str] | None = None) -> Assessment:
        """The assessment of one capture; `CaptureError` for its own faults, `UnknownName` for an unknown pipeline."""
        return self.assess_with_evidence(capture, pipelines=pipelines, evidence=False)[0]

    def assess_with_evidence(
        self, capture: Capture, *, pipelines: Sequence[str] | None = None, evidence: bool = True
    ) -> tuple[Assessment, dict[str, bytes]]:
        """The assessment and the evidence pictures (PNG) by pipeline, from one decode."""
        chosen = self._chosen(pipelines)
        data = capture.read(self.limits.bytes)
        sample, modality = self._decode(data, capture.name)
        fitting = [p for p in chosen if p.recipe.modality == modality]
        predictions, failures = self._predict(fitting, sample)
        assessment = Assessment(
            id=new_id(),
            name=capture.name,
            modality=modality,
            digest=hashlib.sha256(data).hexdigest(),
            info=sample.info,
            predictions=predictions,
            failures=failures,
            verdict=judge(predictions, failures),
        )
        return assessment, self._pictures(fitting, sample) if evidence else {}

    def assess_many(
        self, captures: Iterable[Capture], *, pipelines: Sequence[str] | None = None
    ) -> Iterator[Assessment]:
        """One assessment a capture, in order, side by side; a broken capture gives a failed one."""
        self._chosen(pipelines)  # a wrong name is an error now, not one a capture
        return self.engine.map(partial(self.assess_anyway, pipelines=pipelines), captures)

    def assess_anyway(self, capture: Capture, *, pipelines: Sequence[str] | None = None) -> Assessment:
        """The assessment of one capture, a failed one whatever is wrong with it: the others shall be assessed."""
        try:
            return self.assess(capture, pipelines=pipelines)
        except CaptureError as error:
            return failed(capture.name, error)
        except Exception as error:
            log.exception("%s could not be assessed", capture.name)
            return failed(capture.name, error)

    def evidence(self, capture: Capture, pipeline: str) -> bytes:
        """The picture (PNG) that shows where the answer of a pipeline comes from; `NotFound` when it has none."""
        recipe = self.catalog.recipe(pipeline)
        show = self.catalog.property_of(recipe).evidence
        if show is None:
            raise NotFound(f"{recipe.property} has no picture to show.")
        sample, modality = self._decode(capture.read(self.limits.bytes), capture.name)
        if modality != recipe.modality:
            raise NotFound(f"{pipeline} assesses {recipe.modality}, but this capture is {modality}.")
        return to_png(show(sample))

    def pipelines(self) -> tuple[PipelineInfo, ...]:
        """All pipelines, those that decide first."""
        recipes = sorted(self.catalog.recipes.values(), key=lambda r: (r.property, not r.decides, r.name))
        return tuple(self._info(recipe) for recipe in recipes)

    def warm_up(self) -> None:
        """Load all models now, and run each once, so that the first request is as fast as the others."""
        for name in self.catalog.recipes:
            self._pipeline(name)

    def pipeline(self, name: str) -> InferencePipeline | None:
        """The pipeline as it serves; None while it is untrained."""
        self.catalog.recipe(name)
        return self._pipeline(name)

    def _chosen(self, names: Sequence[str] | None) -> list[InferencePipeline]:
        wanted = list(self.catalog.recipes) if names is None else [self.catalog.recipe(name).name for name in names]
        return [pipeline for name in wanted if (pipeline := self._pipeline(name)) is not None]

    def _pipeline(self, name: str) -> InferencePipeline | None:
        if name not in self._loaded:
            self._loaded[name] = self._load(self.catalog.recipes[name])
        return self._loaded[name]

    def _load(self, recipe: Recipe) -> InferencePipeline | None:
        property = self.catalog.property_of(recipe)
        ref = self.models.champion(recipe.name)
        if ref is not None:
            bundle = self.models.load(ref)
            return InferencePipeline.from_bundle(trusted(bundle, recipe), property, self.catalog.resolve)
        return None if recipe.learned else InferencePipeline.from_recipe(recipe, property, self.catalog.resolve)

    def _decode(self, data: bytes, name: str) -> tuple[Sample, str]:
        modality = self.catalog.modality_of(data, name)
        return modality.decode(data, name, self.limits), modality.name

    def _predict(
        self, pipelines: Iterable[InferencePipeline], sample: Sample
    ) -> tuple[tuple[Prediction, ...], tuple[Failure, ...]]:
        predictions, failures = [], []
        for pipeline in pipelines:
            try:
                predictions += pipeline.predict([sample])
            except Exception as error:  # a pipeline, ours or the user's, must not take the others down
                log.exception("pipeline %s failed on %s", pipeline.name, sample.name)
                failures.append(_failure(pipeline.name, error))
        return tuple(predictions), tuple(failures)

    def _pictures(self, pipelines: Iterable[InferencePipeline], sample: Sample) -> dict[str, bytes]:
        """One picture a property, under the name of each of its pipelines."""
        by_property: dict[str, bytes | None] = {}
        pictures = {}
        for pipeline in pipelines:
            key = pipeline.recipe.property
            if key not in by_property:
                by_property[key] = self._picture(pipeline.decision.property, sample)
            if (png := by_property[key]) is not None:
                pictures[pipeline.name] = png
        return pictures

    def _picture(self, property: Property, sample: Sample) -> bytes | None:
        """The property's picture; None when it has none, or when drawing it fails."""
        try:
            return to_png(property.evidence(sample)) if property.evidence else None
        except Exception:  # a picture less must not cost the assessment
            log.exception("no picture of %s for %s", property.name, sample.name)
            return None

    def _info(self, recipe: Recipe) -> PipelineInfo:
        property = self.catalog.property_of(recipe)
        pipeline = self._pipeline(recipe.name)
        return PipelineInfo(
            name=recipe.name,
            modality=recipe.modality,
            property=recipe.property,
            kind="learned" if recipe.has_graph else "rule",
            labels=property.labels,
            accepted=tuple(sorted(property.accepted)),
            decides=recipe.decides,
            summary=recipe.summary,
            model=pipeline.model if pipeline else "",
            status="ready" if pipeline else "untrained",
        )


def trusted(bundle: Bundle, recipe: Recipe) -> Bundle:
    """The bundle, with what is not trained taken from the installed recipe (its names are checked when resolved)."""
    kept = replace(bundle.recipe, decides=recipe.decides, summary=recipe.summary, cannot_tell=recipe.cannot_tell)
    return replace(bundle, recipe=kept)


def failed(name: str, error: Exception) -> Assessment:
    """The assessment of a capture that cannot be decoded."""
    return Assessment(id=new_id(), name=name, modality="", digest="", failures=(_failure("decode", error),))


def _failure(where: str, error: Exception) -> Failure:
    if isinstance(error, QualityError):
        return Failure(where, error.code, str(error))
    return Failure(where, "internal-error", f"{where} failed on this capture; the log says why.")
