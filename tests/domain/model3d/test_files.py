"""Every format is read, told by its content, and no damage leads to anything but a `CaptureError`."""

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multimodal.domain.model3d.files.formats import sniff
from multimodal.domain.model3d.sample import CloudSample, MeshSample, decode
from multimodal.domain.shared.errors import BrokenCapture, CaptureError, TooManyPixels, UnsupportedFormat
from multimodal.domain.shared.modality import Limits
from tests import scan_files
from tests.scan_files import CLOUDS, COLOURS, MESHES, POINTS

ALL = {name: make() for name, make in (MESHES | CLOUDS).items()}


def volume(mesh: MeshSample) -> float:
    """Of a closed mesh whose faces look outwards."""
    a, b, c = (mesh.vertices[mesh.faces[:, i]].astype(float) for i in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6)


@pytest.mark.parametrize("name", MESHES)
def test_a_mesh_is_read_from_every_format(name):
    mesh = decode(ALL[name], "cube")
    assert isinstance(mesh, MeshSample)
    assert len(mesh.faces) == 12
    assert volume(mesh) == pytest.approx(6.0, rel=1e-5)
    assert not mesh.vertices.flags.writeable
    assert not mesh.faces.flags.writeable
    assert mesh.info["kind"] == "mesh"


@pytest.mark.parametrize("name", CLOUDS)
def test_a_cloud_is_read_from_every_format(name):
    cloud = decode(ALL[name], "cloud")
    assert isinstance(cloud, CloudSample)
    np.testing.assert_allclose(cloud.points, POINTS, atol=2e-6)
    if name != "CSV":
        np.testing.assert_array_equal(cloud.colours, COLOURS)


def test_scans_and_intensity_are_read_where_the_file_has_them():
    assert decode(ALL["LAS"]).scans.tolist() == [0, 1] * 20
    assert decode(ALL["LAZ"]).intensity.tolist() == list(range(40))
    assert decode(ALL["E57"]).scans.tolist() == [0] * 20 + [1] * 20
    assert set(decode(ALL["CSV"]).scans.tolist()) == {2}


def test_polygons_become_triangles():
    mesh = decode(scan_files.ply_polygons())
    assert mesh.faces.tolist() == [[0, 1, 2], [0, 2, 3], [1, 4, 2]]


@pytest.mark.parametrize(
    ("data", "unit", "source"),
    [
        (ALL["PLY text"], "mm", "file"),
        (ALL["3MF"], "in", "file"),
        (ALL["GLB"], "m", "format"),
        (ALL["STL text"], "m", "guessed"),
    ],
    ids=["PLY", "3MF", "GLB", "STL"],
)
def test_the_unit_is_read_or_guessed(data, unit, source):
    units = decode(data).units
    assert (units.name, units.source) == (unit, source)
    assert (units.confidence == 1) == (source != "guessed")


def test_a_text_stl_whose_end_is_missing_is_an_error():
    with pytest.raises(BrokenCapture, match="end is missing"):
        decode(ALL["STL text"][:-200])


def test_a_face_of_a_vertex_that_is_not_there_is_an_error():
    with pytest.raises(BrokenCapture, match="refers to vertex 900"):
        decode(ALL["OFF"].replace(b"\n3 1 3 0", b"\n3 900 3 0"))


def test_a_header_that_promises_more_than_the_file_holds_is_refused_before_anything_is_allocated():
    with pytest.raises(BrokenCapture, match="too short"):
        decode(scan_files.ply_head("binary_little_endian", 100_000_000) + b"\0" * 100)
    with pytest.raises(BrokenCapture, match=r"too short|not as long"):
        decode(scan_files.pcd().replace(b"POINTS 40", b"POINTS 40000000"))
    with pytest.raises(BrokenCapture, match="too short"):
        decode(struct.pack("<I", 10).join([b"\0" * 80, b"\0" * 450]))
    with pytest.raises(BrokenCapture, match="too short"):
        decode(scan_files.gltf(accessors=[{"componentType": 5126, "count": 10**8, "type": "VEC3"}]))


def test_more_elements_than_allowed_are_refused():
    for name in ("PLY binary", "OBJ", "GLB", "XYZ", "LAZ", "E57"):
        with pytest.raises(TooManyPixels):
            decode(ALL[name], limits=Limits(pixels=7))


