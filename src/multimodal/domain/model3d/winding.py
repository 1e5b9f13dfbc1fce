"""Winding: do all triangles look outwards?

Neighbours disagree where their common edge runs the same way in both. A part whose triangles agree may still be turned
inside out: its signed volume is then negative. A part inside another one may be so: it is a cavity. A part with a hole
is judged only when the hole is small beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ..shared.data import FeatureExtractor
from ..shared.modality import Property
from ..shared.results import Evidence, Finding
from ..shared.sample import measure
from .faults import FaultRule, Heat, at_point, found_at, marked
from .geometry import areas, corners, crosses
from .rendering import picture
from .sample import MeshSample
from .topology import bodies, bordering, same_way, twins
from .welding import Floats, Longs, Mask, welded

CLEAR = 1e-3
"""Signed volume, as a share of what a sphere of the same surface holds, that tells inside from outside."""
MOSTLY_CLOSED = 0.25
"""Border edges to triangles, up to which a part is judged."""


class WindingExtractor(FeatureExtractor):
    """faults: both together. edges: where neighbours disagree. inside_out: parts."""

    names: ClassVar[tuple[str, ...]] = ("faults", "edges", "inside_out")

    def row(self, sample: MeshSample) -> Sequence[float]:
        """The numbers of one mesh."""
        disagreeing, turned = int(same_way(sample).sum()), len(inside_out(sample))
        return disagreeing + turned, disagreeing, turned


class WindingRule(FaultRule):
    """Inconsistent from one edge or part on."""

    labels: ClassVar[tuple[str, ...]] = ("inconsistent", "consistent")


@measure
def inside_out(sample: MeshSample) -> Longs:
    """Parts that are turned inside out."""
    count, label = bodies(sample)
    if not count:
        return np.zeros(0, np.int64)
    surface = np.bincount(label, areas(sample), minlength=count)
    volume = volumes(sample)
    sizes = np.bincount(label, minlength=count)
    borders = np.bincount(label[bordering(sample) // 3], minlength=count)
    mixed = np.bincount(label[twins(sample)[0][same_way(sample)] // 3], minlength=count)
    ball = surface**1.5 / (6 * np.sqrt(np.pi))
    turned = np.flatnonzero((volume < -CLEAR * ball) & (borders <= MOSTLY_CLOSED * sizes) & (mixed == 0))
    return turned[~inside_another(sample, turned)] if len(turned) else turned


def volumes(sample: MeshSample) -> Floats:
    """The signed volume of each part, as seen from its own middle."""
    count, label = bodies(sample)
    weight = np.maximum(np.bincount(label, minlength=count), 1)
    found = np.zeros(count)
    for place, normal in zip(corners(sample)[:3], crosses(sample), strict=True):
        middle = (np.bincount(label, place, minlength=count) / weight).astype(place.dtype)
        found += np.bincount(label, (place - middle.take(label)) * normal, minlength=count)
    return found / 6


def inside_another(sample: MeshSample, parts: Longs) -> Mask:
    """Whether each part lies within the bounding box of a part that is not turned: then it is a cavity of it."""
    count, label = bodies(sample)
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    for column in np.split(corners(sample).T, 3, axis=1):
        np.minimum.at(low, label, column)
        np.maximum.at(high, label, column)
    outer = np.setdiff1d(np.arange(count), parts)
    return np.array([((low[outer] < low[part]) & (high[outer] > high[part])).all(axis=1).any() for part in parts], bool)


def findings(sample: MeshSample) -> list[Finding]:
    """Edges where neighbours disagree, and parts that are inside out."""
    _, label = bodies(sample)
    wrong = twins(sample)[0][same_way(sample)]
    found = []
    if len(wrong):
        place = at_point(welded(sample).points[welded(sample).faces.ravel()[wrong[0]]])
        found.append(Finding("flipped_edge", len(wrong), "edges", float(len(wrong)), "edges", None, place))
    turned = np.flatnonzero(np.isin(label, inside_out(sample)))
    return found + found_at(sample, "inside_out", turned)


def heat(sample: MeshSample) -> Heat:
    """Triangles that disagree with a neighbour, and those of parts that are inside out."""
    _, label = bodies(sample)
    one, other = (half[same_way(sample)] // 3 for half in twins(sample))
    turned = np.flatnonzero(np.isin(label, inside_out(sample)))
    return marked(sample, np.concatenate([one, other, turned]).astype(np.int64))


def evidence(sample: MeshSample) -> Evidence:
    """Where triangles look the wrong way."""
    return picture(sample, heat(sample), "Bright: triangles that disagree with a neighbour, or look inwards.")


PROPERTY = Property(
    name="winding",
    labels=WindingRule.labels,
    accepted=frozenset({"consistent"}),
    summary="Do all triangles look outwards?",
    evidence=evidence,
    heat=heat,
    findings=findings,
    sample=MeshSample,
)
