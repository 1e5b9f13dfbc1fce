"""`/v1/evidence/{pipeline}`: a picture in, a picture out, nothing stored."""

from __future__ import annotations

import pytest


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
