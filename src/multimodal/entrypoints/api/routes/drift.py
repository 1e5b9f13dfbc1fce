"""`GET /v1/drift`: which pipeline's inputs moved, and by how much."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import FastAPI, Query, Response

from ....domain.shared.drift import PipelineDrift
from ....domain.shared.errors import UnknownName
from ....service.drift_service import DAYS, LONGEST
from .. import examples
from ..answers import answer
from ..context import Api
from ..schemas import Text, refusals
from .assessments import invalid


def add_routes(api: FastAPI) -> None:
    """Add what this module answers."""
    seen = {"model": list[PipelineDrift], "content": {"application/json": {"example": examples.drift()}}}
    api.add_api_route(
        "/v1/drift",
        drift,
        tags=["pipelines"],
        methods=["GET"],
        summary="What models see now, beside what they were trained on",
        response_model=None,
        responses={200: seen, **refusals(422, 503)},
    )


async def drift(
    api: Api,
    pipeline: Annotated[Text | None, Query(description="Only this pipeline; default: all.")] = None,
    days: Annotated[int, Query(ge=1, le=LONGEST, description="So many days (UTC), with today.")] = DAYS,
) -> Response:
    """One entry for each version that serves or has answered, those that moved most first.

    Counted are stored assessments, some seconds after they were stored. `psi` is the population stability index, and
    `chance` what it would be by chance with so few captures: a feature `moved` when it is 0.1 above that and `p` says
    that it is no accident, `strongly moved` from 0.25 on.
    """
    if pipeline is not None:
        try:
            api.app.catalog.recipe(pipeline)
        except UnknownName as error:
            raise invalid("pipeline", str(error)) from None
    return answer(await api.reading.admit(partial(api.app.drift.drift, pipeline, days=days)))
