"""Connections are dealt to the worker that has the fewest; who finds none waits at the door."""

from __future__ import annotations

import asyncio
import socket
from contextlib import ExitStack
from typing import Any

import pytest

from multimodal.entrypoints.api import channel, dealer
from multimodal.entrypoints.api.channel import CLOSED, LEAVING, READY, Channel
from multimodal.entrypoints.api.dealer import Dealer
from multimodal.entrypoints.api.hand import Hand
from multimodal.entrypoints.api.supervisor import pause_after


class Table:
    """A dealer, workers that only hold what they are dealt, and clients."""

    def __init__(self, stack: ExitStack, workers: int) -> None:
        self.stack = stack
        self.listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=600))
        self.dealer = Dealer(self.listener)
        self.ends: dict[Hand, Channel] = {}
        self.clients: list[socket.socket] = []
        for _ in range(workers):
            ours, theirs = channel.pair()
            hand = Hand(None, Channel(ours))  # type: ignore[arg-type]
            self.ends[hand] = Channel(theirs)
            stack.callback(hand.channel.close)
            stack.callback(self.ends[hand].close)

    def connect(self, many: int) -> None:
        address = self.listener.getsockname()
        self.clients += [self.stack.enter_context(socket.create_connection(address)) for _ in range(many)]

    async def dealt(self, many: int) -> list[int]:
        """Wait until so many were dealt; how many each worker has."""
        async with asyncio.timeout(10):
            while sum(hand.open for hand in self.ends) < many:
                await asyncio.sleep(0)
        return [hand.open for hand in self.ends]

    def taken(self, hand: Hand) -> list[socket.socket]:
        found = []
        try:
            while (connection := self.ends[hand].take()) is not None:
                found.append(self.stack.enter_context(connection))
        except BlockingIOError:
            pass
        return found


def at_table(workers: int, play: Any) -> Any:
    async def run() -> Any:
        with ExitStack() as stack:
            return await play(Table(stack, workers))

    return asyncio.run(run())


def test_a_burst_is_dealt_evenly_and_every_connection_arrives():
    async def play(table):
        for hand in table.ends:
            table.dealer.admit(hand)
        table.connect(64)
        counts = await table.dealt(64)
        taken = [connection for hand in table.ends for connection in table.taken(hand)]
        peers = {connection.getpeername() for connection in taken}
        return counts, peers == {client.getsockname() for client in table.clients}

    assert at_table(2, play) == ([32, 32], True)


def test_a_worker_whose_connections_closed_is_dealt_to_again():
    async def play(table):
        first, second = table.ends
        first.open, second.open = 3, 2
        table.ends[first].say(CLOSED * 3 + READY)
        first.hear()
        for hand in table.ends:
            table.dealer.admit(hand)
        table.connect(2)
        await table.dealt(4)
        return first.open, second.open, first.settled.is_set()

    assert at_table(2, play) == (2, 2, True)


def test_who_finds_no_worker_waits_until_there_is_one():
    async def play(table):
        (hand,) = table.ends
        table.connect(3)
        table.dealer.resume()
        await asyncio.sleep(0)
        before = hand.open
        table.dealer.admit(hand)
        return before, await table.dealt(3)

    assert at_table(1, play) == (0, [3])


def test_a_full_worker_is_dealt_to_when_it_has_room_again(monkeypatch):
    monkeypatch.setattr(dealer, "MOST_CONNECTIONS", 2)

    async def play(table):
        (hand,) = table.ends
        table.dealer.admit(hand)
        table.connect(3)
        full = await table.dealt(2)
        hand.open -= 1
        table.dealer.resume()
        await table.dealt(2)
        return full, len(table.taken(hand))

    assert at_table(1, play) == ([2], 3)


def test_closing_the_door_lets_in_who_waits_before_it():
    async def play(table):
        (hand,) = table.ends
        table.dealer.hands.append(hand)
        table.connect(3)
        table.dealer.close()
        return len(table.taken(hand)), table.listener.fileno()

    assert at_table(1, play) == (3, -1)


def test_a_connection_that_no_worker_could_take_is_kept_and_dealt_later():
    async def play(table):
        (hand,) = table.ends
        table.dealer.admit(hand)
        table.connect(500)  # more than wait in the pair's buffer
        taken = []
        async with asyncio.timeout(30):
            while len(taken) < 500:
                taken += table.taken(hand)
                await asyncio.sleep(0)
        return len({connection.getpeername() for connection in taken})

    assert at_table(1, play) == 500


def test_the_end_of_dealing_comes_after_what_was_dealt():
    async def play(table):
        (hand,) = table.ends
        table.dealer.admit(hand)
        table.connect(1)
        await table.dealt(1)
        hand.retire()
        end = table.ends[hand]
        with end.take():
            return end.take()

    assert at_table(1, play) is None


def test_a_worker_that_is_told_to_stop_asks_to_be_let_go():
    async def play(table):
        (hand,) = table.ends
        table.ends[hand].say(LEAVING)
        return hand.hear(), hand.leaving

    assert at_table(1, play) == (True, True)


def test_words_to_an_end_that_is_gone_are_not_taken():
    ours, theirs = channel.pair()
    end = Channel(ours)
    theirs.close()
    assert end.say(READY) == 0
    assert end.hear() is None
    end.end_of_dealing()
    end.close()


def test_an_end_that_died_with_unread_words_is_an_end():
    ours, theirs = channel.pair()
    end = Channel(ours)
    end.say(READY)
    theirs.close()
    assert end.take() is None
    end.close()


@pytest.mark.parametrize(("crashes", "seconds"), [(1, 0.25), (2, 0.5), (4, 2.0), (1000, 30.0)])
def test_each_recent_crash_doubles_the_pause(crashes, seconds):
    assert pause_after(crashes) == seconds
