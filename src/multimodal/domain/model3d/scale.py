"""Scale: is it as large as such things are?

Told by the diagonal in metres, where the file says its unit or its format defines it: what is smaller than half a
millimetre or larger than twenty kilometres was saved in the wrong unit. Where the unit is a guess nothing is told.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

from ..shared.data import FeatureExtractor
from ..shared.modality import Property
from ..shared.results import Finding
from ..shared.rules import BetweenRule
from .geometry import diagonal
from .sample import MeshSample, Model3dSample, bounds


class ScaleExtractor(FeatureExtractor):
    """metres: the diagonal. confidence: 0 to 1, of the unit. metres_per_unit: 0 when nobody knows."""

    names: ClassVar[tuple[str, ...]] = ("metres", "confidence", "metres_per_unit")

    def row(self, sample: Model3dSample) -> Sequence[float]:
        """The numbers of one capture."""
        unit = 0.0 if math.isnan(sample.units.metres) else sample.units.metres
        return size(sample) * unit, sample.units.confidence, unit


class ScaleRule(BetweenRule):
    """Too small below `low` metres, too large above `high`."""

    labels: ClassVar[tuple[str, ...]] = ("too_small", "plausible", "too_large")
    logarithmic: ClassVar[bool] = True

    def __init__(self, low: float = 0.0005, high: float = 20_000.0, softness: float = 0.2) -> None:
        super().__init__(low, high, softness)


def size(sample: Model3dSample) -> float:
    """The diagonal of a mesh's faces or of a cloud's points, in the file's unit."""
    if isinstance(sample, MeshSample):
        return diagonal(sample)
    return math.dist(*bounds(sample.points))  # type: ignore[attr-defined]


def findings(sample: Model3dSample) -> list[Finding]:
    """The size and unit, where they do not fit."""
    metres = size(sample) * sample.units.metres if sample.units.confidence == 1 else math.nan
    rule = ScaleRule()
    if not math.isfinite(metres) or rule.low <= metres <= rule.high:
        return []
    limit = rule.low if metres < rule.low else rule.high
    return [Finding("implausible_size", 1, "captures", metres, "m", limit)]


PROPERTY = Property(
    name="scale",
    labels=ScaleRule.labels,
    accepted=frozenset({"plausible"}),
    summary="Is it as large as such things are?",
    findings=findings,
    sample=Model3dSample,
)
