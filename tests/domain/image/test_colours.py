"""Colours at a glance: swatches of any picture, CIELAB as the books have it."""

import numpy as np
import pytest

from multimodal.domain.image.colours import chroma, chromatic, lab, light_of, opponents, swatches
from multimodal.domain.image.sample import sample_from_pixels
from tests.tones import ODD_SHAPES, colourful


@pytest.mark.parametrize("shape", [(300, 400), (1200, 900), (480, 2000)])
def test_swatches_are_few_and_keep_the_shape(shape):
    found = swatches(sample_from_pixels(colourful(shape=shape)))
    assert 48 <= max(found.shape[:2]) <= 95
    assert found.shape[0] / found.shape[1] == pytest.approx(shape[0] / shape[1], rel=0.1)


@pytest.mark.parametrize("shape", ODD_SHAPES)
def test_any_shape_has_swatches(shape):
    sample = sample_from_pixels(np.full((*shape, 3), (200, 60, 90), np.uint8))
    assert len(chroma(sample)) == opponents(sample).shape[1] == swatches(sample)[..., 0].size
    assert lab(sample).shape == swatches(sample).shape


def test_gray_has_no_chroma_and_pure_blue_that_of_the_books():
    assert chroma(sample_from_pixels(np.full((50, 50), 77, np.uint8))).max() == 0
    blue = chroma(sample_from_pixels(np.full((50, 50, 3), (0, 0, 255), np.uint8)))
    assert blue == pytest.approx(133.8, abs=1)


@pytest.mark.parametrize(("a", "b"), [(0, 0), (10, -20), (-15, 5), (3, 40)])
def test_light_of_a_colour_is_the_inverse_of_its_chromaticity(a, b):
    assert chromatic(light_of(a, b)) == pytest.approx((a, b), abs=1e-4)
    assert chromatic(0.2 * light_of(a, b)) == pytest.approx((a, b), abs=1e-4)


def test_the_darkest_colours_have_a_finite_chromaticity():
    assert np.isfinite(chromatic((0, 0, 0))).all()
    assert np.isfinite(chromatic((0, 0, 1))).all()
