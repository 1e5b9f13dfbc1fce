"""What properties of meshes share: counting faults, and pointing at them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ..shared.results import Finding
from ..shared.rules import AtMostRule
from .geometry import LEAST, place_of
from .neighbours import usable
from .sample import CloudSample, MeshSample
from .welding import Index, Longs, welded

Heat = NDArray[np.float32]
"""For each triangle of the welded mesh (or each usable point of a cloud) from 0, sound, to 1, faulty."""


class FaultRule(AtMostRule):
    """Rejected from `threshold` faults on; the default says that one is too many."""

    labels: ClassVar[tuple[str, ...]] = ("faulty", "sound")

    def __init__(self, threshold: float = 0.5, softness: float = 0.1) -> None:
        super().__init__(threshold, softness)


def found_at(
    sample: MeshSample,
    name: str,
    faces: Index | Longs,
    *,
    severity: float | None = None,
    unit: str = "",
    limit: float | None = None,
) -> list[Finding]:
    """A finding about these triangles of the welded mesh, or none where there are none."""
    if not len(faces):
        return []
    bad = float(len(faces)) if severity is None else severity
    return [Finding(name, len(faces), "triangles", round(bad, 6), unit or "triangles", limit, place_of(sample, faces))]


def at_point(point: NDArray[np.floating]) -> tuple[float, ...]:
    """A place as it is told."""
    return tuple(round(float(x), 6) for x in point)


def seen_at(sample: CloudSample, row: int | np.integer) -> tuple[float, ...]:
    """The place of a usable point."""
    return at_point(usable(sample).points[row] + usable(sample).middle)


def marked(sample: MeshSample, faces: Index | Longs) -> Heat:
    """Heat on these triangles alone."""
    heat = np.zeros(len(welded(sample).faces), np.float32)
    heat[faces] = 1
    return heat


def beyond(values: NDArray[np.floating], limit: float) -> Heat:
    """Heat of values above a limit: 0 up to it, 1 from twice as much on.

    >>> beyond(np.array([1.0, 2.0, 3.0, 4.0, 9.0]), 2.0).tolist()
    [0.0, 0.0, 0.5, 1.0, 1.0]
    """
    return np.asarray(np.clip(values / max(limit, LEAST) - 1, 0, 1), np.float32)


def around_points(sample: MeshSample, points: Index | Longs) -> Longs:
    """The triangles that have one of these points as a corner."""
    chosen = np.zeros(len(welded(sample).points), bool)
    chosen[points] = True
    return np.flatnonzero(chosen[welded(sample).faces].any(axis=1)) if len(points) else np.zeros(0, np.int64)


def worst_first(findings: Sequence[Finding]) -> list[Finding]:
    """Findings in the order of how many elements they have."""
    return sorted(findings, key=lambda finding: -finding.count)
