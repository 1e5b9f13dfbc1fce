"""`/predict_MODALITY/`: base64 in, one result a pipeline out."""

from __future__ import annotations

import base64
import json

import pytest
import trimesh

from tests import scan_files

PATH = "/predict_image/"


@pytest.mark.parametrize("prefix", ["", "data:image/jpeg;base64,", "data:;base64,"])
def test_a_picture_as_base64_gives_a_result_of_every_pipeline(client, photo, app, prefix):
    response = client.post(PATH, json={"image": prefix + base64.b64encode(photo).decode()})
    assert response.status_code == 200, response.text
    assert response.json().keys() == ready(app, "image/")
    assert all(result["pipeline"] == name for name, result in response.json().items())


def ready(app, start):
    """The pipelines that answer about a modality."""
    return {one.name for one in app.assessor.pipelines() if one.status == "ready" and one.property.startswith(start)}


@pytest.mark.parametrize(("data", "kind"), [(scan_files.glb(), "mesh"), (scan_files.las(), "cloud")])
def test_a_mesh_or_cloud_as_base64_gives_a_result_of_every_pipeline_that_fits_it(client, app, data, kind):
    response = client.post("/predict_model3d/", json={"model3d": base64.b64encode(data).decode()})
    assert response.status_code == 200, response.text
    assert response.json().keys() <= ready(app, "model3d/")
    assert ("watertight_rims" in response.json()) == (kind == "mesh")
    assert ("density_spacing" in response.json()) == (kind == "cloud")
    assert "scale_diagonal" in response.json()
    assert client.get(response.links["describedby"]["url"]).json()["info"]["kind"] == kind


def test_a_hole_is_pointed_at_with_its_place(client):
    box = trimesh.creation.box()
    data = trimesh.Trimesh(box.vertices, box.faces[1:], process=False).export(file_type="ply")
    response = client.post("/predict_model3d/", json={"model3d": base64.b64encode(data).decode()})
    (hole,) = response.json()["watertight_rims"]["findings"]
    assert (hole["name"], hole["count"], hole["elements"]) == ("hole", 3, "edges")
    assert hole["severity"] == pytest.approx(2 + 2**0.5, abs=1e-5)
    assert len(hole["place"]) == 3


def test_a_picture_is_no_mesh_and_a_mesh_no_picture(client, photo):
    picture, mesh = (base64.b64encode(data).decode() for data in (photo, scan_files.glb()))
    assert client.post("/predict_model3d/", json={"model3d": picture}).status_code == 415
    assert client.post("/predict_image/", json={"image": mesh}).status_code == 415


def test_the_slash_at_the_end_may_be_missing(client, photo):
    assert client.post("/predict_image", json={"image": base64.b64encode(photo).decode()}).status_code == 200


def test_the_result_is_that_of_the_stored_assessment(client, photo):
    response = client.post(PATH, json={"image": base64.b64encode(photo).decode()})
    stored = client.get(response.links["describedby"]["url"]).json()
    assert response.json() == {prediction["pipeline"]: prediction for prediction in stored["predictions"]}


@pytest.mark.parametrize("text", ["not base64!", "ab-_", "YQ", "YQ=", "YQ==YQ==", "data:image/png,YQ==", "é"], ids=repr)
def test_what_is_not_strict_base64_is_a_400(client, text):
    response = client.post(PATH, json={"image": text})
    assert response.status_code == 400
    assert response.json()["type"] == "/problems/bad-encoding"


@pytest.mark.parametrize(
    "body", ["", "[", "null", "[]", '"text"', "{}", '{"image": 1}', '{"image": null}', '{"image": "\\ud800"}']
)
def test_what_is_not_the_expected_json_is_a_422_that_says_where(client, body):
    response = client.post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 422
    assert response.json()["errors"][0]["where"].startswith("body")


def test_bytes_that_are_not_utf_8_are_a_422(client):
    assert client.post(PATH, content=b'{"image": "\xff"}').status_code == 422


def test_deeply_nested_json_is_a_422(client):
    assert client.post(PATH, content="[" * 100_000).status_code == 422


def test_a_text_that_is_no_picture_is_a_415(client):
    assert client.post(PATH, json={"image": base64.b64encode(b"hello").decode()}).status_code == 415


def test_a_picture_of_the_largest_size_is_not_refused_for_being_base64(client, photo):
    largest = photo + bytes(2**20 - len(photo))
    response = client.post(PATH, json={"image": base64.b64encode(largest).decode()})
    assert response.status_code in (200, 422), response.text
    assert response.status_code != 413


def test_more_is_refused_as_too_large(client):
    body = json.dumps({"image": base64.b64encode(bytes(2**20 + 3)).decode()})
    assert client.post(PATH, content=body).status_code == 413
