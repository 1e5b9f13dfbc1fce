"""Pictures of meshes and clouds, and the capture with its faults in colour."""

import numpy as np
import pytest
import trimesh

from multimodal.domain.model3d import watertight
from multimodal.domain.model3d.painting import coloured
from multimodal.domain.model3d.rendering import BACKGROUND, SIDE, picture, thumbnail
from multimodal.domain.model3d.sample import decode
from tests.meshes import cloud, cube, mesh_of, sample, without

BALL = trimesh.creation.icosphere(3)


def test_a_ball_is_a_disc_in_each_of_four_views():
    shown = picture(sample(BALL), np.zeros(len(BALL.faces), np.float32), "")
    assert shown.picture.shape == (2 * SIDE, 2 * SIDE, 3)
    filled = (shown.picture[..., 0] != BACKGROUND).reshape(2, SIDE, 2, SIDE).mean(axis=(1, 3))
    expected = np.pi / 4 / (3 * 1.06**2)  # the picture is as wide as the diagonal of the box around it
    assert filled.ravel().tolist() == pytest.approx([expected] * 4, rel=0.05)
    assert not shown.heat.any()


def test_even_a_tiny_fault_is_seen():
    heat = np.zeros(len(BALL.faces), np.float32)
    heat[7] = 1
    assert (picture(sample(BALL), heat, "").heat > 0).sum() > 10


def test_evidence_of_a_hole_is_hot_at_its_rim_only():
    shown = watertight.evidence(without(trimesh.creation.icosphere(4), 0))
    assert 0 < (shown.heat > 0).mean() < 0.01


def test_a_thumbnail_is_as_large_as_asked():
    assert thumbnail(sample(BALL), 96).shape == (96, 96, 3)
    assert thumbnail(cloud(BALL.vertices), 64).shape == (64, 64, 3)


@pytest.mark.parametrize("mesh", [mesh_of(np.zeros((3, 3)), [[0, 1, 2]]), cloud([[1.0, 2, 3]]), cloud([[0, 0, 0]] * 3)])
def test_what_has_no_extent_is_shown_all_the_same(mesh):
    assert thumbnail(mesh, 32).shape == (32, 32, 3)


@pytest.mark.parametrize("form", ["ply", "glb"])
def test_sound_triangles_are_grey_and_faulty_ones_are_not(form):
    heat = np.zeros(12, np.float32)
    heat[5] = 1
    shown = decode(coloured(sample(cube()), heat, form))
    red = np.flatnonzero((shown.colours[shown.faces] == [215, 20, 30]).all(axis=(1, 2)))
    assert red.tolist() == [5]
    assert len(shown.faces) == 12
