"""`/v1/evidence/{pipeline}`: a picture in, a picture out, nothing stored."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh

from multimodal.domain.model3d.sample import decode


@pytest.fixture
def showing(app) -> str:
    return next(r.name for r in app.catalog.recipes.values() if app.catalog.properties[r.property].evidence)


def test_evidence_is_a_picture(client, photo, showing):
    response = client.post(f"/v1/evidence/{showing}", content=photo)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "image/png"
    assert response.content.startswith(b"\x89PNG")


def test_an_unknown_pipeline_is_a_404_that_names_the_nearest(client, photo, showing):
    response = client.post(f"/v1/evidence/{showing}s", content=photo)
    assert response.status_code == 404
    assert f"Did you mean '{showing}'?" in response.json()["detail"]


@pytest.mark.parametrize(("body", "status"), [(b"hello", 415), (bytes(2**20 + 1), 413)], ids=["text", "too large"])
def test_what_is_no_picture_is_refused(client, showing, body, status):
    assert client.post(f"/v1/evidence/{showing}", content=body).status_code == status


def open_box() -> bytes:
    box = trimesh.creation.box()
    return trimesh.Trimesh(box.vertices, box.faces[1:], process=False).export(file_type="ply")


@pytest.mark.parametrize("form", ["ply", "glb"])
def test_the_faults_of_a_mesh_are_shown_in_colour(client, form):
    response = client.post("/v1/evidence/watertight_rims", params={"format": form}, content=open_box())
    assert response.status_code == 200, response.text
    mesh = decode(response.content)
    faulty = np.unique(mesh.faces[(mesh.colours[mesh.faces[:, 0]] == [215, 20, 30]).all(axis=1)], axis=0)
    assert len(mesh.faces) == 11
    assert len(faulty) == 3


def test_the_faults_of_a_cloud_are_shown_in_colour(client):
    rng = np.random.default_rng(0)
    points = np.vstack([rng.uniform(0, 1, (3000, 3)) * [1, 1, 0], [[0.5, 0.5, 3.0]]])
    data = "\n".join(" ".join(map(str, row)) for row in points).encode()
    response = client.post("/v1/evidence/outliers_isolated", params={"format": "ply"}, content=data)
    cloud = decode(response.content)
    (marked,) = cloud.points[(cloud.colours == [215, 20, 30]).all(axis=1)]
    assert marked.tolist() == [0.5, 0.5, 3.0]


def test_a_mesh_is_shown_from_four_sides(client):
    response = client.post("/v1/evidence/watertight_rims", content=open_box())
    assert response.content.startswith(b"\x89PNG")


@pytest.mark.parametrize(("form", "status"), [("glb", 404), ("bmp", 422)])
def test_a_photograph_is_shown_as_a_picture_only(client, photo, showing, form, status):
    assert client.post(f"/v1/evidence/{showing}", params={"format": form}, content=photo).status_code == status


def test_a_cloud_is_not_asked_for_the_holes_of_a_mesh(client):
    response = client.post("/v1/evidence/watertight_rims", content=b"0 0 0\n1 0 0\n0 1 0\n1 1 0\n")
    assert response.status_code == 404
    assert "which is cloud" in response.json()["detail"]
