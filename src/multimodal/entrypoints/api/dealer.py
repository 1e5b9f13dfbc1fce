"""Accepts connections and deals each to the worker that has the fewest.

This is fairer than a shared listening socket (one worker may accept nearly all connections of a burst) and than
SO_REUSEPORT (which deals by hash, and resets what waits for a worker that ends).
"""

from __future__ import annotations

import asyncio
import logging
import socket

from .hand import Hand

log = logging.getLogger(__name__)
MOST_CONNECTIONS = 800  # a worker; below the usual limit of 1024 open files
BREATH = 0.02  # seconds until the next try when nobody could take a connection


class Dealer:
    """A listening socket and the workers behind it. Who finds no worker waits in the kernel's queue."""

    def __init__(self, listener: socket.socket) -> None:
        listener.setblocking(False)
        self.hands: list[Hand] = []
        self._listener = listener
        self._held: socket.socket | None = None
        self._open = False

    def admit(self, hand: Hand) -> None:
        """Deal to this worker, too."""
        self.hands.append(hand)
        self.resume()

    def dismiss(self, hand: Hand) -> bool:
        """Deal to this worker no more; whether it was dealt to."""
        known = hand in self.hands
        if known:
            self.hands.remove(hand)
        return known

    def resume(self) -> None:
        """Accept as long as a worker has room."""
        if not self._open and self._listener.fileno() >= 0 and self._next_hand():
            asyncio.get_running_loop().add_reader(self._listener, self._deal)
            self._open = True

    def close(self) -> None:
        """Let in who waits at the door, then close it."""
        while self._deal():
            pass
        self._pause()
        self._listener.close()
        self.hands.clear()

    def _deal(self) -> bool:
        """Deal one connection; False when there is none, or nobody to take it."""
        hand = self._next_hand()
        if hand is None:
            self._pause()
            return False
        connection = self._next_connection()
        if connection is None:
            return False
        if not hand.deal(connection):
            self._held = connection
            self._rest()
            return False
        connection.close()
        return True

    def _next_hand(self) -> Hand | None:
        """The worker with the fewest connections, unless all are full."""
        hand = min(self.hands, key=lambda hand: hand.open, default=None)
        return hand if hand is not None and hand.open < MOST_CONNECTIONS else None

    def _next_connection(self) -> socket.socket | None:
        if self._held is not None:
            held, self._held = self._held, None
            return held
        try:
            return self._listener.accept()[0]
        except (BlockingIOError, ConnectionAbortedError):
            return None
        except OSError as error:  # no file descriptor left, for instance
            log.warning("no connection can be accepted: %s", error.strerror)
            self._rest()
            return None

    def _pause(self) -> None:
        asyncio.get_running_loop().remove_reader(self._listener)
        self._open = False

    def _rest(self) -> None:
        self._pause()
        asyncio.get_running_loop().call_later(BREATH, self.resume)
