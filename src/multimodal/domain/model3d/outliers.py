"""Outliers: are there points in the air?

A point is isolated when its nearest eight neighbours are over three times as far as is usual for them. The number that
PDAL and PCL tell is told beside it: mean distance to the nearest eight over mean + 2 deviations (Rusu et al. 2008); it
flags some points of every cloud.
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
from .neighbours import NEAR, Singles, neighbours, usable
from .rendering import picture, spread_back
from .sample import CloudSample
from .welding import Longs

FAR = 3.0


class OutliersExtractor(FeatureExtractor):
    """share: of isolated points. statistical: share by mean + 2 deviations. points: how many are usable."""

    names: ClassVar[tuple[str, ...]] = ("share", "statistical", "points")

    def row(self, sample: CloudSample) -> Sequence[float]:
        """The numbers of one cloud."""
        reach = mean_distance(sample)
        above = float((reach > reach.mean() + 2 * reach.std()).mean()) if len(reach) else 0.0
        return len(isolated(sample)) / max(len(reach), 1), above, len(reach)


class OutliersRule(FaultRule):
    """Stray above `threshold`, a share of the points."""

    labels: ClassVar[tuple[str, ...]] = ("stray", "clean")

    def __init__(self, threshold: float = 0.0005, softness: float = 0.0002) -> None:
        super().__init__(threshold, softness)


@measure
def mean_distance(sample: CloudSample) -> Singles:
    """The mean distance to the nearest eight neighbours, (n,)."""
    distance = neighbours(sample).distance[:, :NEAR]
    return np.asarray(distance.mean(axis=1) if distance.shape[1] else np.zeros(len(distance)), np.float32)


@measure
def isolated(sample: CloudSample) -> Longs:
    """Points that are far from their neighbours, as these are not from theirs."""
    reach, index = mean_distance(sample), neighbours(sample).index[:, :NEAR]
    if not index.shape[1]:
        return np.zeros(0, np.int64)
    suspects = np.flatnonzero(reach > FAR * np.median(reach))
    usual = np.median(reach[index[suspects]], axis=1)
    lonely = suspects[reach[suspects] > FAR * usual]
    clustered = suspects[(reach[suspects] > 2 * FAR * np.median(reach)) & (usual > FAR * np.median(reach))]
    return np.union1d(lonely, clustered)


def findings(sample: CloudSample) -> list[Finding]:
    """The isolated points, with the farthest one."""
    found = isolated(sample)
    if not len(found):
        return []
    worst = found[np.argmax(mean_distance(sample)[found])]
    place = seen_at(sample, worst)
    share = round(len(found) / len(usable(sample).points), 6)
    return [Finding("outlier", len(found), "points", share, "of the points", OutliersRule().threshold, place)]


def heat(sample: CloudSample) -> Heat:
    """The isolated points."""
    hot = np.zeros(len(usable(sample).points), np.float32)
    hot[isolated(sample)] = 1
    return spread_back(sample, hot)


def evidence(sample: CloudSample) -> Evidence:
    """Where they are."""
    return picture(sample, heat(sample), "Bright: points in the air.")


PROPERTY = Property(
    name="outliers",
    labels=OutliersRule.labels,
    accepted=frozenset({"clean"}),
    summary="Are there no points in the air?",
    evidence=evidence,
    heat=heat,
    findings=findings,
    sample=CloudSample,
)
