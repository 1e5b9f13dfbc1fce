"""`explain`: a picture, or the capture itself with its faults in colour."""

import trimesh

from multimodal.domain.model3d.sample import decode
from tests.own_property import GREEN, write_picture


def test_a_picture_shows_where_an_answer_comes_from(run, tmp_path):
    write_picture(tmp_path / "a.png", GREEN)
    done = run("explain", tmp_path / "a.png", "blur_laplacian", "-o", tmp_path / "blur.png")
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "blur.png").read_bytes().startswith(b"\x89PNG")


def test_a_mesh_is_written_with_its_faults_in_colour(run, tmp_path):
    box = trimesh.creation.box()
    trimesh.Trimesh(box.vertices, box.faces[1:], process=False).export(tmp_path / "open.stl")
    for form in ("ply", "glb"):
        out = tmp_path / f"holes.{form}"
        done = run("explain", tmp_path / "open.stl", "watertight_rims", "-o", out)
        assert done.exit_code == 0, done.stderr
        mesh = decode(out.read_bytes())
        assert len(mesh.faces) == 11
        assert len({tuple(colour) for colour in mesh.colours.tolist()}) == 2


def test_what_cannot_be_shown_like_that_is_an_error_that_leaves_no_file(run, tmp_path):
    write_picture(tmp_path / "a.png", GREEN)
    done = run("explain", tmp_path / "a.png", "blur_laplacian", "-o", tmp_path / "blur.glb")
    assert done.exit_code == 1
    assert "is not shown as glb" in done.stderr
    assert not list(tmp_path.glob("blur*"))
