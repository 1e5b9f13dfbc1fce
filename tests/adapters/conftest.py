"""Real databases and a server that speaks S3 for the contracts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from multimodal.domain.shared.identity import new_id
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
