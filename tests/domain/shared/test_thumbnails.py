"""Pictures carried in a page are small, whatever they show."""

import cv2
import numpy as np
import pytest

from multimodal.domain.shared.thumbnails import fitted, to_webp


def shown(data):
    return cv2.cvtColor(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def test_a_picture_keeps_its_colours_and_its_shape():
    red = np.full((300, 600, 3), (200, 30, 30), np.uint8)
    found = shown(to_webp(red, side=320, most=14_000))
    assert found.shape == (160, 320, 3)
    assert np.abs(found[80, 160].astype(int) - (200, 30, 30)).max() < 8


@pytest.mark.parametrize("most", [20_000, 5_000, 800])
def test_noise_fits_too(most):
    noise = np.random.default_rng(0).integers(0, 256, (700, 900, 3), dtype=np.uint8)
    data = to_webp(noise, side=320, most=most)
    assert len(data) <= most
    assert shown(data).size > 0


def test_a_small_picture_is_not_enlarged():
    assert fitted(np.zeros((4, 9, 3), np.uint8), 320).shape == (4, 9, 3)


@pytest.mark.parametrize("shape", [(1, 5000, 3), (5000, 1, 3)])
def test_a_very_long_picture_keeps_a_pixel_of_its_short_side(shape):
    assert min(fitted(np.zeros(shape, np.uint8), 320).shape[:2]) == 1
