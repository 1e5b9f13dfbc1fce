"""From a request's parameters to assessed and stored captures."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property, partial

from starlette.datastructures import UploadFile

from ...domain.shared.errors import CaptureError
from ...domain.shared.pipelines import InferencePipeline
from ...domain.shared.results import Assessment
from ...domain.shared.sample import Capture
from ...service.answering import failed
from ...service.quality_assessment_service import QualityAssessmentService
from .context import Context

UNNAMED = "capture"


@dataclass(frozen=True)
class Judged:
    """An assessment and its evidence pictures (PNG) by pipeline."""

    assessment: Assessment
    pictures: dict[str, bytes] = field(default_factory=dict)

    def stored_pictures(self) -> dict[tuple[str, str], bytes]:
        """The pictures as the store wants them."""
        return {(self.assessment.id, pipeline): png for pipeline, png in self.pictures.items()}


@dataclass(frozen=True)
class Judgement:
    """How the captures of one request are to be judged, all by the same models. pipelines: None means all."""

    assessor: QualityAssessmentService
    pipelines: tuple[str, ...] | None = None
    evidence: bool = False

    @cached_property
    def chosen(self) -> tuple[InferencePipeline, ...]:
        """The models as they serve when the first capture is judged."""
        return self.assessor.chosen(self.pipelines)

    def judge(self, capture: Capture) -> Judged:
        """Assess one capture; `CaptureError` for its own faults."""
        return Judged(*self.assessor.examine(capture, self.chosen, evidence=self.evidence))

    def judge_anyway(self, capture: Capture) -> Judged:
        """Assess one capture; its own faults give a failed assessment."""
        try:
            return self.judge(capture)
        except CaptureError as error:
            return Judged(failed(capture.name, error))


async def judge_and_keep(api: Context, job: Callable[[], Judged]) -> Assessment:
    """Run a job in the compute thread; return when what it found is stored. `Busy` when too many wait already."""
    judged: Judged = await api.compute.admit_until(job, partial(keep, api))
    return judged.assessment


def keep(api: Context, judged: Judged, places: int = 0) -> Future[None]:
    """Begin to store what was found, together with what others are about to find; what is stored is counted.

    places: how many the caller itself still holds.
    """
    others = api.compute.taken > places
    stored = api.store.submit([judged.assessment], judged.stored_pictures(), patient=others)
    stored.add_done_callback(partial(observe, api, judged.assessment))
    return stored


def observe(api: Context, assessment: Assessment, stored: Future[None]) -> None:
    """Have an assessment counted that was stored."""
    if not stored.cancelled() and stored.exception() is None:
        api.observer.see(assessment)


async def judge_files(api: Context, judgement: Judgement, files: list[UploadFile]) -> tuple[Assessment, ...]:
    """Judge files one after the other, so that other requests have their turn in between. One place is enough."""
    with api.compute.place():
        return tuple([await judge_file(api, judgement, file) for file in files])


async def judge_file(api: Context, judgement: Judgement, file: UploadFile) -> Assessment:
    """Judge one file of a form."""
    capture = Capture(plain_name(file.filename), await file.read())
    judged: Judged = await api.compute.run_until(partial(judgement.judge_anyway, capture), partial(keep, api, places=1))
    return judged.assessment


def plain_name(given: str | None) -> str:
    r"""A file's own name: no folders, nothing unprintable, not endless.

    >>> plain_name("C:\\photos\\cat.jpg")
    'cat.jpg'
    """
    last = (given or "").replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable())[:255] or UNNAMED
