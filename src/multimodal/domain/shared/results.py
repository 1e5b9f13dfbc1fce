"""Results, frozen, the same in the library, the API, the CLI and the database.

Finding ....... one kind of fault in a capture: how many, how bad, where
Prediction .... one pipeline's answer
Failure ....... why a pipeline or a whole capture has no answer
Evidence ...... a picture that shows where a prediction comes from
Assessment .... all answers for one capture, with its verdict
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

CANNOT_TELL = "cannot_tell"
Verdict = Literal["good", "bad", "cannot_tell", "failed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of fault that a property points at.

    count: how many of `elements` have it. severity: how bad the worst is, in `unit`. threshold: from where on it
    counts, in the same unit; None when one is too many. place: coordinates of the worst, in the capture's own frame.
    """

    name: str
    count: int
    elements: str
    severity: float
    unit: str = ""
    threshold: float | None = None
    place: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Prediction:
    """One pipeline's answer for one capture.

    label: one of the property's labels, or `cannot_tell`.
    accepted: whether the label is an accepted one; None when the pipeline cannot tell.
    score: calibrated probability (0 to 1) that the capture is acceptable; higher is better.
    probabilities: calibrated probability of each label; they sum to 1.
    value, unit: the number that a person would name (blur width in pixels, stops, ...); None when there is none.
    measures: the features that the estimator decided on.
    decides: whether this pipeline speaks for its property in the verdict.
    model: `name@version` of the artifact that answered.
    findings: what its property points at in the capture, the worst first.
    """

    pipeline: str
    property: str
    model: str
    label: str
    accepted: bool | None
    score: float
    probabilities: Mapping[str, float]
    value: float | None = None
    unit: str = ""
    reason: str = ""
    measures: Mapping[str, float] = field(default_factory=dict)
    details: Mapping[str, str | float] = field(default_factory=dict)
    decides: bool = True
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no prediction: `where` is a pipeline's name or `decode`.

    `code` is the error's machine-readable name.
    """

    where: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """A picture that shows where a prediction comes from.

    heat: float32 (h, w) from 0 (nothing) to 1 (strongest), in the frame of the upright capture, at any resolution.
    picture: uint8 RGB (h, w, 3) to lay it over. caption: what bright means.
    """

    heat: NDArray[np.float32]
    picture: NDArray[np.uint8]
    caption: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """All answers for one capture.

    digest: sha256 of the capture's bytes, hexadecimal. info: what is known without a model (width, height, ...).
    """

    id: str
    name: str
    modality: str
    digest: str
    info: Mapping[str, Any] = field(default_factory=dict)
    predictions: tuple[Prediction, ...] = ()
    failures: tuple[Failure, ...] = ()
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    verdict: Verdict = "failed"

    @property
    def accepted(self) -> bool | None:
        """Whether the capture is good; None when nothing decides it."""
        return {"good": True, "bad": False}.get(self.verdict)


def judge(predictions: tuple[Prediction, ...], failures: tuple[Failure, ...]) -> Verdict:
    """The verdict of the pipelines that decide, or of all when none does (because others were asked for).

    One rejection makes a capture bad, silence of all makes it `cannot_tell`.

    >>> judge((), (Failure("decode", "broken-capture", "truncated"),))
    'failed'
    """
    answers = [p.accepted for p in [p for p in predictions if p.decides] or predictions]
    if any(answer is False for answer in answers):
        return "bad"
    if failures:
        return "failed"
    return "good" if any(answers) else "cannot_tell"
