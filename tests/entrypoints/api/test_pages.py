"""The index, health, /docs without a network, and an OpenAPI document that tells the truth."""

from __future__ import annotations

import base64
import dataclasses
import re
from dataclasses import replace

import httpx
import pytest

from multimodal.domain.shared.errors import Busy
from multimodal.domain.shared.results import Assessment, Failure, Prediction
from multimodal.entrypoints.api import problems
from multimodal.entrypoints.api.answers import to_json
from multimodal.entrypoints.api.schemas import Problem
from multimodal.service.quality_assessment_service import PipelineInfo
from tests.entrypoints.api.serving import running


def test_the_index_links_to_places_that_answer(client):
    index = client.get("/").json()
    assert index["name"] == "multimodal"
    assert {client.get(link).status_code for link in index["links"].values()} == {200}


def test_the_line_to_try_names_this_service(client, service):
    assert client.get("/").json()["try_it"] == f"curl --data-binary @PHOTO {service.url}/v1/assessments"


def test_pipelines_are_listed_with_their_models(client, app):
    listed = client.get("/v1/pipelines").json()
    assert [info["name"] for info in listed] == [info.name for info in app.assessor.pipelines()]
    assert all(info["model"] for info in listed if info["status"] == "ready")


@pytest.mark.parametrize("place", ["live", "ready"])
def test_a_service_that_runs_is_healthy(client, place):
    response = client.get(f"/health/{place}")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


class AwayStore:
    """A store that answered once, when the service started, and is away since."""

    def __init__(self) -> None:
        self.questions = 0

    def find(self, query):
        self.questions += 1
        if self.questions > 1:
            raise Busy
        return


def test_a_service_without_its_database_lives_but_is_not_ready(app):
    with running(replace(app, store=AwayStore())) as service:
        assert service.client.get("/health/live").status_code == 200
        response = service.client.get("/health/ready")
        assert (response.status_code, response.json()) == (503, {"status": "the database does not answer"})


def test_a_draining_service_says_goodbye_and_is_not_ready(app):
    with running(app) as service:
        service.context.draining = True
        response = service.client.get("/health/ready")
        assert (response.status_code, response.headers["Connection"]) == (503, "close")


def test_docs_load_nothing_from_elsewhere(client):
    page = client.get("/docs").text
    places = re.findall(r"""(?:src|href)=["']([^"']+)""", page)
    assert places
    assert all(place.startswith("/") for place in places)
    assert {client.get(place).status_code for place in places} == {200}
    assert "//" not in re.sub(r"<!--.*?-->|//.*", "", "".join(places))


def test_the_example_of_predict_image_works_as_it_is(client):
    operation = client.get("/openapi.json").json()["paths"]["/predict_image/"]["post"]
    example = operation["requestBody"]["content"]["application/json"]["example"]
    assert len(base64.b64decode(example["image"])) < 8_000
    response = client.post("/predict_image/", json=example)
    assert response.status_code == 200
    assert all(result["label"] for result in response.json().values())


def test_every_reference_of_the_document_leads_somewhere(client):
    document = client.get("/openapi.json")
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', document.text))
    assert names
    assert names <= document.json()["components"]["schemas"].keys()


@pytest.mark.parametrize(
    "kind", [Assessment, Prediction, Failure, PipelineInfo, Problem], ids=lambda kind: kind.__name__
)
def test_the_document_describes_the_fields_that_are_answered(client, kind):
    described = client.get("/openapi.json").json()["components"]["schemas"][kind.__name__]
    assert described["properties"].keys() == {field.name for field in dataclasses.fields(kind)}


def test_no_route_declares_a_success_without_saying_what_it_looks_like(client):
    for path, item in client.get("/openapi.json").json()["paths"].items():
        for method, operation in item.items():
            content = [r.get("content", {}) for status, r in operation["responses"].items() if status in ("200", "201")]
            assert all(content), (method, path)


@pytest.mark.parametrize("code", problems.KINDS)
def test_the_type_of_each_problem_is_a_page_that_explains_it(client, code):
    page = client.get(f"/problems/{code}").json()
    assert page == {"code": code, "status": problems.KINDS[code].status, "title": problems.KINDS[code].title}


def test_a_request_keeps_its_id_when_it_is_plain(client):
    assert client.get("/", headers={"X-Request-ID": "abc-123"}).headers["X-Request-ID"] == "abc-123"
    assert len(client.get("/", headers={"X-Request-ID": "a b" * 99}).headers["X-Request-ID"]) == 36


def test_a_proxy_may_serve_it_below_a_prefix(app):
    import asyncio

    from multimodal.entrypoints.api.app import create_app

    async def index() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(app), root_path="/quality")
        async with httpx.AsyncClient(transport=transport, base_url="http://proxy") as client:
            return await client.get("/")

    assert asyncio.run(index()).json()["links"]["docs"] == "/quality/docs"


def test_mappings_and_odd_numbers_become_json():
    assert to_json({"a": float("inf"), "b": Failure("decode", "x", "y")}) == (
        b'{"a":null,"b":{"where":"decode","code":"x","message":"y"}}'
    )
    with pytest.raises(TypeError):
        to_json(object())
