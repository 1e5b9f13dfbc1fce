"""One process that does everything, for systems where a parent cannot hand connections over (Windows)."""

from __future__ import annotations

import socket
from collections.abc import Callable

import cv2
import uvicorn

from ...bootstrap import bootstrap
from ...config.config import Settings
from .app import create_app
from .worker import server_config


class Announcing(uvicorn.Server):
    """A server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Load the models, listen, tell."""
        await super().startup(sockets)
        self._announce()


def run(settings: Settings, listener: socket.socket, announce: Callable[[], None]) -> int:
    """Serve until a signal ends it; the exit code."""
    cv2.setNumThreads(1)
    app = create_app(bootstrap(settings))
    Announcing(server_config(app, settings), announce).run([listener])
    return 0
