"""Density: are the points evenly dense?

The spacing around each point comes from its nearest eight neighbours. Near a scanner points are denser than far away;
beyond some ratio the sparse parts are missing what the dense ones show.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ..shared.data import FeatureExtractor
from ..shared.modality import Property
from ..shared.results import Evidence, Finding
from .faults import FaultRule, Heat, beyond, seen_at
from .neighbours import LEAST, Singles, spacing, typical
from .rendering import picture, spread_back
from .sample import CloudSample


class DensityExtractor(FeatureExtractor):
    """unevenness: the spacing that five hundredths of the surface exceed, over the median of the points.

    spacing: the median, in the file's unit. points: how many are usable.
    """

    names: ClassVar[tuple[str, ...]] = ("unevenness", "spacing", "points")

    def row(self, sample: CloudSample) -> Sequence[float]:
        """The numbers of one cloud."""
        found = spacing(sample)
        usual = typical(found)
        far = exceeded(found, 0.05)
        return far / max(usual, LEAST), usual, len(found)


class DensityRule(FaultRule):
    """Uneven above `threshold` times the median spacing."""

    labels: ClassVar[tuple[str, ...]] = ("uneven", "even")

    def __init__(self, threshold: float = 3.0, softness: float = 0.2) -> None:
        super().__init__(threshold, softness)


def exceeded(values: Singles, share: float) -> float:
    """The spacing that this share of the surface exceeds: a point stands for the square of its spacing."""
    if not len(values):
        return 0.0
    ordered = np.sort(values)
    surface = np.cumsum(ordered.astype(np.float64) ** 2)
    return float(ordered[np.searchsorted(surface, (1 - share) * surface[-1]).clip(0, len(ordered) - 1)])


def findings(sample: CloudSample) -> list[Finding]:
    """The sparse points, where the cloud is uneven."""
    found = spacing(sample)
    limit = widest(sample)
    sparse = np.flatnonzero(found > limit)
    if exceeded(found, 0.05) <= limit:
        return []
    worst = sparse[np.argmax(found[sparse])]
    place = seen_at(sample, worst)
    return [Finding("sparse", len(sparse), "points", float(found[worst]), sample.units.name, limit, place)]


def widest(sample: CloudSample) -> float:
    """The widest spacing that is even, in the file's unit."""
    return DensityRule().threshold * typical(spacing(sample))


def heat(sample: CloudSample) -> Heat:
    """The sparse points."""
    return spread_back(sample, beyond(spacing(sample), widest(sample)))


def evidence(sample: CloudSample) -> Evidence:
    """Where they are."""
    return picture(sample, heat(sample), "Bright: points are far apart.")


PROPERTY = Property(
    name="density",
    labels=DensityRule.labels,
    accepted=frozenset({"even"}),
    summary="Are the points evenly dense?",
    evidence=evidence,
    heat=heat,
    findings=findings,
    sample=CloudSample,
)
