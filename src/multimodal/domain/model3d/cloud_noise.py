"""Cloud noise: do the points lie on a surface?

The residual of a point is the deviation of its sixteen neighbours from the plane through them (the root of the smallest
eigenvalue of their covariance). It is told in spacings, so that it means the same in every unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ..shared.data import FeatureExtractor
from ..shared.modality import Property
from ..shared.results import Evidence, Finding
from .faults import FaultRule, Heat, beyond, seen_at
from .neighbours import LEAST, planes, spacing, typical, usable
from .rendering import picture, spread_back
from .sample import CloudSample


class CloudNoiseExtractor(FeatureExtractor):
    """noise: the median residual, in spacings. upper: its ninetieth percentile.

    residual: the median in the file's unit. points: how many are usable.
    """

    names: ClassVar[tuple[str, ...]] = ("noise", "upper", "residual", "points")

    def row(self, sample: CloudSample) -> Sequence[float]:
        """The numbers of one cloud."""
        found, unit = planes(sample).residual, max(typical(spacing(sample)), LEAST)
        upper = float(np.quantile(found, 0.9)) if len(found) else 0.0
        return typical(found) / unit, upper / unit, typical(found), len(usable(sample).points)


class CloudNoiseRule(FaultRule):
    """Noisy above `threshold` spacings."""

    labels: ClassVar[tuple[str, ...]] = ("noisy", "clean")

    def __init__(self, threshold: float = 0.25, softness: float = 0.03) -> None:
        super().__init__(threshold, softness)


def findings(sample: CloudSample) -> list[Finding]:
    """How noisy it is, where that is too much."""
    rest, limit = typical(planes(sample).residual), most(sample)
    if rest <= limit:
        return []
    count, worst = int((planes(sample).residual > limit).sum()), np.argmax(planes(sample).residual)
    place = seen_at(sample, worst)
    return [Finding("noise", count, "points", rest, sample.units.name, limit, place)]


def most(sample: CloudSample) -> float:
    """The largest residual of points that lie on a surface, in the file's unit."""
    return CloudNoiseRule().threshold * typical(spacing(sample))


def heat(sample: CloudSample) -> Heat:
    """Points whose residual is above the limit."""
    return spread_back(sample, beyond(planes(sample).residual, most(sample)))


def evidence(sample: CloudSample) -> Evidence:
    """Where they are."""
    return picture(sample, heat(sample), "Bright: points scatter around the surface.")


PROPERTY = Property(
    name="cloud_noise",
    labels=CloudNoiseRule.labels,
    accepted=frozenset({"clean"}),
    summary="Do the points lie on a surface?",
    evidence=evidence,
    heat=heat,
    findings=findings,
    sample=CloudSample,
)
