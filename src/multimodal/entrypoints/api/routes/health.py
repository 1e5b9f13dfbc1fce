"""`/health`: is this process alive, and may it be sent work?"""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from fastapi import FastAPI, Response

from ....domain.shared.ports import Query
from ..answers import answer
from ..context import Api, Context
from ..schemas import Health

log = logging.getLogger(__name__)
PATIENCE = 5.0


def add_routes(api: FastAPI) -> None:
    """Add what this module answers."""
    api.add_api_route(
        "/health/live", live, tags=["health"], methods=["GET"], response_model=Health, summary="The process answers"
    )
    api.add_api_route(
        "/health/ready",
        ready,
        tags=["health"],
        methods=["GET"],
        summary="Models are loaded and the database answers",
        response_model=None,
        responses={200: {"model": Health}, 503: {"model": Health}},
    )


async def live() -> Health:
    """Answered as long as the process runs."""
    return Health("ok")


async def ready(api: Api) -> Response:
    """200 when this process can do its work, else 503 and what is missing."""
    missing = await what_is_missing(api)
    return answer(Health(missing or "ok"), 503 if missing else 200)


async def what_is_missing(api: Context) -> str:
    """The first thing that is missing; nothing when all is there."""
    if api.draining:
        return "draining"
    if not api.ready:
        return "loading models"
    return "" if await database_answers(api) else "the database does not answer"


async def database_answers(api: Context) -> bool:
    """Whether the store answers the smallest question in time."""
    try:
        async with asyncio.timeout(PATIENCE):
            await api.reading.run(partial(api.app.store.find, Query(limit=1)))
    except Exception:
        log.exception("the database does not answer")
        return False
    return True
