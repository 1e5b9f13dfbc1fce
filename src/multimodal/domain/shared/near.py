"""Numbers of 64 bits that differ in few of them, found without comparing all with all.

    near_links ..... numbers, and versions of each -> the links that hold together whatever is near
    Forest ......... what hangs together so far
    Side ........... numbers by a quarter of their bits: the index

Two numbers that differ in at most 10 bits differ in at most 2 bits of one of their first three quarters, or in at most
1 of the last one: were it more in each, they would differ in 3 + 3 + 3 + 2 (the general pigeonhole principle: Qin et
al. 2018, "GPH: Similarity Search in Hamming Space"; indexes of parts: Norouzi et al. 2012, "Fast Search in Hamming
Space with Multi-Index Hashing"). So whoever looks up each quarter with all its neighbours within so many bits finds
every pair: nothing is missed.

What hangs together already is not compared again, so that 100,000 frames of one video cost no more than as many
photographs. Candidates are looked at `BATCH` at a time, which bounds memory. The worst case, numbers that share
quarters on purpose and lie far apart otherwise, is all pairs at some nanoseconds each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise, product

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.uint64]
Positions = NDArray[np.int64]
Link = tuple[int, int, int]

QUARTERS, WIDTH = 4, 16
KEYS = 1 << WIDTH
BATCH = 1 << 15
"""Candidates that are looked at together."""
DENSE = 1 << 11
"""Candidates of two groups from which on they are compared as blocks."""
BLOCK, AREA = 256, 1 << 17
"""Rows that are compared with all columns together, and how many candidates these are at once."""
FEW = 1024
"""So many numbers are compared as they are."""


class Forest:
    """What hangs together. root: of each position the first one of its tree, int64 (n,)."""

    def __init__(self, count: int) -> None:
        self.root: Positions = np.arange(count)
        self.links: list[Link] = []

    def join(self, i: Positions, j: Positions, bits: NDArray[np.uint8]) -> None:
        """Let trees that are linked become one; of several links to a tree the nearest is kept."""
        while True:
            one, other = self.root[i], self.root[j]
            apart = np.flatnonzero(one != other)
            if not len(apart):
                return
            i, j, bits, one, other = i[apart], j[apart], bits[apart], one[apart], other[apart]
            later, first = np.maximum(one, other), np.minimum(one, other)
            order = np.argsort(later << 8 | bits, kind="stable")
            later, chosen = np.unique(later[order], return_index=True)
            chosen = order[chosen]
            parent = np.arange(len(self.root))
            parent[later] = first[chosen]  # each points to an earlier one: there are no circles
            self.root = _highest(parent)[self.root]
            self.links += zip(i[chosen].tolist(), j[chosen].tolist(), bits[chosen].tolist(), strict=True)


def _highest(parent: Positions) -> Positions:
    """Of each the root of its tree."""
    while True:
        upper = parent[parent]
        if np.array_equal(upper, parent):
            return parent
        parent = upper


@dataclass(frozen=True, eq=False)
class Side:
    """Numbers sorted by a quarter of their bits.

    numbers, at: the numbers in this order, and their positions. keys: the quarters that occur. first: quarter -> where
    its numbers begin, (KEYS + 1,). tree: quarter -> the root of all its numbers, -1 where they have several, (KEYS,).
    """

    numbers: Numbers
    at: Positions
    keys: Positions
    first: Positions
    tree: Positions

    @classmethod
    def of(cls, numbers: Numbers, quarter: int, root: Positions) -> Side:
        """The index of numbers (n,) by a quarter, 0 to 3."""
        key = (numbers >> np.uint64(WIDTH * quarter)).astype(np.uint16)
        at = np.argsort(key, kind="stable")
        counts = np.bincount(key, minlength=KEYS)
        first = np.concatenate([[0], np.cumsum(counts)])
        keys, roots, tree = np.flatnonzero(counts), root[at], np.full(KEYS, -1)
        least, most = (function.reduceat(roots, first[keys]) for function in (np.minimum, np.maximum))
        tree[keys] = np.where(least == most, least, -1)
        return cls(numbers[at], at, keys, first, tree)

    def members(self, key: int) -> tuple[Numbers, Positions]:
        """The numbers of a quarter, and their positions."""
        span = slice(self.first[key], self.first[key + 1])
        return self.numbers[span], self.at[span]

    def counts(self, keys: Positions) -> Positions:
        """How many numbers each of these quarters has."""
        return self.first[keys + 1] - self.first[keys]


def near_links(versions: Numbers, distance: int, forest: Forest | None = None) -> list[Link]:
    """The links that hold together whatever is near: (i, j, bits), i and j from 0 to n - 1.

    versions: (n, k), the numbers and versions of each. i is near j when it differs from some version of j, or j from
    some version of i, in at most `distance` bits. forest: what hangs together already, and who judges what is near.

    >>> near_links(np.array([[0b0111], [0], [0b0001]], np.uint64), 1)
    [(1, 2, 1)]
    """
    forest = forest or Forest(len(versions))
    _join_equal(forest, versions[:, 0])
    if len(versions) <= FEW or distance > 15:
        everywhere = np.arange(len(versions))
        for numbers in versions.T:
            _compare((numbers, everywhere), (versions[:, 0], everywhere), forest, distance)
        return _ordered(forest.links)
    for reach, quarter in product(range(max(_reaches(distance)) + 1), range(QUARTERS)):
        if reach <= _reaches(distance)[quarter]:
            _look_up(versions, quarter, reach, forest, distance)
    return _ordered(forest.links)


def _ordered(links: list[Link]) -> list[Link]:
    """Each from the earlier to the later one, in the order of the captures."""
    return sorted((min(i, j), max(i, j), bits) for i, j, bits in links)


def _reaches(distance: int) -> tuple[int, ...]:
    """Of each quarter the bits to look up: if they differ in more in each, they differ in more than `distance`.

    >>> _reaches(10), _reaches(3), _reaches(2)
    ((2, 2, 2, 1), (0, 0, 0, 0), (0, 0, 0, -1))
    """
    total = distance - QUARTERS + 1
    return tuple((total + QUARTERS - 1 - quarter) // QUARTERS for quarter in range(QUARTERS))


def _join_equal(forest: Forest, numbers: Numbers) -> None:
    _, first, group = np.unique(numbers, return_index=True, return_inverse=True)
    own = np.arange(len(numbers))
    again = own[first[group] != own]
    forest.join(first[group][again], again, np.zeros(len(again), np.uint8))


def _look_up(versions: Numbers, quarter: int, reach: int, forest: Forest, distance: int) -> None:
    """Find what differs in `reach` bits of a quarter."""
    masks = np.array([sum(1 << bit for bit in bits) for bits in combinations(range(WIDTH), reach)])
    right = Side.of(versions[:, 0], quarter, forest.root)
    for version, numbers in enumerate(versions.T):
        left = right if version == 0 else Side.of(numbers, quarter, forest.root)
        for some in np.array_split(masks, -(-len(masks) * len(left.keys) // BATCH)):
            one = np.repeat(left.keys, len(some))
            other = one ^ np.tile(some, len(left.keys))
            worth = (right.counts(other) > 0) & ((left.tree[one] < 0) | (left.tree[one] != right.tree[other]))
            if version == 0:
                worth &= one <= other  # each pair once
            _meet((left, one[worth]), (right, other[worth]), forest, distance)


def _meet(left: tuple[Side, Positions], right: tuple[Side, Positions], forest: Forest, distance: int) -> None:
    """Compare the numbers of quarters on the left with those of quarters on the right, pair by pair."""
    (a, one), (b, other) = left, right
    rows, columns = a.counts(one), b.counts(other)
    many = rows * columns > DENSE
    for key, facing in zip(one[many].tolist(), other[many].tolist(), strict=True):
        _compare(a.members(key), b.members(facing), forest, distance)
    few = ~many
    which, row = _ranges(a.first[one[few]], rows[few])
    starts, columns = b.first[other[few]][which], columns[few][which]
    for some in _batches(columns):
        _compare_rows((a, row[some]), (b, starts[some]), columns[some], forest, distance)


def _compare_rows(
    left: tuple[Side, Positions], right: tuple[Side, Positions], counts: Positions, forest: Forest, distance: int
) -> None:
    """Compare single numbers on the left each with so many on the right, from its start on."""
    (a, row), (b, start) = left, right
    ends = np.cumsum(counts)
    column = np.repeat(start - ends + counts, counts)
    column += np.arange(len(column))
    bits = np.bitwise_count(np.repeat(a.numbers[row], counts) ^ b.numbers[column])
    near = np.flatnonzero(bits <= distance)
    if len(near):
        i = a.at[row[np.searchsorted(ends, near, side="right")]]
        forest.join(i, b.at[column[near]], bits[near])


def _batches(counts: Positions) -> Iterator[slice]:
    """Spans of rows with some `BATCH` candidates in all."""
    ends = np.cumsum(counts)
    cuts = np.searchsorted(ends, np.arange(BATCH, ends[-1] if len(ends) else 0, BATCH)).tolist()
    yield from (slice(low, high) for low, high in pairwise([0, *cuts, len(counts)]))


def _ranges(start: Positions, size: Positions) -> tuple[Positions, Positions]:
    """Ranges one after the other: of each place, which range it is in, and its position.

    >>> [array.tolist() for array in _ranges(np.array([7, 3]), np.array([1, 2]))]
    [[0, 1, 1], [7, 3, 4]]
    """
    which = np.repeat(np.arange(len(start)), size)
    return which, np.arange(len(which)) + (start - (np.cumsum(size) - size))[which]


def _compare(left: tuple[Numbers, Positions], right: tuple[Numbers, Positions], forest: Forest, distance: int) -> None:
    """Compare all with all but those that hang together already, a block at a time."""
    (numbers, at), (facing, there) = left, right
    todo, known = np.arange(len(at)), -1
    while len(todo):
        if known != len(forest.links):
            todo = todo[np.argsort(forest.root[at[todo]], kind="stable")]
            known = len(forest.links)
        roots = forest.root[at[todo]]
        alike = int(np.searchsorted(roots, roots[0], side="right"))
        mine, todo = np.split(todo, [max(alike, BLOCK)])
        others = np.flatnonzero(forest.root[there] != roots[0]) if alike >= len(mine) else np.arange(len(there))
        wide = max(1, AREA // len(mine))
        for start in range(0, len(others), wide):
            some = others[start : start + wide]
            bits = np.bitwise_count(numbers[mine, None] ^ facing[some])
            if bits.min() <= distance:
                _join_block(bits, (at[mine], there[some]), forest, distance)


def _join_block(bits: NDArray[np.uint8], places: tuple[Positions, Positions], forest: Forest, distance: int) -> None:
    """Join what is near in a block (m, n) of bits; first only the nearest of each column, which leaves little to do."""
    rows, columns = places
    nearest, everywhere = bits.argmin(axis=0), np.arange(len(columns))
    near = np.flatnonzero(bits[nearest, everywhere] <= distance)
    forest.join(rows[nearest[near]], columns[near], bits[nearest[near], near])
    apart = forest.root[rows][:, None] != forest.root[columns]
    i, j = np.nonzero((bits <= distance) & apart)
    forest.join(rows[i], columns[j], bits[i, j])
