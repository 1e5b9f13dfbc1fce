"""Which format the bytes are, by their content; a name proves nothing."""

from __future__ import annotations

import re
import struct

NAMES = "ply", "stl", "obj", "off", "glb", "gltf", "3mf", "dae", "xyz", "pts", "pcd", "las", "laz", "e57"
SUFFIXES = frozenset(f".{name}" for name in NAMES)
"""In a folder. A `.txt` or `.csv` there is more often a note or a table than a cloud; one that is named is read."""
HEAD = 4096
SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"ply\n", "PLY"),
    (b"ply\r", "PLY"),
    (b"glTF", "GLB"),
    (b"LASF", "LAS"),
    (b"ASTM-E57", "E57"),
    (b"# .PCD", "PCD"),
)
OFF = re.compile(rb"\s*(ST)?C?N?4?n?OFF(\s|$)")
PCD = re.compile(rb"\A(\s*#[^\n]*\n)*\s*VERSION\s+\.?0?\.?7.*?\nFIELDS\s", re.DOTALL)
OBJ = re.compile(rb"^(v|f)[ \t]+[-+.\d]", re.MULTILINE)
OBJ_LINE = re.compile(rb"^[ \t]*(?:#|$|\\|(?:v|vn|vt|vp|f|l|p|o|g|s|mg|mtllib|usemtl|usemap|cstype|deg|bevel)\b)")
NUMBER = rb"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|(?i:nan|inf))"
POINT_LINE = re.compile(rb"^\s*" + NUMBER + rb"(?:[\s,;]+" + NUMBER + rb"){2,}\s*[,;]?\s*$")
POINT_TITLE = re.compile(rb"""^[\s/#"']*x["']?[\s,;]+["']?y["']?[\s,;]+["']?z\b""", re.IGNORECASE)


def recognises(data: bytes) -> bool:
    """Whether these bytes are a mesh or a point cloud that can be read."""
    return sniff(data) is not None


def sniff(data: bytes) -> str | None:
    """The format's name, or None."""
    for signature, name in SIGNATURES:
        if data.startswith(signature):
            return name
    if is_binary_stl(data):
        return "STL"
    if data.startswith(b"PK\x03\x04"):
        return "3MF" if b".model" in data[-65536:] or b"3dmodel" in data[:HEAD].lower() else None
    return sniff_text(data)


def is_binary_stl(data: bytes) -> bool:
    """80 bytes of anything, the number of triangles, 50 bytes each. A file that lost its end is one too."""
    if len(data) < 84:
        return False
    (count,) = struct.unpack_from("<I", data, 80)
    if 84 + 50 * count == len(data):
        return True
    plain = all(byte == 0 or 32 <= byte < 127 for byte in data[:80])
    return plain and len(data) < 84 + 50 * count < 4 * len(data) and b"facet" not in data[:HEAD]


def sniff_text(data: bytes) -> str | None:
    """The format of a text."""
    head = data[:HEAD].removeprefix(b"\xef\xbb\xbf")
    if b"\0" in head and not PCD.match(head):
        return None
    start = head.lstrip()
    if OFF.match(start):
        return "OFF"
    if start[:5].lower() == b"solid" and (b"facet" in head.lower() or b"endsolid" in head.lower()):
        return "STL"
    if PCD.match(head):
        return "PCD"
    if start.startswith(b"{"):
        return "GLTF" if b'"asset"' in data and b'"version"' in data else None
    if start.startswith(b"<"):
        return "DAE" if b"<COLLADA" in head else None
    return sniff_lines(head, whole=len(data) <= HEAD)


def sniff_lines(head: bytes, *, whole: bool) -> str | None:
    """The format of a text that is told by its lines alone; the last one may be cut."""
    lines = head.splitlines() if whole else head.splitlines()[:-1]
    filled = [line for line in lines if line.strip()]
    if filled and all(OBJ_LINE.match(line) for line in filled) and (OBJ.search(head) or not whole):
        return "OBJ"
    told = [line for line in filled if not line.lstrip().startswith((b"#", b"//"))]
    if any(POINT_TITLE.match(line) for line in filled[:1]):
        return "XYZ"
    if len(told) > 1 and told[0].strip().isdigit():  # PTS: how many there are
        told = told[1:]
    return "XYZ" if told and all(POINT_LINE.match(line) for line in told[:20]) else None
