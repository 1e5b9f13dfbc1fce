"""Assess captures: bytes -> sample -> a row for each pipeline -> predictions -> assessment.

A broken capture is one typed error (`assess`) or one failed assessment (`assess_many`); a failing pipeline is a
`Failure` in the assessment. Nothing is lost and nothing else is affected. A sample is let go when its rows are
measured; answering.py makes assessments of them.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Literal

from ..domain.shared.adjusting import Threshold, thresholds_of
from ..domain.shared.errors import ArtifactError, CaptureError, NotFound
from ..domain.shared.evidence import to_png
from ..domain.shared.modality import Limits, Modality, Property
from ..domain.shared.pipelines import InferencePipeline
from ..domain.shared.ports import Engine, ModelStore
from ..domain.shared.recipe import Recipe
from ..domain.shared.results import Assessment, Failure, Finding, Prediction
from ..domain.shared.sample import Capture, Sample
from .answering import Measured, Row, answered, batches, failed, failure
from .catalog import Catalog
from .serving import Served, ServingModels

log = logging.getLogger(__name__)
Watch = Callable[[Sample, Sequence[Prediction]], None]


def unwatched(sample: Sample, predictions: Sequence[Prediction]) -> None:
    """A watch that nobody keeps."""


def suits(pipeline: InferencePipeline, sample: Sample, modality: str) -> bool:
    """Whether a pipeline can be asked about a sample."""
    return pipeline.recipe.modality == modality and isinstance(sample, pipeline.decision.property.sample)


def point_out(pipeline: InferencePipeline, sample: Sample, found: dict[str, tuple[Finding, ...]]) -> None:
    """Have the pipeline's property point at faults of the sample, once for all its pipelines."""
    property, key = pipeline.decision.property, pipeline.recipe.property
    if property.findings is not None and key not in found:
        found[key] = tuple(property.findings(sample))


def shown_as(form: str, property: Property, modality: Modality) -> Callable[[Sample], bytes] | None:
    """What shows a sample in a format; None where nothing does."""
    evidence, heat, coloured = property.evidence, property.heat, modality.coloured
    if form == "png":
        return (lambda sample: to_png(evidence(sample))) if evidence else None
    if heat is None or coloured is None or form not in modality.colours:
        return None
    return lambda sample: coloured(sample, heat(sample), form)


@dataclass(frozen=True)
class PipelineInfo:
    """What is known of a pipeline.

    status: ready; untrained (it answers nothing until it is trained); or refused: `reason` says what is wrong with the
    version that should serve, and `model` is the one that answers instead, if there is one.
    """

    name: str
    modality: str
    property: str
    kind: Literal["rule", "learned"]
    labels: tuple[str, ...]
    accepted: tuple[str, ...]
    decides: bool
    summary: str
    model: str
    status: Literal["ready", "untrained", "refused"]
    reason: str = ""


