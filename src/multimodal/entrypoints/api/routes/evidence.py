"""`POST /v1/evidence/{pipeline}`: a capture in, what explains a pipeline's answer out. Nothing is stored."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from fastapi import FastAPI, Query, Request, Response

from ....domain.shared.sample import Capture
from .. import examples
from ..context import Api
from ..judging import UNNAMED
from ..schemas import Text, refusals

MEDIA = {"png": "image/png", "ply": "application/octet-stream", "glb": "model/gltf-binary"}
Form = Annotated[Literal["png", "ply", "glb"], Query(description="`ply` and `glb` show meshes and clouds themselves.")]


def add_routes(api: FastAPI) -> None:
    """Add what this module answers."""
    api.add_api_route(
        "/v1/evidence/{pipeline}",
        evidence,
        tags=["evidence"],
        methods=["POST"],
        summary="Show where a pipeline's answer comes from",
        response_class=Response,
        responses={200: {"content": {media: {} for media in MEDIA.values()}}, **refusals(404, 408, 413, 415, 422, 503)},
        openapi_extra=examples.raw_body(),
    )


async def evidence(request: Request, api: Api, pipeline: Text, format: Form = "png") -> Response:
    """Send a file as it is; the answer is a picture, or a mesh or cloud with its faulty elements in colour.

    404 when there is no such pipeline, or its property is not shown like that.
    """
    api.app.catalog.recipe(pipeline)
    async with api.intake.body(request, api.body_limit) as data:
        shown = partial(api.app.assessor.evidence, Capture(UNNAMED, data), pipeline, format)
        content = await api.compute.admit(shown)
    return Response(content, media_type=MEDIA[format])
