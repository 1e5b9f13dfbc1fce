"""Work on long tables in parts that fit the cache, on a few threads.

The memory of one part serves the next one too: asking for that of a whole table often takes longer than the work.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
CHUNK = 16_384
"""Rows of a part."""
THREADS = 2


def in_chunks(count: int, work: Callable[[slice], T]) -> list[T]:
    """What `work(slice)` gives for the parts of `count` rows, in their order: NumPy lets go of the lock.

    >>> in_chunks(20_000, lambda part: part.stop - part.start)
    [16384, 3616]
    """
    parts = [slice(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)] or [slice(0, 0)]
    if len(parts) == 1:
        return [work(parts[0])]
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, parts))
