"""What a worker adds to uvicorn's connections: it hears when one ends, and shuts those that only hold a place.

hang_up_if_silent ... no request within some time
MOST_HEAD ........... a head that never ends; the parser itself would collect it without a limit
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

MOST_HEAD = 64 * 1024
TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


def guarded(protocol: Any, closed: Callable[[], None]) -> Any:
    """The protocol class with these guards; `closed` is called when a connection has ended."""

    class Guarded(protocol):  # type: ignore[misc]
        """One connection."""

        head = 0

        def data_received(self, data: bytes) -> None:
            """Parse; what comes before a head is complete counts."""
            super().data_received(data)
            self.head = self.head + len(data) if is_idle(self) else 0
            if self.head > MOST_HEAD and not self.transport.is_closing():
                self.transport.write(TOO_LONG)
                self.transport.close()

        def connection_lost(self, exc: Exception | None) -> None:
            """Clean up and tell."""
            super().connection_lost(exc)
            closed()

    return Guarded


def is_idle(protocol: Any) -> bool:
    """Whether no request is being read or answered."""
    return protocol.cycle is None or protocol.cycle.response_complete


def hang_up_if_silent(protocol: Any) -> None:
    """Close a connection that has not asked anything yet."""
    if protocol.cycle is None:
        protocol.transport.close()
