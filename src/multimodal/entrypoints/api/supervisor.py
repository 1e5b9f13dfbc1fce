"""The parent of the serving processes: it keeps workers alive and replaces them without losing a request.

    SIGHUP ............ replace the workers one by one: a new one first, then the old one drains
    SIGTERM, SIGINT ... drain all and end; a second one kills

The listening socket stays open while workers come and go (dealer.py).
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import time
from collections.abc import Callable, Coroutine
from typing import Any

from ...config.config import Settings
from .dealer import Dealer
from .hand import Hand, start

log = logging.getLogger(__name__)
START_LIMIT = 120.0  # seconds
STOP_LIMIT = 40.0  # more than a worker allows itself for draining
CALM = 60.0  # crashes longer ago are forgotten
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 30.0
FAILED, KILLED = 1, 130


class WorkerFailed(Exception):
    """A worker ended, or time was up, before it was ready."""


class Supervisor:
    """Keeps `settings.workers` workers behind a listening socket."""

    def __init__(self, settings: Settings, listener: socket.socket, announce: Callable[[], None]) -> None:
        self._settings = settings
        self._dealer = Dealer(listener)
        self._announce = announce
        self._everyone: set[Hand] = set()
        self._chores: set[asyncio.Task[None]] = set()
        self._watches: set[asyncio.Task[None]] = set()
        self._crashes: list[float] = []
        self._stopping = asyncio.Event()
        self._renewal = asyncio.Lock()
        self._code = 0

    async def run(self) -> int:
        """Serve until a signal says otherwise; the exit code."""
        self._handle_signals()
        self._begin(self._chores, self._open())
        await self._stopping.wait()
        await self._stop()
        return self._code

    def _handle_signals(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, lambda: self._begin(self._chores, self._renew()))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end)

    def _end(self, code: int = 0) -> None:
        if self._stopping.is_set():
            code = KILLED
            for hand in self._everyone:
                hand.kill()
        self._code = code
        self._stopping.set()

    def _begin(self, group: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> None:
        def finished(task: asyncio.Task[None]) -> None:
            group.discard(task)
            if not task.cancelled() and (error := task.exception()) is not None:
                log.error("the supervisor has a fault", exc_info=error)

        task = asyncio.create_task(work)
        group.add(task)
        task.add_done_callback(finished)

    async def _open(self) -> None:
        try:
            await asyncio.gather(*(self._hire() for _ in range(self._settings.workers)))
        except WorkerFailed as error:
            log.error("%s", error)
            self._end(FAILED)
        else:
            self._announce()

    async def _hire(self) -> None:
        """One more worker that serves; `WorkerFailed` when it does not get ready."""
        hand = await start(self._settings)
        self._everyone.add(hand)
        asyncio.get_running_loop().add_reader(hand.channel, self._hear, hand)
        self._begin(self._watches, self._watch(hand))
        try:
            async with asyncio.timeout(START_LIMIT):
                await hand.settled.wait()
        except TimeoutError:
            hand.kill()
            raise WorkerFailed(f"A worker was not ready after {START_LIMIT:.0f} s.") from None
        if hand.gone:
            raise WorkerFailed(
                f"A worker ended with code {hand.process.returncode} before it was ready; its log says why."
            )
        self._dealer.admit(hand)

    async def _watch(self, hand: Hand) -> None:
        """See a worker off; when nobody told it to leave, another one comes."""
        code = await hand.ended()
        asyncio.get_running_loop().remove_reader(hand.channel)
        hand.channel.close()
        self._everyone.discard(hand)
        if self._dealer.dismiss(hand):
            log.error("worker %d ended unexpectedly with code %d; another one starts", hand.process.pid, code)
            self._begin(self._chores, self._fill_up())

    async def _fill_up(self) -> None:
        while len(self._dealer.hands) < self._settings.workers:
            await asyncio.sleep(self._pause())
            try:
                await self._hire()
            except WorkerFailed as error:
                log.error("%s", error)

    def _pause(self) -> float:
        now = time.monotonic()
        self._crashes = [moment for moment in self._crashes if now - moment < CALM] + [now]
        return pause_after(len(self._crashes))

    async def _renew(self) -> None:
        async with self._renewal:
            for old in list(self._dealer.hands):
                await self._swap(old)
                await old.process.wait()
            log.info("all workers were replaced")

    async def _swap(self, old: Hand) -> None:
        """A new worker for an old one, which then drains; when the new one fails, the old one stays."""
        await self._hire()
        self._dealer.dismiss(old)
        old.retire()

    def _hear(self, hand: Hand) -> None:
        already_leaving = hand.leaving
        if not hand.hear():
            asyncio.get_running_loop().remove_reader(hand.channel)
        if hand.leaving and not (already_leaving or hand.retired):
            self._begin(self._chores, self._swap(hand))
        self._dealer.resume()

    async def _stop(self) -> None:
        self._dealer.close()
        for chore in self._chores:
            chore.cancel()
        for hand in self._everyone:
            hand.terminate()
        if self._watches:
            await asyncio.wait(self._watches, timeout=STOP_LIMIT)
        for hand in self._everyone:
            log.warning("worker %d did not end in time and is killed", hand.process.pid)
            hand.kill()


def pause_after(crashes: int) -> float:
    """Seconds to wait before a new worker, twice as long after each recent crash.

    >>> pause_after(1), pause_after(3), pause_after(50)
    (0.25, 1.0, 30.0)
    """
    return float(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(crashes - 1, 16)))
