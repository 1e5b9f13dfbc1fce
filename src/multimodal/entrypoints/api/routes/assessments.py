"""`/v1/assessments`: assess files, and find what was assessed."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from ....domain.shared.errors import UnknownName
from ....domain.shared.ports import Query as StoreQuery
from ....domain.shared.results import Assessment, Verdict
from ....domain.shared.sample import Capture
from .. import examples
from ..answers import answer, link, picture
from ..context import Api, Context, context_at
from ..intake import is_multipart
from ..judging import Judgement, judge_and_keep, judge_files, plain_name
from ..schemas import WISH, AssessmentList, AssessmentPage, Text, Wish, query_parameters, refusals

PATH = "/v1/assessments"
LONGEST_PAGE = 500


def add_routes(api: FastAPI) -> None:
    """Add what this module answers."""
    created: dict[int | str, dict[str, Any]] = {201: {"model": Assessment | AssessmentList}}
    api.add_api_route(
        PATH,
        assess,
        tags=["assessments"],
        methods=["POST"],
        status_code=201,
        summary="Judge one file or many",
        response_model=None,
        responses={**created, **refusals(400, 408, 413, 415, 422, 503)},
        openapi_extra={"parameters": query_parameters(WISH), **examples.upload()},
    )
    api.add_api_route(
        PATH,
        find,
        tags=["assessments"],
        methods=["GET"],
        summary="Find stored assessments",
        response_model=None,
        responses={200: {"model": AssessmentPage}, **refusals(422, 503)},
    )
    api.add_api_route(
        f"{PATH}/{{id}}",
        get,
        tags=["assessments"],
        methods=["GET"],
        summary="One stored assessment",
        response_model=None,
        responses={200: {"model": Assessment}, **refusals(404, 422, 503)},
    )
    api.add_api_route(
        f"{PATH}/{{id}}",
        delete,
        tags=["assessments"],
        methods=["DELETE"],
        status_code=204,
        summary="Forget one assessment and its evidence",
        response_model=None,
        responses=refusals(404, 422, 503),
    )
    api.add_api_route(
        f"{PATH}/{{id}}/evidence/{{pipeline}}",
        evidence,
        tags=["assessments"],
        methods=["GET"],
        summary="The picture that was kept with an assessment",
        response_class=Response,
        responses={200: {"content": {"image/png": {}}}, **refusals(404, 422, 503)},
    )


async def assess(request: Request) -> Response:
    """Send a file as it is (any content type): the answer is its assessment, stored at the `Location`.

    Or send a multipart form with one or many files: the answer is `{"items": [...]}` in their order, and a file that
    cannot be read is a failed assessment among the others.
    """
    api, wish = context_at(request), wish_of(request)
    judgement = judgement_of(api, wish)
    if is_multipart(request):
        return await assess_form(request, api, judgement)
    async with api.intake.body(request, api.body_limit) as data:
        found = await judge_and_keep(api, partial(judgement.judge, Capture(plain_name(wish.name), data)))
    return answer(found, 201, {"Location": link(request, f"{PATH}/{found.id}")})


def wish_of(request: Request) -> Wish:
    """What the query asks for. Read here, not by FastAPI: most requests have none, and should not pay for it."""
    query = request.query_params
    if not query:
        return Wish()
    given = {key: query.getlist(key) if key == "pipelines" else query[key] for key in vars(Wish()) if key in query}
    try:
        return WISH.validate_python(given)
    except ValidationError as error:
        raise RequestValidationError([{**one, "loc": ("query", *one["loc"])} for one in error.errors()]) from None


def judgement_of(api: Context, wish: Wish) -> Judgement:
    """How to judge; a wrong pipeline is refused before the body is read."""
    names = tuple(name for text in wish.pipelines for name in text.split(",") if name)
    try:
        for name in names:
            api.app.catalog.recipe(name)
    except UnknownName as error:
        raise invalid("pipelines", str(error)) from None
    return Judgement(api.app.assessor, names or None, wish.evidence)


async def assess_form(request: Request, api: Context, judgement: Judgement) -> Response:
    """The multipart half of `assess`."""
    async with api.intake.files(request, api.form_limit) as files:
        if not files:
            raise HTTPException(422, "The form holds no file. Send each as a part with a filename.")
        return answer(AssessmentList(await judge_files(api, judgement, files)), 201)


async def store_query(
    verdict: Annotated[Verdict | None, Query()] = None,
    name: Annotated[Text | None, Query(description="The capture's exact name.")] = None,
    digest: Annotated[Text | None, Query(description="sha256 of the capture's bytes, hexadecimal.")] = None,
    modality: Annotated[Text | None, Query()] = None,
    pipeline: Annotated[Text | None, Query(description="Only where this pipeline answered.")] = None,
    label: Annotated[Text | None, Query(description="Only where a pipeline answered with this label.")] = None,
    since: Annotated[datetime | None, Query(description="Not before this time (UTC unless it says otherwise).")] = None,
    until: Annotated[datetime | None, Query(description="Before this time.")] = None,
    after: Annotated[Text | None, Query(description="Where the last page ended; `next` carries it.")] = None,
    limit: Annotated[int, Query(ge=1, le=LONGEST_PAGE)] = 50,
) -> StoreQuery:
    """The filter that a query describes."""
    return StoreQuery(
        verdict=verdict,
        modality=modality,
        name=name,
        digest=digest,
        pipeline=pipeline,
        label=label,
        since=in_utc("since", since),
        until=in_utc("until", until),
        after=after,
        limit=limit,
    )


def in_utc(where: str, moment: datetime | None) -> datetime | None:
    """A time in UTC; one without a zone is taken for UTC."""
    if moment is None:
        return None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        raise invalid(where, "the time is out of range") from None


def invalid(where: str, message: str) -> RequestValidationError:
    """A fault of the query."""
    return RequestValidationError([{"type": "value_error", "loc": ("query", where), "msg": message, "input": None}])


async def find(request: Request, api: Api, wanted: Annotated[StoreQuery, Depends(store_query)]) -> Response:
    """Newest first; follow `next` (also in the `Link` header) until it is null."""
    page = await api.reading.admit(partial(api.app.store.find, wanted))
    following = None
    if page.next is not None:
        kept = [(key, value) for key, value in request.query_params.multi_items() if key != "after"]
        following = link(request, f"{PATH}?{urlencode([*kept, ('after', page.next)])}")
    headers = {"Link": f'<{following}>; rel="next"'} if following else {}
    return answer(AssessmentPage(page.items, following), headers=headers)


async def get(id: Text, api: Api) -> Response:
    """The assessment as it was answered."""
    return answer(await api.reading.admit(partial(api.app.store.get, id)))


async def delete(id: Text, api: Api) -> Response:
    """Nothing of it is kept."""
    await api.reading.admit(partial(api.app.store.delete, id))
    return Response(status_code=204)


async def evidence(id: Text, pipeline: Text, api: Api) -> Response:
    """Kept when the assessment was made with `evidence=true`."""
    return picture(await api.reading.admit(partial(api.app.store.evidence, id, pipeline)))
