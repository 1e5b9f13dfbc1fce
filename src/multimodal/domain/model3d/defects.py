"""What goes wrong with meshes: defects of a stated strength for training, benchmarks and tests.

    Solid ....... vertices and triangles, the arrays that a defect is put into
    MESH ........ all defects of meshes, by name, each a `Degradation`
    BENIGN ...... edits that change nothing that matters

The strength of most is a share: of the triangles, of the surface, of the diagonal, or of the mean edge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..shared.modality import Degradation

Rng = np.random.Generator
Points = NDArray[np.float64]
Faces = NDArray[np.int64]


class Solid(NamedTuple):
    """Vertices (n, 3) and triangles (m, 3)."""

    vertices: Points
    faces: Faces

    @property
    def size(self) -> float:
        """The diagonal of the bounding box."""
        return float(np.linalg.norm(np.ptp(self.vertices, axis=0)))

    @property
    def edge(self) -> float:
        """The mean length of an edge."""
        a, b, c = (self.vertices[self.faces[:, i]] for i in range(3))
        return float(np.mean([np.linalg.norm(x - y, axis=1).mean() for x, y in ((a, b), (b, c), (c, a))]))


def joined(one: Solid, other: Solid) -> Solid:
    """Two meshes as one."""
    return Solid(np.vstack([one.vertices, other.vertices]), np.vstack([one.faces, other.faces + len(one.vertices)]))


def middles(solid: Solid) -> Points:
    """The middle of each triangle."""
    return np.asarray(solid.vertices[solid.faces].mean(axis=1))


def normals(solid: Solid) -> Points:
    """The unit normal of each triangle."""
    a, b, c = (solid.vertices[solid.faces[:, i]] for i in range(3))
    found = np.cross(b - a, c - a)
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1), 1e-300)[:, None])


def point_normals(solid: Solid) -> Points:
    """The unit normal at each vertex."""
    a, b, c = (solid.vertices[solid.faces[:, i]] for i in range(3))
    total = np.zeros_like(solid.vertices)
    for column in solid.faces.T:
        np.add.at(total, column, np.cross(b - a, c - a))
    return np.asarray(total / np.maximum(np.linalg.norm(total, axis=1), 1e-300)[:, None])


def patch(solid: Solid, share: float, rng: Rng) -> Faces:
    """The triangles nearest to one of them, that look the same way: a share of all, one at least."""
    seed = int(rng.integers(len(solid.faces)))
    alike = np.flatnonzero(normals(solid) @ normals(solid)[seed] > 0.2)
    far = np.linalg.norm(middles(solid)[alike] - middles(solid)[seed], axis=1)
    return np.asarray(alike[np.argsort(far)[: max(1, round(share * len(solid.faces)))]])


def chosen(solid: Solid, share: float, rng: Rng) -> Faces:
    """Some triangles anywhere: a share of all, one at least."""
    return rng.permutation(len(solid.faces))[: max(1, round(share * len(solid.faces)))]


def hole(solid: Solid, share: float, rng: Rng) -> Solid:
    """A patch of triangles is missing."""
    return solid._replace(faces=np.delete(solid.faces, patch(solid, share, rng), axis=0))


def missing(solid: Solid, share: float, rng: Rng) -> Solid:
    """Single triangles are missing."""
    return solid._replace(faces=np.delete(solid.faces, chosen(solid, share, rng), axis=0))


def crack(solid: Solid, share: float, rng: Rng) -> Solid:
    """A patch has come loose along its rim, by a hair of the diagonal."""
    part = patch(solid, max(share, 2 / len(solid.faces)), rng)
    vertices, faces = solid.vertices, solid.faces.copy()
    used, number = np.unique(faces[part], return_inverse=True)
    faces[part] = number.reshape(-1, 3) + len(vertices)
    shift = normals(solid)[part[0]] * 1e-4 * solid.size
    return Solid(np.vstack([vertices, vertices[used] + shift]), faces)


def fin(solid: Solid, share: float, rng: Rng) -> Solid:
    """A triangle stands on an edge that has two already."""
    face = solid.faces[int(rng.integers(len(solid.faces)))]
    tip = solid.vertices[face[:2]].mean(axis=0) + point_normals(solid)[face[0]] * share * solid.size
    return Solid(np.vstack([solid.vertices, tip]), np.vstack([solid.faces, [face[1], face[0], len(solid.vertices)]]))


def pinch(solid: Solid, share: float, rng: Rng) -> Solid:
    """A small closed part touches the surface in one of its vertices."""
    at = int(solid.faces[int(rng.integers(len(solid.faces))), 0])
    normal, size = point_normals(solid)[at], share * solid.size
    side = np.cross(normal, [0.3, -0.5, 0.8])
    side /= np.linalg.norm(side)
    third = np.cross(normal, side)
    around = [side, -side / 2 + third * 0.87, -side / 2 - third * 0.87]
    ring = solid.vertices[at] + size * (normal * 2 + np.array(around) * 0.5)
    a, n = at, len(solid.vertices)
    more = [[a, n + 1, n], [a, n + 2, n + 1], [a, n, n + 2], [n, n + 1, n + 2]]
    return Solid(np.vstack([solid.vertices, ring]), np.vstack([solid.faces, more]))


def flipped(solid: Solid, share: float, rng: Rng) -> Solid:
    """Single triangles look inwards."""
    faces = solid.faces.copy()
    some = chosen(solid, share, rng)
    faces[some] = faces[some][:, ::-1]
    return solid._replace(faces=faces)


def inside_out(solid: Solid, share: float, rng: Rng) -> Solid:
    """All triangles look inwards."""
    return solid._replace(faces=solid.faces[:, ::-1].copy())


def tetrahedron(middle: Points, size: float) -> Solid:
    """A small closed part."""
    corners = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]], float)
    return Solid(middle + corners * size / 2, np.array([[0, 1, 2], [0, 3, 1], [0, 2, 3], [1, 3, 2]]))


def floater(solid: Solid, share: float, rng: Rng) -> Solid:
    """A small part floats beside the surface."""
    at = int(rng.integers(len(solid.faces)))
    beside = middles(solid)[at] + normals(solid)[at] * solid.size * 0.2
    return joined(solid, tetrahedron(beside, share * solid.size))


def repeated(solid: Solid, share: float, rng: Rng) -> Solid:
    """Triangles are there twice."""
    return solid._replace(faces=np.vstack([solid.faces, solid.faces[chosen(solid, share, rng)]]))


def reversed_twins(solid: Solid, share: float, rng: Rng) -> Solid:
    """Triangles are there a second time, the other way round."""
    return solid._replace(faces=np.vstack([solid.faces, solid.faces[chosen(solid, share, rng)][:, ::-1]]))


def collapsed(solid: Solid, share: float, rng: Rng) -> Solid:
    """Triangles have a corner twice."""
    more = solid.faces[chosen(solid, share, rng)][:, [0, 1, 1]]
    return solid._replace(faces=np.vstack([solid.faces, more]))


def sliver(solid: Solid, share: float, rng: Rng) -> Solid:
    """Triangles without height: a side of a triangle gets a point in its middle, on the side of its neighbour too."""
    found = solid
    for _ in range(max(1, round(share * len(solid.faces)))):
        a, b, c = found.faces[int(rng.integers(len(found.faces)))]
        new = len(found.vertices)
        middle = (found.vertices[a] + found.vertices[b]) / 2
        row = np.flatnonzero((found.faces == [a, b, c]).all(axis=1))[0]
        faces = np.vstack([np.delete(found.faces, row, axis=0), [a, new, c], [new, b, c], [a, b, new]])
        found = Solid(np.vstack([found.vertices, middle]), faces)
    return found


def crossing(solid: Solid, share: float, rng: Rng) -> Solid:
    """Another closed part sticks in the surface."""
    at = int(rng.integers(len(solid.faces)))
    return joined(solid, tetrahedron(middles(solid)[at], share * solid.size))


def pulled_through(solid: Solid, share: float, rng: Rng) -> Solid:
    """A vertex is pulled through the other side."""
    vertices = solid.vertices.copy()
    at = int(solid.faces[int(rng.integers(len(solid.faces))), 0])
    middle = vertices.mean(axis=0)
    vertices[at] += (middle - vertices[at]) * 2 * (1 + share)
    return solid._replace(vertices=vertices)


def overlap(solid: Solid, share: float, rng: Rng) -> Solid:
    """Triangles lie on others, moved a little within their plane."""
    some = chosen(solid, share, rng)
    a, b, c = (solid.vertices[solid.faces[some, i]] for i in range(3))
    moved = [corner + 0.21 * (b - a) + 0.13 * (c - a) for corner in (a, b, c)]
    vertices = np.stack(moved, axis=1).reshape(-1, 3)
    return joined(solid, Solid(vertices, np.arange(len(vertices)).reshape(-1, 3)))


def needles(solid: Solid, share: float, rng: Rng) -> Solid:
    """Triangles get a new corner very near to one of their sides."""
    some = chosen(solid, share, rng)
    a, b, c = (solid.vertices[solid.faces[some, i]] for i in range(3))
    new = 0.497 * a + 0.497 * b + 0.006 * c
    number = np.arange(len(some)) + len(solid.vertices)
    i, j, k = solid.faces[some].T
    faces = np.vstack(
        [
            np.delete(solid.faces, some, axis=0),
            np.column_stack([i, j, number]),
            np.column_stack([j, k, number]),
            np.column_stack([k, i, number]),
        ]
    )
    return Solid(np.vstack([solid.vertices, new]), faces)


def spikes(solid: Solid, edges: float, rng: Rng) -> Solid:
    """Single vertices stick out, by so many mean edges."""
    vertices = solid.vertices.copy()
    some = np.unique(solid.faces[chosen(solid, 0.002, rng), 0])
    vertices[some] += point_normals(solid)[some] * edges * solid.edge
    return solid._replace(vertices=vertices)


def grain(solid: Solid, edges: float, rng: Rng) -> Solid:
    """All vertices are moved along their normals by noise, whose deviation is so many mean edges."""
    height = rng.normal(size=len(solid.vertices)) * edges * solid.edge
    return solid._replace(vertices=solid.vertices + point_normals(solid) * height[:, None])


def double_sheet(solid: Solid, share: float, rng: Rng) -> Solid:
    """A patch is there a second time, so far off as a share of the diagonal."""
    part = patch(solid, 0.08, rng)
    used, number = np.unique(solid.faces[part], return_inverse=True)
    shifted = solid.vertices[used] + point_normals(solid)[used] * share * solid.size
    return joined(solid, Solid(shifted, number.reshape(-1, 3)))


def thin_wall(solid: Solid, share: float, rng: Rng) -> Solid:
    """A plate as thin as this share of the diagonal stands beside the whole."""
    low, high = solid.vertices.min(axis=0), solid.vertices.max(axis=0)
    size = solid.size
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
    plate = corners * [share * size, 0.3 * size, 0.3 * size] + [high[0] + 0.1 * size, low[1], low[2]]
    sides = [
        [0, 1, 3],
        [0, 3, 2],
        [4, 6, 7],
        [4, 7, 5],
        [0, 4, 5],
        [0, 5, 1],
        [2, 3, 7],
        [2, 7, 6],
        [0, 2, 6],
        [0, 6, 4],
    ]
    return joined(solid, Solid(plate, np.array([*sides, [1, 5, 7], [1, 7, 3]])))


def unreadable(solid: Solid, share: float, rng: Rng) -> Solid:
    """Vertices have no finite coordinates."""
    vertices = solid.vertices.copy()
    vertices[np.unique(solid.faces[chosen(solid, share, rng), 0])] = np.nan
    return solid._replace(vertices=vertices)


def wrong_unit(solid: Solid, times: float, rng: Rng) -> Solid:
    """All is so many times too small, as when millimetres are saved as metres, twice."""
    return solid._replace(vertices=solid.vertices / times)


def _mesh(
    name: str, label: str, unit: str, strengths: tuple[float, ...], apply: Callable[[Solid, float, Rng], Solid]
) -> Degradation:
    return Degradation(name, label, unit, strengths, apply)


TRIANGLES = "share of the triangles"
DIAGONAL = "share of the diagonal"
EDGES = "mean edges"
LIST = (
    _mesh("hole", "open", TRIANGLES, (0.001, 0.01, 0.1), hole),
    _mesh("missing", "open", TRIANGLES, (0.001, 0.01, 0.1), missing),
    _mesh("crack", "open", TRIANGLES, (0.01, 0.05, 0.2), crack),
    _mesh("fin", "non_manifold", DIAGONAL, (0.01, 0.03, 0.1), fin),
    _mesh("pinch", "non_manifold", DIAGONAL, (0.005, 0.02, 0.05), pinch),
    _mesh("flipped", "inconsistent", TRIANGLES, (0.001, 0.01, 0.1), flipped),
    _mesh("inside_out", "inconsistent", "times", (1.0,), inside_out),
    _mesh("floater", "littered", DIAGONAL, (0.005, 0.02, 0.04), floater),
    _mesh("repeated", "degenerate", TRIANGLES, (0.001, 0.01, 0.1), repeated),
    _mesh("reversed", "degenerate", TRIANGLES, (0.001, 0.01, 0.1), reversed_twins),
    _mesh("collapsed", "degenerate", TRIANGLES, (0.001, 0.01, 0.1), collapsed),
    _mesh("sliver", "degenerate", TRIANGLES, (0.001, 0.003, 0.01), sliver),
    _mesh("unreadable", "degenerate", TRIANGLES, (0.001, 0.01, 0.1), unreadable),
    _mesh("crossing", "self_intersecting", DIAGONAL, (0.02, 0.05, 0.1), crossing),
    _mesh("pulled_through", "self_intersecting", "of the way", (0.1, 0.2, 0.4), pulled_through),
    _mesh("overlap", "self_intersecting", TRIANGLES, (0.001, 0.01, 0.1), overlap),
    _mesh("needles", "poor", TRIANGLES, (0.05, 0.1, 0.3), needles),
    _mesh("spikes", "spiky", EDGES, (1.5, 3.0, 6.0), spikes),
    _mesh("grain", "rough", EDGES, (0.1, 0.2, 0.4), grain),
    _mesh("double_sheet", "doubled", DIAGONAL, (0.0005, 0.002, 0.006), double_sheet),
    _mesh("thin_wall", "thin", DIAGONAL, (0.0005, 0.001, 0.002), thin_wall),
    _mesh("wrong_unit", "too_small", "times", (1e5, 1e6, 1e7), wrong_unit),
)
MESH: Mapping[str, Degradation] = {defect.name: defect for defect in LIST}


def reordered(solid: Solid, rng: Rng) -> Solid:
    """Vertices, triangles and their corners in another order."""
    number = rng.permutation(len(solid.vertices))
    vertices = np.empty_like(solid.vertices)
    vertices[number] = solid.vertices
    faces = number[solid.faces][rng.permutation(len(solid.faces))]
    turn = rng.integers(0, 3, len(faces))
    return Solid(vertices, np.take_along_axis(faces, (turn[:, None] + np.arange(3)) % 3, axis=1))


def moved(solid: Solid, rng: Rng) -> Solid:
    """Turned and moved as a whole."""
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    turn[:, 0] *= np.sign(np.linalg.det(turn))
    return solid._replace(vertices=solid.vertices @ turn.T + rng.normal(size=3) * solid.size)


def unused(solid: Solid, rng: Rng) -> Solid:
    """Vertices that no triangle has, some of them not finite."""
    more = rng.normal(size=(20, 3)) * solid.size
    more[0] = np.nan
    return Solid(np.vstack([more, solid.vertices]), solid.faces + len(more))


def seams(solid: Solid, rng: Rng) -> Solid:
    """No triangle shares a vertex with another one, as in an STL, or where texture and normals are cut."""
    return Solid(solid.vertices[solid.faces].reshape(-1, 3), np.arange(solid.faces.size).reshape(-1, 3))


BENIGN: Mapping[str, Callable[[Solid, Rng], Solid]] = {
    "reordered": reordered,
    "moved": moved,
    "unused": unused,
    "seams": seams,
}
