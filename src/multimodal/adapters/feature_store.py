"""The FeatureStore port in one SQLite file: a cache, so whatever is wrong with it only costs time."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

log = logging.getLogger(__name__)
TABLE = "CREATE TABLE IF NOT EXISTS rows (key TEXT, content TEXT, row BLOB, PRIMARY KEY (key, content)) WITHOUT ROWID"
PATIENCE = 30.0  # seconds to wait for another process that writes
MANY = 500  # contents in one question


class SqliteFeatureStore:
    """Rows in a file, made on first use; safe to share between threads and processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = threading.Lock()  # of the connection
        self.connection: sqlite3.Connection | None = None

    def read(self, key: str, contents: Sequence[str]) -> Mapping[str, bytes]:
        """The rows that are there, by content."""
        found: dict[str, bytes] = {}
        try:
            with self.lock:
                for start in range(0, len(contents), MANY):
                    some = contents[start : start + MANY]
                    marks = ", ".join("?" * len(some))
                    query = f"SELECT content, row FROM rows WHERE key = ? AND content IN ({marks})"
                    found |= dict(self._opened().execute(query, (key, *some)))
        except (sqlite3.Error, OSError) as error:
            log.warning("features are measured again, %s cannot be read: %s", self.path.name, error)
        return found

    def write(self, key: str, rows: Mapping[str, bytes]) -> None:
        """Keep rows by content."""
        if not rows:
            return
        try:
            with self.lock, self._opened() as connection:
                values = [(key, content, row) for content, row in rows.items()]
                connection.executemany("INSERT OR REPLACE INTO rows VALUES (?, ?, ?)", values)
        except (sqlite3.Error, OSError) as error:
            log.warning("features are not kept, %s cannot be written: %s", self.path.name, error)

    def close(self) -> None:
        """Let go of the file."""
        with self.lock:
            if self.connection is not None:
                self.connection.close()
                self.connection = None

    def _opened(self) -> sqlite3.Connection:
        if self.connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=PATIENCE, check_same_thread=False)
            try:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=NORMAL")
                connection.execute(TABLE)
            except sqlite3.Error:
                connection.close()
                raise
            self.connection = connection
        return self.connection
