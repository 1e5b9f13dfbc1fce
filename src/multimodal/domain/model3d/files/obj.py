"""OBJ: vertices and polygons as text (Wavefront). Materials lie in other files, which nobody opens."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...shared.errors import BrokenCapture
from ...shared.modality import Limits
from ...shared.parsed import Parsed
from . import text
from .parsed import colours_of, refuse_elements, triangulated, whole

VERTEX = re.compile(rb"^[ \t]*v[ \t]+([^\n#]+)", re.MULTILINE)
FACE = re.compile(rb"^[ \t]*f[ \t]+([^\n#]+)", re.MULTILINE)
NORMALS_AND_TEXTURE = re.compile(rb"/[^\s]*")


def read(data: bytes, limits: Limits) -> Parsed:
    """The mesh of an OBJ file, or the cloud when it has no faces."""
    lines = data.replace(b"\\\r\n", b" ").replace(b"\\\n", b" ")
    if b"\n" not in lines:
        lines = lines.replace(b"\r", b"\n")
    table = vertices_of(VERTEX.findall(lines))
    refuse_elements(len(table), limits)
    arrays: dict[str, NDArray[Any]] = {"vertices": table[:, :3]}
    if table.shape[1] >= 6:
        arrays["colours"] = colours_of([*table[:, 3:6].T])
    corners, counts = polygons(lines)
    refuse_elements(len(counts), limits)
    if len(counts):
        arrays["faces"] = triangulated(corners, counts)
    return Parsed(arrays, {"format": "OBJ"})


def vertices_of(lines: list[bytes]) -> NDArray[np.float64]:
    """The vertices, and their colours where all have one, (n, 3) or (n, 6); a weight is left out."""
    if not lines:
        raise BrokenCapture("The OBJ file has no vertices.")
    try:
        return text.table(lines)
    except BrokenCapture:  # some have a colour or a weight, some not
        return text.table([b" ".join(line.split()[:3]) for line in lines])


def polygons(lines: bytes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The corners of all polygons, counted from 0, one after the other, and how many each has."""
    faces = FACE.findall(lines)
    if not faces:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    if any(b"/" in face for face in faces[:1]) or b"/" in b"".join(faces):
        faces = NORMALS_AND_TEXTURE.sub(b"", b"\n".join(faces)).split(b"\n")
    counts = np.array([len(face.split()) for face in faces], np.int64)
    corners = whole(text.exactly(b"\n".join(faces), int(counts.sum())))
    if (corners < 0).any():
        corners = absolute(corners, counts, lines)
    return corners - 1, counts


def absolute(corners: NDArray[np.int64], counts: NDArray[np.int64], lines: bytes) -> NDArray[np.int64]:
    """Corners that are counted backwards from the last vertex before the face, counted from 1 instead."""
    vertices = np.array([found.start() for found in VERTEX.finditer(lines)])
    faces = np.array([found.start() for found in FACE.finditer(lines)])
    before = np.repeat(np.searchsorted(vertices, faces), counts)
    return np.where(corners < 0, before + corners + 1, corners)
