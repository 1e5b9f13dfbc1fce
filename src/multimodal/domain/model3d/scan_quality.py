"""Scan quality: all in all, is it a good scan?

What the rules measure of a mesh or a cloud, put together and weighed by a model that was trained on good scans and
their spoiled copies: shapes from this package, or your own (`multimodal train scan_quality --good FOLDER`). It speaks
beside the rules and overrules none: its score ranks scans where several measures are a little off.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

from ..shared.data import FeatureExtractor
from ..shared.modality import Property
from .cloud_noise import CloudNoiseExtractor, CloudNoiseRule
from .components import ComponentsExtractor
from .coverage import CoverageExtractor
from .degradations import DOUBLED, FAULTY, GRAIN, HOLE, RAGGED, STRAY
from .density import DensityExtractor, DensityRule
from .double_sheets import DoubleSheetsExtractor, DoubleSheetsRule
from .manifold import ManifoldExtractor
from .outliers import OutliersExtractor, OutliersRule
from .sample import MeshSample, Model3dSample
from .self_intersection import SelfIntersectionExtractor
from .surface_noise import SurfaceNoiseExtractor, SurfaceNoiseRule
from .triangle_quality import TriangleQualityExtractor
from .validity import ValidityExtractor
from .watertight import WatertightExtractor

LABELS = (FAULTY, "sound")
MESH = {
    "holes": ("watertight", "holes"),
    "missing_area": ("watertight", "missing_area"),
    "non_manifold": ("manifold", "faults"),
    "floaters": ("components", "floaters"),
    "intersections": ("self_intersection", "pairs"),
    "needles": ("triangle_quality", "needles"),
    "spikes": ("surface_noise", "spikes"),
    "roughness": ("surface_noise", "roughness"),
    "double_sheets": ("double_sheets", "share"),
}
CLOUD = {
    "cloud_duplicates": ("validity", "duplicates"),
    "unevenness": ("density", "unevenness"),
    "outliers": ("outliers", "share"),
    "statistical_outliers": ("outliers", "statistical"),
    "noise": ("cloud_noise", "noise"),
    "upper_noise": ("cloud_noise", "upper"),
    "cloud_holes": ("coverage", "holes"),
    "rim": ("coverage", "rim"),
}
EXTRACTORS: Mapping[str, FeatureExtractor] = {
    "watertight": WatertightExtractor(),
    "manifold": ManifoldExtractor(),
    "components": ComponentsExtractor(),
    "self_intersection": SelfIntersectionExtractor(),
    "triangle_quality": TriangleQualityExtractor(),
    "surface_noise": SurfaceNoiseExtractor(),
    "double_sheets": DoubleSheetsExtractor(),
    "validity": ValidityExtractor(),
    "density": DensityExtractor(),
    "outliers": OutliersExtractor(),
    "cloud_noise": CloudNoiseExtractor(),
    "coverage": CoverageExtractor(),
}
LIMITS = {
    "roughness": SurfaceNoiseRule().roughness,
    "double_sheets": DoubleSheetsRule().threshold,
    "unevenness": DensityRule().threshold,
    "outliers": OutliersRule().threshold,
    "noise": CloudNoiseRule().threshold,
    "upper_noise": 4 * CloudNoiseRule().threshold,
}
"""Where a measure's rule draws the line; of counts, at one."""
COUNTED = ("holes", "non_manifold", "floaters", "intersections", "spikes", "cloud_holes")


class ScanQualityExtractor(FeatureExtractor):
    """worst: the measure that is farthest over its rule's limit, in limits. is_cloud: 1 of a cloud, 0 of a mesh.

    The others: what the rules measure, in logarithms of value over limit plus one; 0 for what is not asked of its kind.
    """

    names: ClassVar[tuple[str, ...]] = ("worst", "is_cloud", *MESH, *CLOUD)

    def row(self, sample: Model3dSample) -> Sequence[float]:
        """The numbers of one scan."""
        wanted = MESH if isinstance(sample, MeshSample) else CLOUD
        rows = {name: told(EXTRACTORS[name], sample) for name in {source for source, _ in wanted.values()}}
        found = {name: rows[source][column] / LIMITS.get(name, 1.0) for name, (source, column) in wanted.items()}
        worst = max(found[name] for name in found if name in LIMITS or name in COUNTED)
        values = [math.log1p(max(found.get(name, 0.0), 0.0)) for name in (*MESH, *CLOUD)]
        return worst, float(not isinstance(sample, MeshSample)), *values


def told(extractor: FeatureExtractor, sample: Model3dSample) -> dict[str, float]:
    """What an extractor measures, by name."""
    return dict(zip(extractor.names, extractor.row(sample), strict=True))


PROPERTY = Property(
    name="scan_quality",
    labels=LABELS,
    accepted=frozenset({"sound"}),
    summary="All in all, is it a good scan?",
    degradations=(HOLE, GRAIN, STRAY, DOUBLED, RAGGED),
    sample=Model3dSample,
)
