"""What many captures say together: duplicates, bursts, odd sizes, outliers.

CollectionService ... assessments -> Collection
as_values ........... a collection as plain values, its members by name
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ..domain.shared.collection import Collection, Gathered, Oddity, collection_of
from ..domain.shared.duplicates import NEAR
from ..domain.shared.results import Assessment
from .catalog import Catalog


class CollectionService:
    """Finds what is wrong with captures as a whole. Safe to share between threads."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def of(self, assessments: Iterable[Assessment], *, distance: int = NEAR, turned: bool = False) -> Collection:
        """What is found in these assessments; they are taken one by one and not kept.

        distance: bits of 64 in which near-duplicates differ at most. turned: also find them mirrored or turned.
        """
        gathered = Gathered()
        for assessment in assessments:
            gathered.add(asdict(assessment))
        return self.found_in(gathered, distance=distance, turned=turned)

    def found_in(self, gathered: Gathered, *, distance: int = NEAR, turned: bool = False) -> Collection:
        """What is found in captures that were gathered already."""
        modalities = self.catalog.modalities.items() if turned else ()
        versions = {name: modality.versions for name, modality in modalities if modality.versions}
        return collection_of(gathered, distance=distance, versions=versions)


def as_values(collection: Collection) -> dict[str, Any]:
    """The collection as plain values: members by their names, in the order in which they were assessed."""
    names, failures = collection.gathered.names, collection.gathered.failures

    def named(members: Iterable[int]) -> list[str]:
        return [names[member] for member in members]

    return {
        "captures": len(names),
        "problems": list(collection.problems),
        "copies": [{"members": named(each.members)} for each in collection.copies],
        "similar": [{"members": named(each.members), "bits": each.bits} for each in collection.similar],
        "bursts": [
            {"members": named(burst.members), "best": names[burst.best], "why": burst.why}
            for burst in collection.bursts
        ],
        "odd": [_oddity(each, names[each.member]) for each in collection.odd],
        "outliers": [_oddity(each, names[each.member]) for each in collection.outliers],
        "broken": [{"member": names[i], "why": failures[i]} for i in collection.broken],
    }


def _oddity(found: Oddity, name: str) -> Mapping[str, Any]:
    return asdict(found) | {"member": name}
