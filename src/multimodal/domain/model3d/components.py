"""Components: is it one thing, without crumbs around it?

A floater is a separate part with at most one hundredth of the triangles or of the surface: what reconstruction leaves
behind. Larger parts are parts of the thing (an assembly has many).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ..shared.data import FeatureExtractor
from ..shared.modality import Property
from ..shared.results import Evidence, Finding
from ..shared.sample import measure
from .faults import FaultRule, Heat, found_at, marked
from .geometry import areas
from .rendering import picture
from .sample import MeshSample
from .topology import bodies, connected
from .welding import Index, Longs, welded

SHARE = 0.01


class ComponentsExtractor(FeatureExtractor):
    """floaters: small separate parts. components: all parts. largest: its share of the surface."""

    names: ClassVar[tuple[str, ...]] = ("floaters", "components", "largest")

    def row(self, sample: MeshSample) -> Sequence[float]:
        """The numbers of one mesh."""
        count, label = parts(sample)
        surface = np.bincount(label, areas(sample), minlength=count)
        return len(floaters(sample)), count, float(surface.max(initial=0) / max(surface.sum(), 1e-30))


class ComponentsRule(FaultRule):
    """Littered from one floater on."""

    labels: ClassVar[tuple[str, ...]] = ("littered", "whole")


@measure
def parts(sample: MeshSample) -> tuple[int, Index]:
    """How many parts there are that share no point with another, and each triangle's, (m,)."""
    count, label = bodies(sample)
    if count < 2:
        return count, label
    owner = np.zeros(len(welded(sample).points), np.int32)
    faces = welded(sample).faces
    for column in faces.T:
        owner[column] = label
    links = [(label, owner[column]) for column in faces.T]
    kept = [(one[one != other], other[one != other]) for one, other in links]
    one, other = (np.concatenate([link[i] for link in kept]).astype(np.int32) for i in (0, 1))
    fewer, joined = connected(count, one, other)
    return fewer, joined[label]


@measure
def floaters(sample: MeshSample) -> Longs:
    """Parts that are small beside the whole."""
    count, label = parts(sample)
    if count < 2:
        return np.zeros(0, np.int64)
    surface = np.bincount(label, areas(sample), minlength=count)
    sizes = np.bincount(label, minlength=count)
    small = (surface <= SHARE * surface.sum()) | (sizes <= SHARE * sizes.sum())
    small[np.argmax(surface)] = False
    return np.flatnonzero(small)


def loose(sample: MeshSample) -> Longs:
    """The triangles of floaters."""
    return np.flatnonzero(np.isin(parts(sample)[1], floaters(sample)))


def findings(sample: MeshSample) -> list[Finding]:
    """The floaters, with the first one's place."""
    return found_at(sample, "floater", loose(sample), severity=float(len(floaters(sample))), unit="parts")


def heat(sample: MeshSample) -> Heat:
    """The triangles of floaters."""
    return marked(sample, loose(sample))


def evidence(sample: MeshSample) -> Evidence:
    """Where the floaters are."""
    return picture(sample, heat(sample), "Bright: parts too small to belong to it.")


PROPERTY = Property(
    name="components",
    labels=ComponentsRule.labels,
    accepted=frozenset({"whole"}),
    summary="Is it free of small loose parts?",
    evidence=evidence,
    heat=heat,
    findings=findings,
    sample=MeshSample,
)
