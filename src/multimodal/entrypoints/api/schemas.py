"""What requests and pages look like, for OpenAPI. Results themselves are the domain's own frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from ...domain.shared.results import Assessment, Failure, Prediction
from .judging import UNNAMED

PLAIN = r"^[^\x00-\x1f\x7f]*$"
Text = Annotated[str, StringConstraints(max_length=255, pattern=PLAIN)]


class ImageRequest(BaseModel):
    """One picture as text."""

    model_config = ConfigDict(extra="ignore")

    image: str = Field(description="The file's bytes in base64, with or without a `data:image/...;base64,` prefix.")


@dataclass(frozen=True)
class Wish:
    """How a file is to be judged: the query of `POST /v1/assessments`."""

    pipelines: Annotated[tuple[Text, ...], Field(description="Pipelines that judge; default: all.")] = ()
    evidence: Annotated[bool, Field(description="Keep the evidence pictures as well.")] = False
    name: Annotated[Text, Field(description="The capture's name, for a raw body.")] = UNNAMED


WISH = TypeAdapter(Wish)


@dataclass(frozen=True)
class AssessmentList:
    """Assessments in the order of the files."""

    items: tuple[Assessment, ...]


@dataclass(frozen=True)
class AssessmentPage:
    """One page, newest first; `next` is the link to the following one."""

    items: tuple[Assessment, ...]
    next: str | None = None


@dataclass(frozen=True)
class Index:
    """Where everything is."""

    name: str
    version: str
    links: dict[str, str]
    try_it: str


@dataclass(frozen=True)
class Health:
    """`ok`, or what is missing."""

    status: str


@dataclass(frozen=True)
class ProblemKind:
    """What a kind of problem means."""

    code: str
    status: int
    title: str


@dataclass(frozen=True)
class Problem:
    """An RFC 9457 problem document."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[dict[str, str]] = field(default_factory=list)


PredictionsByPipeline = dict[str, Prediction | Failure]
Responses = dict[int | str, dict[str, Any]]


def query_parameters(of: TypeAdapter[Any]) -> list[dict[str, Any]]:
    """The OpenAPI entries of a query that a route reads by itself."""
    fields = of.json_schema()["properties"].items()
    return [{"name": name, "in": "query", "required": False, "schema": schema} for name, schema in fields]


def refusals(*statuses: int) -> Responses:
    """The OpenAPI entries of problems that a route may answer."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": "A problem document.", "content": content} for status in statuses}
