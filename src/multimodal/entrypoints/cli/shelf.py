"""Results into the database, many in one transaction, each once; what is stored is counted."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from ...adapters.assessment_document import from_document
from ...domain.shared.errors import NotFound
from ...domain.shared.ports import AssessmentStore
from ...domain.shared.results import Assessment
from ...service.observer import Observer
from .documents import Document

BATCH = 64


class Shelf:
    """Puts assessments into a store, or does nothing when there is none."""

    def __init__(self, store: AssessmentStore | None, observer: Observer | None = None) -> None:
        self.store = store
        self.observer = observer
        self.waiting: list[Assessment] = []

    def add(self, encoded: bytes) -> None:
        """Keep one assessment (see `encode`); it is in the store at the latest after `close`."""
        if self.store is not None:
            self.waiting.append(from_document(encoded.decode()))
            if len(self.waiting) >= BATCH:
                self._put()

    def restore(self, documents: Iterable[Document]) -> None:
        """Keep what an interrupted run has assessed but perhaps not stored."""
        if self.store is not None:
            for document in documents:
                if not self._has(document["id"]):
                    self.add(orjson.dumps(document))

    def close(self) -> None:
        """Store what waits, and end."""
        try:
            self._put()
        finally:
            if self.observer is not None:
                self.observer.close()

    def _put(self) -> None:
        """Store what waits, and have it counted."""
        if self.store is not None and self.waiting:
            self.store.add(self.waiting)
            if self.observer is not None:
                for assessment in self.waiting:
                    self.observer.see(assessment)
        self.waiting = []

    def _has(self, id: str) -> bool:
        assert self.store is not None
        try:
            self.store.get(id)
        except NotFound:
            return False
        return True
