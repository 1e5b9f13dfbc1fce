"""Waiting for what other threads and processes do, with a deadline."""

import threading
import time
from collections.abc import Callable

LONG = 60.0


def eventually(true: Callable[[], object], seconds: float = LONG) -> None:
    """Wait until something is true; an error when it never is."""
    patience, deadline = threading.Event(), time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        patience.wait(0.01)
