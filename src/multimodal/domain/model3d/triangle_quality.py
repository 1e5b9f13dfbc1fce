"""Triangle quality: are the triangles well shaped?

q = 4 sqrt(3) A / (a^2 + b^2 + c^2): 1 for equal sides, 0 for a needle (Bank and Smith 1997). Needles spoil normals,
simulation and simplification. Long thin triangles on cylinders are usual in CAD, so the line is drawn far below them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ..shared.data import FeatureExtractor
from ..shared.modality import Property
from ..shared.results import Evidence, Finding
from ..shared.sample import measure
from .faults import FaultRule, Heat, found_at, marked
from .geometry import LEAST, Reals, areas, squared_sides
from .rendering import picture
from .sample import MeshSample
from .welding import Longs

NEEDLE = 0.02


class TriangleQualityExtractor(FeatureExtractor):
    """needles: share of the triangles with a quality below 0.02. median, tenth: of the quality."""

    names: ClassVar[tuple[str, ...]] = ("needles", "median", "tenth")

    def row(self, sample: MeshSample) -> Sequence[float]:
        """The numbers of one mesh."""
        found = quality(sample)
        if not len(found):
            return 0.0, 0.0, 0.0
        tenth, median = np.quantile(found, (0.1, 0.5))
        return len(needles(sample)) / len(found), float(median), float(tenth)


class TriangleQualityRule(FaultRule):
    """Poor above `threshold`, a share of the triangles."""

    labels: ClassVar[tuple[str, ...]] = ("poor", "well_shaped")

    def __init__(self, threshold: float = 0.005, softness: float = 0.001) -> None:
        super().__init__(threshold, softness)


@measure
def quality(sample: MeshSample) -> Reals:
    """The quality of each triangle, (m,), 0 to 1."""
    one, two, three = squared_sides(sample)
    return np.asarray(4 * np.sqrt(3) * areas(sample) / np.maximum(one + two + three, LEAST))


def needles(sample: MeshSample) -> Longs:
    """Triangles below the line."""
    return np.flatnonzero(quality(sample) < NEEDLE)


def findings(sample: MeshSample) -> list[Finding]:
    """The needles, with the worst quality."""
    faces = needles(sample)
    worst = faces[np.argsort(quality(sample)[faces])]
    least = float(quality(sample)[worst[0]]) if len(worst) else 0.0
    return found_at(sample, "needle", worst, severity=least, unit="quality", limit=NEEDLE)


def heat(sample: MeshSample) -> Heat:
    """The needles."""
    return marked(sample, needles(sample))


def evidence(sample: MeshSample) -> Evidence:
    """Where triangles are badly shaped."""
    return picture(sample, heat(sample), "Bright: needles.")


PROPERTY = Property(
    name="triangle_quality",
    labels=TriangleQualityRule.labels,
    accepted=frozenset({"well_shaped"}),
    summary="Are the triangles well shaped?",
    evidence=evidence,
    heat=heat,
    findings=findings,
    sample=MeshSample,
)
