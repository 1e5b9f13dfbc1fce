"""What models saw, counted: the port TrafficStore in a relational database.

One row a version, thing and day (see `db_tables`). The database adds the counts up itself, in one statement a row, so
that processes which write at the same moment lose nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import orjson
import sqlalchemy as sa
from sqlalchemy import Engine, TextClause
from sqlalchemy.dialects import postgresql, sqlite

from ..domain.shared.ports import Traffic
from .db import reading, writing
from .db_tables import TRAFFIC
from .migrations import opened

SUMS: Mapping[str, TextClause] = {  # counts that are there + counts that come, position by position
    "sqlite": sa.text(
        "(SELECT json_group_array(total) FROM (SELECT a.value + b.value AS total"
        " FROM json_each(traffic.counts) a JOIN json_each(excluded.counts) b ON a.key = b.key ORDER BY a.key))"
    ),
    "postgresql": sa.text(
        "(SELECT json_agg(a.value::bigint + b.value::bigint ORDER BY a.position)::text"
        " FROM json_array_elements_text(traffic.counts::json) WITH ORDINALITY AS a(value, position)"
        " JOIN json_array_elements_text(excluded.counts::json) WITH ORDINALITY AS b(value, position) USING (position))"
    ),
}


class SqlTrafficStore:
    """Counts in a database whose tables are up to date."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        insert = sqlite.insert(TRAFFIC) if engine.dialect.name == "sqlite" else postgresql.insert(TRAFFIC)
        key = list(TRAFFIC.primary_key.columns)
        self.upsert = insert.on_conflict_do_update(index_elements=key, set_={"counts": SUMS[engine.dialect.name]})

    @classmethod
    def opened(cls, url: str) -> SqlTrafficStore:
        """The store in the database of this URL, made or brought up to date when needed."""
        return cls(opened(url))

    def add(self, traffic: Sequence[Traffic]) -> None:
        """Add all counts to what is kept of the same version, thing and day, or none."""
        rows = [{**vars(one), "counts": orjson.dumps(one.counts).decode()} for one in traffic]
        if rows:
            with writing(self.engine) as connection:  # in one order everywhere, so that no two wait for each other
                connection.execute(self.upsert, sorted(rows, key=_place))

    def read(self, since: date, until: date) -> Sequence[Traffic]:
        """All that is kept of the days from `since` to `until`, both included."""
        statement = sa.select(*TRAFFIC.c).where(TRAFFIC.c.day.between(since, until)).order_by(*TRAFFIC.primary_key)
        with reading(self.engine) as connection:
            rows = connection.execute(statement).mappings()
            return tuple(Traffic(**{**row, "counts": tuple(orjson.loads(row["counts"]))}) for row in rows)

    def close(self) -> None:
        """Let go of the connections."""
        self.engine.dispose()


def _place(row: Mapping[str, object]) -> tuple[object, ...]:
    return tuple(row[column.name] for column in TRAFFIC.primary_key.columns)
