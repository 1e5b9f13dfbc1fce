"""How triangles hang together: known answers, and what no edit of the file changes."""

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st

from multimodal.domain.model3d import topology
from multimodal.domain.model3d.welding import welded
from tests.meshes import cube, mesh_of, sample, soup, together, with_faces, without


def test_a_cube_has_eighteen_edges_and_no_border():
    found = topology.edges(sample(cube()))
    assert len(found.count) == 18
    assert set(found.count.tolist()) == {2}
    assert not topology.same_way(sample(cube())).any()
    assert len(topology.bordering(sample(cube()))) == 0


def test_triangles_without_shared_vertices_are_welded_by_position():
    mesh = soup(sample(cube()))
    found = welded(mesh)
    assert (len(mesh.vertices), len(found.points)) == (36, 8)
    assert len(topology.bordering(mesh)) == 0


def test_zero_and_minus_zero_are_one_position():
    mesh = mesh_of([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [-0.0, 0, 0], [0, -1, 0]], [[0, 1, 2], [3, 4, 1]])
    assert len(welded(mesh).points) == 4


def test_a_vertex_that_no_face_uses_is_left_out():
    box = cube()
    mesh = mesh_of(np.vstack([[[9, 9, 9]], box.vertices]), box.faces + 1)
    assert len(welded(mesh).points) == 8
    assert len(topology.bordering(mesh)) == 0


def test_faces_with_a_point_twice_that_repeat_and_that_are_reversed_are_told_apart():
    box = cube()
    a, b, c = (int(i) for i in box.faces[3])
    mesh = with_faces(box, (a, a, b), (b, c, a), (c, b, a))
    found = welded(mesh)
    assert (found.collapsed.tolist(), found.repeated.tolist(), found.reversed.tolist()) == ([12], [13], [14])
    assert found.kept.tolist() == list(range(12))


def test_a_face_with_a_point_that_is_not_finite_is_left_out():
    box = cube()
    vertices = box.vertices.copy()
    vertices[0] = np.nan
    found = welded(mesh_of(vertices, box.faces))
    assert sorted(found.invalid.tolist()) == np.flatnonzero((box.faces == 0).any(axis=1)).tolist()
    assert np.isfinite(found.points).all()


def test_a_missing_triangle_leaves_a_rim_with_its_length_and_area():
    rim = topology.loops(without(cube(), 0))
    assert rim.edges.tolist() == [3]
    assert rim.perimeter[0] == pytest.approx(2 + 2**0.5)
    assert rim.area[0] == pytest.approx(0.5)


def test_rims_come_the_longest_first():
    rim = topology.loops(together(without_top(1.0), without_top(3.0)))
    assert rim.perimeter.tolist() == sorted(rim.perimeter.tolist(), reverse=True)
    assert rim.area.tolist() == pytest.approx([9.0, 1.0])


def without_top(side):
    """An open box."""
    box = cube((10 * side, 0, 0), side)
    keep = np.flatnonzero(box.face_normals[:, 2] < 0.9)
    return box.submesh([keep], append=True)


def test_two_cubes_that_touch_in_a_corner_pinch_there():
    mesh = together(cube(), cube((1, 1, 1)))
    assert welded(mesh).points[topology.pinches(mesh)].tolist() == [[0.5, 0.5, 0.5]]


def test_two_open_fans_that_touch_in_a_point_pinch_there():
    mesh = mesh_of([[0, 0, 0], [1, 0, 0], [0, 1, 0], [-1, 0, 0], [0, -1, 0]], [[0, 1, 2], [0, 3, 4]])
    assert len(topology.pinches(mesh)) == 1


def test_an_open_fan_is_no_pinch_whichever_face_comes_first():
    vertices = [[0, 0, 0], *([np.cos(t), np.sin(t), 0] for t in np.linspace(0, 3, 6))]
    faces = np.array([[0, i, i + 1] for i in range(1, 6)])
    for seed in range(10):
        order = np.random.default_rng(seed).permutation(5)
        assert len(topology.pinches(mesh_of(vertices, faces[order]))) == 0


def test_parts_are_triangles_that_share_edges():
    count, label = topology.bodies(together(cube(), cube((5, 0, 0)), cube((0, 9, 0))))
    assert count == 3
    assert np.bincount(label).tolist() == [12, 12, 12]


def test_an_edge_of_three_triangles_is_counted_as_such():
    mesh = mesh_of([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, -1, 0]], [[0, 1, 2], [0, 1, 3], [0, 1, 4]])
    assert topology.edges(mesh).count.max() == 3


def test_a_face_turned_over_runs_the_same_way_as_its_neighbours():
    box = cube()
    faces = box.faces.copy()
    faces[4] = faces[4][::-1]
    assert topology.same_way(mesh_of(box.vertices, faces)).sum() == 3


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_all_counts_agree_with_trimesh_on_any_soup(seed):
    rng = np.random.default_rng(seed)
    faces = rng.integers(0, 9, (rng.integers(1, 40), 3))
    mesh = mesh_of(rng.integers(0, 3, (9, 3)), faces)
    found = welded(mesh)
    assert len(found.kept) + len(found.collapsed) + len(found.repeated) + len(found.reversed) == len(faces)
    if not len(found.faces):
        return
    other = trimesh.Trimesh(found.points, found.faces, process=False)
    _, counts = np.unique(other.edges_sorted, axis=0, return_counts=True)
    assert sorted(topology.edges(mesh).count.tolist()) == sorted(counts.tolist())
    assert len(found.points) == len(
        np.unique(
            mesh.vertices[
                np.unique(
                    mesh.faces[
                        np.isin(
                            np.arange(len(faces)), [*found.kept, *found.collapsed, *found.repeated, *found.reversed]
                        )
                    ]
                )
            ],
            axis=0,
        )
    )


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_order_of_faces_and_vertices_changes_no_count(seed):
    rng = np.random.default_rng(seed)
    base = trimesh.creation.icosphere(subdivisions=1)
    keep = rng.permutation(len(base.faces))[: rng.integers(20, 80)]
    faces = base.faces[keep]
    number = rng.permutation(len(base.vertices))
    shuffled = np.empty_like(base.vertices)
    shuffled[number] = base.vertices
    one = mesh_of(base.vertices, faces)
    other = mesh_of(shuffled, number[faces][rng.permutation(len(faces))][:, [1, 2, 0]])
    assert topology.bodies(one)[0] == topology.bodies(other)[0]
    assert len(topology.pinches(one)) == len(topology.pinches(other))
    np.testing.assert_allclose(topology.loops(one).perimeter, topology.loops(other).perimeter)
    np.testing.assert_allclose(np.sort(topology.loops(one).area), np.sort(topology.loops(other).area))
