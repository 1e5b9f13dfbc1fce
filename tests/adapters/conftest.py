"""Real databases, a server that speaks S3 and an MLflow server for the contracts."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from multimodal.adapters.mlflow_place import Place, open_client
from multimodal.core import Folders
from multimodal.domain.shared.identity import new_id
from tests.mlflow_server import running_mlflow
from tests.postgres import running_postgres
from tests.s3 import BUCKET, Shelf, running_s3


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with running_postgres() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """An empty database of its own for each test."""
    name = f"test_{new_id().replace('-', '_')}"
    server = sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    server.dispose()
    return sa.make_url(postgres_server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'made' / 'results.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, str]]:
    with running_s3() as variables:
        yield variables


@pytest.fixture(params=["folder", "memory", "s3"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    """An empty place of each kind."""
    if request.param == "s3":
        request.getfixturevalue("s3")
    roots = {"folder": str(tmp_path), "memory": f"memory://{new_id()}", "s3": f"s3://{BUCKET}/{new_id()}"}
    return Shelf(roots[request.param])


@pytest.fixture(scope="session")
def quick_children(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Processes that import MLflow compile it once, even where Python is told to write no bytecode."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONDONTWRITEBYTECODE", "")
        patch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.mktemp("bytecode")))
        yield


@pytest.fixture(scope="session")
def mlflow_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mlflow")


@pytest.fixture(scope="session")
def mlflow_server(mlflow_home: Path, empty_mlflow: Path, quick_children: None) -> Iterator[str]:
    store = Folders(mlflow_home).artifacts / "mlflow"
    store.mkdir(parents=True)
    shutil.copy(empty_mlflow, store)
    with running_mlflow(mlflow_home) as url:
        yield url


@pytest.fixture(scope="session")
def empty_mlflow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with MLflow's tables, which take seconds to make, to be copied."""
    place = Place.of({}, tmp_path_factory.mktemp("empty"))

    @sa.event.listens_for(sa.Engine, "connect")
    def hurry(connection: Any, _: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous=OFF")

    open_client(place).search_experiments()
    sa.event.remove(sa.Engine, "connect", hurry)
    return place.artifacts.parent / "mlflow.db"


@pytest.fixture
def mlflow_place(tmp_path: Path, empty_mlflow: Path) -> Place:
    """An empty store of its own for each test."""
    (tmp_path / "mlflow").mkdir()
    shutil.copy(empty_mlflow, tmp_path / "mlflow" / "mlflow.db")
    return Place.of({}, tmp_path / "mlflow")
