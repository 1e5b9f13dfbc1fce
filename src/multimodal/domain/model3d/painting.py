"""A mesh or cloud with its faulty elements coloured, as a file for a viewer.

    coloured ... the sample and its heat -> PLY or GLB (extra `scan`)

What is sound is grey and keeps its shared vertices; each faulty triangle gets three of its own, from orange to red, so
that its outline is sharp.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..shared.errors import MissingExtra
from .faults import Heat
from .files.ply_writer import ply_bytes
from .sample import CloudSample, MeshSample, Model3dSample
from .welding import welded

FORMATS = ("ply", "glb")
GREY, ORANGE, RED = (np.array(colour, np.float32) for colour in ((185, 185, 190), (255, 170, 40), (215, 20, 30)))


class Painted(NamedTuple):
    """Vertices float64 (n, 3), their colours uint8 (n, 3), triangles int32 (m, 3), none of a cloud."""

    vertices: NDArray[np.float64]
    colours: NDArray[np.uint8]
    faces: NDArray[np.int32]


def coloured(sample: Model3dSample, heat: Heat, form: str) -> bytes:
    """The file of the coloured sample; heat: of each triangle of the welded mesh, or each finite point of the cloud."""
    shown = painted_mesh(sample, heat) if isinstance(sample, MeshSample) else painted_cloud(sample, heat)
    return to_glb(shown) if form == "glb" else to_ply(shown)


def painted_mesh(sample: MeshSample, heat: Heat) -> Painted:
    """A mesh whose faulty triangles have vertices of their own."""
    mesh = welded(sample)
    hot = np.flatnonzero(heat > 0)
    own = mesh.points[mesh.faces[hot]].reshape(-1, 3)
    faces = mesh.faces.copy()
    faces[hot] = len(mesh.points) + np.arange(len(own), dtype=np.int32).reshape(-1, 3)
    colours = np.vstack([tinted(np.zeros(len(mesh.points))), np.repeat(tinted(heat[hot]), 3, axis=0)])
    return Painted(np.vstack([mesh.points, own]).astype(np.float64), colours, faces)


def painted_cloud(sample: Model3dSample, heat: Heat) -> Painted:
    """A cloud with a colour for each finite point."""
    points = sample.points if isinstance(sample, CloudSample) else np.zeros((0, 3))
    finite = np.isfinite(points).all(axis=1)
    return Painted(points[finite].astype(np.float64), tinted(heat), np.zeros((0, 3), np.int32))


def tinted(heat: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Grey for nothing, then from orange to red, (n, 3)."""
    warm = ORANGE + np.clip(heat, 0, 1)[:, None] * (RED - ORANGE)
    return np.asarray(np.where(heat[:, None] > 0, warm, GREY), np.uint8)


def to_ply(shown: Painted) -> bytes:
    """A binary PLY."""
    columns: dict[str, NDArray[Any]] = dict(zip("xyz", shown.vertices.T, strict=True))
    columns |= dict(zip(("red", "green", "blue"), shown.colours.T, strict=True))
    return ply_bytes(columns, shown.faces)


def to_glb(shown: Painted) -> bytes:
    """A GLB."""
    try:
        import trimesh
    except ImportError as error:
        raise MissingExtra("scan", "Writing GLB files") from error
    opaque = np.column_stack([shown.colours, np.full(len(shown.colours), 255, np.uint8)])
    library: Any = trimesh
    if len(shown.faces):
        made = library.Trimesh(shown.vertices, shown.faces, vertex_colors=opaque, process=False)
    else:
        made = library.PointCloud(shown.vertices, colors=opaque)
    return bytes(library.Scene(made).export(file_type="glb"))
