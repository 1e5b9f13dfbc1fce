"""What requests and pages look like, for OpenAPI. Results themselves are the domain's own frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field, StringConstraints, TypeAdapter

from ...domain.shared.jobs import JobKind
from ...domain.shared.results import Assessment, Failure, Prediction
from .judging import UNNAMED

PLAIN = r"^[^\x00-\x1f\x7f]*$"
Text = Annotated[str, StringConstraints(max_length=255, pattern=PLAIN)]


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
class JobRequest:
    """A training or an evaluation. What is left out is as the pipeline's YAML says."""

    kind: JobKind
    pipeline: Annotated[str, Field(description="Its name, as `/v1/pipelines` has it.")]
    dataset: Annotated[str | None, Field(description="A configured data set; needed to evaluate.")] = None
    trials: Annotated[int | None, Field(ge=0, le=10_000, description="When the search ends.")] = None
    minutes: Annotated[float | None, Field(ge=0, le=1_440, description="When it ends at the latest.")] = None
    seed: Annotated[int | None, Field(ge=0, lt=2**31)] = None
    folds: Annotated[int | None, Field(ge=2, le=20)] = None
    validation: Annotated[float | None, Field(ge=0.01, le=0.9, description="Share of the groups.")] = None
    test: Annotated[float | None, Field(ge=0.01, le=0.9, description="Share of the groups.")] = None
    wrong: Annotated[float | None, Field(ge=0, le=1, description="Share of answers that may be wrong.")] = None
    undecided: Annotated[float | None, Field(ge=0, le=1, description="Share that may stay undecided.")] = None
    metric: Annotated[str | None, Field(description="What the search makes best.")] = None
    hyperparameters: Annotated[
        dict[str, Any] | None, Field(description="Values or search spaces, inside those of the pipeline's YAML.")
    ] = None


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
