"""GLB, glTF, 3MF and DAE: scenes of meshes, read by trimesh after their promises were checked (extra `scan`).

Nothing outside the file is opened: buffers have to be inside it, textures are not read.
"""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...shared.errors import BrokenCapture, MissingExtra
from ...shared.modality import Limits
from ...shared.parsed import Parsed
from .parsed import refuse_elements, refuse_promises

DECLARATIONS = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
UNIT_3MF = re.compile(rb"""<model\b[^>]*\bunit\s*=\s*["']([a-z]+)["']""")
UNIT_DAE = re.compile(rb"""<unit\b[^>]*\bmeter\s*=\s*["']([-+.\deE]+)["']""")
MOST_FILES, MOST_RATIO, MOST_GROWTH = 1000, 200, 32
"""Of an archive: files, how often smaller a packed file may be, and how often larger than the archive they all are."""
SIZES = {5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}


def read_glb(data: bytes, limits: Limits) -> Parsed:
    """The mesh of all that a GLB file shows, in metres."""
    if len(data) < 20:
        raise BrokenCapture("The GLB file ends before it begins.")
    version, length, chunk, kind = struct.unpack_from("<IIII", data, 4)
    if version != 2 or kind != 0x4E4F534A:
        raise BrokenCapture("The GLB file is of a version that is not read: only 2 is.")
    if length > len(data) or 20 + chunk > len(data):
        raise BrokenCapture("The GLB file is shorter than it says: its end is missing.")
    refuse_header(data[20 : 20 + chunk], len(data), limits, inside=1)
    return of_scene(data, "glb", {"format": "GLB", "unit": "m", "unit_source": "format"}, limits)


def read_gltf(data: bytes, limits: Limits) -> Parsed:
    """The mesh of all that a glTF file with its buffers inside shows, in metres."""
    refuse_header(data, len(data), limits)
    return of_scene(data, "gltf", {"format": "glTF", "unit": "m", "unit_source": "format"}, limits)


def read_3mf(data: bytes, limits: Limits) -> Parsed:
    """The mesh of all that a 3MF file builds."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        refuse_archive(archive.infolist(), limits)
        models = [name for name in archive.namelist() if name.lower().endswith(".model")]
        found = [archive.read(name) for name in models]
    for text in found:
        refuse_xml(text)
    units = [match.group(1).decode() for text in found for match in UNIT_3MF.finditer(text[:65536])]
    unit = {"unit": units[0]} if units else {"unit": "mm", "unit_source": "format"}
    return of_scene(data, "3mf", {"format": "3MF", **unit}, limits)


def read_dae(data: bytes, limits: Limits) -> Parsed:
    """The mesh of all that a COLLADA file shows."""
    refuse_xml(data)
    metres = UNIT_DAE.search(data)
    told: dict[str, str | float] = {"format": "DAE"}
    told |= {"metres": float(metres.group(1))} if metres else {"unit": "m", "unit_source": "format"}
    return of_scene(data, "dae", told, limits)


def refuse_header(text: bytes, there: int, limits: Limits, inside: int = 0) -> None:
    """Raise an error for a glTF header that promises too much, or that needs other files.

    inside: buffers that need no address, because they follow the header.
    """
    header = json.loads(text)
    for number, buffer in enumerate(header.get("buffers", ())):
        uri = str(buffer.get("uri", "data:" if number < inside else ""))
        if not uri.startswith("data:"):
            raise BrokenCapture("The scene's buffers lie in other files, which are not opened. Save it as GLB.")
    packed = [name for name in header.get("extensionsRequired", ()) if "compression" in str(name)]
    if packed:
        raise BrokenCapture(f"The scene is packed with {packed[0]}, which is not read. Save it without compression.")
    total = 0
    for accessor in header.get("accessors", ()):
        count, size = int(accessor["count"]), SIZES[accessor["componentType"]] * WIDTHS[accessor["type"]]
        refuse_promises(count, size, there, "values")
        total += count
    refuse_elements(total, limits)
    children = [child for node in header.get("nodes", ()) for child in node.get("children", ())]
    if len(children) != len(set(children)):
        raise BrokenCapture("A node of the scene hangs on several others, which glTF does not allow.")


def refuse_archive(files: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Raise an error for an archive that would grow beyond all measure."""
    large = sum(file.file_size for file in files)
    if len(files) > MOST_FILES or large > MOST_GROWTH * limits.bytes:
        raise BrokenCapture(f"The archive holds {len(files):,} files of {large:,} bytes, which is too much.")
    if any(file.file_size > MOST_RATIO * max(file.compress_size, 1024) for file in files):
        raise BrokenCapture(f"A file of the archive is over {MOST_RATIO} times as large as it is packed.")


def refuse_xml(text: bytes) -> None:
    """Raise an error for XML that defines entities, or that could hide from being looked through."""
    if DECLARATIONS.search(text):
        raise BrokenCapture("The file's XML has a DOCTYPE or entities, which are not read.")
    if b"\0" in text[:64] or text[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise BrokenCapture("The file's XML is not UTF-8.")


def of_scene(data: bytes, kind: str, facts: Mapping[str, str | float], limits: Limits) -> Parsed:
    """All meshes of a scene as one, each where the scene shows it; all clouds where there is no mesh."""
    try:
        import trimesh
    except ImportError as error:
        raise MissingExtra("scan", f"Reading {facts['format']} files") from error
    options: dict[str, Any] = {"skip_materials": True} if kind in ("glb", "gltf") else {}
    scene = trimesh.load_scene(io.BytesIO(data), file_type=kind, process=False, **options)
    shown = [(scene.geometry[name], matrix) for matrix, name in map(scene.graph.get, scene.graph.nodes_geometry)]
    meshes = [pair for pair in shown if hasattr(pair[0], "faces")]
    chosen = meshes or [pair for pair in shown if hasattr(pair[0], "vertices") and not hasattr(pair[0], "entities")]
    refuse_elements(sum(len(part.vertices) + len(getattr(part, "faces", ())) for part, _ in chosen), limits)
    if not chosen:
        raise BrokenCapture("The scene shows no mesh and no points.")
    return Parsed(dict(joined(chosen)), facts)


def joined(parts: list[tuple[Any, NDArray[np.float64]]]) -> Iterator[tuple[str, NDArray[Any]]]:
    """The arrays of several geometries, each moved by its matrix (4, 4)."""
    yield "vertices", np.concatenate([moved(part.vertices, matrix) for part, matrix in parts])
    if hasattr(parts[0][0], "faces"):
        starts = np.cumsum([0, *(len(part.vertices) for part, _ in parts[:-1])])
        turned = [part.faces[:, ::-1] if np.linalg.det(matrix[:3, :3]) < 0 else part.faces for part, matrix in parts]
        yield "faces", np.concatenate([faces + start for faces, start in zip(turned, starts, strict=True)])
    colours = [coloured(part) for part, _ in parts]
    if all(colour is not None for colour in colours):
        yield "colours", np.concatenate([colour for colour in colours if colour is not None])


def moved(vertices: NDArray[Any], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Vertices where the matrix puts them."""
    return np.asarray(vertices @ matrix[:3, :3].T + matrix[:3, 3], np.float64)


def coloured(part: Any) -> NDArray[np.uint8] | None:
    """The colours of a geometry's vertices, if it has them."""
    if hasattr(part, "faces") and part.visual.kind != "vertex":
        return None
    table = part.visual.vertex_colors if hasattr(part, "faces") else part.colors
    return table[:, :3] if np.shape(table) == (len(part.vertices), 4) else None
