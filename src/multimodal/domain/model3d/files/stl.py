"""STL: triangles without a shared vertex, as text or binary (3D Systems 1989)."""

from __future__ import annotations

import re

import numpy as np

from ...shared.errors import BrokenCapture
from ...shared.modality import Limits
from ...shared.parsed import Parsed
from . import text
from .formats import is_binary_stl
from .parsed import refuse_elements, refuse_promises

FACET = np.dtype([("normal", "<f4", (3,)), ("corners", "<f4", (9,)), ("attribute", "<u2")])
START = 84
VERTEX = re.compile(rb"\bvertex\s+(\S+\s+\S+\s+\S+)", re.IGNORECASE)
END = re.compile(rb"\bendsolid\b", re.IGNORECASE)


def read(data: bytes, limits: Limits) -> Parsed:
    """The mesh of an STL file; its vertices are not yet shared."""
    return (read_binary if is_binary_stl(data) else read_text)(data, limits)


def read_binary(data: bytes, limits: Limits) -> Parsed:
    """The mesh of a binary file: 80 bytes of anything, the number of triangles, 50 bytes each."""
    count = int(np.frombuffer(data, "<u4", 1, START - 4)[0])
    refuse_elements(3 * count, limits)
    refuse_promises(count, FACET.itemsize, len(data) - START, "triangles")
    return triangles(np.frombuffer(data, FACET, count, START)["corners"].reshape(-1, 3).astype(np.float32))


def read_text(data: bytes, limits: Limits) -> Parsed:
    """The mesh of a text file."""
    refuse_elements(data.count(b"vertex"), limits)
    corners = VERTEX.findall(data)
    if not END.search(data[-4096:]) or len(corners) % 3:
        raise BrokenCapture("The STL file has no `endsolid`: its end is missing.")
    return triangles(text.exactly(b"\n".join(corners), 3 * len(corners)).reshape(-1, 3))


def triangles(corners: np.ndarray) -> Parsed:
    """The mesh of corners, three by three."""
    if not len(corners):
        raise BrokenCapture("The STL file holds no triangles.")
    faces = np.arange(len(corners), dtype=np.int32).reshape(-1, 3)
    return Parsed({"vertices": corners, "faces": faces}, {"format": "STL"})
