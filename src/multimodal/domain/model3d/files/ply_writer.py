"""Meshes and clouds as binary PLY."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

NAMES = {"f": {4: "float", 8: "double"}, "u": {1: "uchar", 2: "ushort", 4: "uint"}, "i": {4: "int"}}


def ply_bytes(columns: Mapping[str, NDArray[Any]], faces: NDArray[Any] | None = None) -> bytes:
    """The file of points with these columns (`x`, `y`, `z`, `red`, ...), (n,) each, and of triangles (m, 3)."""
    record = np.dtype([(name, column.dtype.newbyteorder("<")) for name, column in columns.items()])
    points = np.empty(len(next(iter(columns.values()))), record)
    for name, column in columns.items():
        points[name] = column
    kinds = ((name, NAMES[column.dtype.kind][column.dtype.itemsize]) for name, column in columns.items())
    lines = ["ply", "format binary_little_endian 1.0", f"element vertex {len(points)}"]
    lines += [f"property {kind} {name}" for name, kind in kinds]
    body = points.tobytes()
    if faces is not None and len(faces):
        table = np.empty(len(faces), [("count", "u1"), ("corners", "<i4", (3,))])
        table["count"], table["corners"] = 3, faces
        lines += [f"element face {len(faces)}", "property list uchar int vertex_indices"]
        body += table.tobytes()
    return "\n".join([*lines, "end_header\n"]).encode() + body
