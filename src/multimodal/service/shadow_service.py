"""Shadow mode: challengers answer what the champions answer, nobody hears them, and how far they agree is counted.

    offer(sample, predictions) ... from whoever assessed a capture; returns at once, drops when there is no room
    a thread ..................... waits for a quiet moment, lets the challengers answer, adds to the counts
    store ........................ gets the counts every few seconds and at the end, as increments

What a sample remembers (its measures) is shared with the champions, so a challenger costs what only it measures. While
requests are being answered the thread holds back; under endless load it still compares a few captures a second, so that
there is something to report, and drops the rest.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Full, Queue

from ..domain.shared.agreement import Agreement, version_of
from ..domain.shared.pipelines import InferencePipeline
from ..domain.shared.ports import AgreementStore
from ..domain.shared.results import Prediction
from ..domain.shared.sample import Sample
from .serving import Challengers

log = logging.getLogger(__name__)
ROOM = 2  # samples that wait: each may be a picture of 12 megapixels with all its measures
PATIENCE = 0.25  # seconds that a sample waits for a quiet moment
GLANCE, LOOKS = 0.005, 2  # seconds between two looks, and how many have to find it quiet
PERIOD = 5.0  # seconds between two reports to the store, and two looks for new challengers


@dataclass(frozen=True)
class AgreementInfo:
    """How a challenger agrees with a champion, see `Agreement`; mean_difference is that of the scores, 0 to 1."""

    pipeline: str
    champion: str
    challenger: str
    seen: int
    same_label: int
    same_acceptance: int
    accepts_rejected: int
    rejects_accepted: int
    mean_difference: float | None
    dropped: int
    failed: int


@dataclass(frozen=True)
class ShadowInfo:
    """What watches here. watching: models, `name@version`. refused: why a challenger does not watch, by model.

    agreements: over all processes that share the database, up to a few seconds ago.
    """

    active: bool
    watching: tuple[str, ...]
    refused: dict[str, str]
    agreements: tuple[AgreementInfo, ...]


@dataclass(frozen=True, eq=False)
class Job:
    """A sample, and who answers it again: the champion's answer with the challenger."""

    sample: Sample
    pairs: tuple[tuple[Prediction, InferencePipeline], ...]


