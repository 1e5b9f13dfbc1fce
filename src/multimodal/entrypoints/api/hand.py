"""A worker as its parent sees it, and how it is started."""

from __future__ import annotations

import asyncio
import os
import socket
import sys

from ...adapters.machine import ENVIRONMENT
from ...config.config import Settings, as_environment
from .channel import CLOSED, LEAVING, READY, Channel, pair

MODULE = "multimodal.entrypoints.api.worker"


class Hand:
    """A worker process. open: connections that it has; retired: it was told to leave; gone: it ended."""

    def __init__(self, process: asyncio.subprocess.Process, channel: Channel) -> None:
        self.process = process
        self.channel = channel
        self.open = 0
        self.leaving = False
        self.retired = False
        self.gone = False
        self.settled = asyncio.Event()  # it is ready, or it is gone

    def deal(self, connection: socket.socket) -> bool:
        """Hand a connection over; False when the worker cannot take it now."""
        taken = self.channel.deal(connection)
        self.open += taken
        return taken

    def hear(self) -> bool:
        """Take in what the worker says; False when it will say nothing more."""
        words = self.channel.hear()
        if words is None:
            return False
        self.open -= words.count(CLOSED)
        self.leaving = self.leaving or LEAVING in words
        if READY in words:
            self.settled.set()
        return True

    def retire(self) -> None:
        """Deal no more; the worker drains and exits."""
        self.retired = True
        self.channel.end_of_dealing()

    def terminate(self) -> None:
        """Retire and ask it to hurry."""
        self.retire()
        if not self.gone:
            self.process.terminate()

    def kill(self) -> None:
        """End it at once."""
        if not self.gone:
            self.process.kill()

    async def ended(self) -> int:
        """Wait for its end; the exit code."""
        code = await self.process.wait()
        self.gone = True
        self.settled.set()
        return code


async def start(settings: Settings) -> Hand:
    """A fresh interpreter that serves with these settings; signals of the terminal go to the parent alone."""
    ours, theirs = pair()
    with theirs:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", MODULE, str(theirs.fileno())),
            pass_fds=(theirs.fileno(),),
            env=ENVIRONMENT | dict(os.environ) | as_environment(settings),
            stdin=asyncio.subprocess.DEVNULL,
            process_group=0,
        )
    return Hand(process, Channel(ours))
