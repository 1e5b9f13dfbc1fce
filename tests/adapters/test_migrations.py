"""Migrations make exactly the tables that the code uses, once, whoever else starts at the same moment."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations

from multimodal.adapters.assessment_store import SqlAssessmentStore
from multimodal.adapters.db import connect, reading, writing
from multimodal.adapters.db_tables import METADATA, SCHEMA, SCHEMA_TABLE
from multimodal.adapters.migrations import migrate, scripts, version
from multimodal.domain.shared.errors import ConfigError
from multimodal.domain.shared.ports import Query
from tests.adapters.samples import assessment


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    engine = connect(database_url)
    yield engine
    engine.dispose()


def tables(engine: sa.Engine) -> set[str]:
    return set(sa.inspect(engine).get_table_names())


def test_migrations_make_exactly_the_tables_of_the_code(engine: sa.Engine) -> None:
    migrate(engine)
    assert tables(engine) == {*METADATA.tables, SCHEMA_TABLE}
    with reading(engine) as connection:
        options = {"version_table": SCHEMA_TABLE, "compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), METADATA) == []


def test_the_last_step_is_the_version_of_the_code() -> None:
    _, steps = scripts()
    assert steps.get_current_head() == SCHEMA


def test_steps_can_be_undone(engine: sa.Engine) -> None:
    migrate(engine)
    with writing(engine) as connection:
        _, steps = scripts()
        with Operations.context(MigrationContext.configure(connection)):
            for step in steps.walk_revisions():
                step.module.downgrade()
    assert tables(engine) == {SCHEMA_TABLE}


def test_migrating_again_changes_nothing(database_url: str) -> None:
    kept = assessment()
    for _ in range(2):
        store = SqlAssessmentStore.opened(database_url)
        store.add([kept] if kept.id not in {a.id for a in store.find(Query()).items} else [])
        assert store.find(Query()).items == (kept,)
        store.close()


def test_many_who_start_at_once_migrate_once(database_url: str) -> None:
    engines = [connect(database_url) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(migrate, engines))
    with reading(engines[0]) as connection:
        assert connection.scalars(sa.text(f"SELECT version_num FROM {SCHEMA_TABLE}")).all() == [SCHEMA]
    for engine in engines:
        engine.dispose()


def test_a_database_that_is_up_to_date_needs_no_alembic(sqlite_url: str) -> None:
    SqlAssessmentStore.opened(sqlite_url).close()
    script = (
        "import sys; from multimodal.adapters.assessment_store import SqlAssessmentStore;"
        f"SqlAssessmentStore.opened({sqlite_url!r}).close();"
        "print(*({'alembic', 'sqlalchemy.orm', 'mako'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_database_from_the_future_is_left_alone(engine: sa.Engine) -> None:
    migrate(engine)
    with writing(engine) as connection:
        connection.execute(sa.text(f"UPDATE {SCHEMA_TABLE} SET version_num = '9999'"))
    with pytest.raises(ConfigError, match=r"newer version of multimodal made this database \(schema 9999"):
        migrate(engine)
    with reading(engine) as connection:
        assert version(connection) == "9999"


def test_tables_of_another_application_are_left_alone(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        connection.execute(sa.text("CREATE TABLE assessments (pupil INTEGER)"))
    with pytest.raises(ConfigError, match="tables of another application: assessments"):
        migrate(engine)
    assert tables(engine) == {"assessments"}


def test_an_application_with_other_tables_may_share_the_database(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(sa.text("INSERT INTO alembic_version VALUES ('of mlflow')"))
    migrate(engine)
    with reading(engine) as connection:
        assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == "of mlflow"


def test_a_step_that_fails_leaves_nothing(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Operations, "create_index", None, raising=False)
    with pytest.raises(TypeError):
        migrate(engine)
    monkeypatch.undo()
    assert tables(engine) == set()
    migrate(engine)
    assert tables(engine) == {*METADATA.tables, SCHEMA_TABLE}
