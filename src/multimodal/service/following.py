"""Following: something is done again and again, in a thread of its own, until it is closed."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)
JITTER = 0.25  # share of the period: many processes that started together do not ask together


class Follower:
    """Calls `act` about every `seconds`; 0 is never. What goes wrong is logged once until it goes well again."""

    def __init__(self, act: Callable[[], None], seconds: float) -> None:
        self.act = act
        self.seconds = seconds
        self._closing = threading.Event()
        self._dice = random.Random()
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="following", daemon=True)

    def start(self) -> None:
        """Begin."""
        if self.seconds > 0:
            self._thread.start()

    def close(self) -> None:
        """End; returns when the last call has."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._closing.wait(self.seconds * self._dice.uniform(1 - JITTER, 1 + JITTER)):
            self._once()

    def _once(self) -> None:
        try:
            self.act()
            self._failing = False
        except Exception:  # the edge of a thread: the next call may do better
            if not self._failing:
                log.exception("what is followed could not be looked at")
            self._failing = True
