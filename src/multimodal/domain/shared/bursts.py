"""Bursts: one scene, shot again within moments, and the best shot of each.

    Burst ........ the shots, and which one to keep
    burst_links .. pairs of neighbours that show one scene
    best_of ...... the shot to keep, and why

Shots of one scene are neighbours: at most 10 seconds apart where both say when they were taken, else numbered one after
the other in one folder (IMG_0041, IMG_0042). They have one size, and fingerprints that differ in at most `LOOSE` bits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .gathered import Gathered
from .near import Link

LOOSE = 16
"""Bits of 64 in which two shots of one scene differ at most; docs/collection.md has what that finds and mistakes."""
GAP = 10.0
"""Seconds between neighbours."""
LAGS, STEPS = 3, 2
"""Neighbours that are looked at: in time (two cameras may take turns), and by number (one may have been deleted)."""
RANKS = ("good", "cannot_tell", "bad", "failed")
NUMBER = re.compile(r"([0-9]+)(?=[^0-9]*$)")

Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Burst:
    """One scene, shot again within moments. best: the member to keep; why: in words."""

    members: tuple[int, ...]
    best: int
    why: str


def burst_links(gathered: Gathered, loose: int = LOOSE) -> list[Link]:
    """Neighbours that show one scene: (i, j, bits), i before j; never copies."""
    taken, known = gathered.taken, gathered.recognisable
    pairs = [*_by_time(taken, known), *_by_number(gathered.names, known & np.isnan(taken))]
    if not pairs:
        return []
    i, j = (np.concatenate(side) for side in zip(*pairs, strict=True))
    i, j = np.minimum(i, j), np.maximum(i, j)
    own, sizes = gathered.fingerprints, np.sort(np.array(gathered.sizes).reshape(-1, 2), axis=1)
    bits = np.bitwise_count(own[i] ^ own[j])
    fits = (bits <= loose) & (sizes[i] == sizes[j]).all(axis=1)
    found = zip(i[fits].tolist(), j[fits].tolist(), bits[fits].tolist(), strict=True)
    return [link for link in found if gathered.digests[link[0]] != gathered.digests[link[1]]]


def _by_time(taken: NDArray[np.float64], known: NDArray[np.bool_]) -> Iterator[tuple[Positions, Positions]]:
    """Pairs that were taken within `GAP` seconds."""
    having = np.flatnonzero(known & ~np.isnan(taken))
    order = having[np.argsort(taken[having], kind="stable")]
    for lag in range(1, min(LAGS, len(order) - 1) + 1):
        one, other = order[:-lag], order[lag:]
        close = taken[other] - taken[one] <= GAP
        yield one[close], other[close]


def _by_number(names: Sequence[str], worth: NDArray[np.bool_]) -> Iterator[tuple[Positions, Positions]]:
    """Pairs whose names differ in their last number only, by 1 or 2."""
    places = {key: i for i in np.flatnonzero(worth).tolist() for key in [numbered(names[i])] if key is not None}
    for step in range(1, STEPS + 1):
        found = [(i, places.get((before, number + step, after))) for (before, number, after), i in places.items()]
        pairs = np.array([(i, j) for i, j in found if j is not None], np.int64).reshape(-1, 2)
        yield pairs[:, 0], pairs[:, 1]


def numbered(name: str) -> tuple[str, int, str] | None:
    """A name as what stands before its last number, the number, and what stands after it; None without a number.

    >>> numbered("day 2/IMG_0041.jpg"), numbered("a.jpg")
    (('day 2/IMG_', 41, '.jpg'), None)
    """
    stem, dot, suffix = name.rpartition(".")
    stem, suffix = (stem, dot + suffix) if dot else (suffix, "")
    found = NUMBER.search(stem)
    if found is None or len(found[1]) > 18:
        return None
    return stem[: found.start()], int(found[1]), stem[found.end() :] + suffix


def best_of(members: Sequence[int], gathered: Gathered, scores: NDArray[np.float64]) -> Burst:
    """The burst with its best shot: of those with the best verdict the one with the highest product of scores.

    scores: the product for each capture of the collection, (n,). Of equals the larger one is kept, then the first.
    """
    rank = [RANKS.index(gathered.verdicts[member]) for member in members]
    rivals = [member for member, own in zip(members, rank, strict=True) if own == min(rank)]
    sizes = gathered.sizes
    best = min(rivals, key=lambda m: (-round(float(scores[m]), 4), -sizes[m][0] * sizes[m][1], m))
    return Burst(tuple(members), best, why(best, rivals, len(members), gathered, scores))


def why(best: int, rivals: Sequence[int], shots: int, gathered: Gathered, scores: NDArray[np.float64]) -> str:
    """Why this shot of a burst is the best one."""
    verdict = gathered.verdicts[best].replace("_", " ")
    if len(rivals) == 1:
        return (
            f"the only one of {shots} shots that is {verdict}" if verdict == "good" else f"least bad of {shots} shots"
        )
    others = max(float(scores[member]) for member in rivals if member != best)
    among = f"of {shots} shots" if len(rivals) == shots else f"of the {len(rivals)} that are {verdict}"
    if round(others, 4) == round(float(scores[best]), 4):
        return f"as good as the best {among}, and the largest or first of them"
    return f"the highest score {among}: {scores[best]:.2f}, the next has {others:.2f}"


def product_of_scores(gathered: Gathered) -> NDArray[np.float64]:
    """The product of the scores of the pipelines that decide (n,); who has not answered does not count."""
    found = np.ones(len(gathered))
    for answered in map(gathered.answers, gathered.pipelines):
        if answered.decides:
            found *= np.nan_to_num(answered.score, nan=1.0)
    return found
