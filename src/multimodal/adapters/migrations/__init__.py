"""Migrations: from whatever version a database has to the one that the code needs.

    opened(url) ....... an engine of a database whose tables are up to date
    migrate(engine) ... brings the tables up to date; costs one small query when they are
    versions/ ......... one step a file, run by Alembic in order; `v0002_....py` says that it follows "0001"

A new step: change `db_tables.py`, raise its SCHEMA, write the step; the tests show what it forgot.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, column, inspect, select, table, text

from ...domain.shared.errors import ConfigError, QualityError
from ..db import connect, reading, writing
from ..db_tables import METADATA, SCHEMA, SCHEMA_TABLE

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

log = logging.getLogger(__name__)
LOCK = 6_852_113_906  # PostgreSQL's advisory lock that a migration holds


def opened(url: str) -> Engine:
    """The database of this URL, made or brought up to date when needed."""
    engine = connect(url)
    try:
        migrate(engine)
    except QualityError:
        engine.dispose()
        raise
    return engine


def migrate(engine: Engine) -> None:
    """Bring the database's tables to the version of this code, whoever else starts at this moment.

    Raises:
        ConfigError: a newer version made the database, or it belongs to another application.
    """
    with reading(engine) as connection:
        if version(connection) == SCHEMA:
            return
    with writing(engine) as connection:  # SQLite's lock
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        if version(connection) != SCHEMA:  # nobody did it while we waited
            upgrade(connection)


def version(connection: Connection) -> str | None:
    """The version of the database's tables; None when it has none."""
    if not inspect(connection).has_table(SCHEMA_TABLE):
        return None
    return connection.scalar(select(column("version_num")).select_from(table(SCHEMA_TABLE)))


def upgrade(connection: Connection) -> None:
    """Run the steps that are missing, in the transaction of the connection."""
    from alembic.runtime.environment import EnvironmentContext  # 0.3 s that only a migration pays

    before = version(connection)
    config, steps = scripts()
    refuse_foreign(connection, before, known={step.revision for step in steps.walk_revisions()})
    log.info("the database goes from schema %s to %s", before or "none", SCHEMA)
    with EnvironmentContext(config, steps, fn=lambda current, _: steps._upgrade_revs(SCHEMA, current)) as environment:
        environment.configure(connection=connection, target_metadata=METADATA, version_table=SCHEMA_TABLE)
        environment.run_migrations()


def scripts() -> tuple[Config, ScriptDirectory]:
    """Alembic's view of the steps in this package."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config, ScriptDirectory.from_config(config)


def refuse_foreign(connection: Connection, before: str | None, known: set[str]) -> None:
    """Refuse a database from the future, and one where tables of the same names belong to somebody else."""
    if before is not None and before not in known:
        raise ConfigError(
            f"A newer version of multimodal made this database (schema {before}; this version knows {SCHEMA}). "
            "Install that version, or set MULTIMODAL_DATABASE_URL to another database."
        )
    taken = set(METADATA.tables) & set(inspect(connection).get_table_names())
    if before is None and taken:
        raise ConfigError(
            f"The database has tables of another application: {', '.join(sorted(taken))}. "
            "Set MULTIMODAL_DATABASE_URL to a database for multimodal alone."
        )
