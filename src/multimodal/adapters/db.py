"""A relational database: SQLite in a file, or PostgreSQL by URL.

connect(url) ......... engine, see `db_engine`
reading, writing ..... one transaction; what goes wrong leaves as one of our errors
insert_all ........... many rows of several tables in one transaction
Repository ........... create, read, update, delete and list for any entity: a dataclass and its table
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import orjson
import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Dialect, Engine, Table
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ..domain.shared.errors import Busy, Conflict, NotFound, UnknownName
from .db_engine import WRITER, connect

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["DatabaseAway", "Repository", "connect", "insert_all", "reading", "writing"]

E = TypeVar("E", bound="DataclassInstance")
T = TypeVar("T")
Rows = Sequence[Mapping[str, Any]]
log = logging.getLogger(__name__)

NO_PARENT = ("23503", "SQLITE_CONSTRAINT_FOREIGNKEY")  # states of a broken foreign key
SQLITE_AWAY = ("BUSY", "LOCKED", "CANTOPEN", "CORRUPT", "FULL", "IOERR", "NOTADB", "PERM", "READONLY")
POSTGRES_AWAY = ("08", "28", "3D", "53", "57")  # no connection, not let in, no such database, no room, shutting down
AWAY = (*(f"SQLITE_{name}" for name in SQLITE_AWAY), *POSTGRES_AWAY)


class DatabaseAway(Busy):
    """The database does not answer, is full or cannot be written."""

    code = "database-away"

    def __init__(self, retry_after: int = 5) -> None:
        super().__init__(retry_after)
        self.args = (f"The database cannot be used now; the log says why. Try again in {retry_after} s.",)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that reads one state of the database."""
    with translated(), engine.begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: all or nothing."""
    with translated(), engine.connect() as connection, connection.execution_options(**{WRITER: True}).begin():
        yield connection


def insert_all(engine: Engine, tables: Iterable[tuple[Table, Rows]]) -> None:
    """Insert rows into tables in their order, all or none; the rows of a table have the same columns, NaN becomes NULL.

    Both databases get the rows of a table at once, and not by SQLAlchemy's own insert, which takes twice the time for
    the few rows of one assessment.
    """
    given = [(table, rows) for table, rows in tables if rows]
    if engine.dialect.name == "sqlite":
        _insert_by_driver(engine, given)
    else:
        with writing(engine) as connection:
            for table, rows in given:
                _insert_as_json(connection, table, rows)


def _insert_by_driver(engine: Engine, tables: Iterable[tuple[Table, Rows]]) -> None:
    """SQLite's own driver takes plain tuples."""
    commands = [_command(engine.dialect, table, rows) for table, rows in tables]
    with translated():
        try:
            with closing(engine.raw_connection()) as pooled:
                driver: Any = pooled.driver_connection
                driver.execute("BEGIN IMMEDIATE")
                for statement, values in commands:
                    driver.executemany(statement, values)
                driver.commit()
        except sqlite3.Error as error:  # what was begun is rolled back when the connection is given back
            raise DBAPIError.instance(None, None, error, sqlite3.Error) from error


def _command(dialect: Dialect, table: Table, rows: Rows) -> tuple[str, list[tuple[Any, ...]]]:
    names = tuple(rows[0])
    ready = _binders(dialect, table, names)
    values = [tuple(bind(row[name]) for name, bind in zip(names, ready, strict=True)) for row in rows]
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", values


def _insert_as_json(connection: Connection, table: Table, rows: Rows) -> None:
    """PostgreSQL gets rows without bytes as one JSON text.

    pg8000 would send them one by one, and to look for marks in a statement for many rows takes it longer than the whole
    insert takes the server.
    """
    if any(isinstance(value, bytes) for value in rows[0].values()):
        connection.execute(sa.insert(table), rows)
        return
    columns = ", ".join(rows[0])
    source = f"json_populate_recordset(NULL::{table.name}, :rows)"
    statement = sa.text(f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM {source}")
    connection.execute(statement, {"rows": _as_json(connection.dialect, table, rows)})


def _as_json(dialect: Dialect, table: Table, rows: Rows) -> str:
    """The rows as the columns' types send them."""
    names = tuple(rows[0])
    ready = _binders(dialect, table, names)
    plain = [{name: bind(row[name]) for name, bind in zip(names, ready, strict=True)} for row in rows]
    return orjson.dumps(plain).decode()


@lru_cache(maxsize=64)
def _binders(dialect: Dialect, table: Table, names: tuple[str, ...]) -> tuple[Callable[[Any], Any], ...]:
    """What makes a column's value ready for the driver, by column."""
    types = (table.c[name].type.dialect_impl(dialect) for name in names)
    return tuple(type.bind_processor(dialect) or _as_it_is for type in types)


def _as_it_is(value: Any) -> Any:
    return value


@contextmanager
def translated() -> Iterator[None]:
    """The database's errors as ours: `Conflict`, `NotFound` (of what a row refers to) or `DatabaseAway`."""
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseAway from error
    except DBAPIError as error:
        if is_away(error):
            log.error("the database cannot be used: %s", error.orig)
            raise DatabaseAway from error
        if sql_state(error) in NO_PARENT:
            raise NotFound("What the entry refers to is not stored.") from error
        if isinstance(error, IntegrityError):
            raise Conflict("Such an entry is stored already.") from error
        raise


def is_away(error: DBAPIError) -> bool:
    """Whether the database is at fault, not what we asked of it."""
    if state := sql_state(error):
        return state.startswith(AWAY)
    return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)


