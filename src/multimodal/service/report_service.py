"""The report of a collection: what is worth showing is chosen, decoded once more, and drawn.

ReportService.page ... a collection and its captures -> one HTML page

Only a bounded number of captures is decoded again, side by side, under the same limits as when they were assessed. One
that is gone, has changed or fails is a placeholder on the page. What failed when it was assessed is not touched again:
it may be a file that ends whoever decodes it.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from ..domain.shared.adjusting import RANGE, Threshold, thresholds_of
from ..domain.shared.collection import Collection, Gathered
from ..domain.shared.errors import CaptureError
from ..domain.shared.evidence import overlay
from ..domain.shared.modality import Limits
from ..domain.shared.pipelines import InferencePipeline
from ..domain.shared.ports import Engine, Progress, silent
from ..domain.shared.results import CANNOT_TELL
from ..domain.shared.sample import Capture, Sample
from ..domain.shared.showcase import Answers, Picture, Showcase, columns_of, issues_of, wanted
from ..domain.shared.thumbnails import fitted, to_webp
from .catalog import Catalog

log = logging.getLogger(__name__)
Draw = Callable[[Showcase], bytes]


@dataclass(frozen=True)
class Bounds:
    """How large a picture on the page may be: its longest side in pixels, and its bytes."""

    side: int
    bytes: int


EXAMPLE, MEMBER = Bounds(288, 9_000), Bounds(176, 3_500)
"""Of an example in which a fault is to be seen, and of a capture that is shown among others."""
GONE = "The file is not there any more."
CHANGED = "The file has changed since it was assessed."
BROKEN = "It could not be assessed."
UNSEEN = "It cannot be shown."
SCORE = "score"


@dataclass(frozen=True)
class About:
    """What a page says of where it comes from. sources: what was asked for. folder: where the page will lie."""

    sources: tuple[str, ...] = ()
    folder: Path | None = None


NOWHERE = About()


@dataclass(frozen=True, eq=False)
class Task:
    """A capture to be shown. digest: of the content that was assessed; pipelines: whose faults are to be seen."""

    capture: Capture
    digest: str
    pipelines: Sequence[InferencePipeline]
    failed: bool


class ReportService:
    """Draws collections. Safe to share between threads."""

    def __init__(self, catalog: Catalog, engine: Engine, limits: Limits, draw: Draw) -> None:
        self.catalog = catalog
        self.engine = engine
        self.limits = limits
        self.draw = draw

    def page(
        self,
        collection: Collection,
        captures: Sequence[Capture],
        pipelines: Sequence[InferencePipeline],
        about: About = NOWHERE,
        progress: Progress = silent,
    ) -> bytes:
        """The page of a collection.

        captures: those of the collection, in its order. pipelines: those that answered.
        """
        shown = deciding(pipelines)
        answers = tuple(answers_of(collection.gathered, pipeline) for pipeline in shown)
        issues = issues_of(answers, collection.gathered.digests)
        pictures = self._pictures(collection, captures, shown, wanted(collection, answers, issues), progress)
        paths = [capture.content if isinstance(capture.content, Path) else None for capture in captures]
        return self.draw(Showcase(collection, answers, issues, pictures, paths, about.sources, about.folder))

    def _pictures(
        self,
        collection: Collection,
        captures: Sequence[Capture],
        pipelines: Sequence[InferencePipeline],
        needed: Mapping[int, Set[str]],
        progress: Progress,
    ) -> dict[int, Picture]:
        """The pictures that are needed, by position, made side by side."""
        gathered, by_name = collection.gathered, {pipeline.name: pipeline for pipeline in pipelines}
        tasks = [
            Task(
                captures[position],
                gathered.digests[position],
                tuple(by_name[name] for name in sorted(names)),
                failed=gathered.verdicts[position] == "failed",
            )
            for position, names in needed.items()
        ]
        found = {}
        for position, picture in zip(needed, self.engine.map(self._picture, tasks), strict=True):
            found[position] = picture
            progress("pictures", len(found), len(tasks))
        return found

    def _picture(self, task: Task) -> Picture:
        """One capture in pictures, or the reason why there are none."""
        if task.failed:
            return Picture(missing=BROKEN)
        try:
            data = task.capture.read(self.limits.bytes)
        except CaptureError:
            return Picture(missing=GONE)
        if hashlib.sha256(data).hexdigest() != task.digest:
            return Picture(missing=CHANGED)
        try:
            return self._drawn(data, task)
        except Exception:  # a picture less must not cost the report
            log.exception("no picture of %s", task.capture.name)
            return Picture(missing=UNSEEN)

    def _drawn(self, data: bytes, task: Task) -> Picture:
        modality = self.catalog.modality_of(data, task.capture.name)
        if modality.thumbnail is None:
            return Picture(missing=UNSEEN)
        sample = modality.decode(data, task.capture.name, self.limits)
        bounds = EXAMPLE if task.pipelines else MEMBER
        small = fitted(modality.thumbnail(sample, bounds.side), bounds.side)
        picture = Picture(to_webp(small, side=bounds.side, most=bounds.bytes), small.shape[1], small.shape[0])
        for pipeline in task.pipelines:
            picture = explained(picture, pipeline, sample)
        return picture


def explained(picture: Picture, pipeline: InferencePipeline, sample: Sample) -> Picture:
    """The picture with what a pipeline says of it, and where that is seen, if it can be shown."""
    name, show = pipeline.name, pipeline.decision.property.evidence
    (prediction,) = pipeline.predict([sample])
    picture = replace(picture, notes={**picture.notes, name: str(prediction.details.get("kind", ""))})
    if show is None:
        return picture
    evidence = show(sample)
    drawn = to_webp(overlay(evidence), side=EXAMPLE.side, most=EXAMPLE.bytes)
    captions = {**picture.captions, name: evidence.caption}
    return replace(picture, overlays={**picture.overlays, name: drawn}, captions=captions)


def deciding(pipelines: Sequence[InferencePipeline]) -> Sequence[InferencePipeline]:
    """Those that make the verdict: the deciding ones, or all where none decides."""
    return [pipeline for pipeline in pipelines if pipeline.recipe.decides] or pipelines


def answers_of(gathered: Gathered, pipeline: InferencePipeline) -> Answers:
    """A pipeline's answers as columns."""
    property, recipe = pipeline.decision.property, pipeline.recipe
    labels = (*property.labels, CANNOT_TELL)
    label, score, value = columns_of(gathered, pipeline.name, labels)
    return Answers(
        pipeline=pipeline.name,
        model=pipeline.model,
        title=recipe.property.partition("/")[2].replace("_", " "),
        summary=property.summary or recipe.summary,
        unit=recipe.unit,
        labels=labels,
        accepted=(*(label in property.accepted for label in property.labels), None),
        label=label,
        score=score,
        value=value,
        thresholds=judged(pipeline),
    )


def judged(pipeline: InferencePipeline) -> tuple[Threshold, ...]:
    """The thresholds that can be drawn: those on the value that a person names, else those of the score."""
    found = thresholds_of(pipeline)
    on_value = tuple(t for t in found if t.measure == pipeline.recipe.value and not t.name.startswith(RANGE))
    return on_value or tuple(t for t in found if t.measure == SCORE)
