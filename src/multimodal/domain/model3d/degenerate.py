"""Degenerate: are all triangles triangles, and each there once?

Collapsed ones have a corner twice (after the weld), slivers are less than a millionth as high as long, repeated and
reversed ones lie on the corners of another one, invalid ones have a corner that is not finite.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ..shared.data import FeatureExtractor
from ..shared.modality import Property
from ..shared.results import Evidence, Finding
from .faults import FaultRule, Heat, at_point, found_at, marked, worst_first
from .intersections import is_sliver
from .rendering import picture
from .sample import MeshSample
from .welding import Index, Longs, welded

KINDS = ("collapsed", "repeated", "reversed", "invalid")


class DegenerateExtractor(FeatureExtractor):
    """faults: all together. The others: triangles of each kind."""

    names: ClassVar[tuple[str, ...]] = ("faults", "slivers", *KINDS)

    def row(self, sample: MeshSample) -> Sequence[float]:
        """The numbers of one mesh."""
        counts = [len(slivers(sample)), *(len(faces) for faces in by_kind(sample).values())]
        return sum(counts), *counts


class DegenerateRule(FaultRule):
    """Degenerate from one triangle on."""

    labels: ClassVar[tuple[str, ...]] = ("degenerate", "clean")


def by_kind(sample: MeshSample) -> dict[str, Index]:
    """Triangles of the file that fell away when it was welded, by kind."""
    return {kind: getattr(welded(sample), kind) for kind in KINDS}


def slivers(sample: MeshSample) -> Longs:
    """Triangles of the welded mesh without a plane to speak of."""
    return np.flatnonzero(is_sliver(sample))


def findings(sample: MeshSample) -> list[Finding]:
    """Triangles by kind, with the place of the first one."""
    found = found_at(sample, "sliver", slivers(sample))
    for kind, faces in by_kind(sample).items():
        if len(faces):
            corner = sample.vertices[sample.faces[faces[0]]]
            place = at_point(corner[0]) if np.isfinite(corner[0]).all() else ()
            found.append(Finding(kind, len(faces), "triangles", float(len(faces)), "triangles", None, place))
    return worst_first(found)


def heat(sample: MeshSample) -> Heat:
    """Slivers, and triangles that are there several times."""
    mesh = welded(sample)
    place = np.full(len(sample.vertices), -1)
    place[mesh.vertices] = np.arange(len(mesh.vertices))
    again = np.sort(place[sample.faces[np.concatenate([mesh.repeated, mesh.reversed])]], axis=1)
    own = np.sort(mesh.faces, axis=1)
    known = {tuple(row) for row in again.tolist()}
    twice = [i for i in np.flatnonzero(np.isin(own[:, 0], again[:, 0])) if tuple(own[i].tolist()) in known]
    return marked(sample, np.concatenate([slivers(sample), np.array(twice, np.int64)]))


def evidence(sample: MeshSample) -> Evidence:
    """Where they are; what collapsed has no area to be seen."""
    return picture(sample, heat(sample), "Bright: slivers, and triangles that are there several times.")


PROPERTY = Property(
    name="degenerate",
    labels=DegenerateRule.labels,
    accepted=frozenset({"clean"}),
    summary="Is each triangle a triangle, and there once?",
    evidence=evidence,
    heat=heat,
    findings=findings,
    sample=MeshSample,
)
