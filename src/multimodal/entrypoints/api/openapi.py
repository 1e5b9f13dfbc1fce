"""The OpenAPI document: FastAPI's own, the schema that all refusals refer to, and a pipeline that can be tried."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter
from starlette.routing import compile_path

from .schemas import Problem


def install(api: FastAPI, pipelines: Iterable[str]) -> None:
    """Make the document once, when it is first asked for."""
    own = api.openapi

    @cache
    def document() -> dict[str, Any]:
        schema = own()
        schema["components"]["schemas"]["Problem"] = TypeAdapter(Problem).json_schema()
        suggest_pipeline(schema, next(iter(pipelines), None))
        return schema

    api.openapi = document  # type: ignore[method-assign]


def suggest_pipeline(schema: dict[str, Any], name: str | None) -> None:
    """Fill in the name of a pipeline wherever a path wants one."""
    for item in schema["paths"].values():
        for parameter in (p for operation in item.values() for p in operation.get("parameters", ())):
            if parameter["in"] == "path" and parameter["name"] == "pipeline" and name is not None:
                parameter["example"] = name


def methods_at(api: FastAPI, path: str) -> str:
    """All methods that a path answers, for the header `Allow`; the router itself names those of one route only."""
    templates = api.openapi()["paths"].items()
    found = {method.upper() for template, item in templates if compile_path(template)[0].match(path) for method in item}
    return ", ".join(sorted(found)) or "GET"
