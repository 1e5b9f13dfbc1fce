"""Files of one small mesh and of one small cloud in every format, made here."""

import io
import json
import struct
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import laspy
import numpy as np
import pye57
import trimesh

CUBE = trimesh.creation.box((1.0, 2.0, 3.0))
POINTS = np.random.default_rng(0).uniform(-1, 1, (40, 3)).astype(np.float32).astype(np.float64)
COLOURS = np.random.default_rng(1).integers(0, 256, (40, 3)).astype(np.uint8)


def ply_text() -> bytes:
    """A cube as a text PLY."""
    return ply_head("ascii") + b"".join(
        (" ".join(map(str, row)) + "\n").encode() for row in [*CUBE.vertices.tolist(), *([3, *f] for f in CUBE.faces)]
    )


def ply_binary(order: str = "<") -> bytes:
    """A cube as a binary PLY."""
    faces = np.empty(len(CUBE.faces), [("n", "u1"), ("corners", f"{order}i4", (3,))])
    faces["n"], faces["corners"] = 3, CUBE.faces
    name = "binary_little_endian" if order == "<" else "binary_big_endian"
    return ply_head(name) + CUBE.vertices.astype(f"{order}f4").tobytes() + faces.tobytes()


def ply_head(form: str, vertices: int = 8, faces: int = 12) -> bytes:
    """The header of a mesh's PLY."""
    coordinates = "".join(f"property float {axis}\n" for axis in "xyz")
    return (
        f"ply\nformat {form} 1.0\ncomment unit mm\nelement vertex {vertices}\n{coordinates}"
        f"element face {faces}\nproperty list uchar int vertex_indices\nend_header\n"
    ).encode()


def ply_polygons() -> bytes:
    """A square and a triangle beside it as a binary PLY: faces of different lengths."""
    vertices = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [2, 0, 0]], "<f4")
    faces = struct.pack("<B4i", 4, 0, 1, 2, 3) + struct.pack("<B3i", 3, 1, 4, 2)
    return ply_head("binary_little_endian", 5, 2) + vertices.tobytes() + faces


def stl_binary() -> bytes:
    """A cube as a binary STL."""
    return trimesh.exchange.stl.export_stl(CUBE)


def stl_text() -> bytes:
    """A cube as a text STL."""
    return trimesh.exchange.stl.export_stl_ascii(CUBE).encode()


def obj() -> bytes:
    """A cube as an OBJ, with polygons of four corners, counted in all ways, and a texture that does not exist."""
    vertices = "".join(f"v {x} {y} {z}\n" for x in (0, 1) for y in (0, 2) for z in (0, 3))
    faces = "f 1/1/1 2/2/1 4/3/1 3/4/1\nf 5 7 8 6\nf -8//1 -4//1 -3//1 -7//1\nf 3 4 8 7\nf 1 3 7 5\nf 2 6 8 4\n"
    return f"# cube\nmtllib ../../etc/passwd\no cube\n{vertices}{faces}".encode()


def off() -> bytes:
    """A cube as an OFF."""
    return trimesh.exchange.off.export_off(CUBE).encode()


def glb() -> bytes:
    """A cube as a GLB."""
    return trimesh.exchange.gltf.export_glb(trimesh.Scene(CUBE))


