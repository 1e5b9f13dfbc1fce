"""Properties of clouds: clean ones pass, each defect is seen, and rows without a point never matter."""

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st

from multimodal.domain.model3d import coverage, neighbours, registration, validity
from multimodal.domain.model3d.registration import comparison
from multimodal.domain.model3d.sample import CloudSample
from tests.examined3d import METRES, answers, catalog, rejected
from tests.meshes import cloud

RNG = np.random.default_rng(0)
TORUS = trimesh.creation.torus(1, 0.35, major_sections=96, minor_sections=48)
POINTS, FACES = (np.asarray(a) for a in trimesh.sample.sample_surface(TORUS, 12_000, seed=0))
NORMALS = TORUS.face_normals[FACES].astype(np.float32)
SCANS = (np.arange(len(POINTS)) % 3).astype(np.int32)
COLOURS = RNG.integers(0, 256, (len(POINTS), 3)).astype(np.uint8)
GRID = np.stack(np.meshgrid(np.linspace(0, 4, 80), np.linspace(0, 3, 60), [0.0]), axis=-1).reshape(-1, 3)


WITHOUT_PLACE = {"invalid_point", "implausible_size"}


def whole(**changes):
    return cloud(
        **({"points": POINTS, "normals": NORMALS, "scans": SCANS, "colours": COLOURS, "units": METRES} | changes)
    )


def far_from_one(reach: float) -> np.ndarray:
    return np.linalg.norm(POINTS - POINTS[100], axis=1) > reach


def test_a_clean_cloud_is_rejected_by_nothing_and_all_is_told():
    told = answers(whole())
    assert {name for name, answer in told.items() if answer.accepted is not True} == set()


@pytest.mark.parametrize(
    "mesh", [trimesh.creation.icosphere(4), trimesh.creation.box((1, 2, 3)), trimesh.creation.capsule()]
)
@pytest.mark.parametrize("count", [3000, 15_000])
def test_points_on_a_clean_surface_are_rejected_by_nothing(mesh, count):
    assert rejected(cloud(trimesh.sample.sample_surface(mesh, count, seed=1)[0])) == set()


def test_an_open_terrain_has_a_border_and_no_hole():
    assert rejected(cloud(GRID)) == set()


OUTLINES = {
    "L": lambda x, y: (x < 0) | (y < 0),
    "U": lambda x, y: (np.abs(x) > 0.4) | (y < -0.3),
    "star": lambda x, y: np.hypot(x, y) < 0.6 + 0.3 * np.cos(5 * np.arctan2(y, x)),
    "ragged": lambda x, y: np.hypot(x, y) < 0.8 + 0.08 * np.sin(25 * np.arctan2(y, x)),
}


@pytest.mark.parametrize("outline", OUTLINES)
def test_the_border_of_a_flat_thing_is_no_hole_whatever_its_outline(outline):
    flat = np.random.default_rng(3).uniform(-1, 1, (20_000, 3)) * [1, 1, 0]
    assert len(coverage.holes(cloud(flat[OUTLINES[outline](flat[:, 0], flat[:, 1])]))) == 0


@pytest.mark.parametrize("corner", [(0.5, 0.5, -1.3), (0.5, 1.0, 0.0), (0.0, 1.0, 0.2)])
@pytest.mark.parametrize("count", [10_000, 60_000])
def test_a_hole_in_points_thrown_at_random_is_seen_on_faces_and_across_edges(corner, count):
    points = np.asarray(trimesh.sample.sample_surface(trimesh.creation.box((1, 2, 3)), count, seed=1)[0])
    holes = coverage.holes(cloud(points[np.linalg.norm(points - corner, axis=1) > 0.28]))
    assert len(holes) == 1


def test_what_a_scanner_cannot_see_below_itself_is_a_hole():
    turn, height = np.random.default_rng(4).uniform([0, -0.7], [2 * np.pi, 1], (60_000, 2)).T
    level = np.sqrt(1 - height**2)
    ray, at = np.column_stack([level * np.cos(turn), level * np.sin(turn), height]), np.array([1.0, 0.5, 1.6])
    walls = np.where(ray > 0, (np.array([4, 3, 3]) - at) / ray, (np.array([-2, -3, 0]) - at) / ray).min(axis=1)
    (hole,) = coverage.findings(cloud(at + ray * walls[:, None]))
    assert hole.place == pytest.approx((1, 0.5, 0), abs=0.1)


