"""Engines: how to reach a database.

    connect(url) ... SQLite in WAL mode with foreign keys, or PostgreSQL over pg8000

A writer of SQLite takes the lock when its transaction begins, and waits for it: none finds out later that it came too
late ("database is locked").
"""

from __future__ import annotations

import socket
import sqlite3
import ssl
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.exc import ArgumentError

from ..domain.shared.errors import ConfigError, MissingExtra, UnknownName

PATIENCE = 60  # seconds for a lock, or for an answer of the server
PRAGMAS = ("synchronous=NORMAL", "foreign_keys=ON")
WRITER = "writer"  # execution option of connections that will write
DRIVERS = {"postgres": "postgresql+pg8000", "postgresql": "postgresql+pg8000"}


def connect(url: str) -> Engine:
    """An engine for a database's URL; a SQLite file's folder is made. Nothing is connected yet.

    Raises:
        ConfigError: no URL, or no database that we know. MissingExtra: its driver is not installed.
    """
    address = parsed(url)
    return _connect_sqlite(address) if address.get_backend_name() == "sqlite" else _connect_postgres(address)


def parsed(url: str) -> URL:
    """The URL with the driver that we use.

    >>> parsed("postgres://me@host/results").drivername
    'postgresql+pg8000'
    """
    try:
        address = sa.make_url(url)
    except (ArgumentError, ValueError) as error:
        message = "The database URL cannot be read; write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME."
        raise ConfigError(message) from error
    address = address.set(drivername=DRIVERS.get(address.drivername, address.drivername))
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        raise ConfigError(f"The database URL names {address.get_backend_name()!r}; sqlite and postgresql are known.")
    return address


def _connect_sqlite(address: URL) -> Engine:
    if not address.database or ":memory:" in address.database or "mode" in address.query:
        raise ConfigError(
            "A SQLite database needs a file: one in memory would be forgotten, and no two processes share it."
        )
    try:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"The database's folder cannot be made: {error.strerror}.") from error
    engine = _create(address, connect_args={"timeout": PATIENCE})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    _use_wal(connection, time.monotonic() + PATIENCE)


def _use_wal(connection: Any, deadline: float) -> None:
    """Switch a new file to WAL; SQLite does not wait here when another process does the same at this moment."""
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITER)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _connect_postgres(address: URL) -> Engine:
    mode, address = str(address.query.get("sslmode", "prefer")), address.difference_update_query(["sslmode"])
    arguments = {"timeout": PATIENCE} | _encryption(mode) if address.get_driver_name() == "pg8000" else {}
    engine = _create(address, connect_args=arguments, pool_pre_ping=True)
    event.listen(engine, "connect", _send_at_once)
    return engine


def _send_at_once(connection: Any, _: object) -> None:
    """Not to wait 40 ms for an acknowledgement between the parts of a large statement (pg8000 has no option for it)."""
    if isinstance(wire := getattr(connection, "_usock", None), socket.socket) and wire.family != socket.AF_UNIX:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _encryption(mode: str) -> dict[str, Any]:
    """pg8000's argument for libpq's `sslmode`."""
    known = {"disable": False, "prefer": None, "require": True, "verify-full": ssl.create_default_context}
    if mode not in known:
        raise UnknownName("sslmode", mode, known)
    value = known[mode]
    return {"ssl_context": value() if callable(value) else value}


def _create(address: URL, **options: Any) -> Engine:
    try:
        return sa.create_engine(address, **options)
    except ModuleNotFoundError as error:
        raise MissingExtra("postgres", "A PostgreSQL database") from error
    except ArgumentError as error:
        raise ConfigError(f"The database URL names a driver that is not known: {address.drivername!r}.") from error
