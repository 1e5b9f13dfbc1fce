"""The outermost layer: request ids, one log line a request, and a plain 500 for what nobody expected.

While the process drains, it asks each client to come back on a new connection.

While its compute thread has all the work it may have, more is turned away here, before a byte of it is read; and not at
once: clients that do not wait as they are asked to, or that all come back in the same moment, would take the time of
those who were let in.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...adapters.logger import request_id
from ...domain.shared.errors import Busy
from . import problems
from .context import Context

log = logging.getLogger(__name__)
HEADER = "X-Request-ID"
PENALTY = 0.05, 0.25  # seconds


class Edge:
    """Pure ASGI, so that it costs next to nothing and sees every byte that leaves."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with request_id(Headers(scope=scope).get(HEADER)) as id:
            exchange = Exchange(scope, send, id)
            await self._answer(scope, receive, exchange)
            exchange.report()

    async def _answer(self, scope: Scope, receive: Receive, exchange: Exchange) -> None:
        try:
            if scope["method"] == "POST" and exchange.context.compute.full:
                await turn_away(scope, receive, exchange)
            elif scope["method"] == "POST":
                with exchange.context.posting():
                    await self.app(scope, receive, exchange.send)
            else:
                await self.app(scope, receive, exchange.send)
        except ClientDisconnect:
            log.debug("the client left during %s %s", scope["method"], scope["path"])
        except Exception as error:  # noqa: BLE001  (the edge: it is logged, and the client gets an answer)
            response = problems.unexpected(Request(scope), error)
            if not exchange.status:
                await response(scope, receive, exchange.send)


async def turn_away(scope: Scope, receive: Receive, exchange: Exchange) -> None:
    """503 after a moment, which is not the same for all."""
    await asyncio.sleep(random.uniform(*PENALTY))
    response = await problems.on_quality_error(Request(scope), Busy())
    await response(scope, receive, exchange.send)


class Exchange:
    """One request and what is known of its answer. status: 0 as long as there is none."""

    def __init__(self, scope: Scope, send: Send, id: str) -> None:
        self.scope = scope
        self.context: Context = scope["app"].state.context
        self.status = 0
        self._id = id
        self._send = send
        self._began = time.perf_counter()
        scope.setdefault("state", {})["request_id"] = id

    async def send(self, message: Message) -> None:
        """Pass a message on; the first one carries the request id, and the farewell of a draining process."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers[HEADER] = self._id
            if self.context.draining:
                headers["Connection"] = "close"
        await self._send(message)

    def report(self) -> None:
        """One line for the log."""
        milliseconds = 1000 * (time.perf_counter() - self._began)
        log.info("%s %s %d %.1f ms", self.scope["method"], self.scope["path"], self.status, milliseconds)
