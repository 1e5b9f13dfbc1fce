"""How challengers agree with champions: the port AgreementStore in a relational database.

One row of counters for each pipeline, champion and challenger; an increment is one upsert, whoever else adds.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..domain.shared.agreement import COUNTS, Agreement

if TYPE_CHECKING:
    from sqlalchemy import Engine

KEY = ("pipeline", "champion", "challenger")


class SqlAgreementStore:
    """Counters that many processes add to, in the database of this URL; it is opened, and migrated, on first use."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._opening = threading.Lock()
        self._engine: Engine | None = None

    def add(self, increments: Sequence[Agreement]) -> None:
        """Add to the counts, all or none. Everybody takes the rows in the same order, so nobody waits in a circle."""
        if not increments:
            return
        from sqlalchemy.dialects import postgresql, sqlite

        from .db import writing
        from .db_tables import AGREEMENTS

        engine = self._opened()
        dialect = postgresql if engine.dialect.name == "postgresql" else sqlite
        insert = dialect.insert(AGREEMENTS)
        summed = {name: AGREEMENTS.c[name] + insert.excluded[name] for name in COUNTS}
        statement = insert.on_conflict_do_update(index_elements=KEY, set_=summed)
        rows = [vars(one) for one in sorted(increments, key=lambda one: one.key)]
        with writing(engine) as connection:
            connection.execute(statement, rows)

    def find(self, pipeline: str | None = None) -> Sequence[Agreement]:
        """The counts, ordered by pipeline, champion, challenger."""
        import sqlalchemy as sa

        from .db import reading
        from .db_tables import AGREEMENTS

        columns = [AGREEMENTS.c[name] for name in (*KEY, *COUNTS)]
        statement = sa.select(*columns).order_by(*columns[: len(KEY)])
        if pipeline is not None:
            statement = statement.where(AGREEMENTS.c.pipeline == pipeline)
        with reading(self._opened()) as connection:
            return tuple(Agreement(*row) for row in connection.execute(statement))

    def close(self) -> None:
        """Let go of the connections."""
        with self._opening:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None

    def _opened(self) -> Engine:
        from .migrations import opened  # SQLAlchemy: half a second that most commands need not pay

        with self._opening:
            if self._engine is None:
                self._engine = opened(self.url)
            return self._engine