def sql_state(error: DBAPIError) -> str:
    """SQLite's name of the error, or PostgreSQL's five letters; empty when the driver alone is in trouble."""
    match getattr(error.orig, "args", ()):
        case ({"C": state}, *_):  # pg8000
            return str(state)
    known = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
    return str(known or "")


class Repository(Generic[E]):
    """Entities of one kind in one table: the dataclass's fields are the table's columns.

    A key is the value of the primary key, or several values in its order.
    """

    def __init__(self, engine: Engine, table: Table, entity: type[E]) -> None:
        self.engine, self.table, self.entity = engine, table, entity
        self.names = tuple(field.name for field in fields(entity))
        self.columns = [table.c[name] for name in self.names]
        self.key = tuple(table.primary_key.columns)

    def create(self, *entities: E) -> None:
        """Store all or none; `Conflict` when one is stored already."""
        if entities:
            with writing(self.engine) as connection:
                connection.execute(sa.insert(self.table), [self._row(entity) for entity in entities])

    def read(self, *key: Any) -> E:
        """One entity or `NotFound`."""
        with reading(self.engine) as connection:
            row = connection.execute(sa.select(*self.columns).where(self._is(key))).one_or_none()
        return self.entity(*self._found(row, key))

    def update(self, entity: E, was: E | None = None) -> None:
        """Store an entity's new values, or `NotFound`; `Conflict` when it is not what it `was` any more."""
        row = self._row(entity)
        key = tuple(row[column.name] for column in self.key)
        statement = sa.update(self.table).where(self._is(key)).values(row)
        if was is not None:
            statement = statement.where(*self._equal(self._row(was)))
        with writing(self.engine) as connection:
            changed = connection.execute(statement).rowcount
        if not changed:
            self.read(*key)
            raise Conflict(f"The entry in {self.table.name} changed meanwhile; read it again.")

    def delete(self, *key: Any) -> None:
        """Forget one entity, or `NotFound`."""
        with writing(self.engine) as connection:
            self._found(connection.execute(sa.delete(self.table).where(self._is(key))).rowcount, key)

    def list(self, *, after: Sequence[Any] = (), limit: int = 50, **equal: Any) -> tuple[E, ...]:
        """A page of entities, ordered by key, beyond the key `after`; `equal` are fields with the values they have."""
        statement = sa.select(*self.columns).where(*self._equal(equal)).order_by(*self.key).limit(limit)
        if after:
            statement = statement.where(sa.tuple_(*self.key) > tuple(after))
        with reading(self.engine) as connection:
            return tuple(self.entity(*row) for row in connection.execute(statement))

    def _row(self, entity: E) -> dict[str, Any]:
        return {name: getattr(entity, name) for name in self.names}

    def _is(self, key: Sequence[Any]) -> ColumnElement[bool]:
        return sa.and_(*(column == value for column, value in zip(self.key, key, strict=True)))

    def _equal(self, values: Mapping[str, Any]) -> Iterator[ColumnElement[bool]]:
        for name, value in values.items():
            if name not in self.names:
                raise UnknownName(f"field of {self.table.name}", name, self.names)
            yield self.table.c[name].is_not_distinct_from(value)

    def _found(self, result: T | None, key: Sequence[Any]) -> T:
        if not result:
            shown = ", ".join(map(str, key))
            raise NotFound(f"Nothing in {self.table.name} has the key {shown[:80]!r}.")
        return result