def test_the_widest_gap_is_what_sorting_the_angles_gives():
    angles = np.random.default_rng(5).uniform(-np.pi, np.pi, (16, 500)).astype(np.float32)
    gap, middle = coverage.widest_gap(angles, 2 * np.pi)
    off = np.abs((angles - middle + np.pi) % (2 * np.pi) - np.pi)
    np.testing.assert_allclose(off.min(axis=0), gap / 2, atol=1e-5)


def test_rows_without_a_point_change_nothing_but_their_own_count():
    rows = np.insert(POINTS, np.arange(0, len(POINTS), 4), np.nan, axis=0)
    before, after = answers(cloud(POINTS)), answers(cloud(rows))
    assert after["validity"].measures["invalid"] == pytest.approx(0.2, abs=0.01)
    for name in ("density", "outliers", "cloud_noise", "coverage"):
        assert after[name].value == pytest.approx(before[name].value)
        assert after[name].accepted


def test_the_order_of_points_and_a_rigid_motion_change_no_verdict():
    turn, _ = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))
    assert rejected(cloud((POINTS @ turn.T + [500_000, 5_000_000, 100])[RNG.permutation(len(POINTS))])) == set()


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("validity", lambda: cloud(np.vstack([POINTS, POINTS[:600]]))),
        ("validity", lambda: cloud(np.vstack([POINTS, POINTS * np.nan, POINTS[:10] * np.nan]))),
        ("density", lambda: cloud(POINTS[RNG.uniform(size=len(POINTS)) < np.where(POINTS[:, 0] > 0, 1, 0.04)])),
        ("outliers", lambda: cloud(np.vstack([POINTS, RNG.uniform(-1.5, 1.5, (40, 3))]))),
        ("cloud_noise", lambda: cloud(POINTS + RNG.normal(0, 0.02, POINTS.shape))),
        ("coverage", lambda: cloud(POINTS[far_from_one(0.2)])),
        ("registration", lambda: whole(points=POINTS + np.where(SCANS[:, None] == 1, [0, 0, 0.02], 0))),
        ("cloud_normals", lambda: whole(normals=NORMALS * np.where(np.arange(len(POINTS)) % 8, 1, -1)[:, None])),
        ("scale", lambda: cloud(POINTS * 1e-7, units=METRES)),
    ],
)
def test_each_defect_is_seen_by_its_property(name, changed):
    sample = changed()
    assert name in rejected(sample)
    found = answers(sample)[name].findings
    assert found
    assert all(each.place for each in found if each.name not in WITHOUT_PLACE)


def shifted(by) -> CloudSample:
    """The middle one of three scans, moved."""
    return whole(points=POINTS + np.where(SCANS[:, None] == 1, by, 0))


@settings(max_examples=20, deadline=None)
@given(st.tuples(*3 * [st.floats(-1, 1)]).filter(lambda way: np.linalg.norm(way) > 0.1))
def test_a_scan_that_moved_is_told_with_how_far_it_has_to_go_back(way):
    by = 0.03 * np.array(way) / np.linalg.norm(way)
    told = answers(shifted(by))["registration"]
    ghosting, misaligned = told.findings
    assert told.label == "ghosting"
    assert ghosting.count == 3
    assert misaligned.severity == pytest.approx(0.03, rel=0.15)
    assert np.linalg.norm(POINTS + by - misaligned.place, axis=1).min() < 0.05


def test_a_scan_that_turned_is_told_with_how_far_its_points_moved():
    turn = trimesh.transformations.rotation_matrix(0.02, [1, 0, 0])[:3, :3]
    moved = np.where(SCANS[:, None] == 1, POINTS @ turn.T, POINTS)
    _, misaligned = answers(whole(points=moved))["registration"].findings
    assert misaligned.severity == pytest.approx(np.linalg.norm(moved - POINTS, axis=1)[SCANS == 1].mean(), rel=0.15)


def test_a_scan_that_slid_along_a_wall_is_not_said_to_have_moved():
    wall = np.random.default_rng(6).uniform(0, 4, (9000, 3)) * [1, 1, 0] + RNG.normal(0, 0.002, (9000, 3))
    slid = comparison(cloud(wall + SCANS[:9000, None] * [0.2, 0, 0], scans=SCANS[:9000]))
    assert slid.ghosting < 1.5
    assert slid.shift < 0.01


