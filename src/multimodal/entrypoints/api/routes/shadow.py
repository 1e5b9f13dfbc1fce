"""`GET /v1/shadow`: how challengers, which answer unheard, agree with the models that serve."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import FastAPI, Query, Response

from ....service.shadow_service import ShadowInfo
from ..answers import answer
from ..context import Api
from ..schemas import Text, refusals


def add_routes(api: FastAPI) -> None:
    """Add what this module answers."""
    api.add_api_route(
        "/v1/shadow",
        shadow,
        tags=["pipelines"],
        methods=["GET"],
        summary="How challengers agree with the models that serve",
        response_model=None,
        responses={200: {"model": ShadowInfo}, **refusals(422, 503)},
    )


async def shadow(
    api: Api, pipeline: Annotated[Text | None, Query(description="Only this pipeline.")] = None
) -> Response:
    """Counts over all processes that share the database, also of versions that watched before."""
    return answer(await api.reading.admit(partial(api.app.shadow.report, pipeline)))
