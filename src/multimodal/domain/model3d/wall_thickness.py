"""Wall thickness: is the wall thick enough everywhere?

The thickness at a point is how far it is inwards along the normal to the other side, where that looks the other way
(soundings.py). Thick is what is thicker than 2 % of the diagonal. A wall of no thickness is two sides on one another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ..shared.data import FeatureExtractor
from ..shared.modality import Property
from ..shared.results import Evidence, Finding
from ..shared.sample import measure
from .faults import FaultRule, Heat, at_point, marked
from .geometry import diagonal
from .rendering import picture
from .sample import MeshSample
from .soundings import REACH, facing, soundings
from .welding import Floats

OPPOSITE = -0.9
THIN = 0.003
"""Thickness of a wall that is too thin, as a share of the diagonal."""


class WallThicknessExtractor(FeatureExtractor):
    """thin: share of the surface with a wall thinner than 0.3 % of the diagonal.

    thinnest: the thickness that 0.5 % of the surface fall short of, as a share of the diagonal, at most 0.02. metres:
    the same in metres, 0 when unknown.
    """

    names: ClassVar[tuple[str, ...]] = ("thin", "thinnest", "metres")

    def row(self, sample: MeshSample) -> Sequence[float]:
        """The numbers of one mesh."""
        size = max(diagonal(sample), 1e-30)
        wall = thickness(sample) / size
        thinnest = float(np.quantile(wall, 0.005)) if len(wall) else REACH
        metres = thinnest * size * sample.units.metres
        return float((wall < THIN).mean()) if len(wall) else 0.0, thinnest, float(np.nan_to_num(metres))


class WallThicknessRule(FaultRule):
    """Thin where the wall is too thin on more than `threshold`, a share of the surface."""

    labels: ClassVar[tuple[str, ...]] = ("thin", "thick")

    def __init__(self, threshold: float = 0.005, softness: float = 0.001) -> None:
        super().__init__(threshold, softness)


@measure
def thickness(sample: MeshSample) -> Floats:
    """The thickness of the wall at each point looked at, (n,), in the file's unit, at most the reach."""
    found = soundings(sample)
    through = (found.distance <= 0) & (facing(sample, found) < OPPOSITE)
    wall = np.full(len(found.face), REACH * diagonal(sample))
    np.minimum.at(wall, found.line[through], -found.distance[through])
    return wall


def findings(sample: MeshSample) -> list[Finding]:
    """Where the wall is thinnest, in the file's unit."""
    wall = thickness(sample)
    limit = THIN * diagonal(sample)
    thin = np.flatnonzero(wall < limit)
    if not len(thin):
        return []
    worst = thin[np.argmin(wall[thin])]
    place = at_point(soundings(sample).start[worst])
    return [Finding("thin_wall", len(thin), "sampled points", float(wall[worst]), sample.units.name, limit, place)]


def heat(sample: MeshSample) -> Heat:
    """The triangles looked at, the hotter the thinner."""
    wall, limit = thickness(sample), THIN * diagonal(sample)
    return marked(sample, soundings(sample).face[wall < limit])


def evidence(sample: MeshSample) -> Evidence:
    """Where the wall is thin."""
    return picture(sample, heat(sample), "Bright: the wall is thinner than 0.3 % of the diagonal.")


PROPERTY = Property(
    name="wall_thickness",
    labels=WallThicknessRule.labels,
    accepted=frozenset({"thick"}),
    summary="Is the wall thick enough everywhere?",
    evidence=evidence,
    heat=heat,
    findings=findings,
    sample=MeshSample,
)
