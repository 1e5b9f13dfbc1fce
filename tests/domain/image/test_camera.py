"""The camera: what it adds to the light, part by part."""

from dataclasses import replace

import numpy as np
import pytest

from multimodal.domain.image.camera import Camera, Finish, Lens, Sensor, sharpened

NEUTRAL = Finish(contrast=0, saturation=1, sharpen=0)
CLEAN = Camera(Lens(0), Sensor(photons=1e9, read=0), NEUTRAL)


def flat(value, size=(64, 64)):
    return np.full((*size, 3), value, np.float32)


def edge(size=(65, 64)):
    light = flat(0.05, size)
    light[:, size[1] // 2 :] = 0.6
    return light


def shoot(camera, light, seed=0):
    return camera.photograph(light, np.random.default_rng(seed))


def test_a_grey_card_is_written_as_118():
    assert (shoot(CLEAN, flat(0.18)) == 118).all()


def test_white_balance_keeps_grey_grey_through_the_mosaic():
    photo = shoot(replace(CLEAN, sensor=Sensor(1e9, 0, True, (2.2, 1.4))), flat(0.3)).astype(int)
    assert np.ptp(photo) <= 1


@pytest.mark.parametrize("size", [(64, 64), (65, 64), (64, 67), (33, 35)])
def test_the_photograph_has_the_size_of_the_light(size):
    assert shoot(Camera(), flat(0.2, size)).shape == (*size, 3)


def test_the_mosaic_does_not_shift_the_picture():
    photo = shoot(CLEAN, edge()).astype(int)[..., 1]
    assert (photo[:, :31] < 70).all()
    assert (photo[:, 33:] > 190).all()


def test_a_soft_lens_widens_edges():
    soft = shoot(replace(CLEAN, lens=Lens(1.5)), edge()).astype(int)
    assert np.abs(np.diff(soft, axis=1)).max() < np.abs(np.diff(shoot(CLEAN, edge()).astype(int), axis=1)).max()


def test_fewer_photons_give_more_noise():
    noise = [shoot(replace(CLEAN, sensor=Sensor(photons)), flat(0.3)).std() for photons in (200, 2000, 20000)]
    assert noise == sorted(noise, reverse=True)


def test_vignetting_darkens_the_corners_only():
    photo = shoot(replace(CLEAN, lens=Lens(0, vignetting=0.4)), flat(0.5)).astype(int)
    assert photo[32, 32, 1] > photo[0, 0, 1] + 20


def test_headroom_keeps_what_a_plain_sensor_clips():
    bright = np.linspace(0, 2, 64, dtype=np.float32)[None, :, None].repeat(64, 0).repeat(3, 2)
    plain, merged = shoot(CLEAN, bright), shoot(replace(CLEAN, sensor=replace(CLEAN.sensor, headroom=2.0)), bright)
    assert np.mean(plain == 255) > 0.45
    assert np.mean(merged == 255) < 0.1


def test_denoising_smooths_noise_and_keeps_the_edge():
    noisy = replace(CLEAN, sensor=Sensor(300, 2))
    quiet = replace(noisy, finish=replace(NEUTRAL, denoise=40.0))
    plain, smooth = shoot(noisy, edge()).astype(float), shoot(quiet, edge()).astype(float)
    assert smooth[:, 40:].std() < 0.8 * plain[:, 40:].std()
    assert smooth[:, 40:].mean() - smooth[:, :24].mean() == pytest.approx(
        plain[:, 40:].mean() - plain[:, :24].mean(), rel=0.05
    )


def test_sharpening_overshoots_at_an_edge_and_leaves_even_areas():
    pixels = shoot(replace(CLEAN, lens=Lens(1.0)), edge())
    crisp = sharpened(pixels, 1.0, 1.0)
    assert crisp.max() > pixels.max()
    assert (crisp[:, :8] == pixels[:, :8]).all()


def test_the_same_seed_makes_the_same_camera_and_photograph():
    cameras = [Camera.random(np.random.default_rng(4)) for _ in range(2)]
    assert cameras[0] == cameras[1]
    assert (shoot(cameras[0], edge(), 1) == shoot(cameras[1], edge(), 1)).all()


@pytest.mark.parametrize("seed", range(8))
def test_every_random_camera_takes_a_photograph(seed):
    rng = np.random.default_rng(seed)
    camera = Camera.random(rng)
    for photo in (camera.photograph(edge(), rng), camera.rephotograph(edge(), rng)):
        assert photo.shape == (65, 64, 3)
        assert photo.dtype == np.uint8
