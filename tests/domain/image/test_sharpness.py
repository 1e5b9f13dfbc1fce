"""Edges of known width have that width, at any contrast and size; noise is not detail; the sharpest parts are found."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multimodal.domain.image import sharpness
from multimodal.domain.image.edges import edge_tiles, laplacian_energy, means
from multimodal.domain.image.measures import pixel
from multimodal.domain.image.sample import sample_from_pixels

SMALL = {"deadline": None, "max_examples": 20}


def step(sigma, low=60, high=200, shape=(480, 640), fine=8):
    """A vertical edge blurred by a Gaussian of `sigma` pixels, each pixel the mean of what it covers."""
    place = np.arange(shape[1] * fine) / fine - shape[1] / 2 + 7.3
    profile = np.where(place > 0, float(high), float(low))[None].repeat(2, axis=0)
    if sigma:
        profile = cv2.GaussianBlur(profile, (0, 0), sigmaX=sigma * fine, sigmaY=1e-3, borderType=cv2.BORDER_REPLICATE)
    pixels = profile[0].reshape(-1, fine).mean(axis=1)
    return np.rint(pixels).astype(np.uint8)[None].repeat(shape[0], axis=0)


def width_of(picture):
    return sharpness.width(sample_from_pixels(picture))


def blocks(seed=0, shape=(480, 640), count=150):
    """Rectangles of many tones: edges everywhere, no texture."""
    rng = np.random.default_rng(seed)
    picture = np.full(shape, 128, np.uint8)
    for _ in range(count):
        x, y = rng.integers(0, shape[1]), rng.integers(0, shape[0])
        corner = (int(x + rng.integers(20, 150)), int(y + rng.integers(20, 150)))
        cv2.rectangle(picture, (int(x), int(y)), corner, (int(rng.integers(20, 235)),), -1)
    return picture


@pytest.mark.parametrize("sigma", [1.0, 1.5, 2.0, 3.0, 4.0, 5.0])
def test_a_step_edge_has_the_width_it_was_blurred_by(sigma):
    assert width_of(step(sigma)) == pytest.approx(sigma, rel=0.15)


@pytest.mark.parametrize(("low", "high"), [(20, 235), (100, 150), (110, 140)])
def test_the_width_does_not_depend_on_contrast(low, high):
    assert width_of(step(2.0, low, high)) == pytest.approx(2.0, rel=0.2)


def test_a_turned_edge_has_the_same_width():
    assert width_of(step(2.0).T.copy()) == pytest.approx(width_of(step(2.0)), rel=0.1)


@pytest.mark.parametrize("shape", [(1536, 2048), (1080, 1920), (768, 1024)])
def test_the_width_is_told_at_a_long_side_of_1024_whatever_the_size(shape):
    own = 3.0 * max(shape) / 1024
    assert width_of(step(own, shape=shape)) == pytest.approx(3.0, rel=0.2)


def test_a_small_photograph_is_judged_by_its_own_pixels():
    sample = sample_from_pixels(step(2.0, shape=(225, 300)))
    assert pixel(sample) == 1.0
    assert sharpness.width(sample) == pytest.approx(2.0, rel=0.2)


@settings(**SMALL)
@given(seed=st.integers(0, 50), weak=st.floats(0.8, 4.0), more=st.floats(1.4, 2.5))
def test_more_blur_is_wider(seed, weak, more):
    picture = blocks(seed)
    one, other = (cv2.GaussianBlur(picture, (0, 0), sigma) for sigma in (weak, weak * more))
    assert width_of(other) > width_of(one)


@settings(**SMALL)
@given(seed=st.integers(0, 50), axis=st.sampled_from([0, 1]))
def test_a_mirrored_photograph_has_the_same_measures(seed, axis):
    picture = cv2.GaussianBlur(blocks(seed), (0, 0), 0.7)
    one, other = sample_from_pixels(picture), sample_from_pixels(np.flip(picture, axis).copy())
    assert sharpness.quantiles(other) == pytest.approx(sharpness.quantiles(one), abs=0.1)
    assert sharpness.directions(other) == pytest.approx(sharpness.directions(one), abs=0.15)


@pytest.mark.parametrize("sigma", [3, 8])
def test_noise_is_not_taken_for_detail(sigma):
    noise = np.random.default_rng(0).normal(0, sigma, (480, 640))
    soft = cv2.GaussianBlur(blocks(), (0, 0), 4)
    noisy = np.clip(soft + noise, 0, 255).round().astype(np.uint8)
    crisp = np.clip(blocks() + noise, 0, 255).round().astype(np.uint8)
    assert width_of(noisy) > 1.5 > 1.0 > width_of(crisp)


@pytest.mark.parametrize("sigma", [2.0, 6.0])
def test_white_noise_is_measured(sigma):
    noise = np.random.default_rng(0).normal(128, sigma, (480, 640))
    sample = sample_from_pixels(np.clip(noise, 0, 255).round().astype(np.uint8))
    assert np.sqrt(edge_tiles(sample).grain[0].mean()) == pytest.approx(sigma, rel=0.05)
    assert np.sqrt(sharpness.clean_tiles(sample).floor[0]) == pytest.approx(sigma, rel=0.2)


@pytest.mark.parametrize("angle", [0, 90])
def test_motion_blurs_one_direction_and_spares_the_other(angle):
    kernel = np.zeros((15, 15), np.float32)
    kernel[7] = 1 / 15
    picture = blocks(count=600)  # of edges along the rows only those near the rows that are measured are seen
    moved = cv2.filter2D(picture, -1, kernel if angle == 0 else kernel.T)
    soft = cv2.GaussianBlur(picture, (0, 0), 4)
    along, across = sharpness.directions(sample_from_pixels(moved))[:2]
    round_along, round_across = sharpness.directions(sample_from_pixels(soft))[:2]
    assert across - along > 3 * (round_across - round_along)


def test_structure_is_seen_through_blur_and_missed_on_a_wall():
    wall = np.tile(np.linspace(100, 160, 640), (480, 1)).astype(np.uint8)
    texture = [sharpness.surroundings(sample_from_pixels(p))[0] for p in (wall, cv2.GaussianBlur(blocks(), (0, 0), 6))]
    assert texture[0] < 0.5
    assert texture[1] > 2


def test_evidence_is_bright_where_the_photograph_is_sharp():
    picture = blocks()
    picture[:, 320:] = cv2.GaussianBlur(picture, (0, 0), 6)[:, 320:]
    heat = sharpness.sharpness_evidence(sample_from_pixels(picture)).heat
    assert heat.shape == (480, 640)
    assert 0 <= heat.min() <= heat.max() <= 1
    assert heat[:, :300].mean() > 2 * heat[:, 340:].mean()


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 1), (7, 9), (16, 16), (33, 47), (500, 31)])
@pytest.mark.parametrize("tone", [0, 128, 255])
def test_any_picture_can_be_measured(shape, tone):
    sample = sample_from_pixels(np.full(shape, tone, np.uint8))
    values = (sharpness.width(sample), *sharpness.surroundings(sample), *sharpness.quantiles(sample))
    assert np.isfinite([*values, *sharpness.weighted(sample), *sharpness.directions(sample)]).all()
    assert sharpness.sharpness_evidence(sample).heat.max() <= 1


def test_means_of_tiles_are_means_of_tiles():
    values = np.arange(64, dtype=np.float32).reshape(2, 4, 8)
    found = means(np.stack([values, 2 * values, 3 * values]), 4)
    expected = (values**2).reshape(2, 4, 2, 4).mean(axis=(1, 3))
    assert np.allclose(found, [expected, 4 * expected, 2 * expected, 9 * expected])


@pytest.mark.parametrize("sigma", [0.8, 1.5])
def test_the_laplacian_at_the_canonical_scale_hardly_depends_on_the_size_of_the_photograph(sigma):
    scene = cv2.GaussianBlur(blocks(shape=(1920, 2560)), (0, 0), 4 * sigma)
    energies = [
        laplacian_energy(sample_from_pixels(cv2.resize(scene, size, interpolation=cv2.INTER_AREA)))
        for size in ((640, 480), (800, 600), (960, 720), (1200, 900), (2560, 1920))
    ]
    assert max(energies) < 1.5 * min(energies)


def test_a_photograph_without_detail_has_no_laplacian():
    assert laplacian_energy(sample_from_pixels(np.full((480, 640), 90, np.uint8))) == pytest.approx(0, abs=1e-6)
