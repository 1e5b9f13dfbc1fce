"""Normals: do the normals of the points fit the surface?

A normal is wrong when it is no unit vector, lies more than 45 degrees off the normal of the plane through the point's
neighbours, or points against that of its nearest neighbour.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ..shared.data import FeatureExtractor
from ..shared.modality import Property
from ..shared.results import Evidence, Finding
from ..shared.sample import measure
from .faults import FaultRule, Heat, seen_at
from .neighbours import neighbours, planes, usable
from .rendering import picture, spread_back
from .sample import CloudSample
from .welding import Mask

SLANTED = 0.7071


class CloudNormalsExtractor(FeatureExtractor):
    """wrong: share of the points with a wrong normal. present: 1 where the file has normals. points: usable ones."""

    names: ClassVar[tuple[str, ...]] = ("wrong", "present", "points")

    def row(self, sample: CloudSample) -> Sequence[float]:
        """The numbers of one cloud."""
        bad = wrong(sample)
        share = float(bad.mean()) if len(bad) else 0.0
        return share, float(sample.normals is not None), len(usable(sample).points)


class CloudNormalsRule(FaultRule):
    """Wrong above `threshold`, a share of the points."""

    labels: ClassVar[tuple[str, ...]] = ("wrong", "fitting")

    def __init__(self, threshold: float = 0.05, softness: float = 0.01) -> None:
        super().__init__(threshold, softness)


@measure
def wrong(sample: CloudSample) -> Mask:
    """Which usable points have a wrong normal, (n,); none where there are no normals."""
    found = usable(sample)
    index = neighbours(sample).index
    if sample.normals is None or not index.shape[1]:
        return np.zeros(len(found.points), bool)
    given = np.nan_to_num(sample.normals[found.rows])
    length = np.linalg.norm(given, axis=1)
    slanted = np.abs(np.einsum("ij,ij->i", given, planes(sample).normal)) < SLANTED * length
    against = np.einsum("ij,ij->i", given, given[index[:, 0]]) < 0
    return np.asarray((np.abs(length - 1) > 0.05) | slanted | against)


def findings(sample: CloudSample) -> list[Finding]:
    """The points with a wrong normal."""
    bad = np.flatnonzero(wrong(sample))
    if not len(bad):
        return []
    share = round(len(bad) / len(wrong(sample)), 6)
    place = seen_at(sample, bad[0])
    return [Finding("wrong_normal", len(bad), "points", share, "of the points", CloudNormalsRule().threshold, place)]


def heat(sample: CloudSample) -> Heat:
    """The points with a wrong normal."""
    return spread_back(sample, wrong(sample).astype(np.float32))


def evidence(sample: CloudSample) -> Evidence:
    """Where they are."""
    return picture(sample, heat(sample), "Bright: normals that do not fit the surface.")


PROPERTY = Property(
    name="cloud_normals",
    labels=CloudNormalsRule.labels,
    accepted=frozenset({"fitting"}),
    summary="Do the normals fit the surface?",
    evidence=evidence,
    heat=heat,
    findings=findings,
    sample=CloudSample,
)
