"""What spoils a photograph: known answers first, then what must hold for every strength."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multimodal.domain.image import compression, resolution
from multimodal.domain.image import degradations as deg
from multimodal.domain.image.light import encode, linearise, roll_off
from multimodal.domain.image.optics import arc, convolve, disk_kernel, path_kernel, shake

ALL = (*deg.BLURS, *deg.EXPOSURES, deg.NOISE, compression.PROPERTY.degradations[0], resolution.ENLARGEMENT)


@pytest.fixture
def scene():
    """Coloured rectangles at all scales: something for every degradation to spoil."""
    rng = np.random.default_rng(7)
    pixels = np.full((120, 160, 3), 110, np.uint8)
    for _ in range(150):
        x, y = (int(v) for v in rng.integers(0, 160, 2))
        side = int(rng.integers(2, 30))
        cv2.rectangle(pixels, (x, y), (x + side, y + side), [int(v) for v in rng.integers(20, 230, 3)], -1)
    return pixels


def flat(value, size=(32, 32)):
    return np.full((*size, 3), value, np.uint8)


def point(side=41):
    light = np.zeros((side, side, 3), np.float32)
    light[side // 2, side // 2] = 1
    return light


def detail(pixels):
    return float(np.abs(cv2.Laplacian(pixels.astype(np.float32), cv2.CV_32F)).mean())


def test_every_grey_level_survives_the_way_to_light_and_back():
    levels = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)
    assert (encode(linearise(levels)) == levels).all()


def test_the_grey_card_is_at_118():
    assert encode(np.full((1, 1, 3), 0.18, np.float32)).max() == 118


def test_one_stop_more_doubles_the_light():
    twice = linearise(deg.expose(flat(100), 1))
    np.testing.assert_allclose(twice, 2 * linearise(flat(100)), rtol=0.01)


def test_black_and_white_edges_meet_in_the_middle_of_the_light_not_of_the_file():
    stripes = np.repeat(np.array([[0], [255]] * 16, np.uint8), 32, axis=1)
    blurred = deg.gaussian_blur(np.dstack([stripes] * 3), sigma=6)
    assert abs(int(blurred[16, 16, 0]) - 188) <= 1


def test_a_point_out_of_focus_becomes_a_disk_of_its_diameter():
    spread = convolve(point(), disk_kernel(11))[..., 0]
    assert np.count_nonzero(spread) == pytest.approx(np.pi * 11**2 / 4, rel=0.25)
    assert spread.sum() == pytest.approx(1, abs=1e-5)
    assert spread.max() == pytest.approx(4 / (np.pi * 11**2), rel=0.02)


@pytest.mark.parametrize(("angle", "axis"), [pytest.param(0, 1, id="rows"), pytest.param(90, 0, id="columns")])
def test_a_moving_point_becomes_a_line_along_its_angle(angle, axis):
    spread = convolve(point(), path_kernel(arc(10, angle)))[..., 0]
    assert np.count_nonzero(spread.sum(axis=1 - axis) > 1e-3) == pytest.approx(11, abs=1)
    assert np.count_nonzero(spread.sum(axis=axis) > 1e-3) == 1


def test_a_kernel_is_not_mirrored():
    light = convolve(point(), path_kernel(np.array([[0.0, 0.0], [5.0, 3.0]])))[..., 0]
    assert light[23, 25] == pytest.approx(0.5, abs=1e-5)


def test_an_unsteady_hand_covers_the_length_that_was_asked_for():
    points = shake(20, np.random.default_rng(1))
    along = points @ np.linalg.svd(points - points.mean(axis=0), full_matrices=False)[2][0]
    assert np.ptp(along) == pytest.approx(20, rel=1e-6)


def test_a_strength_grows_with_the_photograph_but_a_small_one_is_seen_at_its_own_pixels():
    assert deg.own_pixels(4, (3072, 4096, 3)) == 16
    assert deg.own_pixels(4, (300, 200, 3)) == 4


def test_a_strength_stated_at_a_long_side_is_scaled_to_the_photograph(scene):
    assert (deg.defocus_blur(scene, 2, at=80) == deg.defocus_blur(scene, 4)).all()


def test_noise_has_the_strength_at_mid_grey_that_was_asked_for():
    noisy = deg.add_noise(flat(118, (200, 200)), 8, np.random.default_rng(0))
    assert noisy.std() == pytest.approx(8, rel=0.05)


def test_photon_noise_grows_with_the_light():
    rng = np.random.default_rng(0)
    light = [linearise(deg.add_noise(flat(level, (200, 200)), 8, rng)).std() for level in (60, 200)]
    assert light[1] > 1.5 * light[0]


def test_a_shoulder_saves_highlights_and_leaves_shadows():
    ramp = np.linspace(0, 255, 256).astype(np.uint8).reshape(1, 256, 1).repeat(3, axis=2)
    hard, soft = deg.expose(ramp, 2), deg.expose(ramp, 2, shoulder=1)
    assert np.count_nonzero(hard == 255) > 3 * np.count_nonzero(soft == 255)
    assert (hard[:, :90] == soft[:, :90]).all()


def test_no_shoulder_is_needed_when_nothing_is_above_white():
    light = np.linspace(0, 1, 50, dtype=np.float32)
    assert (roll_off(light, 1.0) == light).all()


def test_rescaling_gives_the_size_that_was_asked_for(scene):
    assert deg.rescale(scene, 0.5).shape == (60, 80, 3)
    assert deg.rescale(scene, 2).shape == (240, 320, 3)
    assert deg.enlarge(scene, 3).shape == scene.shape


@pytest.mark.parametrize("blur", deg.BLURS, ids=lambda blur: blur.name)
def test_no_blur_changes_nothing(blur, scene):
    assert (blur.apply(scene, 0.0, np.random.default_rng(0)) == scene).all()


@pytest.mark.parametrize("degradation", ALL, ids=lambda degradation: degradation.name)
def test_the_photograph_itself_is_never_touched(degradation, scene):
    before = scene.copy()
    scene.setflags(write=False)
    spoiled = degradation.apply(scene, degradation.strengths[2], np.random.default_rng(0))
    assert (scene == before).all()
    assert spoiled.dtype == np.uint8
    assert spoiled.shape == scene.shape
    assert (spoiled != scene).any()


@pytest.mark.parametrize("degradation", ALL, ids=lambda degradation: degradation.name)
def test_a_stronger_degradation_spoils_more(degradation, scene):
    def loss(strength):  # over a few tries, as no two shakes of a hand are alike
        tries = [degradation.apply(scene, strength, np.random.default_rng(seed)) for seed in range(4)]
        return np.mean([np.abs(spoiled.astype(int) - scene).mean() for spoiled in tries])

    losses = [loss(strength) for strength in degradation.strengths]
    assert losses == sorted(losses)


@given(st.floats(1.5, 8), st.floats(2, 3))
def test_a_larger_disk_leaves_less_detail(diameter, times):
    pixels = np.random.default_rng(3).integers(0, 256, (48, 48, 3), dtype=np.uint8)
    assert detail(deg.defocus_blur(pixels, diameter * times)) <= detail(deg.defocus_blur(pixels, diameter))


@given(st.floats(0, 40), st.floats(0, 180), st.floats(-90, 90))
def test_every_motion_keeps_the_light(length, angle, bend):
    kernel = path_kernel(arc(length, angle, bend))
    assert kernel.sum() == pytest.approx(1, abs=1e-4)
    assert kernel.min() >= 0
    assert kernel.shape[0] % 2 == 1


@given(st.floats(-4, 4), st.floats(0, 2), st.floats(0, 1))
def test_more_exposure_never_darkens(stops, more, shoulder):
    ramp = np.arange(256, dtype=np.uint8).reshape(1, 256, 1).repeat(3, axis=2)
    darker, lighter = deg.expose(ramp, stops, shoulder), deg.expose(ramp, stops + more, shoulder)
    assert (lighter.astype(int) >= darker.astype(int) - 1).all()
