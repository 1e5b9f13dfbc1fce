"""How sharply a surface bends from one triangle to the next."""

from __future__ import annotations

import numpy as np

from ..shared.sample import measure
from .chunks import in_chunks
from .geometry import Reals, normals
from .sample import MeshSample
from .topology import across, after, same_way, twins
from .welding import Index, Mask, welded


@measure
def bends(sample: MeshSample) -> Reals:
    """The cosine between the normals of twins, as if all triangles looked the same way, (t,)."""
    (one, other), turned = across(sample), same_way(sample)
    columns = np.ascontiguousarray(normals(sample).T)

    def cosines(part: slice) -> Reals:
        cosine = sum(column.take(one[part]) * column.take(other[part]) for column in columns)
        return np.asarray(np.where(turned[part], -cosine, cosine))

    return np.concatenate(in_chunks(len(one), cosines))


SHARP = float(np.cos(np.radians(40)))


@measure
def sharp_edges(sample: MeshSample) -> tuple[Index, Mask]:
    """Half-edges where the surface bends by more than 40 degrees, both of each edge, and whether it bends outwards."""
    one, other = twins(sample)
    rows = np.flatnonzero((bends(sample) < SHARP) & ~same_way(sample))
    one, other = one[rows], other[rows]
    points, heads = welded(sample).points, welded(sample).faces.ravel()
    beyond = points[heads[after(after(other))]].astype(np.float64) - points[heads[one]]
    convex = np.einsum("ij,ij->i", beyond, normals(sample)[one // 3]) < 0
    return np.concatenate([one, other]), np.concatenate([convex, convex])
