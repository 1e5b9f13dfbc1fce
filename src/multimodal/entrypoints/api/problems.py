"""Errors as RFC 9457 problem documents (`application/problem+json`).

    STATUSES ........ error class -> status
    problem() ....... one problem as a response
    install() ....... handlers for every error that the application can meet

`type` is a link that works: `/problems/{code}` says what the problem means. Nothing here shows a path or a stack.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from ...domain.shared import errors
from ...domain.shared.errors import QualityError
from .openapi import methods_at

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
INVALID = "invalid-request"
UNEXPECTED = "unexpected"


@dataclass(frozen=True)
class Kind:
    """What a kind of problem means."""

    status: int
    title: str


KINDS: Mapping[str, Kind] = {
    errors.BadEncoding.code: Kind(400, "The text is not base64"),
    errors.JobsOff.code: Kind(403, "This service takes no jobs"),
    errors.NotFound.code: Kind(404, "There is no such thing"),
    errors.UnknownName.code: Kind(404, "Nothing has this name"),
    errors.Conflict.code: Kind(409, "It exists already, or changed meanwhile"),
    errors.CaptureTooLarge.code: Kind(413, "The body is too large"),
    errors.UnsupportedFormat.code: Kind(415, "The format is not supported"),
    errors.BrokenCapture.code: Kind(422, "The capture is damaged or empty"),
    errors.TooManyPixels.code: Kind(422, "The capture has too many pixels"),
    errors.CaptureError.code: Kind(422, "The capture is at fault"),
    errors.InvalidJob.code: Kind(422, "The job cannot be done as asked"),
    INVALID: Kind(422, "The request is not valid"),
    UNEXPECTED: Kind(500, "Something unexpected happened here"),
    errors.MissingExtra.code: Kind(501, "A part that this needs is not installed here"),
    errors.Busy.code: Kind(503, "The service is busy"),
    errors.QueueFull.code: Kind(503, "As many jobs wait as may"),
    errors.Unreachable.code: Kind(503, "A server that this needs does not answer"),
}
UNEXPECTED_DETAIL = "The service failed. The request id finds the reason in its log."


def problem(
    request: Request, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any
) -> Response:
    """One problem of a known kind; `members` are added to the document."""
    kind = KINDS[code]
    return document(
        request,
        {"type": f"/problems/{code}", "title": kind.title, "status": kind.status, "detail": detail, **members},
        headers,
    )


def document(request: Request, members: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """A problem document that names the request."""
    where = {"instance": request.url.path, "request_id": getattr(request.state, "request_id", "")}
    body = orjson.dumps({**members, **where})
    return Response(body, members["status"], dict(headers or {}), media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error with a problem document."""
    app.add_exception_handler(QualityError, on_quality_error)
    app.add_exception_handler(RequestValidationError, on_invalid_request)
    app.add_exception_handler(HTTPException, on_http_error)


async def on_quality_error(request: Request, error: Exception) -> Response:
    """An error of ours, by the nearest class that has a kind; a fault of the service is told without details."""
    code = next((code for c in type(error).__mro__ if (code := getattr(c, "code", "")) in KINDS), UNEXPECTED)
    if code == UNEXPECTED:
        return unexpected(request, error)
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, errors.Busy) else None
    return problem(request, code, str(error), headers=headers)


async def on_invalid_request(request: Request, error: Exception) -> Response:
    """Parameters or a JSON body that do not fit the schema: where and why, without the values."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    faults = [{"where": ".".join(map(str, fault["loc"])), "message": fault["msg"]} for fault in found]
    detail = "; ".join(f"{fault['where']}: {fault['message']}" for fault in faults[:3])
    return problem(request, INVALID, detail, errors=faults)


async def on_http_error(request: Request, error: Exception) -> Response:
    """What the router or a route refuses by status alone: 404, 405, 408, ..."""
    status, detail, headers = 500, UNEXPECTED_DETAIL, None
    if isinstance(error, HTTPException):
        status, detail, headers = error.status_code, str(error.detail), error.headers
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"Allow": methods_at(request.app, request.url.path)}
    title = HTTPStatus(status).phrase
    return document(request, {"type": "about:blank", "title": title, "status": status, "detail": detail}, headers)


def unexpected(request: Request, error: Exception) -> Response:
    """The plain 500; the reason goes to the log only."""
    log.error("unexpected error at %s %s", request.method, request.url.path, exc_info=error)
    return problem(request, UNEXPECTED, UNEXPECTED_DETAIL)
