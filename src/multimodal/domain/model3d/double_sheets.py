"""Double sheets: is the surface there only once?

Two sheets that look the same way and lie closely over each other come from scans that do not fit, or from a part that
was pasted twice. (The two sides of a thin wall look away from each other; see wall_thickness.py.) A sheet that lies
exactly on another one counts too. Measured along lines from points all over the surface (soundings.py).
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
from .soundings import facing, soundings
from .welding import Longs

NEAR = 0.01
"""Distance between sheets that are one, as a share of the diagonal."""
PARALLEL = 0.9


class DoubleSheetsExtractor(FeatureExtractor):
    """share: of the surface that is there twice. distance: between the sheets (median), as a share of the diagonal."""

    names: ClassVar[tuple[str, ...]] = ("share", "distance")

    def row(self, sample: MeshSample) -> Sequence[float]:
        """The numbers of one mesh."""
        found, hits = soundings(sample), doubled(sample)
        share = len(np.unique(found.line[hits])) / max(len(found.face), 1)
        apart = float(np.median(np.abs(found.distance[hits]))) if len(hits) else 0.0
        return share, apart / max(diagonal(sample), 1e-30)


class DoubleSheetsRule(FaultRule):
    """Doubled above `threshold`, a share of the surface."""

    labels: ClassVar[tuple[str, ...]] = ("doubled", "single")

    def __init__(self, threshold: float = 0.004, softness: float = 0.001) -> None:
        super().__init__(threshold, softness)


@measure
def doubled(sample: MeshSample) -> Longs:
    """Hits on a sheet that looks the same way and is near."""
    found = soundings(sample)
    near = np.abs(found.distance) <= NEAR * diagonal(sample)
    return np.flatnonzero(near & (facing(sample, found) > PARALLEL))


def findings(sample: MeshSample) -> list[Finding]:
    """How many of the points looked at lie on a doubled surface."""
    found, hits = soundings(sample), doubled(sample)
    if not len(hits):
        return []
    lines = np.unique(found.line[hits])
    share = len(lines) / len(found.face)
    return [
        Finding(
            "double_sheet",
            len(lines),
            "sampled points",
            round(share, 6),
            "of the surface",
            0.004,
            at_point(found.start[lines[0]]),
        )
    ]


def heat(sample: MeshSample) -> Heat:
    """The triangles looked at that are doubled."""
    found, hits = soundings(sample), doubled(sample)
    return marked(sample, np.concatenate([found.face[found.line[hits]], found.hit[hits]]))


def evidence(sample: MeshSample) -> Evidence:
    """Where the surface is there twice."""
    return picture(sample, heat(sample), "Bright: another sheet lies closely over this one.")


PROPERTY = Property(
    name="double_sheets",
    labels=DoubleSheetsRule.labels,
    accepted=frozenset({"single"}),
    summary="Is the surface there only once?",
    evidence=evidence,
    heat=heat,
    findings=findings,
    sample=MeshSample,
)