class QualityAssessmentService:
    """Answers for captures with the champions of the model store. Safe to share between threads.

    serving: the models; it follows the store when it is told to, and then only what begins afterwards is answered by
    other ones. watch: sees each sample with its answers; it must be quick and never fail.
    """

    def __init__(
        self, catalog: Catalog, models: ModelStore, engine: Engine, limits: Limits, *, watch: Watch = unwatched
    ) -> None:
        self.catalog = catalog
        self.serving = ServingModels(catalog, models)
        self.engine = engine
        self.limits = limits
        self.watch = watch

    def assess(self, capture: Capture, *, pipelines: Sequence[str] | None = None) -> Assessment:
        """The assessment of one capture; `CaptureError` for its own faults, `UnknownName` for an unknown pipeline."""
        return self.assess_with_evidence(capture, pipelines=pipelines, evidence=False)[0]

    def assess_with_evidence(
        self, capture: Capture, *, pipelines: Sequence[str] | None = None, evidence: bool = True
    ) -> tuple[Assessment, dict[str, bytes]]:
        """The assessment and the evidence pictures (PNG) by pipeline, from one decode."""
        return self.examine(capture, self.chosen(pipelines), evidence=evidence)

    def chosen(self, names: Sequence[str] | None = None) -> tuple[InferencePipeline, ...]:
        """The pipelines with these names (default: all) that can answer, as they serve at this moment."""
        wanted = list(self.catalog.recipes) if names is None else [self.catalog.recipe(name).name for name in names]
        snapshot = self.serving.snapshot(wanted)
        return tuple(pipeline for name in wanted if (pipeline := snapshot[name].pipeline) is not None)

    def examine(
        self, capture: Capture, chosen: Sequence[InferencePipeline], *, evidence: bool = False
    ) -> tuple[Assessment, dict[str, bytes]]:
        """As `assess_with_evidence`, by exactly these pipelines: the same ones for all captures of a request or run."""
        sample, measured = self._measured(chosen, capture)
        fitting = [pipeline for pipeline in chosen if suits(pipeline, sample, measured.modality)]
        (assessment,) = answered(fitting, [measured])
        self.watch(sample, assessment.predictions)
        return assessment, self._pictures(fitting, sample) if evidence else {}

    def assess_many(
        self, captures: Iterable[Capture], *, pipelines: Sequence[str] | None = None
    ) -> Iterator[Assessment]:
        """One assessment a capture, in order, side by side; a broken capture gives a failed one. Nobody watches."""
        chosen = self.chosen(pipelines)  # a wrong name is an error now, not one a capture
        return chain.from_iterable(self.engine.map(partial(self._together, chosen), batches(captures)))

    def assess_batch(
        self, captures: Sequence[Capture], *, pipelines: Sequence[str] | None = None
    ) -> Sequence[Assessment]:
        """The assessments of a few captures, in this thread, as `assess_many` gives them."""
        return self._together(self.chosen(pipelines), captures)

    def _together(self, chosen: Sequence[InferencePipeline], captures: Sequence[Capture]) -> Sequence[Assessment]:
        found = [self._measured_anyway(chosen, capture) for capture in captures]
        ready = iter(answered(chosen, [one for one in found if isinstance(one, Measured)]))
        return [next(ready) if isinstance(one, Measured) else one for one in found]

    def _measured_anyway(self, chosen: Sequence[InferencePipeline], capture: Capture) -> Measured | Assessment:
        try:
            return self._measured(chosen, capture)[1]
        except CaptureError as error:
            return failed(capture.name, error)
        except Exception as error:
            log.exception("%s could not be assessed", capture.name)
            return failed(capture.name, error)

    def _measured(self, chosen: Sequence[InferencePipeline], capture: Capture) -> tuple[Sample, Measured]:
        data = capture.read(self.limits.bytes)
        sample, modality = self._decode(data, capture.name)
        rows: dict[str, Row] = {}
        failures: dict[str, Failure] = {}
        findings: dict[str, tuple[Finding, ...]] = {}
        for pipeline in chosen:
            if suits(pipeline, sample, modality):
                try:
                    point_out(pipeline, sample, findings)
                    rows[pipeline.name] = pipeline.features.transform([sample])[0]
                except Exception as error:  # a pipeline, ours or the user's, must not take the others down
                    log.exception("pipeline %s failed on %s", pipeline.name, capture.name)
                    failures[pipeline.name] = failure(pipeline.name, error)
        digest = hashlib.sha256(data).hexdigest()
        return sample, Measured(capture.name, modality, digest, sample.info, rows, failures, findings)

    def evidence(self, capture: Capture, pipeline: str, form: str = "png") -> bytes:
        """What shows where the answer of a pipeline comes from; `NotFound` when it has nothing to show.

        form: `png`, a picture; or a format of the modality (`ply`, `glb`), the capture with its faulty elements in
        colour.
        """
        recipe = self.catalog.recipe(pipeline)
        asked, modality = self.catalog.property_of(recipe), self.catalog.modalities[recipe.modality]
        show = shown_as(form, asked, modality)
        if show is None:
            raise NotFound(f"{recipe.property} is not shown as {form}.")
        sample, name = self._decode(capture.read(self.limits.bytes), capture.name)
        if name != recipe.modality or not isinstance(sample, asked.sample):
            raise NotFound(f"{pipeline} does not assess such a capture, which is {sample.info.get('kind', name)}.")
        return show(sample)

    def pipelines(self) -> tuple[PipelineInfo, ...]:
        """All pipelines, those that decide first."""
        recipes = sorted(self.catalog.recipes.values(), key=lambda r: (r.property, not r.decides, r.name))
        snapshot = self.serving.snapshot()
        return tuple(self._info(recipe, snapshot[recipe.name]) for recipe in recipes)

    def thresholds(self) -> tuple[Threshold, ...]:
        """All thresholds of all pipelines that can answer, as they are in force, those of the deciding ones first."""
        served = {info.name: self.serving.get(info.name).pipeline for info in self.pipelines()}
        own = self.catalog.own
        return tuple(t for name, pipeline in served.items() if pipeline for t in thresholds_of(pipeline, own.get(name)))

    def warm_up(self) -> None:
        """Load all models now, and run each once, so that the first request is as fast as the others."""
        self.serving.snapshot()

    def pipeline(self, name: str) -> InferencePipeline | None:
        """The pipeline as it serves; None while it is untrained; `ArtifactError` when its only version is refused."""
        served = self.serving.get(self.catalog.recipe(name).name)
        if served.pipeline is None and served.refused:
            raise ArtifactError(served.refused)
        return served.pipeline

    def _decode(self, data: bytes, name: str) -> tuple[Sample, str]:
        modality = self.catalog.modality_of(data, name)
        return modality.decode(data, name, self.limits), modality.name

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

    def _info(self, recipe: Recipe, served: Served) -> PipelineInfo:
        property = self.catalog.property_of(recipe)
        return PipelineInfo(
            name=recipe.name,
            modality=recipe.modality,
            property=recipe.property,
            kind="learned" if recipe.has_graph else "rule",
            labels=property.labels,
            accepted=tuple(sorted(property.accepted)),
            decides=recipe.decides,
            summary=recipe.summary,
            model=served.pipeline.model if served.pipeline else "",
            status="refused" if served.refused else "ready" if served.pipeline else "untrained",
            reason=served.refused,
        )
