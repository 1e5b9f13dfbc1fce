"""The observer counts what models see, behind the backs of those who wait for answers.

    who stores an assessment -- see --> a short queue -- a thread counts --> histograms -- now and then --> TrafficStore

`see` appends and returns. The thread counts many assessments together (`Reference.count`), and adds the counts to the
store every few seconds and at the end. Nothing that goes wrong here reaches an answer: counts that cannot be stored are
kept for the next time, an observer that falls behind skips captures, and each is told once in the log. Memory is
bounded: the queue by MOST captures, the histograms by the features of the models that serve.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from datetime import UTC, date

import numpy as np
from numpy.typing import NDArray

from ..domain.shared.ports import Traffic, TrafficStore
from ..domain.shared.results import Assessment, Prediction
from .references import References

log = logging.getLogger(__name__)
PAUSE = 10.0  # seconds between two additions to the store
BATCH = 128  # captures that wake the thread
MOST = 4096  # captures that may wait to be counted
PATIENCE = 5.0  # seconds that the end waits for the last addition
Key = tuple[str, str, str, date]


class Observer:
    """Counts assessments; its thread starts with the first one. `see` may be called from any thread."""

    def __init__(self, references: References, store: TrafficStore, pause: float = PAUSE) -> None:
        self.references = references
        self.store = store
        self.pause = pause
        self._waiting: deque[Assessment] = deque()
        self._counted: dict[Key, NDArray[np.int64]] = {}  # of the thread alone
        self._missed = 0
        self._told = False
        self._wake = threading.Event()
        self._lock = threading.Lock()  # of the two that follow
        self._thread: threading.Thread | None = None
        self._closed = False

    def see(self, assessment: Assessment) -> None:
        """Count an assessment some time soon."""
        if len(self._waiting) >= MOST:
            self._missed += 1
            return
        self._waiting.append(assessment)
        if self._thread is None:
            self._start()
        elif len(self._waiting) >= BATCH:
            self._wake.set()

    def close(self) -> None:
        """Count what waits, store it if that does not take long, and end."""
        with self._lock:
            self._closed = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(PATIENCE)

    def _start(self) -> None:
        with self._lock:
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="observer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        due = time.monotonic() + self.pause
        while not self._closed:
            self._wake.wait(max(0.0, due - time.monotonic()))
            self._wake.clear()
            self._count()
            if time.monotonic() >= due:
                self._flush()
                due = time.monotonic() + self.pause
        self._count()
        self._flush()

    def _count(self) -> None:
        """Count what waits."""
        groups: dict[tuple[str, date], list[Prediction]] = {}
        for _ in range(len(self._waiting)):
            assessment = self._waiting.popleft()
            day = assessment.created.astimezone(UTC).date()
            for prediction in assessment.predictions:
                groups.setdefault((prediction.model, day), []).append(prediction)
        for (model, day), predictions in groups.items():
            try:
                self._count_model(model, day, predictions)
            except Exception as error:  # noqa: BLE001  (the edge of a thread: the next model shall be counted)
                self._tell("%d captures of %s are not counted: %s", len(predictions), model, error)

    def _count_model(self, model: str, day: date, predictions: Sequence[Prediction]) -> None:
        reference = self.references.of(model)
        if reference is None:
            return
        name, _, version = model.partition("@")
        for what, counts in reference.count(predictions).items():
            key = (name, version, what, day)
            self._counted[key] = self._counted[key] + counts if key in self._counted else counts

    def _flush(self) -> None:
        """Add what was counted to the store; it stays for the next time when that fails."""
        if self._missed:
            self._tell("%d captures came too fast to be counted", self._missed)
        if not self._counted:
            return
        try:
            self.store.add([Traffic(*key, tuple(counts.tolist())) for key, counts in self._counted.items()])
        except Exception as error:  # noqa: BLE001  (the edge of a thread: an answer is worth more than a count)
            self._tell("what models see cannot be stored now; it is tried again: %s", error)
        else:
            self._counted.clear()
            self._told, self._missed = False, 0

    def _tell(self, message: str, *values: object) -> None:
        """One warning until something has been stored again."""
        if not self._told:
            log.warning(message, *values)
        self._told = True
