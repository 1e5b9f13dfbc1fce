"""A load generator, light enough to share the cores with the server: one thread, one epoll, ready-made requests.

    Client ...... one keep-alive connection that asks again as soon as it is answered
    Load ........ many clients for a while
    Outcome ..... what came back: answers by status, seconds of the accepted ones, failures (no answer at all)

A client that is refused (503) waits as `Retry-After` says; one that is told `Connection: close` takes a new connection.
A connection that ends before its answer is complete is a failure, never retried: lost requests must show. One that ends
while nothing was asked is no failure: keep-alive promises nothing.
"""

from __future__ import annotations

import heapq
import re
import selectors
import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
CLOSE = re.compile(rb"connection: *close", re.IGNORECASE)
RETRY = re.compile(rb"retry-after: *(\d+)", re.IGNORECASE)
CHUNK = 256 * 1024


@dataclass
class Outcome:
    """What came back. seconds: of each accepted request; wall: of the whole run."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    reconnections: int = 0
    wall: float = 0.0

    @property
    def accepted(self) -> int:
        return len(self.seconds)

    @property
    def refused(self) -> int:
        return self.statuses[503]

    @property
    def rate(self) -> float:
        """Accepted requests a second."""
        return self.accepted / self.wall

    def quantile(self, share: float) -> float:
        """Seconds that this share of the accepted requests needed at most."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def post(path: str, body: bytes, content_type: str = "application/octet-stream") -> bytes:
    """The bytes of a POST request."""
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Client:
    """One connection. `turn` says which request comes next."""

    def __init__(self, address: tuple[str, int], requests: Sequence[bytes], turn: int) -> None:
        self.address = address
        self.requests = requests
        self.turn = turn
        self.socket: socket.socket | None = None
        self.answer = b""
        self.rest: memoryview = memoryview(b"")
        self.began = 0.0
        self.asked = False

    def ask(self) -> None:
        """Send the next request, on a new connection when there is none."""
        if self.socket is None:
            self.socket = socket.create_connection(self.address, timeout=10)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.socket.setblocking(False)
        self.turn = (self.turn + 1) % len(self.requests)
        self.rest = memoryview(self.requests[self.turn])
        self.answer = b""
        self.began = time.perf_counter()
        self.asked = True
        self.send()

    def send(self) -> None:
        """Send as much as the kernel takes."""
        assert self.socket is not None
        try:
            while self.rest:
                self.rest = self.rest[self.socket.send(self.rest) :]
        except BlockingIOError:
            return

    def receive(self) -> bool:
        """Take what came; whether the answer is complete. `ConnectionError` when it will never be."""
        assert self.socket is not None
        data = self.socket.recv(CHUNK)
        if not data:
            raise ConnectionResetError(f"the connection ended after {len(self.answer)} bytes of the answer")
        self.answer += data
        head, gap, body = self.answer.partition(b"\r\n\r\n")
        found = LENGTH.search(head)
        return bool(gap) and len(body) >= (int(found[1]) if found else 0)

    @property
    def status(self) -> int:
        return int(self.answer[9:12])

    @property
    def pause(self) -> float:
        """Seconds that the answer asks to wait."""
        found = RETRY.search(self.answer) if self.status == 503 else None
        return float(found[1]) if found else 0.0

    @property
    def told_to_leave(self) -> bool:
        return bool(CLOSE.search(self.answer.partition(b"\r\n\r\n")[0]))

    def leave(self) -> None:
        """Close the connection."""
        if self.socket is not None:
            self.socket.close()
            self.socket = None


class Load:
    """Clients that ask side by side. `until` ends the run: it is called now and then with the seconds that passed."""

    def __init__(self, address: tuple[str, int], requests: Sequence[bytes], clients: int) -> None:
        self.clients = [Client(address, requests, turn) for turn in range(clients)]
        self.selector = selectors.DefaultSelector()
        self.waiting: list[tuple[float, int, Client]] = []
        self.outcome = Outcome()

    def run(self, until: Callable[[float], bool]) -> Outcome:
        """Ask until it is enough; requests in flight at the end are not counted."""
        began = time.perf_counter()
        for client in self.clients:
            self._ask(client)
        while not until(time.perf_counter() - began):
            self._wake()
            for key, events in self.selector.select(timeout=0.02):
                self._serve(key.data, events)
        self.outcome.wall = time.perf_counter() - began
        for client in self.clients:
            client.leave()
        return self.outcome

    def _ask(self, client: Client) -> None:
        fresh = client.socket is None
        try:
            client.ask()
        except OSError as error:
            self._fail(client, error)
            return
        assert client.socket is not None
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.rest else 0)
        if fresh:
            self.selector.register(client.socket, events, client)
        elif client.rest:
            self.selector.modify(client.socket, events, client)

    def _serve(self, client: Client, events: int) -> None:
        try:
            if events & selectors.EVENT_WRITE:
                client.send()
                if not client.rest:
                    self.selector.modify(client.socket, selectors.EVENT_READ, client)
            if not client.asked:
                self._drop(client)
            elif events & selectors.EVENT_READ and client.receive():
                self._answered(client)
        except OSError as error:
            self._fail(client, error)

    def _answered(self, client: Client) -> None:
        client.asked = False
        self.outcome.statuses[client.status] += 1
        if client.status < 300:
            self.outcome.seconds.append(time.perf_counter() - client.began)
        if client.rest or client.told_to_leave:
            self._drop(client)
        if client.pause:
            heapq.heappush(self.waiting, (time.perf_counter() + client.pause, id(client), client))
        else:
            self._ask(client)

    def _fail(self, client: Client, error: OSError) -> None:
        self.outcome.failures.append(f"{type(error).__name__}: {error}")
        self._drop(client)
        heapq.heappush(self.waiting, (time.perf_counter() + 0.1, id(client), client))

    def _drop(self, client: Client) -> None:
        if client.socket is not None and client.socket in self.selector.get_map():
            self.selector.unregister(client.socket)
        self.outcome.reconnections += 1
        client.leave()

    def _wake(self) -> None:
        while self.waiting and self.waiting[0][0] <= time.perf_counter():
            self._ask(heapq.heappop(self.waiting)[2])


def for_seconds(seconds: float) -> Callable[[float], bool]:
    """Enough after a time."""
    return lambda passed: passed >= seconds
