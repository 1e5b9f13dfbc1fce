"""Self-intersection: does the surface go through itself?

Four classes are told apart (intersections.py), because tools mix them up: proper crossing, coplanar overlap, duplicate,
touching. The first two reject. Duplicates are also counted by `degenerate`; where surfaces only touch nothing is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ..shared.data import FeatureExtractor
from ..shared.modality import Property
from ..shared.results import Evidence, Finding
from .faults import FaultRule, Heat, found_at, marked
from .intersections import intersections
from .rendering import picture
from .sample import MeshSample
from .welding import Longs, welded


class SelfIntersectionExtractor(FeatureExtractor):
    """pairs: of triangles that cross or overlap. The others: pairs of each class.

    complete: 0 when the mesh has so many that some were not looked at; there are then at least so many.
    """

    names: ClassVar[tuple[str, ...]] = ("pairs", "crossing", "overlap", "duplicate", "touching", "complete")

    def row(self, sample: MeshSample) -> Sequence[float]:
        """The numbers of one mesh."""
        found, mesh = intersections(sample), welded(sample)
        crossing, overlap = len(found.crossing), len(found.overlap)
        duplicate = len(mesh.repeated) + len(mesh.reversed)
        return crossing + overlap, crossing, overlap, duplicate, len(found.touching), float(found.complete)


class SelfIntersectionRule(FaultRule):
    """Self-intersecting from one pair on."""

    labels: ClassVar[tuple[str, ...]] = ("self_intersecting", "free")


def members(pairs: Longs) -> Longs:
    """The triangles of pairs, each once."""
    return np.unique(pairs).astype(np.int64)


def findings(sample: MeshSample) -> list[Finding]:
    """Triangles that cross, overlap or touch, with the number of pairs."""
    found = intersections(sample)
    classes = {"proper_crossing": found.crossing, "coplanar_overlap": found.overlap, "touching": found.touching}
    return [
        finding
        for name, pairs in classes.items()
        for finding in found_at(sample, name, members(pairs), severity=float(len(pairs)), unit="pairs")
    ]


def heat(sample: MeshSample) -> Heat:
    """The triangles that cross or overlap."""
    found = intersections(sample)
    return marked(sample, members(np.concatenate([found.crossing, found.overlap])))


def evidence(sample: MeshSample) -> Evidence:
    """Where the surface goes through itself."""
    return picture(sample, heat(sample), "Bright: triangles that cross or overlap another one.")


PROPERTY = Property(
    name="self_intersection",
    labels=SelfIntersectionRule.labels,
    accepted=frozenset({"free"}),
    summary="Does the surface nowhere go through itself?",
    evidence=evidence,
    heat=heat,
    findings=findings,
    sample=MeshSample,
)
