"""Overhang: how much of the surface has nothing below it when it is printed?

A face hangs over when its normal points down (-z) by more than 45 degrees, unless it lies on the ground, the lowest
hundredth of the height. Printers build upwards, and that steep without support (Thomas 2009).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ..shared.data import FeatureExtractor
from ..shared.modality import Property
from ..shared.results import Evidence, Finding
from .faults import FaultRule, Heat, found_at, marked
from .geometry import areas, corners, normals
from .rendering import picture
from .sample import MeshSample
from .welding import Longs

STEEPEST = 0.7071
GROUND = 0.01


class OverhangExtractor(FeatureExtractor):
    """share: of the surface that hangs over."""

    names: ClassVar[tuple[str, ...]] = ("share",)

    def row(self, sample: MeshSample) -> Sequence[float]:
        """The number of one mesh."""
        surface = areas(sample)
        return (float(surface[hanging(sample)].sum() / max(float(surface.sum()), 1e-30)),)


class OverhangRule(FaultRule):
    """Overhanging above `threshold`, a share of the surface."""

    labels: ClassVar[tuple[str, ...]] = ("overhanging", "supported")

    def __init__(self, threshold: float = 0.02, softness: float = 0.01) -> None:
        super().__init__(threshold, softness)


def hanging(sample: MeshSample) -> Longs:
    """Triangles that hang over."""
    heights = corners(sample)[[2, 5, 8]]
    if not heights.size:
        return np.zeros(0, np.int64)
    low, high = float(heights.min()), float(heights.max())
    above = heights.max(axis=0) > low + GROUND * (high - low)
    return np.flatnonzero((normals(sample)[:, 2] < -STEEPEST) & above)


def findings(sample: MeshSample) -> list[Finding]:
    """Triangles that hang over."""
    return found_at(sample, "overhang", hanging(sample))


def heat(sample: MeshSample) -> Heat:
    """The triangles that hang over."""
    return marked(sample, hanging(sample))


def evidence(sample: MeshSample) -> Evidence:
    """Where support is needed."""
    return picture(sample, heat(sample), "Bright: hangs over by more than 45 degrees.")


PROPERTY = Property(
    name="overhang",
    labels=OverhangRule.labels,
    accepted=frozenset({"supported"}),
    summary="Can it be printed upright without support?",
    evidence=evidence,
    heat=heat,
    findings=findings,
    sample=MeshSample,
)
