"""What the parent and a worker say to each other, over a Unix socket pair.

    parent -> worker   a connection (its descriptor travels along); the end of the stream: no more will come, drain
    worker -> parent   READY once, CLOSED for each connection that ended, LEAVING when it was told to stop itself

The end of the stream needs no room in a buffer, comes after everything sent before it, and also when the parent dies.
"""

from __future__ import annotations

import os
import socket

CONNECTION = b"c"
READY = b"r"
CLOSED = b"x"
LEAVING = b"l"
MOST = 4096


class Channel:
    """One end of the pair; never blocks."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._end = end

    def fileno(self) -> int:
        """For an event loop."""
        return self._end.fileno()

    def deal(self, connection: socket.socket) -> bool:
        """Hand a connection over; False when the other end is gone or does not keep up."""
        try:
            socket.send_fds(self._end, [CONNECTION], [connection.fileno()])
        except OSError:
            return False
        return True

    def take(self) -> socket.socket | None:
        """The next connection; `BlockingIOError` when there is none yet, None when no more will come."""
        try:
            word, descriptors, _, _ = socket.recv_fds(self._end, 1, 1)
        except ConnectionResetError:  # the other end died before it read all that was said to it
            return None
        if not word:
            return None
        if not descriptors:
            raise BlockingIOError
        return socket.socket(fileno=descriptors[0])

    def say(self, words: bytes) -> int:
        """Send words; how many were taken."""
        try:
            return self._end.send(words)
        except OSError:
            return 0

    def hear(self) -> bytes | None:
        """All words that came; None when the other end is gone."""
        try:
            return self._end.recv(MOST) or None
        except BlockingIOError:
            return b""
        except OSError:
            return None

    def end_of_dealing(self) -> None:
        """Tell the other end that no more connections will come."""
        try:
            self._end.shutdown(socket.SHUT_WR)
        except OSError:
            return  # it is gone already

    def close(self) -> None:
        """Close this end."""
        self._end.close()


def pair() -> tuple[socket.socket, socket.socket]:
    """Two connected ends: the parent's and the worker's."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)


def inherited(descriptor: int) -> Channel:
    """The worker's end, from the descriptor that it was started with."""
    os.set_inheritable(descriptor, False)
    return Channel(socket.socket(fileno=descriptor))
