"""Small meshes and clouds as samples."""

from typing import Any

import numpy as np
import trimesh

from multimodal.domain.model3d.sample import CloudSample, MeshSample


def sample(mesh: Any) -> MeshSample:
    """A trimesh as a sample."""
    return mesh_of(mesh.vertices, mesh.faces)


def mesh_of(vertices: Any, faces: Any) -> MeshSample:
    """A sample of arrays."""
    return MeshSample(vertices=np.asarray(vertices, float), faces=np.asarray(faces, np.int32).reshape(-1, 3))


def cube(at: tuple[float, float, float] = (0, 0, 0), side: float = 1.0) -> Any:
    """A closed cube of twelve triangles."""
    return trimesh.creation.box((side, side, side), trimesh.transformations.translation_matrix(at))


def together(*meshes: Any) -> MeshSample:
    """Several meshes as one."""
    return sample(trimesh.util.concatenate(list(meshes)))


def without(mesh: Any, *faces: int) -> MeshSample:
    """A mesh that lacks some faces."""
    return mesh_of(mesh.vertices, np.delete(mesh.faces, faces, axis=0))


def with_faces(mesh: Any, *faces: tuple[int, int, int]) -> MeshSample:
    """A mesh with more faces."""
    return mesh_of(mesh.vertices, np.vstack([mesh.faces, faces]))


def soup(sample: MeshSample) -> MeshSample:
    """The same triangles without a shared vertex."""
    return mesh_of(sample.vertices[sample.faces].reshape(-1, 3), np.arange(sample.faces.size))


def cloud(points: Any, **more: Any) -> CloudSample:
    """A cloud of points."""
    return CloudSample(points=np.asarray(points, float), **more)
