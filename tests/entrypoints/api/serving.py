"""The API over a real socket, in a thread of the test; and an assessor that works only when it is told to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import uvicorn

from multimodal.bootstrap import App
from multimodal.domain.shared.pipelines import InferencePipeline
from multimodal.domain.shared.results import Assessment
from multimodal.domain.shared.sample import Capture
from multimodal.entrypoints.api.app import create_app
from multimodal.entrypoints.api.context import Context
from multimodal.entrypoints.api.worker import server_config

LONG = 30.0


class Running:
    """A service that runs: its address, a client, and the rooms behind the counter."""

    def __init__(self, address: tuple[str, int], context: Context) -> None:
        self.address = address
        self.url = f"http://{address[0]}:{address[1]}"
        self.context = context
        self.client = httpx.Client(base_url=self.url, timeout=LONG)

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=LONG)

    def tell(self, data: bytes) -> bytes:
        """Send bytes on a connection of their own; all that comes back until the service closes it."""
        with self.connect() as connection:
            connection.sendall(data)
            return b"".join(iter(lambda: connection.recv(65536), b""))


class Announced(uvicorn.Server):
    """A server that sets an event when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@contextmanager
def running(app: App) -> Iterator[Running]:
    """Serve an application on a free port until the block ends."""
    api = create_app(app)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Announced(server_config(api, app.settings))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            assert server.up.wait(LONG)
            service = Running(listener.getsockname(), api.state.context)
            with service.client:
                yield service
        finally:
            server.should_exit = True
            thread.join(LONG)
    assert not thread.is_alive()


class GatedAssessor:
    """The real assessor behind a gate: a job that began waits until the gate opens."""

    def __init__(self, assessor: Any) -> None:
        self.assessor = assessor
        self.gate = threading.Event()
        self.begun = threading.Semaphore(0)

    def examine(
        self, capture: Capture, chosen: Sequence[InferencePipeline], *, evidence: bool = False
    ) -> tuple[Assessment, dict[str, bytes]]:
        self.begun.release()
        assert self.gate.wait(LONG)
        found: tuple[Assessment, dict[str, bytes]] = self.assessor.examine(capture, chosen, evidence=evidence)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self.assessor, name)


@contextmanager
def gated(app: App, **settings: Any) -> Iterator[tuple[Running, GatedAssessor]]:
    """A service whose work waits at a gate; the gate is open at the end, so that nothing hangs."""
    assessor = GatedAssessor(app.assessor)
    changed: Any = {"assessor": assessor, "settings": replace(app.settings, **settings)}
    with running(replace(app, **changed)) as service:
        try:
            yield service, assessor
        finally:
            assessor.gate.set()
