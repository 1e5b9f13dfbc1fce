"""`POST /predict_image/`: one picture as base64 in JSON, one result a pipeline back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError

from ....domain.image.image_utils import decode_base64
from ....domain.shared.results import Assessment, Failure, Prediction
from ....domain.shared.sample import Capture
from .. import examples
from ..answers import answer, link
from ..context import Context, context_at
from ..judging import Judged, Judgement, judge_and_keep
from ..schemas import ImageRequest, PredictionsByPipeline, refusals

PATH = "/predict_image/"


def add_routes(api: FastAPI) -> None:
    """Add what this module answers."""
    api.add_api_route(
        PATH,
        predict_image,
        tags=["predict"],
        methods=["POST"],
        summary="Judge one picture sent as base64",
        response_model=None,
        responses={200: {"model": PredictionsByPipeline}, **refusals(400, 408, 413, 415, 422, 503)},
        openapi_extra=examples.base64_body(ImageRequest.model_json_schema()),
    )
    api.add_api_route(PATH.rstrip("/"), predict_image, methods=["POST"], response_model=None, include_in_schema=False)


async def predict_image(request: Request) -> Response:
    """Send `{"image": "<base64>"}`; the answer has one entry for each pipeline: its prediction, or why it has none.

    The assessment is stored as well; the `Link` header says where.
    """
    api = context_at(request)
    async with api.intake.body(request, api.json_limit) as body:
        assessment = await judge_and_keep(api, Reading(api, body).judge)
    where = link(request, f"/v1/assessments/{assessment.id}")
    return answer(by_pipeline(assessment), headers={"Link": f'<{where}>; rel="describedby"'})


@dataclass(frozen=True)
class Reading:
    """A JSON body on its way to an assessment; parsing happens where the CPU work is, not on the event loop."""

    api: Context
    body: bytes

    def judge(self) -> Judged:
        """Parse, decode, assess."""
        data = decode_base64(image_text(self.body))
        return Judgement(self.api.app.assessor).judge(Capture("image", data))


def image_text(body: bytes) -> str:
    """The `image` of a JSON body, or a `RequestValidationError`."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise invalid("the body is not JSON", error.pos) from None
    if not isinstance(value, dict) or not isinstance(value.get("image"), str):
        raise invalid('the body is an object like {"image": "<base64>"}', "image")
    return str(value["image"])


def invalid(message: str, where: Any) -> RequestValidationError:
    """A fault of the JSON body."""
    return RequestValidationError([{"type": "value_error", "loc": ("body", where), "msg": message, "input": None}])


def by_pipeline(assessment: Assessment) -> dict[str, Prediction | Failure]:
    """Predictions and failures by the pipeline's name."""
    failures = {failure.where: failure for failure in assessment.failures}
    return {**failures, **{prediction.pipeline: prediction for prediction in assessment.predictions}}
