"""Errors are problem documents: the right status, a type that explains itself, nothing of the inside."""

from __future__ import annotations

import asyncio
import re
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI, Request

from multimodal.domain.shared import errors
from multimodal.entrypoints.api import problems
from multimodal.entrypoints.api.edge import Edge

MEMBERS = {"type", "title", "status", "detail", "instance", "request_id"}


def answer_to(error: Exception) -> httpx.Response:
    """What a route that raises this answers."""

    async def ask() -> httpx.Response:
        api = FastAPI()
        api.state.context = SimpleNamespace(draining=False)
        api.add_middleware(Edge)
        problems.install(api)

        async def fail() -> None:
            raise error

        api.add_api_route("/fail", fail)
        transport = httpx.ASGITransport(api)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get("/fail", headers={"X-Request-ID": "the-id"})

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.BadEncoding("x"), 400),
        (errors.NotFound("x"), 404),
        (errors.UnknownName("pipeline", "x", ["y"]), 404),
        (errors.Conflict("x"), 409),
        (errors.CaptureTooLarge("x"), 413),
        (errors.UnsupportedFormat("x"), 415),
        (errors.BrokenCapture("x"), 422),
        (errors.TooManyPixels("x"), 422),
        (errors.CaptureError("x"), 422),
        (errors.Busy(7), 503),
        (errors.ArtifactError("x"), 500),
        (RuntimeError("x"), 500),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_each_error_has_its_status_and_is_a_problem_document(error, status):
    response = answer_to(error)
    document = response.json()
    assert response.status_code == document["status"] == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert document.keys() == MEMBERS
    assert (document["instance"], document["request_id"]) == ("/fail", "the-id")


def test_a_busy_service_says_when_to_come_back():
    assert answer_to(errors.Busy(7)).headers["Retry-After"] == "7"


@pytest.mark.parametrize("error", [ValueError("/secret/path"), errors.ConfigError("/secret/path"), KeyError("secret")])
def test_an_unexpected_error_tells_the_log_everything_and_the_client_nothing(error, caplog):
    response = answer_to(error)
    assert response.status_code == 500
    assert "secret" not in response.text
    assert "secret" in caplog.text
    assert "Traceback" in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("PUT", "/v1/assessments", 405),
        ("POST", "/health/live", 405),
        ("GET", "/assets/x.js", 404),
    ],
)
def test_the_router_answers_with_problem_documents_too(client, method, path, status):
    response = client.request(method, path)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json().keys() == MEMBERS


def test_a_wrong_method_is_told_all_right_ones(client):
    assert client.put("/v1/assessments").headers["Allow"] == "GET, POST"
    assert client.put("/v1/assessments/some-id").headers["Allow"] == "DELETE, GET"


def test_invalid_parameters_are_named_without_their_values(client):
    document = client.get("/v1/assessments?limit=secret&verdict=secret").json()
    assert [fault["where"] for fault in document["errors"]] == ["query.verdict", "query.limit"]
    assert "secret" not in str(document)


def test_a_problem_does_not_need_a_request_id():
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b"", "server": ("a", 80)}
    response = problems.problem(Request(scope), errors.NotFound.code, "x")
    assert re.search(rb'"request_id":""', bytes(response.body))
