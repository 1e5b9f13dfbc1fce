"""Mesh resolution: are the triangles small enough for the shape?

Where a surface is curved, the angle between neighbours tells how coarsely it is cut: the ninetieth percentile of all
bends up to 50 degrees (what bends more is an edge of the thing). A sphere of 320 triangles has 17 degrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ..shared.data import FeatureExtractor
from ..shared.modality import Property
from .bending import bends
from .faults import FaultRule
from .geometry import diagonal, squared_sides
from .sample import MeshSample

EDGE_OF_THE_THING = 50.0


class MeshResolutionExtractor(FeatureExtractor):
    """facet: degrees between neighbours on curved surfaces. edge: mean length, as a share of the diagonal."""

    names: ClassVar[tuple[str, ...]] = ("facet", "edge")

    def row(self, sample: MeshSample) -> Sequence[float]:
        """The numbers of one mesh."""
        cosines = bends(sample)
        curved = cosines[cosines > np.cos(np.radians(EDGE_OF_THE_THING))]
        sides = np.sqrt(squared_sides(sample))
        length = float(sides.mean()) if sides.size else 0.0
        facet = np.degrees(np.arccos(min(float(np.quantile(curved, 0.1)), 1.0))) if len(curved) else 0.0
        return float(facet), length / max(diagonal(sample), 1e-30)


class MeshResolutionRule(FaultRule):
    """Coarse above `threshold` degrees."""

    labels: ClassVar[tuple[str, ...]] = ("coarse", "fine")

    def __init__(self, threshold: float = 20.0, softness: float = 2.0) -> None:
        super().__init__(threshold, softness)


PROPERTY = Property(
    name="mesh_resolution",
    labels=MeshResolutionRule.labels,
    accepted=frozenset({"fine"}),
    summary="Are the triangles small enough for the shape?",
    sample=MeshSample,
)
