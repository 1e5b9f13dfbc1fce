"""PLY: meshes and clouds, as text or binary (Turk 1994)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...shared.errors import BrokenCapture
from ...shared.modality import Limits
from ...shared.parsed import Parsed
from .parsed import colours_of, refuse_elements, refuse_promises, triangulated, whole
from .ply_header import header_of
from .ply_records import Binary, Columns, as_text

CORNERS = ("vertex_indices", "vertex_index")
INTENSITIES = ("intensity", "scalar_intensity", "reflectance", "scalar_reflectance")
SCANS = ("scan", "scan_id", "scalar_scan", "scalar_scan_id", "scan_index", "point_source_id")


def read(data: bytes, limits: Limits) -> Parsed:
    """The mesh or cloud of a PLY file."""
    header = header_of(data)
    for element in header.elements:
        refuse_elements(element.count, limits)
    there = len(data) - header.size
    least = sum(e.count * (e.least if header.order else 2 * len(e.fields)) for e in header.elements)
    refuse_promises(1, max(0, least - (0 if header.order else 1)), there, "elements")
    tables = Binary(data, header).tables() if header.order else as_text(data, header)
    return assembled(tables, {"format": "PLY", "unit": header.unit})


def assembled(tables: Mapping[str, Columns], facts: Mapping[str, str | float]) -> Parsed:
    """The arrays of a mesh or cloud from the columns of its elements."""
    points = {name.lower(): column for name, column in tables.get("vertex", {}).items()}
    if not {"x", "y", "z"} <= points.keys():
        raise BrokenCapture("The PLY file has no vertices with x, y and z.")
    arrays: dict[str, NDArray[Any]] = {"vertices": stacked(points, ("x", "y", "z"))}
    faces = tables.get("face", {})
    corners = next((name for name in CORNERS if name in faces), "")
    if corners:
        counts, flat = faces[f"{corners} counts"], faces[corners]
        flat = flat if flat.dtype.kind in "iu" else whole(flat)
        arrays["faces"] = flat.reshape(-1, 3) if (counts == 3).all() else triangulated(flat, counts)
    elif "tristrips" in tables:
        arrays["faces"] = of_strips(tables["tristrips"])
    if {"nx", "ny", "nz"} <= points.keys():
        arrays["normals"] = stacked(points, ("nx", "ny", "nz"))
    names: tuple[str, ...]
    for names in (("red", "green", "blue"), ("r", "g", "b"), ("diffuse_red", "diffuse_green", "diffuse_blue")):
        if set(names) <= points.keys() and "colours" not in arrays:
            arrays["colours"] = colours_of([points[name] for name in names])
    for key, names in (("intensity", INTENSITIES), ("scans", SCANS)):
        found = next((points[name] for name in names if name in points), None)
        if found is not None:
            arrays[key] = found
    return Parsed(arrays, facts)


def stacked(columns: Columns, names: tuple[str, ...]) -> NDArray[Any]:
    """Columns side by side, in the machine's order of bytes."""
    chosen = [columns[name] for name in names]
    single = all(column.dtype.kind == "f" and column.dtype.itemsize == 4 for column in chosen)
    table = np.empty((len(chosen[0]), len(chosen)), np.float32 if single else np.float64)
    for i, column in enumerate(chosen):
        table[:, i] = column
    return table


def of_strips(strips: Columns) -> NDArray[np.int64]:
    """Triangles of triangle strips; -1 begins a new one."""
    flat = next((column for name, column in strips.items() if name in CORNERS), np.zeros(0))
    corners = whole(flat)
    triples = np.column_stack([corners[:-2], corners[1:-1], corners[2:]])
    begin = np.maximum.accumulate(np.where(corners < 0, np.arange(len(corners)) + 1, 0))[:-2]
    odd = (np.arange(len(triples)) - begin) % 2 == 1
    triples[odd] = triples[odd][:, [1, 0, 2]]
    return np.asarray(triples[(triples >= 0).all(axis=1)], np.int64)
