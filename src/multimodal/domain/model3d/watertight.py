"""Watertight: is the surface closed?

A mesh is watertight when each edge has two triangles. Each rim of a hole is told with its perimeter, and with the area
of the flat fan that would close it. Positions are welded first, so that seams of texture and normals are no holes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ..shared.data import FeatureExtractor
from ..shared.modality import Property
from ..shared.results import Evidence, Finding
from .faults import FaultRule, Heat, at_point, marked
from .geometry import areas, diagonal
from .rendering import picture
from .sample import MeshSample
from .topology import bordering, loops

MOST_NAMED = 10


class WatertightExtractor(FeatureExtractor):
    """holes: rims. border_edges: edges with one triangle.

    longest_rim: as a share of the diagonal. missing_area: of all holes, as a share of the surface.
    """

    names: ClassVar[tuple[str, ...]] = ("holes", "border_edges", "longest_rim", "missing_area")

    def row(self, sample: MeshSample) -> Sequence[float]:
        """The numbers of one mesh."""
        rims, size, surface = loops(sample), max(diagonal(sample), 1e-30), max(float(areas(sample).sum()), 1e-30)
        longest = float(rims.perimeter[0]) / size if len(rims.perimeter) else 0.0
        return len(rims.edges), len(bordering(sample)), longest, float(rims.area.sum()) / surface


class WatertightRule(FaultRule):
    """Open from one hole on."""

    labels: ClassVar[tuple[str, ...]] = ("open", "watertight")


def findings(sample: MeshSample) -> list[Finding]:
    """The rims of the largest holes, by perimeter, in the file's unit."""
    rims = loops(sample)
    unit = sample.units.name
    return [
        Finding("hole", int(count), "edges", round(float(length), 6), unit, None, at_point(place))
        for count, length, place in zip(rims.edges[:MOST_NAMED], rims.perimeter, rims.place, strict=False)
    ]


def heat(sample: MeshSample) -> Heat:
    """The triangles along the rims."""
    return marked(sample, bordering(sample) // 3)


def evidence(sample: MeshSample) -> Evidence:
    """Where the rims are."""
    return picture(sample, heat(sample), "Bright: triangles at the rim of a hole.")


PROPERTY = Property(
    name="watertight",
    labels=WatertightRule.labels,
    accepted=frozenset({"watertight"}),
    summary="Is the surface closed?",
    evidence=evidence,
    heat=heat,
    findings=findings,
    sample=MeshSample,
)
