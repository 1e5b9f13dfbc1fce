"""How sharply a surface bends from one triangle to the next."""

from __future__ import annotations

import numpy as np

from ..shared.sample import measure
from .geometry import Reals, normals
from .sample import MeshSample
from .topology import same_way, twins


@measure
def bends(sample: MeshSample) -> Reals:
    """The cosine between the normals of twins, as if all triangles looked the same way, (t,)."""
    one, other = (half // 3 for half in twins(sample))
    cosine = sum(column.take(one) * column.take(other) for column in np.ascontiguousarray(normals(sample).T))
    return np.asarray(np.where(same_way(sample), -cosine, cosine))
