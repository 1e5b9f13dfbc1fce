"""Captures that show the same: found, kept together, and told where a split has torn them apart.

    near_duplicates ... fingerprints -> links between captures that differ in few bits (near.py is the index)
    same_content ...... sha256 of the contents -> links between copies
    joined ............ groups that a link connects become one
    clusters .......... captures that hang together by links
    torn .............. groups that lie in more than one split: what was learned from them is tested on them (leakage)

A link is (i, j, bits), positions in the order of the captures. There are as many links as hold everything together that
belongs together and no more, so that a thousand pictures of one thing give 999 of them and not half a million.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .near import Link, near_links

NEAR = 10
"""Bits of 64 in which near-duplicates differ at most; image/fingerprint.py measures what that finds and mistakes."""
REST = "train"


@dataclass(frozen=True)
class Torn:
    """A group that lies in more than one split. rows: split ("": in none) -> positions of its captures."""

    group: str
    rows: Mapping[str, tuple[int, ...]]

    @property
    def counts(self) -> dict[str, int]:
        """How many captures lie in each split."""
        return {split: len(positions) for split, positions in self.rows.items()}


def near_duplicates(fingerprints: Sequence[NDArray[np.uint64] | None], distance: int = NEAR) -> list[Link]:
    """Links between captures of which some version of one differs from the other in at most `distance` bits.

    fingerprints: uint64 (k,) a capture, its own one first, then those of its mirrors and turns; None is never linked.

    >>> near_duplicates([np.array([0b0111, 1 << 40], np.uint64), None, np.array([0b0001, 0], np.uint64)], 2)
    [(0, 2, 2)]
    """
    known = [i for i, found in enumerate(fingerprints) if found is not None]
    table = _table([found for found in fingerprints if found is not None])
    return [(known[i], known[j], bits) for i, j, bits in near_links(table, distance)]


def _table(fingerprints: Sequence[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    """All in one array (n, k), the shorter ones repeated."""
    most = max((len(found) for found in fingerprints), default=1)
    rows = [found if len(found) == most else np.resize(found, most) for found in fingerprints]
    return np.array(rows, np.uint64).reshape(len(rows), most)


def same_content(contents: Sequence[str]) -> list[Link]:
    """Links from the first capture of a content to its copies.

    >>> same_content(["a", "b", "a", "a"])
    [(0, 2, 0), (0, 3, 0)]
    """
    first: dict[str, int] = {}
    return [(first[content], i, 0) for i, content in enumerate(contents) if first.setdefault(content, i) != i]


def joined(groups: Sequence[str], links: Iterable[Link]) -> list[str]:
    """Each capture's group, after groups that a link connects became one, called as the first of them by name.

    >>> joined(["b", "a", "c", "b"], [(1, 3, 4)])
    ['a', 'a', 'c', 'a']
    """
    root = {group: group for group in groups}

    def find(group: str) -> str:
        while root[group] != group:
            root[group] = group = root[root[group]]
        return group

    for i, j, _ in links:
        low, high = sorted((find(groups[i]), find(groups[j])))
        root[high] = low
    return [find(group) for group in groups]


def clusters(links: Sequence[Link]) -> list[tuple[int, ...]]:
    """The captures that hang together by links, each cluster in its order, in the order of their first captures.

    >>> clusters([(2, 5, 0), (0, 4, 3), (4, 5, 9)])
    [(0, 2, 4, 5)]
    """
    names = [f"{i:012}" for i in range(1 + max((j for _, j, _ in links), default=-1))]  # by name = by position
    found = defaultdict(list)
    for i, name in enumerate(joined(names, links)):
        found[name].append(i)
    return [tuple(rows) for rows in found.values() if len(rows) > 1]


def torn(groups: Sequence[str], splits: Sequence[str]) -> tuple[Torn, ...]:
    """The groups that lie in more than one split, by name; a split is "" where the data set says nothing.

    Where a data set names what to test or validate on, the captures that it says nothing about are learned from.

    >>> torn(["a", "a", "b"], ["train", "test", "test"])[0].counts
    {'test': 1, 'train': 1}
    """
    rest = REST if any(split not in ("", REST) for split in splits) else ""
    found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for i, (group, split) in enumerate(zip(groups, splits, strict=True)):
        found[group][split or rest].append(i)
    return tuple(
        Torn(group, {split: tuple(rows[split]) for split in sorted(rows)})
        for group, rows in sorted(found.items())
        if len(rows) > 1
    )
