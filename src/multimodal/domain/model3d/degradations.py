"""What spoils a scan, whether it is a mesh or a cloud: defects of both, for training `scan_quality`.

Cloud, Scan .... points; a mesh (`defects.Solid`) or a cloud
HOLE, ... ...... each makes the same fault in a mesh and in a cloud
of_sample ...... the arrays of a sample that a defect is put into
written ........ the same as a PLY file
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..shared.modality import Degradation
from . import defects
from .defects import Points, Rng, Solid
from .files.ply_writer import ply_bytes
from .sample import CloudSample, MeshSample, Model3dSample

FAULTY = "faulty"


class Cloud(NamedTuple):
    """Points (n, 3), all finite."""

    points: Points

    @property
    def size(self) -> float:
        """The diagonal of the bounding box."""
        return float(np.linalg.norm(np.ptp(self.points, axis=0)))

    @property
    def spacing(self) -> float:
        """How far apart points are: the median distance to the nearest one, of some."""
        from scipy.spatial import cKDTree

        some = self.points[:: max(1, len(self.points) // 500)]
        return float(np.median(cKDTree(self.points).query(some, 2)[0][:, 1])) * 2


Scan = Solid | Cloud


def near(points: Points, share: float, rng: Rng) -> np.ndarray:
    """The points nearest to one of them: a share of all."""
    far = np.linalg.norm(points - points[int(rng.integers(len(points)))], axis=1)
    return np.argsort(far)[: max(1, round(share * len(points)))]


def hole(scan: Scan, share: float, rng: Rng) -> Scan:
    """A patch is missing."""
    if isinstance(scan, Solid):
        return defects.hole(scan, share, rng)
    return Cloud(np.delete(scan.points, near(scan.points, share, rng), axis=0))


def grain(scan: Scan, strength: float, rng: Rng) -> Scan:
    """Noise of so many mean edges or spacings."""
    if isinstance(scan, Solid):
        return defects.grain(scan, strength, rng)
    return Cloud(scan.points + rng.normal(size=scan.points.shape) * strength * scan.spacing)


def stray(scan: Scan, count: float, rng: Rng) -> Scan:
    """So many crumbs or points float around it."""
    for _ in range(round(count)):
        if isinstance(scan, Solid):
            scan = defects.floater(scan, float(rng.uniform(0.01, 0.04)), rng)
    if isinstance(scan, Solid):
        return scan
    low, high = scan.points.min(axis=0), scan.points.max(axis=0)
    beside = rng.uniform(low - 0.1 * (high - low), high + 0.1 * (high - low), (5 * round(count), 3))
    return Cloud(np.vstack([scan.points, beside]))


def doubled(scan: Scan, share: float, rng: Rng) -> Scan:
    """A patch is there a second time, so far off as a share of the diagonal."""
    if isinstance(scan, Solid):
        return defects.double_sheet(scan, share, rng)
    some = near(scan.points, 0.25, rng)
    direction = rng.normal(size=3)
    return Cloud(
        np.vstack([scan.points, scan.points[some] + direction / np.linalg.norm(direction) * share * scan.size])
    )


def ragged(scan: Scan, share: float, rng: Rng) -> Scan:
    """A patch is full of gaps: half of its triangles, nine tenths of its points are missing."""
    if isinstance(scan, Solid):
        patch = defects.patch(scan, share, rng)
        return scan._replace(faces=np.delete(scan.faces, patch[::2], axis=0))
    patch = near(scan.points, share, rng)
    return Cloud(np.delete(scan.points, patch[np.arange(len(patch)) % 10 > 0], axis=0))


HOLE = Degradation("hole", FAULTY, "share", (0.01, 0.02, 0.04, 0.08, 0.15), hole, unnoticed=0.001)
GRAIN = Degradation("grain", FAULTY, "edges or spacings", (0.15, 0.25, 0.4, 0.6), grain, unnoticed=0.03)
STRAY = Degradation("stray", FAULTY, "crumbs", (1.0, 3.0, 8.0), stray)
DOUBLED = Degradation("doubled", FAULTY, "share of the diagonal", (0.006, 0.012, 0.025), doubled)
RAGGED = Degradation("ragged", FAULTY, "share", (0.03, 0.06, 0.12, 0.25), ragged)


def of_sample(sample: Model3dSample) -> Scan:
    """The arrays of a sample."""
    if isinstance(sample, MeshSample):
        return Solid(sample.vertices.astype(np.float64), sample.faces.astype(np.int64))
    points = sample.points if isinstance(sample, CloudSample) else np.zeros((0, 3))
    return Cloud(points[np.isfinite(points).all(axis=1)].astype(np.float64))


def written(scan: Scan) -> bytes:
    """The file of a scan, in single precision."""
    points, faces = (scan.vertices, scan.faces) if isinstance(scan, Solid) else (scan.points, None)
    return ply_bytes(dict(zip("xyz", points.astype(np.float32).T, strict=True)), faces)


def shuffled(scan: Scan, rng: Rng) -> Scan:
    """Turned, and in another order: so that neither tells anything."""
    if isinstance(scan, Solid):
        return defects.reordered(defects.moved(scan, rng), rng)
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    return Cloud((scan.points @ turn.T)[rng.permutation(len(scan.points))])
