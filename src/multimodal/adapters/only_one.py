"""At most one process at a place: `with only_one(file) as place`.

The lock is SQLite's own on a file beside the place, since that works alike on every system, and the operating system
ends it with the process, however that ends. The file keeps an id, by which a place is known also when its machine or
container gets another name.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ..domain.shared.errors import ConfigError
from ..domain.shared.identity import new_id

PLACE = "CREATE TABLE IF NOT EXISTS place (one INTEGER PRIMARY KEY, id TEXT NOT NULL)"


@contextmanager
def only_one(path: Path, patience: float = 0.0) -> Iterator[str | None]:
    """The place's id when this process has it alone until the block ends; None when another process has it.

    patience: seconds to wait for one that has it for a moment only, to see whether it is taken.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=patience, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise unusable(error) from error
    with closing(connection):
        yield locked(connection)


def locked(connection: sqlite3.Connection) -> str | None:
    """Lock the file and give its id; None when it is locked already."""
    try:
        connection.execute(PLACE)
        connection.execute("INSERT OR IGNORE INTO place VALUES (1, ?)", (new_id(),))
        connection.execute("BEGIN EXCLUSIVE")
        (place,) = connection.execute("SELECT id FROM place").fetchone()
    except sqlite3.Error as error:
        if str(getattr(error, "sqlite_errorname", "")).startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return None
        raise unusable(error) from error
    return str(place)


def unusable(error: Exception) -> ConfigError:
    """The error of a file that cannot be locked; the reason names no path."""
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return ConfigError(f"The file artifacts/runner.lock in the home cannot be used: {reason}.")
