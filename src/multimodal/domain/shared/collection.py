"""A collection: what was found out about many captures together.

    Likeness ........ captures that show the same
    Collection ...... all of it; its `problems` say in sentences what is wrong
    collection_of ... Gathered -> Collection
    Gathered, Burst, Oddity ... see gathered.py, bursts.py, oddities.py

It knows no modality: which other fingerprints a mirrored or turned capture has is told by whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .bursts import Burst, best_of, burst_links, product_of_scores
from .duplicates import NEAR, clusters, same_content
from .gathered import Answered, Gathered
from .near import Link, near_links
from .oddities import Oddity, odd, outliers

__all__ = ["Answered", "Burst", "Collection", "Gathered", "Likeness", "Oddity", "Versions", "collection_of"]

EXAMPLES = 2
"""Names in a sentence."""

Versions = Callable[[NDArray[np.uint64]], NDArray[np.uint64]]
"""Own fingerprints (n,) -> (n, k): also those of the captures mirrored and turned."""


@dataclass(frozen=True)
class Likeness:
    """Captures that show the same, by position. bits: in which fingerprints differ at most, of 64; 0 for copies."""

    members: tuple[int, ...]
    bits: int = 0


@dataclass(frozen=True, eq=False)
class Collection:
    """What was found out about captures together. broken: positions of those without any answer."""

    gathered: Gathered
    copies: tuple[Likeness, ...] = ()
    similar: tuple[Likeness, ...] = ()
    bursts: tuple[Burst, ...] = ()
    odd: tuple[Oddity, ...] = ()
    outliers: tuple[Oddity, ...] = ()
    broken: tuple[int, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong, each as a sentence with its count and an example."""
        sets = (self._sets(self.copies, "exact copies"), self._sets(self.similar, "near-duplicates"))
        odd = (self._odd(self.odd, "of an odd size or shape"), self._odd(self.outliers, "with a value unlike the rest"))
        return tuple(filter(None, (*sets, self._shots(), *odd, self._broken())))

    def _sets(self, found: Sequence[Likeness], what: str) -> str:
        if not found:
            return ""
        files = sum(len(each.members) for each in found)
        return f"{_counted(len(found), 'set')} of {what} ({files:,} captures), such as {self._named(found[0].members)}."

    def _shots(self) -> str:
        if not self.bursts:
            return ""
        first, shots = self.bursts[0], sum(len(burst.members) for burst in self.bursts)
        best = f"the best of {len(first.members)} is {self._named([first.best])}"
        return (
            f"{_counted(len(self.bursts), 'burst')} ({shots:,} captures), such as {self._named(first.members)}: {best}."
        )

    def _odd(self, found: Sequence[Oddity], what: str) -> str:
        if not found:
            return ""
        members = _counted(len({oddity.member for oddity in found}), "capture")
        return f"{members} {what}, such as {self._named([found[0].member])}: {found[0].sentence}"

    def _broken(self) -> str:
        if not self.broken:
            return ""
        return f"{_counted(len(self.broken), 'capture')} cannot be read, such as {self._named(self.broken[:1])}."

    def _named(self, members: Sequence[int]) -> str:
        return " and ".join(repr(self.gathered.names[member]) for member in members[:EXAMPLES])


def collection_of(
    gathered: Gathered,
    *,
    distance: int = NEAR,
    versions: Mapping[str, Versions] | None = None,
    parts: Sequence[Link] = (),
) -> Collection:
    """What is found in the captures that were gathered.

    distance: bits in which near-duplicates differ at most. versions: of each modality, where captures are to be
    recognised that were mirrored or turned. parts: links from captures to what was cut out of them (see parts.py).
    """
    known = [i for i, digest in enumerate(gathered.digests) if digest]
    equal = [(known[i], known[j], 0) for i, j, _ in same_content([gathered.digests[i] for i in known])]
    near = [*similar_links(gathered, distance, versions or {}), *parts]
    return Collection(
        gathered,
        copies=tuple(map(Likeness, clusters(equal))),
        similar=tuple(_likenesses(near, gathered.digests)),
        bursts=_bursts(gathered, equal + near),
        odd=odd(gathered),
        outliers=outliers(gathered),
        broken=tuple(i for i, verdict in enumerate(gathered.verdicts) if verdict == "failed"),
    )


def similar_links(gathered: Gathered, distance: int, versions: Mapping[str, Versions]) -> list[Link]:
    """Links between captures of one modality whose fingerprints differ in few bits."""
    own, recognisable, modalities = gathered.fingerprints, gathered.recognisable, np.array(gathered.modalities, str)
    found: list[Link] = []
    for modality in sorted(set(gathered.modalities)):
        at = np.flatnonzero(recognisable & (modalities == modality))
        turned = versions.get(modality)
        numbers = turned(own[at]) if turned else own[at][:, None]
        found += [(int(at[i]), int(at[j]), bits) for i, j, bits in near_links(numbers, distance)]
    return found


def _likenesses(links: Sequence[Link], digests: Sequence[str]) -> list[Likeness]:
    """Sets of near-duplicates; those of equal contents alone are copies, which are told elsewhere."""
    sets = [members for members in clusters(links) if len({digests[member] for member in members}) > 1]
    number = {member: i for i, members in enumerate(sets) for member in members}
    widest = [0] * len(sets)
    for i, _, bits in links:
        if i in number:
            widest[number[i]] = max(widest[number[i]], bits)
    return [Likeness(members, bits) for members, bits in zip(sets, widest, strict=True)]


def _bursts(gathered: Gathered, alike: Sequence[Link]) -> tuple[Burst, ...]:
    """Scenes that were shot again; copies and near-duplicates of a shot are members too."""
    shots = burst_links(gathered)
    if not shots:
        return ()
    begun, scores = {member for i, j, _ in shots for member in (i, j)}, product_of_scores(gathered)
    scenes = [members for members in clusters([*shots, *alike]) if not begun.isdisjoint(members)]
    return tuple(best_of(members, gathered, scores) for members in scenes)


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}" + ("" if count == 1 else "s")