class Counts:
    """Agreements that the store does not know yet. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str, str], Agreement] = {}

    def add(self, agreements: Iterable[Agreement]) -> None:
        """Count."""
        with self._lock:
            for one in agreements:
                known = self._kept.get(one.key)
                self._kept[one.key] = known + one if known else one

    def take(self) -> list[Agreement]:
        """All that was counted; the counts begin anew."""
        with self._lock:
            kept, self._kept = self._kept, {}
            return list(kept.values())


class ShadowService:
    """Lets challengers watch while it is started; `report` tells how they agree at any time."""

    def __init__(self, challengers: Challengers, store: AgreementStore) -> None:
        self.challengers = challengers
        self.store = store
        self.counts = Counts()
        self._quiet: Callable[[], bool] = always
        self._waiting: Queue[Job | None] = Queue(ROOM)
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._troubles: set[str] = set()

    def start(self, quiet: Callable[[], bool]) -> None:
        """Load the challengers and let them watch, in a thread; `quiet` says whether nobody waits for an answer."""
        self._quiet = quiet
        self._closing.clear()
        self._thread = threading.Thread(target=self._run, name="shadow", daemon=True)
        self._thread.start()

    def offer(self, sample: Sample, predictions: Sequence[Prediction]) -> None:
        """Let the challengers answer this sample some time soon, if there are any and there is room; never waits."""
        if self._thread is None or not (pairs := self._pairs(predictions)):
            return
        try:
            self._waiting.put_nowait(Job(sample, pairs))
        except Full:
            self._drop(pairs)

    def close(self) -> None:
        """End the thread and tell the store what was counted."""
        if self._thread is not None:
            self._closing.set()
            with suppress(Full):
                self._waiting.put_nowait(None)
            self._thread.join()
            self._thread = None

    def report(self, pipeline: str | None = None) -> ShadowInfo:
        """What watches here, and how all challengers (of one pipeline) have agreed so far."""
        chosen = {name: one for name, one in self.challengers.loaded.items() if pipeline in (None, name)}
        return ShadowInfo(
            active=self._thread is not None,
            watching=tuple(one.pipeline.model for one in chosen.values() if one.pipeline),
            refused={str(one.ref): one.refused for one in chosen.values() if one.refused},
            agreements=tuple(map(info_of, self.store.find(pipeline))),
        )

    def _pairs(self, predictions: Sequence[Prediction]) -> tuple[tuple[Prediction, InferencePipeline], ...]:
        loaded = self.challengers.loaded
        answered = ((p, loaded[p.pipeline].pipeline) for p in predictions if p.pipeline in loaded)
        return tuple((p, rival) for p, rival in answered if rival is not None and rival.model != p.model)

    def _run(self) -> None:
        due = 0.0
        while not self._closing.is_set():
            if time.monotonic() >= due:
                self._attempt("look for challengers", self._look)
                self._attempt("report to the database", self._flush)
                due = time.monotonic() + PERIOD
            with suppress(Empty):
                self._compare(self._waiting.get(timeout=max(0.0, due - time.monotonic())))
        self._end()

    def _end(self) -> None:
        with suppress(Empty):
            while True:
                if (job := self._waiting.get_nowait()) is not None:
                    self._drop(job.pairs)
        self._attempt("report to the database", self._flush)

    def _compare(self, job: Job | None) -> None:
        if job is not None:
            self._wait_until_quiet()
            self.counts.add([self._compared(job.sample, *pair) for pair in job.pairs])

    def _wait_until_quiet(self) -> None:
        """Until two looks in a row find nobody waiting: who asks again at once shall not meet us either."""
        deadline, quiet_looks = time.monotonic() + PATIENCE, 0
        while quiet_looks < LOOKS and time.monotonic() < deadline and not self._closing.wait(GLANCE):
            quiet_looks = quiet_looks + 1 if self._quiet() else 0

    def _compared(self, sample: Sample, champion: Prediction, challenger: InferencePipeline) -> Agreement:
        try:
            (answer,) = challenger.predict([sample])
        except Exception:  # noqa: BLE001  (a pipeline, ours or the user's, which harms nobody here)
            self._note(challenger.model, "the challenger %s failed on %s", challenger.model, sample.name)
            return Agreement(champion.pipeline, version_of(champion.model), challenger.version, failed=1)
        return Agreement.of(champion, answer)

    def _drop(self, pairs: Iterable[tuple[Prediction, InferencePipeline]]) -> None:
        self.counts.add(Agreement(p.pipeline, version_of(p.model), rival.version, dropped=1) for p, rival in pairs)

    def _look(self) -> None:
        self.challengers.snapshot()
        self.challengers.refresh()

    def _flush(self) -> None:
        if counted := self.counts.take():
            try:
                self.store.add(counted)
            except Exception:
                self.counts.add(counted)  # for the next time
                raise

    def _attempt(self, what: str, act: Callable[[], None]) -> None:
        """Do it; what goes wrong is logged once until it goes well again."""
        try:
            act()
            self._troubles.discard(what)
        except Exception:  # noqa: BLE001  (the edge of a thread: the next attempt may do better)
            self._note(what, "the shadow thread could not %s", what)

    def _note(self, trouble: str, message: str, *arguments: object) -> None:
        if trouble not in self._troubles:
            log.exception(message, *arguments)
        self._troubles.add(trouble)


def always() -> bool:
    """It is quiet."""
    return True


def info_of(one: Agreement) -> AgreementInfo:
    """What people are told of it."""
    mean = None if one.mean_difference is None else round(one.mean_difference, 6)
    counts = (one.seen, one.same_label, one.same_acceptance, one.accepts_rejected, one.rejects_accepted)
    return AgreementInfo(*one.key, *counts, mean, one.dropped, one.failed)
