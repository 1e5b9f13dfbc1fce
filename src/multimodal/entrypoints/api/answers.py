"""Frozen results as JSON answers, straight from the dataclasses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import Request, Response

OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS


def to_json(value: Any) -> bytes:
    """Dataclasses, mappings, times and numpy scalars as JSON; not-a-number becomes null.

    >>> to_json({"score": float("nan")})
    b'{"score":null}'
    """
    return orjson.dumps(value, default=plain, option=OPTIONS)


def plain(value: Any) -> Any:
    """What orjson does not know by itself: mappings that are no dict."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form.")


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON response."""
    return Response(to_json(value), status, dict(headers or {}), media_type="application/json")


def picture(png: bytes) -> Response:
    """A PNG response."""
    return Response(png, media_type="image/png")


def link(request: Request, path: str) -> str:
    """A link to a path of this application, also behind a proxy that serves it below a prefix."""
    return f"{request.scope.get('root_path', '')}{path}"
