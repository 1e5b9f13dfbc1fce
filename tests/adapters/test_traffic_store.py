"""One contract for every store of traffic: SQLite, PostgreSQL, the fake in memory."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from multimodal.adapters.later import open_traffic_store
from multimodal.adapters.traffic_store import SqlTrafficStore
from multimodal.domain.shared.ports import Traffic, TrafficStore
from tests.fakes import MemoryTrafficStore

DAY = date(2026, 11, 23)
ONE = Traffic("blur", "0a1b2c", "feature/width", DAY, (1, 0, 2))
DAYS = [DAY + timedelta(days=shift) for shift in range(20)]
counts = st.lists(st.integers(0, 2**40), min_size=1, max_size=20)
same_store = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class TrafficStoreContract:
    def test_what_is_added_is_read(self, store: TrafficStore) -> None:
        store.add([ONE])
        assert store.read(DAY, DAY) == (ONE,)

    def test_nothing_can_be_added(self, store: TrafficStore) -> None:
        store.add([])
        assert store.read(date.min, date.max) == ()

    def test_counts_of_the_same_thing_add_up(self, store: TrafficStore) -> None:
        store.add([ONE])
        store.add([replace(ONE, counts=(0, 5, 1)), replace(ONE, counts=(1, 1, 1))])
        assert store.read(DAY, DAY) == (replace(ONE, counts=(2, 6, 4)),)

    def test_many_bins_keep_their_order(self, store: TrafficStore) -> None:
        many = replace(ONE, counts=tuple(range(25)))
        store.add([many])
        store.add([many])
        assert store.read(DAY, DAY)[0].counts == tuple(range(0, 50, 2))

    @pytest.mark.parametrize("changed", ["pipeline", "version", "what"])
    def test_other_things_are_counted_apart(self, store: TrafficStore, changed: str) -> None:
        other = replace(ONE, **{changed: "other"})
        store.add([ONE, other])
        assert set(store.read(DAY, DAY)) == {ONE, other}

    def test_days_are_read_from_the_first_to_the_last(self, store: TrafficStore) -> None:
        kept = [replace(ONE, day=day) for day in DAYS]
        store.add(kept)
        assert store.read(DAYS[3], DAYS[7]) == tuple(kept[3:8])
        assert store.read(DAYS[7], DAYS[3]) == ()

    @same_store
    @given(first=counts, second=counts, what=st.text(max_size=10))
    def test_any_counts_add_up(self, store: TrafficStore, first: list[int], second: list[int], what: str) -> None:
        size = min(len(first), len(second))
        before = {t.what: t for t in store.read(DAY, DAY)}
        what = f"{len(before)} {what}".replace("\0", "")
        for some in (first, second):
            store.add([replace(ONE, what=what, counts=tuple(some[:size]))])
        (kept,) = [t for t in store.read(DAY, DAY) if t.what not in before]
        assert kept.counts == tuple(a + b for a, b in zip(first, second, strict=False))


class TestSqlTrafficStore(TrafficStoreContract):
    @pytest.fixture
    def store(self, database_url: str) -> Iterator[SqlTrafficStore]:
        with closing(SqlTrafficStore.opened(database_url)) as store:
            yield store


class TestMemoryTrafficStore(TrafficStoreContract):
    @pytest.fixture
    def store(self) -> MemoryTrafficStore:
        return MemoryTrafficStore()


def some_traffic(backwards: bool = False) -> list[Traffic]:
    """Rows of several things, in one order or the other: who locks them as they come waits for ever."""
    rows = [replace(ONE, what=f"feature/{number}") for number in range(12)]
    return rows[::-1] if backwards else rows


def add_often(url: str, times: int, backwards: bool) -> None:
    """What a worker of the API does: open (and perhaps migrate), then add again and again."""
    with closing(SqlTrafficStore.opened(url)) as store:
        for _ in range(times):
            store.add(some_traffic(backwards))


def test_processes_that_add_at_once_lose_nothing(database_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=add_often, args=(database_url, 20, bool(n % 2))) for n in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert {traffic.counts for traffic in read_all(database_url)} == {(60, 0, 120)}


def test_threads_that_add_at_once_lose_nothing(database_url: str) -> None:
    with closing(SqlTrafficStore.opened(database_url)) as store, ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: store.add(some_traffic(bool(n % 2))), range(60)))
    assert {traffic.counts for traffic in read_all(database_url)} == {(60, 0, 120)}


def read_all(url: str) -> tuple[Traffic, ...]:
    with closing(SqlTrafficStore.opened(url)) as store:
        kept = tuple(store.read(DAY, DAY))
    assert len(kept) == 12
    return kept


def test_a_store_is_opened_on_first_use(sqlite_url: str) -> None:
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    store = open_traffic_store(sqlite_url)
    assert not file.exists()
    store.add([ONE])
    assert store.read(DAY, DAY) == (ONE,)
