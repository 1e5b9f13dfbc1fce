"""`/v1/jobs`: trainings and evaluations, which a process of their own does; see how far they are, cancel them."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
from fastapi import FastAPI, Query, Request, Response
from pydantic import TypeAdapter

from ....domain.shared.errors import InvalidJob
from ....domain.shared.jobs import Job, JobKind, JobPage, JobQuery, JobState
from .. import examples
from ..answers import answer, link
from ..context import Api, Context, context_at
from ..schemas import JobRequest, Text, refusals

PATH = "/v1/jobs"
LONGEST_PAGE = 500
LARGEST = 64 * 1024  # bytes of a request
FORM = TypeAdapter(JobRequest)


def add_routes(api: FastAPI) -> None:
    """Add what this module answers."""
    api.add_api_route(
        PATH,
        submit,
        tags=["jobs"],
        methods=["POST"],
        status_code=202,
        summary="Train or evaluate a pipeline",
        response_model=None,
        responses={202: {"model": Job}, **refusals(403, 408, 413, 422, 503)},
        openapi_extra=examples.job_body(FORM.json_schema()),
    )
    api.add_api_route(
        PATH,
        find,
        tags=["jobs"],
        methods=["GET"],
        summary="Find jobs",
        response_model=None,
        responses={200: {"model": JobPage}, **refusals(422, 503)},
    )
    api.add_api_route(
        f"{PATH}/{{id}}",
        get,
        tags=["jobs"],
        methods=["GET"],
        summary="How far a job is, and what came of it",
        response_model=None,
        responses={200: {"model": Job}, **refusals(404, 422, 503)},
    )
    api.add_api_route(
        f"{PATH}/{{id}}/cancel",
        cancel,
        tags=["jobs"],
        methods=["POST"],
        summary="Cancel a job",
        response_model=None,
        responses={200: {"model": Job}, **refusals(404, 409, 422, 503)},
    )


async def submit(request: Request) -> Response:
    """The job waits for its turn and then runs apart from the service; follow the `Location` to see how far it is.

    Its result names the new version of the model, or has the figures of the evaluation. It survives a restart.
    """
    api = context_at(request)
    async with api.intake.body(request, LARGEST) as body:
        words = words_of(body)
    job = await api.reading.admit(partial(submitted, api, words))
    return answer(job, 202, {"Location": link(request, f"{PATH}/{job.id}")})


def words_of(body: bytes) -> dict[str, Any]:
    """The keys and values of a JSON object, or `InvalidJob`."""
    try:
        values = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidJob(f"The body is not JSON (at position {error.pos}).") from None
    if not isinstance(values, dict):
        raise InvalidJob('The body is an object like {"kind": "train", "pipeline": "..."}.')
    return values


def submitted(api: Context, words: dict[str, Any]) -> Job:
    """The job in the queue, and somebody to run it."""
    job = api.app.jobs.submit(words.pop("kind", ""), words)
    api.runner.wake()
    return job


async def find(
    request: Request,
    api: Api,
    state: Annotated[JobState | None, Query()] = None,
    kind: Annotated[JobKind | None, Query()] = None,
    after: Annotated[Text | None, Query(description="Where the last page ended; `next` carries it.")] = None,
    limit: Annotated[int, Query(ge=1, le=LONGEST_PAGE)] = 50,
) -> Response:
    """Newest first; follow `next` (also in the `Link` header) until it is null."""
    page = await api.reading.admit(partial(api.app.jobs.find, JobQuery(state, kind, after, limit)))
    following = None
    if page.next is not None:
        kept = [(key, value) for key, value in request.query_params.multi_items() if key != "after"]
        following = link(request, f"{PATH}?{urlencode([*kept, ('after', page.next)])}")
    headers = {"Link": f'<{following}>; rel="next"'} if following else {}
    return answer(JobPage(page.items, following), headers=headers)


async def get(id: Text, api: Api) -> Response:
    """As it is at this moment."""
    return answer(await api.reading.admit(partial(looked_after, api, id)))


def looked_after(api: Context, id: str) -> Job:
    """The job; when it is unfinished, somebody is there to run it."""
    job = api.app.jobs.get(id)
    if not job.is_over:
        api.runner.wake()
    return job


async def cancel(id: Text, api: Api) -> Response:
    """One that waits is cancelled at once; one that runs stops at its next step (`cancelling`).

    What its search has tried is kept. 409 when it has ended otherwise.
    """
    return answer(await api.reading.admit(partial(api.app.jobs.cancel, id)))
