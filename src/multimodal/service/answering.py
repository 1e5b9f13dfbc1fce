"""What was measured of captures becomes assessments, a batch at a time.

Measured ..... what is left of a capture when its sample is let go
pointed ...... a prediction with what its property points at
batches ...... captures in handy numbers
answered ..... each pipeline answers for a batch at once: for a few rows that costs as much as for one
failed ....... the assessment of a capture that cannot be decoded
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..domain.shared.errors import QualityError
from ..domain.shared.identity import new_id
from ..domain.shared.pipelines import InferencePipeline
from ..domain.shared.results import Assessment, Failure, Finding, Prediction, judge

log = logging.getLogger(__name__)
Row = NDArray[np.float32]
T = TypeVar("T")

ALONE, BATCH = 16, 8
"""How many are assessed one by one at first, so that all who wait for work get some, and how many together then."""


@dataclass(frozen=True)
class Measured:
    """What is left of a capture when its sample is let go.

    rows, failures: by pipeline its row, or why there is none. findings: by property what it points at.
    """

    name: str
    modality: str
    digest: str
    info: Mapping[str, Any]
    rows: Mapping[str, Row]
    failures: dict[str, Failure]
    findings: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)


def answered(chosen: Sequence[InferencePipeline], captures: Sequence[Measured]) -> list[Assessment]:
    """The assessments of captures; each pipeline answers for all of them at once."""
    predictions: list[list[Prediction]] = [[] for _ in captures]
    for pipeline in chosen:
        asked = [(one, found) for one, found in zip(captures, predictions, strict=True) if pipeline.name in one.rows]
        for (one, found), answer in zip(asked, answers(pipeline, [one for one, _ in asked]), strict=True):
            if isinstance(answer, Failure):
                one.failures[pipeline.name] = answer
            else:
                found.append(pointed(answer, one))
    return [assessed(one, tuple(found)) for one, found in zip(captures, predictions, strict=True)]


def pointed(prediction: Prediction, capture: Measured) -> Prediction:
    """The prediction with what its property points at in this capture."""
    findings = capture.findings.get(prediction.property)
    return replace(prediction, findings=findings) if findings else prediction


def answers(pipeline: InferencePipeline, captures: Sequence[Measured]) -> Sequence[Prediction | Failure]:
    """A pipeline's answers for these captures; where it fails on several, each is asked for by itself."""
    if not captures:
        return []
    try:
        return pipeline.predict_features(np.stack([one.rows[pipeline.name] for one in captures]))
    except Exception as error:  # a pipeline, ours or the user's, must not take the others down
        if len(captures) > 1:
            return [answer for one in captures for answer in answers(pipeline, [one])]
        log.exception("pipeline %s failed on %s", pipeline.name, captures[0].name)
        return [failure(pipeline.name, error)]


def assessed(one: Measured, predictions: tuple[Prediction, ...]) -> Assessment:
    """The assessment of a capture."""
    failures = tuple(one.failures.values())
    return Assessment(
        id=new_id(),
        name=one.name,
        modality=one.modality,
        digest=one.digest,
        info=one.info,
        predictions=predictions,
        failures=failures,
        verdict=judge(predictions, failures),
    )


def batches(captures: Iterable[T]) -> Iterator[Sequence[T]]:
    """The captures in their order: the first ones alone, so that there is work for all who wait for it, then eight.

    >>> [len(batch) for batch in batches(range(40))][-4:]
    [1, 8, 8, 8]
    """
    waiting = iter(captures)
    yield from ([capture] for capture in islice(waiting, ALONE))
    while batch := list(islice(waiting, BATCH)):
        yield batch


def failed(name: str, error: Exception) -> Assessment:
    """The assessment of a capture that cannot be decoded."""
    return Assessment(id=new_id(), name=name, modality="", digest="", failures=(failure("decode", error),))


def failure(where: str, error: Exception) -> Failure:
    """Why there is no answer, without what concerns nobody outside."""
    if isinstance(error, QualityError):
        return Failure(where, error.code, str(error))
    return Failure(where, "internal-error", f"{where} failed on this capture; the log says why.")
