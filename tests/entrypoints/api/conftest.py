from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from multimodal.adapters.only_one import only_one
from multimodal.bootstrap import App, bootstrap
from multimodal.config.config import Settings
from multimodal.entrypoints.api.examples import example_photo
from tests.entrypoints.api.serving import Running, running


@pytest.fixture(scope="session")
def photo() -> bytes:
    return example_photo()


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> App:
    home: Path = tmp_path_factory.mktemp("home")
    return bootstrap(Settings(home=home, workers=1, max_bytes=2**20, max_pixels=4_000_000))


@pytest.fixture(scope="session")
def service(app: App) -> Iterator[Running]:
    """A service whose jobs wait for ever: the runner's place is taken, so no training begins by accident."""
    with only_one(app.settings.folders.runner) as place, running(app) as service:
        assert place is not None
        yield service


@pytest.fixture
def client(service: Running) -> httpx.Client:
    return service.client
