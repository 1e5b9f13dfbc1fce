"""Where meshes cut themselves: known answers, another implementation, and all pairs one by one."""

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st

from multimodal.domain.model3d import intersections as module
from multimodal.domain.model3d.boxes import boxes_of, overlapping
from multimodal.domain.model3d.intersections import classified, intersections
from multimodal.domain.model3d.patches import doubtful_pairs
from multimodal.domain.model3d.predicates import filtered, orientations
from tests.meshes import cube, mesh_of, sample, together

SEEDS = st.integers(0, 2**32 - 1)


def counts(mesh) -> tuple[int, int, int]:
    """Pairs that cross, overlap and touch."""
    found = intersections(mesh)
    return len(found.crossing), len(found.overlap), len(found.touching)


def runs_through(p, q, triangle) -> bool:
    """Whether a segment runs through the inside of a triangle."""
    normal = np.cross(triangle[1] - triangle[0], triangle[2] - triangle[0])
    before, behind = (p - triangle[0]) @ normal, (q - triangle[0]) @ normal
    if before * behind >= 0:
        return False
    at = p + (q - p) * before / (before - behind)
    return all(np.cross(triangle[(i + 1) % 3] - triangle[i], at - triangle[i]) @ normal > 0 for i in range(3))


def crosses(a, b) -> bool:
    """Whether two triangles go through each other."""
    return any(runs_through(x[i], x[(i + 1) % 3], y) for x, y in ((a, b), (b, a)) for i in range(3))


@pytest.mark.parametrize(
    "mesh", [cube(), trimesh.creation.icosphere(4), trimesh.creation.torus(1, 0.3), trimesh.creation.capsule()]
)
def test_a_sound_mesh_cuts_itself_nowhere(mesh):
    assert counts(sample(mesh)) == (0, 0, 0)


@settings(max_examples=300, deadline=None)
@given(SEEDS)
def test_two_triangles_cross_exactly_when_a_side_of_one_runs_through_the_other(seed):
    points = np.random.default_rng(seed).uniform(-1, 1, (6, 3))
    assert (counts(mesh_of(points, [[0, 1, 2], [3, 4, 5]]))[0] == 1) == crosses(points[:3], points[3:])


@settings(max_examples=300, deadline=None)
@given(SEEDS)
def test_two_triangles_with_a_common_corner_cross_when_they_also_meet_elsewhere(seed):
    points = np.random.default_rng(seed).uniform(-1, 1, (5, 3))
    truth = runs_through(points[1], points[2], points[[0, 3, 4]]) or runs_through(points[3], points[4], points[:3])
    assert (counts(mesh_of(points, [[0, 1, 2], [0, 3, 4]]))[0] == 1) == truth


def test_triangles_in_one_plane_overlap_when_they_share_area():
    flat = [[0, 0, 0], [4, 0, 0], [0, 4, 0], [1, 1, 0], [5, 1, 0], [1, 5, 0]]
    assert counts(mesh_of(flat, [[0, 1, 2], [3, 4, 5]])) == (0, 1, 0)
    assert counts(mesh_of(flat, [[0, 1, 2], [3, 5, 4]])) == (0, 1, 0)
    beside = np.array(flat, float)
    beside[3:] += [10, 0, 0]
    assert counts(mesh_of(beside, [[0, 1, 2], [3, 4, 5]])) == (0, 0, 0)


def test_a_triangle_folded_back_onto_its_neighbour_overlaps_it():
    assert counts(mesh_of([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0.3, 0.5, 0]], [[0, 1, 2], [1, 0, 3]])) == (0, 1, 0)


def test_a_corner_on_another_triangle_touches_it():
    mesh = mesh_of([[0, 0, 0], [4, 0, 0], [0, 4, 0], [1, 1, 0], [1, 1, 1], [2, 1, 1]], [[0, 1, 2], [3, 4, 5]])
    assert counts(mesh) == (0, 0, 1)


def test_two_cubes_that_go_into_each_other_cross_and_two_side_by_side_do_not():
    assert counts(together(cube(), cube((0.5, 0.3, 0.2))))[0] > 0
    crossing, overlap, _ = counts(together(cube(), cube((1, 0.3, 0.2))))
    assert crossing == 0
    assert overlap > 0


