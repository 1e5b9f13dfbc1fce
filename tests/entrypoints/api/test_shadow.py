"""A challenger watches over the API: unheard, counted, and told of by `/v1/shadow`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from multimodal.bootstrap import App, bootstrap
from multimodal.config.config import Settings
from multimodal.domain.shared.calibration import Thresholds
from multimodal.service import shadow_service
from tests.entrypoints.api.serving import running
from tests.patience import eventually

NAME = "blur_laplacian"


@pytest.fixture
def app(tmp_path, monkeypatch) -> App:
    """A service with a challenger that rejects all."""
    monkeypatch.setattr(shadow_service, "PERIOD", 0.05)
    app = bootstrap(Settings(home=tmp_path, workers=1, shadow=True))
    champion = app.models.load(app.models.champion(NAME))
    app.models.save(replace(champion, thresholds=Thresholds(1.0, 1.0), card="# a challenger\n"))
    return app


def test_a_challenger_is_not_heard_but_counted(app, photo):
    champion, challenger = app.models.champion(NAME), app.models.challenger(NAME)
    with running(app) as service:
        eventually(lambda: service.client.get("/v1/shadow").json()["watching"] == [str(challenger)])
        answer = service.client.post("/v1/assessments", content=photo).json()
        (heard,) = [p for p in answer["predictions"] if p["pipeline"] == NAME]
        eventually(lambda: service.client.get("/v1/shadow").json()["agreements"])
        found = service.client.get("/v1/shadow", params={"pipeline": NAME}).json()
        assert service.client.get("/v1/shadow", params={"pipeline": "blur_sharpness"}).json()["agreements"] == []
    assert (heard["model"], heard["accepted"]) == (str(champion), True)
    (one,) = found["agreements"]
    assert (one["champion"], one["challenger"]) == (champion.version, challenger.version)
    assert (one["seen"], one["rejects_accepted"], one["mean_difference"]) == (1, 1, 0.0)
    assert (found["active"], found["refused"]) == (True, {})


def test_what_was_counted_survives_a_restart(app, photo):
    with running(app) as service:
        eventually(lambda: service.client.get("/v1/shadow").json()["watching"])
        service.client.post("/v1/assessments", content=photo)
        eventually(lambda: service.client.get("/v1/shadow").json()["agreements"])
    (one,) = bootstrap(app.settings).shadow.report().agreements
    assert one.seen == 1


def test_without_the_setting_nobody_watches(app, photo):
    with running(replace(app, settings=replace(app.settings, shadow=False))) as service:
        service.client.post("/v1/assessments", content=photo)
        found = service.client.get("/v1/shadow").json()
    assert found == {"active": False, "watching": [], "refused": {}, "agreements": []}
