"""The application: create_app(App) -> FastAPI, ready to be served by any ASGI server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from ...bootstrap import App
from ...core import APPLICATION, version
from ...domain.shared.ports import Query
from ...service.catalog import Catalog
from ...service.following import Follower
from . import openapi, problems
from .context import Context, open_context
from .edge import Edge
from .routes import assessments, drift, evidence, health, jobs, pages, pipelines, predict, shadow

ROOMS = (predict, assessments, evidence, pipelines, shadow, drift, jobs, health, pages)
DESCRIPTION = "How good is this capture? Many models judge it, each with its own answer; together they give a verdict."


def create_app(app: App) -> FastAPI:
    """The HTTP API of an application; models are loaded when it starts."""
    api = FastAPI(
        title=APPLICATION,
        version=version(),
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    api.state.context = open_context(app)
    api.add_middleware(Edge)
    problems.install(api)
    for room in ROOMS:
        room.add_routes(api)
    pages.mount_assets(api)
    openapi.install(api, pipelines_with_evidence(app.catalog))
    return api


def pipelines_with_evidence(catalog: Catalog) -> list[str]:
    """Those that can show where their answers come from."""
    return [recipe.name for recipe in catalog.recipes.values() if catalog.property_of(recipe).evidence]


@asynccontextmanager
async def lifespan(api: FastAPI) -> AsyncIterator[None]:
    """Load the models and open the database before the first request; end the threads after the last.

    In between, newly promoted models take the place of those that serve, and challengers watch when they are to.
    """
    context: Context = api.state.context
    app = context.app
    await context.compute.run(app.assessor.warm_up)
    await context.reading.run(partial(app.store.find, Query(limit=1)))
    await context.reading.run(context.runner.wake)  # a runner may have vanished while no service was there
    follower = Follower(app.assessor.serving.refresh, app.settings.follow)
    follower.start()
    if app.settings.shadow:
        app.shadow.start(lambda: context.quiet)
    context.ready = True
    try:
        yield
    finally:
        follower.close()
        context.close()
        app.shadow.close()
