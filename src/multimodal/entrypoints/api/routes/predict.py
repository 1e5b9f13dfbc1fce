"""`POST /predict_image/`, `/predict_model3d/`, ...: one capture as base64 in JSON, one result a pipeline back.

Every modality of the catalogue has its own: the path and the key of the JSON are named after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError

from ....domain.shared.base64_text import decode_base64
from ....domain.shared.errors import UnsupportedFormat
from ....domain.shared.results import Assessment, Failure, Prediction
from ....domain.shared.sample import Capture, refuse_large
from .. import examples
from ..answers import answer, link
from ..context import Context, context_at
from ..judging import Judged, Judgement, judge_and_keep
from ..schemas import PredictionsByPipeline, refusals


def add_routes(api: FastAPI) -> None:
    """Add what this module answers."""
    for modality in context_of(api).app.catalog.modalities:
        add_route(api, modality)


def context_of(api: FastAPI) -> Context:
    """What the routes of an application will need."""
    context: Context = api.state.context
    return context


def add_route(api: FastAPI, modality: str) -> None:
    """Add the route of one modality, with and without the slash at the end."""

    async def predict(request: Request) -> Response:
        return await predicted(request, modality)

    path = f"/predict_{modality}"
    predict.__doc__ = (
        f'Send `{{"{modality}": "<base64>"}}`; the answer has one entry for each pipeline: its prediction, or why '
        "it has none.\n\nThe assessment is stored as well; the `Link` header says where."
    )
    api.add_api_route(
        f"{path}/",
        predict,
        name=f"predict_{modality}",
        tags=["predict"],
        methods=["POST"],
        summary=f"Judge one capture ({modality}) sent as base64",
        response_model=None,
        responses={200: {"model": PredictionsByPipeline}, **refusals(400, 408, 413, 415, 422, 503)},
        openapi_extra=examples.base64_body(modality),
    )
    api.add_api_route(path, predict, methods=["POST"], response_model=None, include_in_schema=False)


async def predicted(request: Request, modality: str) -> Response:
    """The answer to one request."""
    api = context_at(request)
    async with api.intake.body(request, api.json_limit) as body:
        assessment = await judge_and_keep(api, Reading(api, body, modality).judge)
    where = link(request, f"/v1/assessments/{assessment.id}")
    return answer(by_pipeline(assessment), headers={"Link": f'<{where}>; rel="describedby"'})


@dataclass(frozen=True)
class Reading:
    """A JSON body on its way to an assessment; parsing happens where the CPU work is, not on the event loop."""

    api: Context
    body: bytes
    modality: str

    def judge(self) -> Judged:
        """Parse, decode, assess."""
        data = decode_base64(text_of(self.body, self.modality))
        refuse_large(len(data), self.api.body_limit)
        found = self.api.app.catalog.modality_of(data).name
        if found != self.modality:
            raise UnsupportedFormat(f"This capture is {found}, not {self.modality}: send it to /predict_{found}/.")
        return Judgement(self.api.app.assessor).judge(Capture(self.modality, data))


def text_of(body: bytes, key: str) -> str:
    """The text under this key of a JSON body, or a `RequestValidationError`."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise invalid("the body is not JSON", error.pos) from None
    if not isinstance(value, dict) or not isinstance(value.get(key), str):
        raise invalid(f'the body is an object like {{"{key}": "<base64>"}}', key)
    return str(value[key])


def invalid(message: str, where: Any) -> RequestValidationError:
    """A fault of the JSON body."""
    return RequestValidationError([{"type": "value_error", "loc": ("body", where), "msg": message, "input": None}])


def by_pipeline(assessment: Assessment) -> dict[str, Prediction | Failure]:
    """Predictions and failures by the pipeline's name."""
    failures = {failure.where: failure for failure in assessment.failures}
    return {**failures, **{prediction.pipeline: prediction for prediction in assessment.predictions}}
