"""Connections that only hold a place are shut; all others are left alone."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from multimodal.entrypoints.api.connection import MOST_HEAD, TOO_LONG, guarded, hang_up_if_silent


class Transport:
    """Remembers what was written, and whether it was closed."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


class Parser:
    """Stands for uvicorn's protocol: a request begins with the chunk that ends its head."""

    def __init__(self) -> None:
        self.transport = Transport()
        self.cycle: SimpleNamespace | None = None

    def data_received(self, data: bytes) -> None:
        if data.endswith(b"\r\n\r\n"):
            self.cycle = SimpleNamespace(response_complete=False)

    def connection_lost(self, exc: Exception | None) -> None:
        pass


@pytest.fixture
def ended() -> list[int]:
    return []


@pytest.fixture
def connection(ended):
    return guarded(Parser, lambda: ended.append(1))()


def test_a_head_that_never_ends_is_refused(connection):
    for _ in range(MOST_HEAD // 1024 + 1):
        connection.data_received(b"x" * 1024)
    assert connection.transport.closed
    assert connection.transport.written == TOO_LONG


def test_a_large_body_is_no_large_head(connection):
    connection.data_received(b"POST / HTTP/1.1\r\n\r\n")
    connection.data_received(bytes(10 * MOST_HEAD))
    assert not connection.transport.closed


def test_each_request_of_a_connection_may_have_a_head(connection):
    for _ in range(100):
        connection.data_received(b"x" * 1024 + b"\r\n\r\n")
        connection.cycle.response_complete = True
    assert not connection.transport.closed


def test_only_a_connection_that_never_asked_is_hung_up_on(connection):
    connection.data_received(b"GET / HTTP/1.1\r\n\r\n")
    hang_up_if_silent(connection)
    assert not connection.transport.closed
    connection.cycle = None
    hang_up_if_silent(connection)
    assert connection.transport.closed


def test_the_end_of_a_connection_is_told(connection, ended):
    connection.connection_lost(None)
    assert ended == [1]
