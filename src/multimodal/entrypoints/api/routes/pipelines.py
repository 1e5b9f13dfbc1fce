"""`GET /v1/pipelines`: what this service can judge, and with which models."""

from __future__ import annotations

from fastapi import FastAPI, Response

from ....service.quality_assessment_service import PipelineInfo
from ..answers import answer
from ..context import Api
from ..schemas import refusals


def add_routes(api: FastAPI) -> None:
    """Add what this module answers."""
    api.add_api_route(
        "/v1/pipelines",
        pipelines,
        tags=["pipelines"],
        methods=["GET"],
        summary="All pipelines with their models",
        response_model=None,
        responses={200: {"model": list[PipelineInfo]}, **refusals(503)},
    )


async def pipelines(api: Api) -> Response:
    """Those that decide come first within their property."""
    return answer(await api.reading.admit(api.app.assessor.pipelines))