def test_nothing_of_a_clean_cloud_is_coloured_but_points_that_are_out_of_line():
    asked = [each for each in catalog().properties.values() if each.heat and each.sample is CloudSample]
    assert {each.name: float((each.heat(whole()) > 0).mean()) for each in asked} == {
        each.name: pytest.approx(0, abs=0.01) for each in asked
    }


def test_what_is_off_another_scan_is_coloured_and_what_fits_is_not():
    assert not registration.heat(whole()).any()
    apart = shifted([0, 0, 0.05])
    hot, number = registration.heat(apart) > 0, comparison(apart).pair[1]
    assert set(SCANS[hot]) == {number}
    assert 0.4 < hot[number == SCANS].mean() < 1


def test_points_that_are_there_twice_are_coloured_once():
    rows = np.vstack([POINTS[:10] * np.nan, POINTS, POINTS[:600]])
    hot = validity.heat(cloud(rows)) > 0
    assert (len(hot), hot.sum()) == (len(POINTS) + 600, 600)
    again, place = validity.repeated(cloud(rows)), answers(cloud(rows))["validity"].findings[1].place
    assert rows[again[0]] == pytest.approx(place, abs=1e-6)


def test_noise_is_told_where_it_is_worst():
    away = np.where(np.linalg.norm(POINTS - POINTS[100], axis=1) < 0.2, 0.08, 0.02)[:, None]
    (noise,) = answers(cloud(POINTS + away * RNG.normal(size=POINTS.shape)))["cloud_noise"].findings
    assert np.linalg.norm(noise.place - POINTS[100]) < 0.4


def test_a_hole_is_told_with_its_place_and_width():
    (hole,) = answers(cloud(POINTS[far_from_one(0.2)]))["coverage"].findings
    assert np.linalg.norm(np.array(hole.place) - POINTS[100]) < 0.1
    assert hole.severity == pytest.approx(0.6, abs=0.2)


def test_noise_is_told_as_its_deviation():
    flat = np.random.default_rng(1).uniform(0, 10, (20_000, 3)) * [1, 1, 0]
    noisy = cloud(flat + np.random.default_rng(2).normal(0, 0.01, flat.shape) * [0, 0, 1])
    assert answers(noisy)["cloud_noise"].measures["residual"] == pytest.approx(0.01, rel=0.15)


def test_what_a_file_lacks_is_not_judged():
    told = answers(cloud(POINTS))
    assert told["registration"].label == told["cloud_normals"].label == "cannot_tell"


def test_scans_that_do_not_overlap_are_not_compared():
    apart = whole(points=POINTS + SCANS[:, None] * [10.0, 0, 0])
    assert comparison(apart).overlap == 0
    assert answers(apart)["registration"].label == "cannot_tell"


def test_colour_everywhere_the_same_says_nothing():
    assert answers(whole(colours=np.full_like(COLOURS, 7)))["attributes"].label == "plain"


@pytest.mark.parametrize("points", [[[0, 0, 0]], [[0, 0, 0]] * 5, GRID[:3], GRID[:20], np.full((4, 3), 7.0)])
def test_a_tiny_cloud_gets_answers(points):
    told = answers(cloud(points))
    assert told["density"].label == "cannot_tell"


def test_the_table_of_neighbours_is_the_same_with_and_without_small_gicp():
    points = neighbours.usable(cloud(POINTS)).points
    index, distance = neighbours.search_among(points)(points, 9)
    other, far = neighbours.search_by_scipy(points)(points, 9)
    np.testing.assert_allclose(distance, far, rtol=1e-5, atol=1e-7)
    assert (index == other).mean() > 0.999


def test_the_plane_through_neighbours_is_that_of_an_eigenvalue_solver():
    sample = cloud(POINTS + RNG.normal(0, 0.01, POINTS.shape))
    points, index = neighbours.usable(sample).points, neighbours.neighbours(sample).index
    found = neighbours.planes(sample)
    for row in range(0, len(points), 997):
        near = np.vstack([points[row], points[index[row]]])
        values, vectors = np.linalg.eigh(np.cov(near.T, bias=True))
        assert found.residual[row] == pytest.approx(np.sqrt(values[0]), rel=1e-2)
        assert abs(found.normal[row] @ vectors[:, 0]) == pytest.approx(1, abs=1e-2)
