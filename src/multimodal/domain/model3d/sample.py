"""3D captures: bytes to a mesh or a point cloud.

Model3dSample ... what meshes and clouds share
MeshSample ...... vertices and triangles
CloudSample ..... points
decode .......... bytes -> sample; whatever the bytes, only a `CaptureError` comes out
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..shared.errors import BrokenCapture
from ..shared.modality import Limits, Parse
from ..shared.parsed import Parsed
from ..shared.sample import Sample, read_only, refuse_large
from .files.parsed import refuse_elements
from .units import Units, units_of

Coordinates = NDArray[np.float32] | NDArray[np.float64]
Triangles = NDArray[np.int32]

DEFAULT_LIMITS = Limits()
TOGETHER = 1024
LARGEST = 1e9
"""Coordinates beyond this, in the file's own unit, are no measurement."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Model3dSample(Sample):
    """What meshes and clouds share. format: of the file, or "arrays". units: see `Units`."""

    format: str = "arrays"
    units: Units = field(default_factory=Units)


@dataclass(frozen=True, eq=False, kw_only=True)
class MeshSample(Model3dSample):
    """A surface of triangles.

    vertices: float (n, 3), read-only; not all of them finite or used. faces: int32 (m, 3), m at least 1, indices into
    them, read-only. colours: uint8 RGB (n, 3) or None.
    """

    vertices: Coordinates
    faces: Triangles
    colours: NDArray[np.uint8] | None = None

    @property
    def info(self) -> dict[str, Any]:
        """What is known without a model."""
        return {"kind": "mesh", "faces": len(self.faces), "vertices": len(self.vertices), **told(self, self.vertices)}


@dataclass(frozen=True, eq=False, kw_only=True)
class CloudSample(Model3dSample):
    """Measured points.

    points: float (n, 3), n at least 1, read-only; rows may be NaN where a scanner saw nothing. colours: uint8 RGB
    (n, 3). intensity: float32 (n,). normals: float32 (n, 3). scans: int32 (n,), which scan each point comes from. All
    but the points may be None.
    """

    points: Coordinates
    colours: NDArray[np.uint8] | None = None
    intensity: NDArray[np.float32] | None = None
    normals: NDArray[np.float32] | None = None
    scans: NDArray[np.int32] | None = None

    @property
    def info(self) -> dict[str, Any]:
        """What is known without a model."""
        return {"kind": "cloud", "points": len(self.points), **told(self, self.points)}


def told(sample: Model3dSample, coordinates: Coordinates) -> dict[str, Any]:
    """Format, size and unit, as a person is told them."""
    low, high = bounds(coordinates)
    return {"format": sample.format, "size": [round(float(s), 6) for s in high - low], "unit": sample.units.name}


def bounds(coordinates: Coordinates) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest corner, (3,) each, of the finite rows; zeros when there is none."""
    low, high = extremes(coordinates)
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        kept = coordinates[np.isfinite(coordinates).all(axis=1)]
        if not len(kept):
            return np.zeros(3), np.zeros(3)
        low, high = extremes(kept)
    return np.asarray(low, np.float64), np.asarray(high, np.float64)


def extremes(rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Smallest and largest of each of three columns; many rows at a time, since NumPy is slow along rows of three."""
    whole = len(rows) - len(rows) % TOGETHER
    blocks = np.ascontiguousarray(rows[:whole]).reshape(-1, 3 * TOGETHER)
    parts = [rows[whole:]] if whole < len(rows) else []
    if whole:
        parts += [blocks.min(axis=0).reshape(-1, 3), blocks.max(axis=0).reshape(-1, 3)]
    ends = np.concatenate(parts)
    return ends.min(axis=0), ends.max(axis=0)


def decode(
    data: bytes, name: str = "capture", limits: Limits = DEFAULT_LIMITS, parse: Parse | None = None
) -> MeshSample | CloudSample:
    """Decode a mesh or a point cloud; its type is told by its content.

    parse: reads the bytes; by default in this process, and a service gives one that does it in a process with limits.
    Raises `CaptureTooLarge`, `UnsupportedFormat`, `TooManyPixels` or `BrokenCapture`, and nothing else.
    """
    from .files.parse import parse as parse_here

    refuse_large(len(data), limits.bytes)
    return sample_of((parse or parse_here)(data, limits), name, limits)


def sample_of(parsed: Parsed, name: str = "capture", limits: Limits = DEFAULT_LIMITS) -> MeshSample | CloudSample:
    """The sample of what was read, when it holds together; nothing native sees it before."""
    arrays = parsed.arrays
    vertices = coordinates_of(arrays.get("vertices"), limits)
    common: dict[str, Any] = {
        "name": name,
        "format": str(parsed.facts.get("format", "arrays")),
        "units": units_of(parsed.facts, math.dist(*bounds(vertices))),
        "colours": optional(arrays, "colours", np.uint8, (len(vertices), 3)),
    }
    faces = arrays.get("faces")
    if faces is not None and len(faces):
        return MeshSample(vertices=vertices, faces=triangles_of(faces, len(vertices), limits), **common)
    return CloudSample(
        points=vertices,
        intensity=optional(arrays, "intensity", np.float32, (len(vertices),)),
        normals=optional(arrays, "normals", np.float32, (len(vertices), 3)),
        scans=optional(arrays, "scans", np.int32, (len(vertices),)),
        **common,
    )


def coordinates_of(array: NDArray[Any] | None, limits: Limits) -> Coordinates:
    """Coordinates that can be worked with: a row that is not finite or beyond all measure becomes NaN."""
    if array is None or array.ndim != 2 or array.shape[1:] != (3,) or not len(array):
        raise BrokenCapture("The file holds no points.")
    refuse_elements(len(array), limits)
    kept = np.ascontiguousarray(array, array.dtype if array.dtype in (np.float32, np.float64) else np.float64)
    extreme = max(abs(float(kept.min())), abs(float(kept.max())))
    if not extreme <= LARGEST:
        with np.errstate(invalid="ignore"):
            wrong = ~(np.abs(kept) <= LARGEST).all(axis=1)
        if wrong.all():
            raise BrokenCapture("Not one of the file's points is finite.")
        kept = np.where(wrong[:, None], np.array(np.nan, kept.dtype), kept)
    return read_only(kept)


def triangles_of(array: NDArray[Any], count: int, limits: Limits) -> Triangles:
    """Triangles whose indices are all in range."""
    if array.ndim != 2 or array.shape[1] != 3 or array.dtype.kind not in "iu":
        raise BrokenCapture("The file's faces are no triangles.")
    refuse_elements(len(array), limits)
    lowest, highest = int(array.min()), int(array.max())
    if lowest < 0 or highest >= count:
        raise BrokenCapture(f"A face refers to vertex {lowest if lowest < 0 else highest}, but there are {count:,}.")
    return read_only(np.ascontiguousarray(array, np.int32))


def optional(arrays: Mapping[str, NDArray[Any]], name: str, dtype: Any, shape: tuple[int, ...]) -> Any:
    """An array that may be missing; one that does not fit the points is left out."""
    array = arrays.get(name)
    if array is None or array.shape != shape:
        return None
    return read_only(np.ascontiguousarray(array, dtype))
