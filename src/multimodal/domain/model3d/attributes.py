"""Attributes: has the cloud colour or intensity that says something?

The range of an attribute is from its fifth to its ninety-fifth percentile, as a share of what its type can hold (of the
largest value, for intensities). One value everywhere says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ..shared.data import FeatureExtractor
from ..shared.modality import Property
from ..shared.rules import AtLeastRule
from .sample import CloudSample


class AttributesExtractor(FeatureExtractor):
    """range: the larger of both ranges, 0 to 1. colour, intensity: each range, -1 where the file has none."""

    names: ClassVar[tuple[str, ...]] = ("range", "colour", "intensity")

    def row(self, sample: CloudSample) -> Sequence[float]:
        """The numbers of one cloud."""
        colour, intensity = colour_range(sample), intensity_range(sample)
        return max(colour, intensity, 0.0), colour, intensity


class AttributesRule(AtLeastRule):
    """Plain below `threshold`, a share of the possible range."""

    labels: ClassVar[tuple[str, ...]] = ("plain", "rich")

    def __init__(self, threshold: float = 0.05, softness: float = 0.02) -> None:
        super().__init__(threshold, softness)


def colour_range(sample: CloudSample) -> float:
    """Of the mean of red, green and blue."""
    if sample.colours is None:
        return -1.0
    low, high = np.quantile(sample.colours.mean(axis=1), (0.05, 0.95))
    return float(high - low) / 255


def intensity_range(sample: CloudSample) -> float:
    """Of the intensity."""
    values = np.zeros(0) if sample.intensity is None else sample.intensity[np.isfinite(sample.intensity)]
    if not len(values):
        return -1.0
    low, high = np.quantile(values, (0.05, 0.95))
    return float((high - low) / max(float(np.abs(values).max()), 1e-30))


PROPERTY = Property(
    name="attributes",
    labels=AttributesRule.labels,
    accepted=frozenset({"rich"}),
    summary="Has it colour or intensity that says something?",
    sample=CloudSample,
)
