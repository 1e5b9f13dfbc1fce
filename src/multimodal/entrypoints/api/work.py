"""Work off the event loop: a fixed number of threads, and a limit on what may wait for them.

Whoever finds the limit reached gets `Busy` at once: a queue that only grows answers everybody too late.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from ...domain.shared.errors import Busy

T = TypeVar("T")


class Work:
    """A few threads and a bounded number of places.

    threads: how many jobs run side by side. places: how many are admitted, running or waiting.
    """

    def __init__(self, name: str, threads: int, places: int) -> None:
        if not 0 < threads <= places:
            raise ValueError(f"Work needs 0 < threads <= places, got threads={threads}, places={places}.")
        self.places = places
        self.taken = 0
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)

    @property
    def full(self) -> bool:
        """Whether the next job would be refused."""
        return self.taken >= self.places

    @contextmanager
    def place(self) -> Iterator[None]:
        """One place for as long as the block runs; `Busy` when none is free."""
        self._enter()
        try:
            yield
        finally:
            self._leave()

    async def run(self, job: Callable[[], T]) -> T:
        """The result of a job in a thread; the caller holds a place. Request ids in log lines go along."""
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._pool, context.run, job)

    async def admit(self, job: Callable[[], T]) -> T:
        """`run` with a place of its own."""
        with self.place():
            return await self.run(job)

    async def run_until(self, job: Callable[[], T], follow: Callable[[T], Future[None]]) -> T:
        """As `run`, but not before what `follow` begins with the result is done, too; the event loop wakes once."""
        done: Future[T] = Future()
        done.set_running_or_notify_cancel()
        context = contextvars.copy_context()
        self._pool.submit(context.run, run_chain, job, follow, done)
        return await asyncio.wrap_future(done)

    async def admit_until(self, job: Callable[[], T], follow: Callable[[T], Future[None]]) -> T:
        """`run_until` with a place of its own, which is free again when the job is done, before what follows is."""
        self._enter()

        def leaving() -> T:
            try:
                return job()
            finally:
                self._leave()

        return await self.run_until(leaving, follow)

    def close(self) -> None:
        """End the threads after their jobs."""
        self._pool.shutdown()

    def _enter(self) -> None:
        with self._lock:
            if self.full:
                raise Busy
            self.taken += 1

    def _leave(self) -> None:
        with self._lock:
            self.taken -= 1


def run_chain(job: Callable[[], T], follow: Callable[[T], Future[None]], done: Future[T]) -> None:
    """Run a job, begin what follows, and settle `done` when that has ended; errors of both go there."""
    try:
        result = job()
        following = follow(result)
    except Exception as error:  # noqa: BLE001  (the edge of a thread: the error belongs to the caller)
        done.set_exception(error)
        return

    def settle(followed: Future[None]) -> None:
        error = followed.exception()
        done.set_exception(error) if error else done.set_result(result)

    following.add_done_callback(settle)
