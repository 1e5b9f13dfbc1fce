"""The tables, and column types that keep what databases would lose or refuse.

    assessments ... one row a capture; `document` is the whole assessment as JSON, the rest is what one searches by
    predictions ... one row a prediction, to search by pipeline and label, and for statistics in SQL
    evidence ...... PNG pictures
    jobs .......... one row a job; what has a form of its own (arguments, result, ...) is JSON
    traffic ....... what each version of a pipeline saw, one row a thing and day; `counts` is a JSON array
    agreements .... how challengers agree with champions: counters
    Utc ........... moments: UTC in, UTC out (SQLite forgets the zone)
    Key ........... text to search by: no character that a database refuses, of limited length, compared by code points

SCHEMA is the version of these tables; `migrations` holds the way from each version to the next.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Dialect, ForeignKey, Index, MetaData, Table
from sqlalchemy.types import TypeDecorator

from .assessment_document import utc

SCHEMA = "0004"
SCHEMA_TABLE = "multimodal_schema"  # not Alembic's default name: MLflow may live in the same database
LONGEST_KEY = 400  # PostgreSQL indexes about 2,700 bytes


class Utc(TypeDecorator[datetime]):
    """A moment with its zone, always UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return utc(value).replace(tzinfo=None) if dialect.name == "sqlite" else utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else utc(value)


def key(text: str) -> str:
    r"""Text that every database takes and finds again: what it refuses is escaped, what is too long ends in its hash.

    >>> key("wall \x00 \udcff.jpg")
    'wall \\x00 \\udcff.jpg'
    >>> key("a" * 1000)[:10], len(key("a" * 1000))
    ('aaaaaaaaaa', 400)
    """
    if not text.isprintable():
        text = text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
    if len(text) <= LONGEST_KEY:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{text[: LONGEST_KEY - 65]}#{digest}"


class Key(TypeDecorator[str]):
    """Text to search by, see `key`; ordered by code points everywhere."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(sa.Text(collation="C" if dialect.name == "postgresql" else None))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else key(value)


METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

ASSESSMENTS = Table(
    "assessments",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("created", Utc, nullable=False),
    Column("name", Key, nullable=False),
    Column("modality", Key, nullable=False),
    Column("digest", Key, nullable=False, index=True),
    Column("verdict", Key, nullable=False),
    Column("document", sa.Text, nullable=False),
    Index(None, "name", "id"),
    Index(None, "verdict", "id"),
)


def of_an_assessment() -> Column[Any]:
    """The column that ties a row to its assessment and lets it go with it."""
    return Column("assessment_id", ForeignKey(ASSESSMENTS.c.id, ondelete="CASCADE"), primary_key=True)


PREDICTIONS = Table(
    "predictions",
    METADATA,
    of_an_assessment(),
    Column("position", sa.Integer, primary_key=True, autoincrement=False),
    Column("pipeline", Key, nullable=False),
    Column("property", Key, nullable=False),
    Column("model", Key, nullable=False),
    Column("label", Key, nullable=False),
    Column("accepted", sa.Boolean),
    Column("score", sa.Float),
    Column("value", sa.Float),
    Index(None, "pipeline", "label", "assessment_id"),
    sqlite_with_rowid=False,
)

EVIDENCE = Table(
    "evidence",
    METADATA,
    of_an_assessment(),
    Column("pipeline", Key, primary_key=True),
    Column("png", sa.LargeBinary, nullable=False),
)

JOBS = Table(
    "jobs",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("kind", Key, nullable=False),
    Column("state", Key, nullable=False),
    Column("created", Utc, nullable=False),
    Column("started", Utc),
    Column("finished", Utc),
    Column("beat", Utc),
    Column("owner", Key, nullable=False),
    Column("cancelling", sa.Boolean, nullable=False),
    Column("attempts", sa.Integer, nullable=False),
    Column("losses", sa.Integer, nullable=False),
    Column("arguments", sa.Text, nullable=False),
    Column("progress", sa.Text),
    Column("result", sa.Text),
    Column("error", sa.Text),
    Index(None, "state", "id"),
)

TRAFFIC = Table(
    "traffic",
    METADATA,
    Column("pipeline", Key, primary_key=True),
    Column("version", Key, primary_key=True),
    Column("what", Key, primary_key=True),
    Column("day", sa.Date, primary_key=True),
    Column("counts", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)

AGREEMENTS = Table(
    "agreements",
    METADATA,
    Column("pipeline", Key, primary_key=True),
    Column("champion", Key, primary_key=True),
    Column("challenger", Key, primary_key=True),
    Column("seen", sa.BigInteger, nullable=False),
    Column("same_label", sa.BigInteger, nullable=False),
    Column("same_acceptance", sa.BigInteger, nullable=False),
    Column("accepts_rejected", sa.BigInteger, nullable=False),
    Column("rejects_accepted", sa.BigInteger, nullable=False),
    Column("difference", sa.Double, nullable=False),
    Column("dropped", sa.BigInteger, nullable=False),
    Column("failed", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
