"""One serving process: one event loop, one compute thread. The supervisor starts it with a descriptor as its argument.

Connections come from the parent. When no more will come it drains in two phases: each answer asks its client to come
back on a new connection; then, after some patience, connections that ask nothing are closed. It exits when none is
left, or when time is up.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from importlib.util import find_spec
from types import FrameType
from typing import Any

import cv2
import uvicorn
from uvicorn.config import STARTUP_FAILURE

from ...adapters.logger import configure_logging
from ...bootstrap import bootstrap
from ...config.config import Settings, load_settings
from ...domain.shared.errors import QualityError
from .app import create_app
from .channel import CLOSED, LEAVING, READY, Channel, inherited
from .connection import guarded, hang_up_if_silent
from .context import Context

log = logging.getLogger(__name__)
KEEP_ALIVE = (
    75  # seconds: longer than the usual 60 of a load balancer, so that it never sends into a closing connection
)
SILENCE = 30.0  # seconds until the first request of a connection has to be there
IDLE_PATIENCE = 10.0
HURRIED_PATIENCE = 2.0
DRAIN_LIMIT = 30.0


class Worker(uvicorn.Server):
    """An uvicorn server that does not listen: its connections come through a channel."""

    def __init__(self, config: uvicorn.Config, channel: Channel, context: Context) -> None:
        super().__init__(config)
        self._channel = channel
        self._context = context
        self._arrivals: set[asyncio.Task[None]] = set()
        self._closed = 0
        self._hurry = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Load the models, then tell the parent."""
        await self.lifespan.startup()
        if self.lifespan.should_exit:
            sys.exit(STARTUP_FAILURE)
        asyncio.get_running_loop().add_reader(self._channel, self._take)
        self._channel.say(READY)
        self.started = True

    async def on_tick(self, counter: int) -> bool:
        """Besides uvicorn's own chores, what must not depend on the event loop alone.

        Closed connections that the parent could not hear of at once are reported; and uvloop drops, without a word, a
        reader whose other end died with unread data, so the end of the channel is looked for here as well.
        """
        self._report_closed()
        self._take()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, then end the threads."""
        await self._drain()
        await self.lifespan.shutdown()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal to this process: ask the parent to deal no more; the end of the channel starts the drain."""
        self.force_exit = self._hurry
        self._hurry = True
        self._channel.say(LEAVING)

    def _take(self) -> None:
        try:
            connection = self._channel.take()
        except BlockingIOError:
            return
        if connection is None:
            asyncio.get_running_loop().remove_reader(self._channel)
            self.should_exit = True
            return
        arrival = asyncio.create_task(self._welcome(connection))
        self._arrivals.add(arrival)
        arrival.add_done_callback(self._arrivals.discard)

    async def _welcome(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        connection.setblocking(False)
        try:
            _, protocol = await loop.connect_accepted_socket(self._protocol, connection)
        except OSError:  # it left before it was welcomed
            connection.close()
            self._count_closed()
            return
        loop.call_later(SILENCE, hang_up_if_silent, protocol)

    def _protocol(self) -> Any:
        kind = guarded(self.config.http_protocol_class, self._count_closed)
        loop = asyncio.get_running_loop()
        return kind(config=self.config, server_state=self.server_state, app_state=self.lifespan.state, _loop=loop)

    def _count_closed(self) -> None:
        self._closed += 1
        self._report_closed()

    def _report_closed(self) -> None:
        if self._closed:
            self._closed -= self._channel.say(CLOSED * self._closed)

    async def _drain(self) -> None:
        self._context.draining = True
        loop = asyncio.get_running_loop()
        began = loop.time()
        while self._busy and loop.time() - began < DRAIN_LIMIT and not self.force_exit:
            patience = HURRIED_PATIENCE if self._hurry else IDLE_PATIENCE
            if loop.time() - began > patience:
                self._close_idle()
            await asyncio.sleep(0.02)
        if self._busy:
            log.warning("%d connections were cut off when the drain ended", len(self.server_state.connections))

    @property
    def _busy(self) -> bool:
        return bool(self.server_state.connections or self.server_state.tasks or self._arrivals)

    def _close_idle(self) -> None:
        for connection in list(self.server_state.connections):
            connection.shutdown()


def server_config(app: Any, settings: Settings) -> uvicorn.Config:
    """How uvicorn is to serve an application: fast parser and loop where they are installed, our own log lines."""
    return uvicorn.Config(
        app,
        host=settings.api_host,
        port=settings.api_port,
        http="httptools" if find_spec("httptools") else "h11",
        ws="none",
        lifespan="on",
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
    )


def main(descriptor: int) -> None:
    """Serve what comes through the channel until it ends."""
    cv2.setNumThreads(1)
    try:
        settings = load_settings()
        folder = settings.folders.logs if settings.log_to_file else None
        configure_logging(settings.log_level, settings.log_format, folder)
        app = create_app(bootstrap(settings))
    except QualityError as error:
        sys.exit(str(error))
    Worker(server_config(app, settings), inherited(descriptor), app.state.context).run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
