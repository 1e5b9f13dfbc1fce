"""An assessment as a JSON document and back, without loss.

orjson writes and reads it in a few microseconds. What JSON cannot say (NaN, infinity, text that is not Unicode, huge
whole numbers) is written by the standard library in Python's spelling, and read by it again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson

from ..domain.shared.results import Assessment, Failure, Finding, Prediction

T = TypeVar("T", Assessment, Prediction, Failure, Finding)
KINDS: tuple[type, ...] = (Assessment, Prediction, Failure, Finding)
NAMES: Mapping[type, tuple[str, ...]] = {kind: tuple(f.name for f in fields(kind)) for kind in KINDS}
PYTHON = " "  # starts a document that the standard library wrote


def to_document(assessment: Assessment) -> str:
    """The assessment as JSON text."""
    values = given(assessment)
    values["created"] = utc(assessment.created)
    values["predictions"] = [predicted(prediction) for prediction in assessment.predictions]
    values["failures"] = [given(failure) for failure in assessment.failures]
    try:
        text = orjson.dumps(values, default=plain, option=orjson.OPT_SERIALIZE_NUMPY)
    except TypeError:
        return PYTHON + json.dumps(values, default=plain)
    if b"null" in text:  # there was no None: it may have been NaN
        return PYTHON + json.dumps(values, default=plain)
    return text.decode()


def from_document(text: str) -> Assessment:
    """The assessment that `to_document` wrote, also in a version that knew fewer or more fields."""
    values = json.loads(text) if text.startswith(PYTHON) else orjson.loads(text)
    values["created"] = datetime.fromisoformat(values["created"])
    values["predictions"] = tuple(prediction(inner) for inner in values["predictions"])
    values["failures"] = tuple(built(Failure, inner) for inner in values["failures"])
    return built(Assessment, values)


def predicted(prediction: Prediction) -> dict[str, Any]:
    """The fields of a prediction; most have no findings."""
    values = given(prediction)
    if prediction.findings:
        values["findings"] = [given(finding) for finding in prediction.findings]
    else:
        del values["findings"]
    return values


def prediction(values: Mapping[str, Any]) -> Prediction:
    """The prediction that these fields describe."""
    findings = (
        built(Finding, inner | {"place": tuple(inner.get("place", ()))}) for inner in values.get("findings", ())
    )
    return built(Prediction, {"accepted": None, **values, "findings": tuple(findings)})


def utc(moment: datetime) -> datetime:
    """The moment in UTC; one without a zone is in UTC already, one beyond the calendar is its nearest end."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        end = datetime.max if moment.year > 5000 else datetime.min
        return end.replace(tzinfo=UTC)


def given(value: Any) -> dict[str, Any]:
    """The fields that are not None."""
    return {name: inner for name in NAMES[type(value)] if (inner := getattr(value, name)) is not None}


def built(kind: type[T], values: Mapping[str, Any]) -> T:
    """The value, from those fields that this version knows."""
    return kind(**{name: values[name] for name in NAMES[kind] if name in values})


def plain(value: Any) -> Any:
    """What JSON has no word for: mappings that are no dict, NumPy values, moments."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"A {type(value).__name__} is no JSON value.")
