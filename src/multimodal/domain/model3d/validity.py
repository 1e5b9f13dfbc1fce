"""Validity: are the points numbers, and each there once?

Organised scans have rows without a point where the scanner saw nothing: up to a third is usual. Points that are there
twice come from scans or tiles that were merged twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from ..shared.data import FeatureExtractor
from ..shared.estimators import Floats, RuleBasedModel
from ..shared.limits import Limit
from ..shared.modality import Property
from ..shared.results import Evidence, Finding
from .faults import Heat, at_point
from .neighbours import usable
from .rendering import picture
from .sample import CloudSample
from .welding import Longs

LABELS = ("invalid", "duplicated", "valid")


class ValidityExtractor(FeatureExtractor):
    """invalid: share of all points that are not finite. duplicates: share of the others that are there already."""

    names: ClassVar[tuple[str, ...]] = ("invalid", "duplicates")

    def row(self, sample: CloudSample) -> Sequence[float]:
        """The numbers of one cloud."""
        found, count = usable(sample), len(sample.points)
        return found.invalid / count, found.duplicates / max(count - found.invalid, 1)


class ValidityRule(RuleBasedModel):
    """Invalid above one share of points without coordinates, duplicated above another one of repeated points."""

    columns: ClassVar[int] = 2
    labels: ClassVar[tuple[str, ...]] = LABELS
    limits: ClassVar[Mapping[str, Limit]] = {
        "invalid": Limit(0, "above", 0),
        "duplicates": Limit(1, "above", 1),
    }

    def __init__(self, invalid: float = 0.5, duplicates: float = 0.01, softness: float = 0.2) -> None:
        self.invalid = invalid
        self.duplicates = duplicates
        self.softness = softness

    def margins(self, table: Floats) -> Floats:
        """Margins in logits, (n, 3)."""
        invalid, duplicates = (np.log(np.maximum(table[:, i], 1e-9)) for i in (0, 1))
        over = (invalid - np.log(self.invalid), duplicates - np.log(self.duplicates))
        return np.column_stack([*over, np.zeros(len(table))]) / self.softness


def findings(sample: CloudSample) -> list[Finding]:
    """Points without coordinates, and repeated ones with the place of one."""
    found, count, rule = usable(sample), len(sample.points), ValidityRule()
    place = at_point(sample.points[repeated(sample)[0]]) if found.duplicates else ()
    told = (
        ("invalid_point", found.invalid, rule.invalid, ()),
        ("duplicate_point", found.duplicates, rule.duplicates, place),
    )
    return [
        Finding(name, number, "points", round(number / count, 6), "of the points", limit, where)
        for name, number, limit, where in told
        if number
    ]


def repeated(sample: CloudSample) -> Longs:
    """Rows of points that are there already, (k,)."""
    again = np.array(np.isfinite(sample.points).all(axis=1))
    again[usable(sample).rows] = False
    return np.flatnonzero(again)


def heat(sample: CloudSample) -> Heat:
    """The repeated points."""
    hot = np.zeros(len(sample.points), np.float32)
    hot[repeated(sample)] = 1
    return hot[np.isfinite(sample.points).all(axis=1)]


def evidence(sample: CloudSample) -> Evidence:
    """Where they are."""
    return picture(sample, heat(sample), "Bright: points that are there twice.")


PROPERTY = Property(
    name="validity",
    labels=LABELS,
    accepted=frozenset({"valid"}),
    summary="Are the points numbers, and each there once?",
    evidence=evidence,
    heat=heat,
    findings=findings,
    sample=CloudSample,
)