def test_a_rigid_motion_changes_no_verdict():
    assembled = together(cube(), cube((1, 0.3, 0.2)), cube((0.2, 0.4, 0.6)))
    before = counts(assembled)
    for seed in range(10):
        motion = trimesh.transformations.random_rotation_matrix(np.random.default_rng(seed).uniform(size=3))
        moved = trimesh.Trimesh(assembled.vertices, assembled.faces, process=False).apply_transform(motion)
        moved.apply_translation([7, -3, 5])
        assert [count > 0 for count in counts(sample(moved))[:2]] == [count > 0 for count in before[:2]]


def dented(seed: int, subdivisions: int = 5) -> trimesh.Trimesh:
    """A sphere with some vertices pulled through the other side, and a second sphere cut into it."""
    rng = np.random.default_rng(seed)
    ball = trimesh.creation.icosphere(subdivisions)
    pulled = rng.permutation(len(ball.vertices))[:4]
    ball.vertices[pulled] *= rng.uniform(-1.5, 0.5, (4, 1))
    other = trimesh.creation.icosphere(3, radius=0.4)
    other.apply_translation(rng.normal(size=3))
    return trimesh.util.concatenate([ball, other])


@pytest.mark.parametrize("seed", range(6))
def test_pieces_that_cannot_cut_themselves_leave_nothing_out(seed):
    mesh = sample(dented(seed))
    every = intersections(mesh)
    one, other, complete = doubtful_pairs(mesh, 10**8)
    crossing = np.flatnonzero(classified(mesh, one, other) == module.CROSSING)
    assert complete
    assert every.complete
    assert pairs_of(one[crossing], other[crossing]) == pairs_of(*every.crossing.T)


def pairs_of(one, other) -> set[frozenset[int]]:
    """Pairs without an order."""
    return {frozenset(pair) for pair in zip(one.tolist(), other.tolist(), strict=True)}


@pytest.mark.parametrize("seed", range(3))
def test_crossings_are_those_that_libigl_finds(seed):
    from igl.predicates import find_self_intersections

    mesh = dented(seed, subdivisions=3)
    _, pairs, flat = find_self_intersections(np.ascontiguousarray(mesh.vertices), np.asarray(mesh.faces, np.int64))
    proper = np.asarray(pairs)[~np.asarray(flat, bool).reshape(-1)]
    assert pairs_of(*intersections(sample(mesh)).crossing.T) == pairs_of(*proper.T)


def test_a_file_made_to_have_all_pairs_overlap_is_looked_at_in_part(monkeypatch):
    monkeypatch.setattr(module, "MOST_PAIRS", 10_000)
    points = np.random.default_rng(0).uniform(-1, 1, (3000, 3))
    found = intersections(mesh_of(points, np.arange(3000).reshape(-1, 3)))
    assert not found.complete
    assert len(found.crossing) > 100


@settings(max_examples=50, deadline=None)
@given(SEEDS)
def test_boxes_that_overlap_are_found_as_by_looking_at_all_pairs(seed):
    rng = np.random.default_rng(seed)
    low = rng.uniform(0, 1, (rng.integers(1, 60), 3))
    high = low + rng.uniform(0, 0.4, low.shape)
    one, other, complete = overlapping(boxes_of(low.T, high.T), 10**6)
    meets = ((low[:, None] <= high[None]) & (low[None] <= high[:, None])).all(axis=2)
    first, second = np.nonzero(np.triu(meets, 1))
    assert complete
    assert pairs_of(one, other) == pairs_of(first, second)


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_predicates_are_exact_with_and_without_libigl(seed):
    rng = np.random.default_rng(seed)
    points = rng.integers(-3, 4, (4, 50, 3)) * rng.choice([1.0, 1e-9, 0.1])
    points[3, :20] = points[0, :20] + (points[1, :20] - points[0, :20]) * 0.5
    np.testing.assert_array_equal(orientations(*points), filtered(*points))