def gltf(**changes: object) -> bytes:
    """A triangle as a glTF with its buffer inside."""
    import base64

    buffer = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], "<f4").tobytes()
    uri = "data:application/octet-stream;base64," + base64.b64encode(buffer).decode()
    tree = {
        "asset": {"version": "2.0"},
        "buffers": [{"uri": uri, "byteLength": len(buffer)}],
        "bufferViews": [{"buffer": 0, "byteLength": len(buffer)}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "nodes": [{"mesh": 0}],
        "scenes": [{"nodes": [0]}],
        "scene": 0,
    }
    return json.dumps(tree | changes).encode()


def three_mf(model: str = "", more: dict[str, bytes] | None = None) -> bytes:
    """A cube as a 3MF, in inches."""
    vertices = "".join(f'<vertex x="{x}" y="{y}" z="{z}"/>' for x, y, z in CUBE.vertices)
    faces = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in CUBE.faces)
    text = model or (
        '<?xml version="1.0" encoding="UTF-8"?><model unit="inch" xml:lang="en-US"'
        ' xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02"><resources><object id="1" type="model">'
        f"<mesh><vertices>{vertices}</vertices><triangles>{faces}</triangles></mesh></object></resources>"
        '<build><item objectid="1"/></build></model>'
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("3D/3dmodel.model", text)
        for name, data in (more or {}).items():
            archive.writestr(name, data)
    return target.getvalue()


def dae() -> bytes:
    """A cube as a COLLADA file."""
    return trimesh.exchange.dae.export_collada(CUBE)


def xyz(separator: str = " ") -> bytes:
    """A coloured cloud as text."""
    rows = zip(POINTS.tolist(), COLOURS.tolist(), strict=True)
    return "".join(separator.join(map(str, (*p, *c))) + "\n" for p, c in rows).encode()


def csv() -> bytes:
    """A cloud with names for its columns."""
    return b"X,Y,Z,Intensity,Scan\n" + "".join(f"{x},{y},{z},7,2\n" for x, y, z in POINTS).encode()


def pcd(form: str = "binary") -> bytes:
    """A coloured cloud as a PCD."""
    packed = (COLOURS.astype(np.uint32) << np.array([16, 8, 0], np.uint32)).sum(axis=1).astype(np.uint32)
    head = (
        "# .PCD v0.7 - Point Cloud Data file format\nVERSION 0.7\nFIELDS x y z rgb\nSIZE 4 4 4 4\nTYPE F F F U\n"
        f"COUNT 1 1 1 1\nWIDTH {len(POINTS)}\nHEIGHT 1\nVIEWPOINT 0 0 0 1 0 0 0\nPOINTS {len(POINTS)}\nDATA {form}\n"
    ).encode()
    rows = np.column_stack([POINTS.astype("<f4").view("<u4"), packed]).astype("<u4")
    if form == "ascii":
        return head + "".join(f"{x} {y} {z} {c}\n" for (x, y, z), c in zip(POINTS, packed, strict=True)).encode()
    if form == "binary":
        return head + rows.tobytes()
    plain = rows.T.tobytes()
    stored = b"".join(bytes([len(part) - 1]) + part for part in (plain[i : i + 32] for i in range(0, len(plain), 32)))
    return head + struct.pack("<II", len(stored), len(plain)) + stored


def las(*, packed: bool = False) -> bytes:
    """A coloured cloud of two scans as LAS or LAZ."""
    header = laspy.LasHeader(point_format=3, version="1.2")
    header.scales = [1e-6] * 3
    cloud = laspy.LasData(header)
    cloud.x, cloud.y, cloud.z = POINTS.T
    cloud.red, cloud.green, cloud.blue = COLOURS.T.astype(np.uint16) * 256
    cloud.intensity = np.arange(len(POINTS))
    cloud.point_source_id = np.arange(len(POINTS)) % 2
    target = io.BytesIO()
    cloud.write(target, do_compress=packed)
    return target.getvalue()


def e57() -> bytes:
    """A coloured cloud of two scans as E57."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "cloud.e57")
        file = pye57.E57(str(path), mode="w")
        for half in (slice(0, 20), slice(20, 40)):
            columns = dict(zip(("cartesianX", "cartesianY", "cartesianZ"), POINTS[half].T.copy(), strict=True))
            columns |= dict(zip(("colorRed", "colorGreen", "colorBlue"), COLOURS[half].T.copy(), strict=True))
            file.write_scan_raw(columns)
        file.close()
        return path.read_bytes()


MESHES = {
    "PLY text": ply_text,
    "PLY binary": ply_binary,
    "PLY big-endian": lambda: ply_binary(">"),
    "STL binary": stl_binary,
    "STL text": stl_text,
    "OBJ": obj,
    "OFF": off,
    "GLB": glb,
    "3MF": three_mf,
    "DAE": dae,
}
CLOUDS = {
    "XYZ": xyz,
    "CSV": csv,
    "semicolons": lambda: xyz(";"),
    "PCD text": lambda: pcd("ascii"),
    "PCD binary": pcd,
    "PCD compressed": lambda: pcd("binary_compressed"),
    "LAS": las,
    "LAZ": lambda: las(packed=True),
    "E57": e57,
}
