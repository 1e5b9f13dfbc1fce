"""Stores that are opened on first use: SQLAlchemy takes half a second that most commands need not pay."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from ..domain.shared.ports import Traffic, TrafficStore
from .batching import Once


def open_traffic_store(url: str) -> LaterTrafficStore:
    """The store of traffic in this database; it is connected, and migrated when needed, on first use."""

    def opened() -> TrafficStore:
        from .traffic_store import SqlTrafficStore

        return SqlTrafficStore.opened(url)

    return LaterTrafficStore(opened)


class LaterTrafficStore:
    """A store in front of another, which `opened` gives on first use."""

    def __init__(self, opened: Callable[[], TrafficStore]) -> None:
        self.store = Once(opened)

    def add(self, traffic: Sequence[Traffic]) -> None:
        """Add all counts, or none."""
        self.store().add(traffic)

    def read(self, since: date, until: date) -> Sequence[Traffic]:
        """All that is kept of these days."""
        return self.store().read(since, until)
