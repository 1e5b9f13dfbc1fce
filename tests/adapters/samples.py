"""Assessments for tests: one by hand, and any."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_args

from hypothesis import strategies as st

from multimodal.domain.shared.identity import new_id
from multimodal.domain.shared.results import Assessment, Failure, Finding, Prediction, Verdict

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)


def prediction(pipeline: str = "blur_laplacian", label: str = "sharp", **changed: Any) -> Prediction:
    given: dict[str, Any] = {
        "pipeline": pipeline,
        "property": "image/blur",
        "model": f"{pipeline}@0a1b2c",
        "label": label,
        "accepted": label == "sharp",
        "score": 0.9,
        "probabilities": {"sharp": 0.9, "blurred": 0.1},
        "value": 1.25,
        "unit": "px",
        "measures": {"energy": 0.5},
        "details": {"kind": "motion", "angle": 45.0},
    }
    return Prediction(**(given | changed))


def assessment(minutes: int = 0, **changed: Any) -> Assessment:
    given: dict[str, Any] = {
        "id": new_id(),
        "name": "wall.jpg",
        "modality": "image",
        "digest": "ab" * 32,
        "info": {"width": 640, "height": 480, "format": "JPEG"},
        "predictions": (prediction(),),
        "created": NOON + timedelta(minutes=minutes),
        "verdict": "good",
    }
    return Assessment(**(given | changed))


# Any character of a file name: also NUL, control characters and bytes that were no UTF-8 (lone low surrogates).
hostile = st.text(st.characters() | st.sampled_from("\0\n\x1b\\\u202e\udc80\udcff"), max_size=30)
numbers = st.floats(allow_nan=False)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | hostile, lambda inner: st.lists(inner, max_size=3)
)
offsets = st.builds(timezone, st.timedeltas(timedelta(hours=-23), timedelta(hours=23)))
findings = st.builds(
    Finding,
    name=hostile,
    count=st.integers(0, 2**40),
    elements=hostile,
    severity=numbers,
    unit=hostile,
    threshold=st.none() | numbers,
    place=st.just(()) | st.tuples(numbers, numbers, numbers),
)
predictions = st.builds(
    Prediction,
    pipeline=hostile,
    property=hostile,
    model=hostile,
    label=hostile,
    accepted=st.none() | st.booleans(),
    score=st.floats(0, 1),
    probabilities=st.dictionaries(hostile, numbers, max_size=3),
    value=st.none() | numbers,
    unit=hostile,
    reason=hostile,
    measures=st.dictionaries(hostile, numbers, max_size=3),
    details=st.dictionaries(hostile, hostile | numbers, max_size=3),
    decides=st.booleans(),
    findings=st.lists(findings, max_size=2).map(tuple),
)
assessments = st.builds(
    Assessment,
    id=st.builds(new_id),
    name=hostile,
    modality=hostile,
    digest=hostile,
    info=st.dictionaries(hostile, values, max_size=3),
    predictions=st.lists(predictions, max_size=3).map(tuple),
    failures=st.lists(st.builds(Failure, hostile, hostile, hostile), max_size=2).map(tuple),
    created=st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=offsets),
    verdict=st.sampled_from(get_args(Verdict)),
)
