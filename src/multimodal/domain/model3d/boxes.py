"""Which boxes overlap? A tree of boxes answers, all pairs of a level at once.

    overlapping .. pairs of boxes that overlap
    grouped ...... all pairs of members of two groups

The tree is a linear bounding volume hierarchy (Lauterbach et al. 2009): leaves in Morton order, and above two
neighbours always the box around both. Work grows with what overlaps, and is cut off at a limit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .morton import morton
from .welding import Longs

Boxes = NDArray[np.float32]
"""(n, 6): the lowest corner, then the highest with its sign turned: so that one sum tells on which side another is."""


def boxes_of(low: NDArray[Any], high: NDArray[Any]) -> Boxes:
    """Boxes (n, 6) in single precision, around those of the columns given, (3, n)."""
    table = np.empty((low.shape[1], 6), np.float32)
    table[:, :3], table[:, 3:] = low.T, -high.T
    return table if low.dtype == np.float32 else np.nextafter(table, np.float32(-np.inf))


def overlapping(boxes: Boxes, most: int) -> tuple[Longs, Longs, bool]:
    """Pairs i, j of boxes that overlap, (k,) each, i before j in the tree; and whether these are all.

    No more than about `most` pairs are looked at on a level: beyond that some are left out.
    """
    order = np.argsort(morton((boxes[:, :3] - boxes[:, 3:]) / 2))
    levels = tree(boxes[order])
    one = other = np.zeros(1, np.int64)
    complete = True
    for level in levels[1:]:
        same = one == other
        a, b = one[~same], other[~same]
        left = np.concatenate([2 * one, 2 * one, 2 * one + 1, 2 * a + 1])
        right = np.concatenate([2 * other, 2 * other + 1, 2 * other + 1, 2 * b])
        kept = overlap(level, left, right)
        one, other = left[kept], right[kept]
        if len(one) > most:
            one, other, complete = one[:most], other[:most], False
    different = one != other
    return order[one[different]], order[other[different]], complete


def overlap(boxes: Boxes, one: Longs, other: Longs) -> NDArray[np.bool_]:
    """Whether boxes overlap, pair by pair."""
    first, second = boxes.take(one, axis=0), boxes.take(other, axis=0)
    apart = (first[:, :3] + second[:, 3:] > 0) | (second[:, :3] + first[:, 3:] > 0)
    return ~(apart[:, 0] | apart[:, 1] | apart[:, 2])


def tree(leaves: Boxes) -> list[Boxes]:
    """The levels of the tree, the root first; empty boxes, which overlap nothing, fill the last one up."""
    width = 1 << max(0, len(leaves) - 1).bit_length()
    filled = np.full((width, 6), np.inf, np.float32)
    filled[: len(leaves)] = leaves
    levels = [filled]
    while len(levels[-1]) > 1:
        levels.append(np.minimum(levels[-1][0::2], levels[-1][1::2]))
    return levels[::-1]


def grouped(one: Longs, other: Longs, groups: int) -> tuple[Longs, Longs]:
    """Positions in `one` and `other` of all pairs that have the same group; both are sorted lists of groups."""
    right = np.bincount(other, minlength=groups)
    right_start = np.cumsum(right) - right
    repeat = right[one]
    first = np.repeat(np.arange(len(one)), repeat)
    within = np.arange(len(first)) - np.repeat(np.cumsum(repeat) - repeat, repeat)
    return first, np.repeat(right_start[one], repeat) + within
