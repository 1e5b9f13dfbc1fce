"""On which side of a plane does a point lie? Told exactly, however near it is.

libigl answers with Shewchuk's adaptive arithmetic (extra `scan`). Without it a filter decides all that double precision
can decide, and fractions of whole numbers the few others.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from .welding import Floats

Signs = NDArray[np.int8]
BOUND = 7.77156e-16
"""Relative error of the determinant in double precision: Shewchuk (1997), (7 + 56 eps) eps."""


def orientations(a: Floats, b: Floats, c: Floats, d: Floats) -> Signs:
    """The sign of det(a - d, b - d, c - d) for rows (n, 3): +1 where d sees a, b, c run clockwise, 0 in their plane."""
    try:
        from igl.predicates import orient3d
    except ImportError:
        return filtered(a, b, c, d)
    rows = (np.ascontiguousarray(array, np.float64) for array in (a, b, c, d))
    return np.asarray(orient3d(*rows), np.int8) if len(a) else np.zeros(0, np.int8)


def filtered(a: Floats, b: Floats, c: Floats, d: Floats) -> Signs:
    """The same by NumPy and fractions."""
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = ((array - d).T for array in (a, b, c))
    products = (bx * cy, by * cx), (cx * ay, cy * ax), (ax * by, ay * bx)
    heights = az, bz, cz
    found = sum(z * (one - other) for z, (one, other) in zip(heights, products, strict=True))
    size = sum(abs(z) * (abs(one) + abs(other)) for z, (one, other) in zip(heights, products, strict=True))
    signs: Signs = np.asarray(np.sign(found), np.int8)
    for row in np.flatnonzero(np.abs(found) <= BOUND * size):
        signs[row] = exact(a[row], b[row], c[row], d[row])
    return signs


def exact(a: Floats, b: Floats, c: Floats, d: Floats) -> int:
    """The sign of one determinant, by fractions."""
    rows = [[Fraction(float(x)) - Fraction(float(y)) for x, y in zip(row, d, strict=True)] for row in (a, b, c)]
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = rows
    found = az * (bx * cy - by * cx) + bz * (cx * ay - cy * ax) + cz * (ax * by - ay * bx)
    return (found > 0) - (found < 0)
