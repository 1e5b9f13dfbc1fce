"""`POST /v1/evidence/{pipeline}`: a picture in, the one that explains a pipeline's answer out. Nothing is stored."""

from __future__ import annotations

from functools import partial

from fastapi import FastAPI, Request, Response

from ....domain.shared.sample import Capture
from .. import examples
from ..answers import picture
from ..context import Api
from ..judging import UNNAMED
from ..schemas import Text, refusals


def add_routes(api: FastAPI) -> None:
    """Add what this module answers."""
    api.add_api_route(
        "/v1/evidence/{pipeline}",
        evidence,
        tags=["evidence"],
        methods=["POST"],
        summary="Show where a pipeline's answer comes from",
        response_class=Response,
        responses={200: {"content": {"image/png": {}}}, **refusals(404, 408, 413, 415, 422, 503)},
        openapi_extra=examples.raw_body(),
    )


async def evidence(request: Request, api: Api, pipeline: Text) -> Response:
    """Send a file as it is; the answer is a PNG. 404 when there is no such pipeline, or its property has no picture."""
    api.app.catalog.recipe(pipeline)
    async with api.intake.body(request, api.body_limit) as data:
        png = await api.compute.admit(partial(api.app.assessor.evidence, Capture(UNNAMED, data), pipeline))
    return picture(png)
