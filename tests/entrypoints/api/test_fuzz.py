"""Whatever comes in, no 500 comes out, and what comes out is what the OpenAPI document says."""

from __future__ import annotations

import base64
import re
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from multimodal.domain.shared.jobs import JobQuery
from multimodal.entrypoints.api.examples import example_photo

CHECKS = (
    schemathesis.checks.not_a_server_error,
    schemathesis.checks.status_code_conformance,
    schemathesis.checks.content_type_conformance,
    schemathesis.checks.response_schema_conformance,
    schemathesis.checks.unsupported_method,
)
QUICK = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much, HealthCheck.too_slow],
)
INSIDE = re.compile(rb"Traceback|site-packages|/home/|/usr/|/root/|/tmp/|\.py\b")


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
def test_every_route_keeps_its_promises(service, mode):
    for result in schemathesis.openapi.from_url(f"{service.url}/openapi.json").get_all_operations():
        keeps_its_promises(result.ok(), mode)
    assert not any(job.attempts for job in service.context.app.jobs.find(JobQuery()).items)


def keeps_its_promises(operation: Any, mode: GenerationMode) -> None:
    @given(case=operation.as_strategy(generation_mode=mode))
    @QUICK
    def check(case: Any) -> None:
        response = case.call()
        case.validate_response(response, checks=CHECKS)
        assert not INSIDE.search(response.content)

    with suppress(Unsatisfiable):  # a route without parameters has nothing to be wrong about
        check()


def spoilt(photo: bytes) -> st.SearchStrategy[bytes]:
    """A picture that was cut, or in which some bytes were changed."""
    cut = st.integers(0, len(photo)).map(lambda end: photo[:end])
    place = st.tuples(st.integers(0, len(photo) - 1), st.integers(0, 255))
    changed = st.lists(place, min_size=1, max_size=20).map(lambda places: with_bytes(photo, places))
    return cut | changed | st.binary(max_size=200) | st.binary(max_size=200).map(lambda tail: photo[:300] + tail)


def with_bytes(data: bytes, places: list[tuple[int, int]]) -> bytes:
    changed = bytearray(data)
    for place, value in places:
        changed[place] = value
    return bytes(changed)


@given(body=spoilt(example_photo()))
@QUICK
def test_a_spoilt_picture_is_judged_or_refused_everywhere(service, body):
    pipeline = next(iter(service.context.app.catalog.recipes))
    answers = [
        service.client.post("/v1/assessments", params={"evidence": True}, content=body),
        service.client.post(f"/v1/evidence/{pipeline}", content=body),
        service.client.post("/predict_image/", json={"image": base64.b64encode(body).decode()}),
        service.client.post("/v1/assessments", files={"file": body}),
    ]
    assert {answer.status_code for answer in answers} <= {200, 201, 400, 413, 415, 422}
    assert not any(INSIDE.search(answer.content) for answer in answers)


@given(
    body=st.binary(max_size=300),
    boundary=st.sampled_from(["", "; boundary=", "; boundary=x", "; boundary=x; charset=none"]),
)
@QUICK
def test_a_malformed_form_is_refused(service, body, boundary):
    headers = {"Content-Type": f"multipart/form-data{boundary}"}
    body = body.replace(b"0", b"--x\r\n").replace(b"1", b"Content-Disposition: form-data; name=a; filename=b\r\n\r\n")
    assert service.client.post("/v1/assessments", content=body, headers=headers).status_code in (201, 400, 422)


@given(data=st.binary(min_size=1, max_size=200))
@QUICK
def test_what_is_no_http_is_refused_and_harms_nobody(service, data):
    answer = service.tell(data + b"\r\n\r\n")
    assert not answer or answer.startswith(b"HTTP/1.1 4")
    assert service.client.get("/health/live").status_code == 200


@pytest.mark.parametrize(
    "head",
    [
        b"POST /v1/assessments HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/assessments HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"POST /v1/assessments HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/assessments HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /v1/assessments/%FF%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /assets/..%2f..%2fcore.py HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: \xff\xfe\r\nConnection: close\r\n\r\n",
    ],
)
def test_hostile_heads_are_no_server_error(service, head):
    answer = service.tell(head)
    assert not answer or answer[9:10] in b"24", answer


def test_an_answer_in_flight_survives_a_second_request_on_the_same_connection(service):
    photo = example_photo()
    head = b"POST /v1/assessments HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n" % len(photo)
    both = service.tell(head + b"\r\n" + photo + head + b"Connection: close\r\n\r\n" + photo)
    assert both.count(b"HTTP/1.1 201") == 2
