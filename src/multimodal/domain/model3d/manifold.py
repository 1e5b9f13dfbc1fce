"""Manifold: is the surface a surface everywhere?

At a non-manifold edge more than two triangles meet; in a pinch vertex several fans of triangles meet that share no edge
there. Neither has an inside and an outside, and most tools for solids refuse them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ..shared.data import FeatureExtractor
from ..shared.modality import Property
from ..shared.results import Evidence, Finding
from .faults import FaultRule, Heat, around_points, at_point, marked
from .rendering import picture
from .sample import MeshSample
from .topology import edges, pinches
from .welding import Longs, welded


class ManifoldExtractor(FeatureExtractor):
    """faults: both together. edges: with more than two triangles. vertices: pinches."""

    names: ClassVar[tuple[str, ...]] = ("faults", "edges", "vertices")

    def row(self, sample: MeshSample) -> Sequence[float]:
        """The numbers of one mesh."""
        crowded, pinched = len(crowded_edges(sample)), len(pinches(sample))
        return crowded + pinched, crowded, pinched


class ManifoldRule(FaultRule):
    """Non-manifold from one edge or vertex on."""

    labels: ClassVar[tuple[str, ...]] = ("non_manifold", "manifold")


def crowded_edges(sample: MeshSample) -> Longs:
    """Edges where more than two triangles meet."""
    return np.flatnonzero(edges(sample).count > 2)


def findings(sample: MeshSample) -> list[Finding]:
    """Edges and vertices, with the most crowded one."""
    points, found = welded(sample).points, []
    crowded = crowded_edges(sample)
    if len(crowded):
        worst = crowded[np.argmax(edges(sample).count[crowded])]
        middle = points[[edges(sample).start[worst], edges(sample).end[worst]]].mean(axis=0)
        most = float(edges(sample).count[worst])
        found.append(Finding("non_manifold_edge", len(crowded), "edges", most, "triangles", 2.0, at_point(middle)))
    pinched = pinches(sample)
    if len(pinched):
        place = at_point(points[pinched[0]])
        found.append(Finding("pinch_vertex", len(pinched), "vertices", float(len(pinched)), "vertices", None, place))
    return found


def heat(sample: MeshSample) -> Heat:
    """The triangles at crowded edges and pinched vertices."""
    found = edges(sample)
    crowded = np.repeat(found.count > 2, found.count)
    return np.maximum(
        marked(sample, found.halves[crowded] // 3), marked(sample, around_points(sample, pinches(sample)))
    )


def evidence(sample: MeshSample) -> Evidence:
    """Where the faults are."""
    return picture(sample, heat(sample), "Bright: an edge with more than two triangles, or a pinched vertex.")


PROPERTY = Property(
    name="manifold",
    labels=ManifoldRule.labels,
    accepted=frozenset({"manifold"}),
    summary="Is the surface a surface everywhere, without crowded edges and pinches?",
    evidence=evidence,
    heat=heat,
    findings=findings,
    sample=MeshSample,
)
