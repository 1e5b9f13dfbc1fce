"""Pages for people: the index, what problems mean, and /docs from files of this machine (no content network)."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from ....core import APPLICATION, version
from ....domain.shared.errors import NotFound
from .. import problems
from ..answers import link
from ..schemas import Index, ProblemKind, Text, refusals

ASSETS = "/assets"
PLACES = {
    "docs": "/docs",
    "openapi": "/openapi.json",
    "pipelines": "/v1/pipelines",
    "shadow": "/v1/shadow",
    "assessments": "/v1/assessments",
    "jobs": "/v1/jobs",
    "drift": "/v1/drift",
    "ready": "/health/ready",
    "live": "/health/live",
}


def add_routes(api: FastAPI) -> None:
    """Add what this module answers."""
    api.add_api_route("/", index, tags=["about"], methods=["GET"], response_model=Index, summary="Where everything is")
    api.add_api_route(
        "/problems/{code}",
        explain,
        tags=["about"],
        methods=["GET"],
        response_model=ProblemKind,
        summary="What a kind of problem means",
        responses=refusals(404, 422),
    )
    api.add_api_route("/docs", docs, tags=["about"], methods=["GET"], include_in_schema=False)


def mount_assets(app: FastAPI) -> None:
    """Serve the Swagger UI files that the package fastapi-offline carries."""
    app.mount(ASSETS, StaticFiles(directory=Path(str(files("fastapi_offline") / "static"))))


async def index(request: Request) -> Index:
    """Name, version, links, and a line to try."""
    links = {name: link(request, path) for name, path in PLACES.items()}
    return Index(APPLICATION, version(), links, try_line(str(request.base_url)))


def try_line(base: str) -> str:
    """A command that assesses a photo.

    >>> try_line("http://127.0.0.1:8000/")
    'curl --data-binary @PHOTO http://127.0.0.1:8000/v1/assessments'
    """
    return f"curl --data-binary @PHOTO {base.rstrip('/')}/v1/assessments"


async def explain(code: Text) -> ProblemKind:
    """The target of a problem document's `type`."""
    if code not in problems.KINDS:
        raise NotFound(f"No problem has the code {code!r}.")
    kind = problems.KINDS[code]
    return ProblemKind(code, kind.status, kind.title)


async def docs(request: Request) -> HTMLResponse:
    """Swagger UI with examples that work."""
    assets = link(request, ASSETS)
    return get_swagger_ui_html(
        openapi_url=link(request, PLACES["openapi"]),
        title=APPLICATION,
        swagger_js_url=f"{assets}/swagger-ui-bundle.js",
        swagger_css_url=f"{assets}/swagger-ui.css",
        swagger_favicon_url=f"{assets}/favicon.png",
    )
