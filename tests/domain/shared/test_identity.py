"""Ids: unique, sorted by time, of a standard form."""

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import RFC_4122, UUID

from multimodal.domain.shared.identity import new_id


def test_an_id_is_a_uuid_of_version_7() -> None:
    id = UUID(new_id())
    assert (id.version, id.variant) == (7, RFC_4122)


def test_an_id_tells_when_it_was_made() -> None:
    before = time.time_ns() // 1_000_000
    made = UUID(new_id()).int >> 80
    assert before <= made <= time.time_ns() // 1_000_000


def test_ids_sort_by_time() -> None:
    ids = []
    for _ in range(50):
        ids.append(new_id())
        now = time.time_ns()
        while time.time_ns() < now + 1_000:  # the clock's resolution is a quarter of that
            pass
    assert ids == sorted(ids)


def test_ids_of_many_threads_are_unique() -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: new_id(), range(10_000)))
    assert len(set(ids)) == 10_000