@pytest.mark.parametrize("data", [b"", b"\0" * 200, b"hello", b"a,b,c\n1,2,3", b"PK\x03\x04 no model"])
def test_what_is_no_mesh_and_no_cloud_is_told_so(data):
    assert sniff(data) is None
    with pytest.raises(UnsupportedFormat):
        decode(data)


@pytest.mark.parametrize(
    "data",
    [
        scan_files.ply_head("ascii", 0, 0),
        b"solid nothing\nendsolid nothing\n",
        b"OFF\n0 0 0\n",
        b"# .PCD v0.7\nVERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nPOINTS 0\nDATA ascii\n",
        b"nan nan nan\nnan nan nan\n",
        b"x y z\n",
    ],
    ids=["PLY", "STL", "OFF", "PCD", "NaN", "title"],
)
def test_a_file_without_points_is_an_error(data):
    with pytest.raises(BrokenCapture):
        decode(data)


def test_points_that_no_scanner_saw_become_nan_and_the_others_stay():
    cloud = decode(b"0 0 0\ninf 0 0\n1 nan 1\n1e30 0 0\n1 1 1\n")
    assert np.isnan(cloud.points).all(axis=1).tolist() == [False, True, True, True, False]


@pytest.mark.parametrize("uri", ["../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "http://127.0.0.1/x"])
def test_a_scene_never_opens_another_file(uri):
    with pytest.raises(BrokenCapture, match="other files"):
        decode(scan_files.gltf(buffers=[{"uri": uri, "byteLength": 36}]))


def test_a_texture_elsewhere_is_not_looked_at():
    mesh = decode(
        scan_files.gltf(
            images=[{"uri": "file:///etc/passwd"}],
            textures=[{"source": 0}],
            materials=[{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}],
        )
    )
    assert len(mesh.faces) == 1


def test_a_scene_whose_nodes_multiply_is_refused():
    nodes = [{"children": [i + 1, i + 1]} for i in range(30)] + [{"mesh": 0}]
    with pytest.raises(BrokenCapture, match="hangs on several"):
        decode(scan_files.gltf(nodes=nodes))


def test_an_archive_that_grows_beyond_measure_is_refused():
    with pytest.raises(BrokenCapture, match="times as large"):
        decode(scan_files.three_mf(more={"3D/other.model": b" " * 5_000_000}))


def test_xml_with_entities_is_refused():
    bomb = '<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><model>&b;</model>'
    with pytest.raises(BrokenCapture, match="DOCTYPE"):
        decode(scan_files.three_mf(bomb))
    with pytest.raises(BrokenCapture, match="DOCTYPE"):
        decode(ALL["DAE"].replace(b"<COLLADA", b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><COLLADA', 1))


def test_compressed_data_that_points_before_its_beginning_is_an_error():
    head = scan_files.pcd("binary_compressed").split(b"DATA")[0] + b"DATA binary_compressed\n"
    with pytest.raises(BrokenCapture):
        decode(head + struct.pack("<II", 100, 640) + bytes([0x20, 0xFF]) * 50)


def test_compressed_runs_are_repeated():
    head = (
        b"# .PCD v0.7\nVERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nPOINTS 100\n"
        b"DATA binary_compressed\n"
    )
    packed = bytes([0, 0]) + bytes([0xE0, 255, 0]) * 4 + bytes([0xE0, 1200 - 1 - 4 * 264 - 9, 0])
    cloud = decode(head + struct.pack("<II", len(packed), 1200) + packed)
    assert cloud.points.tolist() == [[0.0, 0.0, 0.0]] * 100


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_damage_leads_to_a_capture_error_or_to_a_sample(name, data):
    whole = ALL[name]
    start = data.draw(st.integers(0, len(whole)))
    junk = data.draw(st.binary(max_size=8))
    skipped = data.draw(st.integers(0, 16))
    damaged = whole[:start] + junk + (whole[start + skipped :] if data.draw(st.booleans()) else b"")
    try:
        sample = decode(damaged)
    except CaptureError:
        return
    assert sample.info["format"]


@pytest.mark.parametrize("name", ALL)
def test_a_name_proves_nothing(name):
    assert decode(ALL[name], "holiday.jpg").name == "holiday.jpg"
