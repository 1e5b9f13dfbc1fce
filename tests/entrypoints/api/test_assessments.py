"""`/v1/assessments`: what goes in, what comes out, and that it is found again."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

PATH = "/v1/assessments"


def posted(client: httpx.Client, photo: bytes, **query: Any) -> dict[str, Any]:
    response = client.post(PATH, content=photo, params=query)
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    return found


@pytest.fixture
def ready(app) -> list[str]:
    """The pipelines that answer."""
    pipelines = (one for one in app.assessor.pipelines() if one.property.startswith("image/"))
    return [one.name for one in pipelines if one.status == "ready"]


def test_a_raw_body_gives_one_assessment_with_an_answer_of_every_pipeline(client, photo, ready):
    found = posted(client, photo)
    assert {prediction["pipeline"] for prediction in found["predictions"]} == set(ready)
    assert found["digest"] == hashlib.sha256(photo).hexdigest()
    assert found["modality"] == "image"
    assert found["failures"] == []


@pytest.mark.parametrize(
    "content_type",
    ["image/jpeg", "application/octet-stream", "application/x-www-form-urlencoded", "text/plain", None],
)
def test_the_content_type_of_a_raw_body_does_not_matter(client, photo, content_type):
    headers = {} if content_type is None else {"Content-Type": content_type}
    assert client.post(PATH, content=photo, headers=headers).status_code == 201


def test_what_was_answered_is_found_at_its_location(client, photo):
    response = client.post(PATH, content=photo)
    assert client.get(response.headers["Location"]).json() == response.json()


def test_a_chunked_body_is_read_like_any_other(client, photo):
    pieces = (photo[start : start + 1000] for start in range(0, len(photo), 1000))
    assert client.post(PATH, content=pieces).json()["digest"] == hashlib.sha256(photo).hexdigest()


def test_only_the_chosen_pipelines_answer_however_they_are_written(client, photo, ready):
    chosen = ready[:2]
    for query in ({"pipelines": ",".join(chosen)}, {"pipelines": chosen}):
        answered = [prediction["pipeline"] for prediction in posted(client, photo, **query)["predictions"]]
        assert answered == chosen


def test_a_misspelt_pipeline_is_refused_with_the_nearest_name(client, photo, ready):
    name = ready[0]
    response = client.post(PATH, content=photo, params={"pipelines": name[:-1]})
    assert response.status_code == 422
    assert f"Did you mean '{name}'?" in response.json()["detail"]


def test_a_capture_has_the_name_that_it_was_given_without_folders(client, photo):
    assert posted(client, photo, name="../holiday/beach.jpg")["name"] == "beach.jpg"
    assert posted(client, photo)["name"] == "capture"


def test_a_form_gives_assessments_in_the_order_of_its_files(client, photo):
    names = [f"{number}.jpg" for number in range(5)]
    response = client.post(PATH, files=[("files", (name, photo)) for name in names])
    assert response.status_code == 201
    assert [item["name"] for item in response.json()["items"]] == names


def test_a_broken_file_of_a_form_is_a_failure_among_the_others(client, photo):
    files = [("a", ("a.jpg", photo)), ("b", ("b.jpg", b"no picture")), ("c", ("c.jpg", photo[: len(photo) // 2]))]
    items = client.post(PATH, files=files).json()["items"]
    assert [item["verdict"] == "failed" for item in items] == [False, True, True]
    assert [failure["code"] for item in items for failure in item["failures"]] == [
        "unsupported-format",
        "broken-capture",
    ]
    assert all(client.get(f"{PATH}/{item['id']}").json() == item for item in items)


def test_a_form_without_a_file_is_refused(client):
    response = client.post(PATH, files={"text": (None, "hello")})
    assert response.status_code == 422
    assert "no file" in response.json()["detail"]


def test_a_form_may_have_large_files_that_wait_on_disk(client, photo):
    large = photo + bytes(1_100_000)
    items = client.post(PATH, files=[("files", ("large.jpg", large)), ("files", ("small.jpg", photo))]).json()["items"]
    assert items[0]["failures"][0]["code"] == "capture-too-large"
    assert items[1]["failures"] == []


def test_evidence_is_kept_when_it_was_asked_for(client, photo, app):
    found = posted(client, photo, evidence=True)
    showing = [p for p in found["predictions"] if app.catalog.properties[p["property"]].evidence]
    assert showing
    for prediction in showing:
        picture = client.get(f"{PATH}/{found['id']}/evidence/{prediction['pipeline']}")
        assert picture.headers["Content-Type"] == "image/png"
        assert picture.content.startswith(b"\x89PNG")


def test_evidence_is_not_there_when_it_was_not_asked_for(client, photo):
    found = posted(client, photo)
    name = found["predictions"][0]["pipeline"]
    assert client.get(f"{PATH}/{found['id']}/evidence/{name}").status_code == 404


def test_what_was_deleted_is_gone_with_its_evidence(client, photo):
    found = posted(client, photo, evidence=True)
    assert client.delete(f"{PATH}/{found['id']}").status_code == 204
    assert client.get(f"{PATH}/{found['id']}").status_code == 404
    assert client.delete(f"{PATH}/{found['id']}").status_code == 404


def test_pages_are_followed_by_their_links_and_hold_everything_once(client, photo):
    made = [posted(client, photo, name="paged.jpg")["id"] for _ in range(5)]
    seen, link = [], f"{PATH}?name=paged.jpg&limit=2"
    while link:
        page = client.get(link)
        seen += [item["id"] for item in page.json()["items"]]
        link = page.json()["next"]
        assert (link is None) == ("Link" not in page.headers)
    assert seen == sorted(made, reverse=True)


def test_assessments_are_found_by_what_is_known_of_them(client, photo):
    found = posted(client, photo, name="wanted.jpg")
    prediction = found["predictions"][0]
    fitting = {
        "name": "wanted.jpg",
        "verdict": found["verdict"],
        "digest": found["digest"],
        "modality": "image",
        "pipeline": prediction["pipeline"],
        "label": prediction["label"],
        "since": found["created"],
        "until": (datetime.now(UTC) + timedelta(minutes=1)).isoformat(),
    }
    other = {"verdict": "failed", "digest": "0" * 64, "label": "no such label", "until": found["created"]}
    assert [item["id"] for item in client.get(PATH, params=fitting).json()["items"]] == [found["id"]]
    for key, value in other.items():
        assert client.get(PATH, params={**fitting, key: value}).json()["items"] == [], key


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=501",
        "limit=x",
        "verdict=fine",
        "since=yesterday",
        "name=%00",
        "since=0001-01-01T00:00:00%2B14:00",
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(client, query):
    assert client.get(f"{PATH}?{query}").status_code == 422


def test_a_time_without_a_zone_is_utc(client, photo):
    found = posted(client, photo, name="timed.jpg")
    moment = datetime.fromisoformat(found["created"]).replace(tzinfo=None).isoformat()
    items = client.get(PATH, params={"name": "timed.jpg", "since": moment}).json()["items"]
    assert [item["id"] for item in items] == [found["id"]]
