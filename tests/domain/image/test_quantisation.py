"""Quantisation: the quality and the grid of blocks that pixels still show of a JPEG."""

import numpy as np
import pytest

from multimodal.domain.image import scenes
from multimodal.domain.image.camera import Camera
from multimodal.domain.image.degradations import compress_jpeg
from multimodal.domain.image.quantisation import UNTOUCHED, grid, rounding
from multimodal.domain.image.sample import sample_from_pixels
from multimodal.domain.image.strips import strips


def photo(kind, seed, size=(384, 512)):
    return Camera().photograph(scenes.draw(kind, seed, size), np.random.default_rng(0))


@pytest.fixture(scope="module", params=[("facade", 3), ("portrait", 2), ("grass", 1), ("room", 4)])
def scene(request):
    return photo(*request.param)


@pytest.mark.parametrize("crop", [(3, 5), (7, 1), (0, 4)])
def test_the_grid_is_found_after_a_crop(scene, crop):
    part = sample_from_pixels(np.ascontiguousarray(compress_jpeg(scene, 20)[crop[0] :, crop[1] :]))
    assert grid(strips(part))[:2] == ((-crop[0]) % 8, (-crop[1]) % 8)
    assert rounding(part).quality == pytest.approx(20, abs=4)


@pytest.mark.parametrize("side", [300, 900, 1800])
def test_size_does_not_matter(side):
    picture = photo("facade", 3, (round(side * 0.75), side))
    for quality in (20, 60):
        assert rounding(sample_from_pixels(compress_jpeg(picture, quality))).quality == pytest.approx(quality, abs=4)
    assert rounding(sample_from_pixels(picture)).quality == UNTOUCHED


@pytest.mark.parametrize("period", [4, 8, 16])
def test_a_pattern_with_the_period_of_the_blocks_is_no_trace(period):
    stripes = (np.arange(640) % period < period // 2) * 120 + np.random.default_rng(0).normal(60, 3, (480, 640))
    pattern = np.clip(stripes, 0, 255).astype(np.uint8)
    assert rounding(sample_from_pixels(pattern)).quality > 50
    assert rounding(sample_from_pixels(np.ascontiguousarray(pattern.T))).quality > 50


def test_a_picture_without_detail_has_nothing_to_judge_by():
    assert rounding(sample_from_pixels(np.full((64, 64, 3), 90, np.uint8))) == (UNTOUCHED, 0.0, 0, UNTOUCHED, 0.0)


def test_blocks_of_colours_that_were_cut_off_are_seen():
    strong = photo("portrait", 2).astype(float)
    strong = np.clip(128 + 2.5 * (strong - 128), 0, 255).astype(np.uint8)
    assert rounding(sample_from_pixels(strong)).blocks > 80
    assert rounding(sample_from_pixels(compress_jpeg(strong, 5))).blocks < 50


def test_worse_compression_has_more_contrast_between_blocks(scene):
    found = [rounding(sample_from_pixels(compress_jpeg(scene, quality))).blocks for quality in (5, 20, 60, 95)]
    assert found == sorted(found)


@pytest.mark.parametrize("contrast", [10, 60, 200])
@pytest.mark.parametrize("side", [4, 8, 16])
def test_a_chessboard_is_no_compression(side, contrast):
    light = np.add.outer(np.arange(480) // side, np.arange(640) // side) % 2 * contrast + 20
    board = np.clip(light + np.random.default_rng(0).normal(0, 2, light.shape), 0, 255).astype(np.uint8)
    found = rounding(sample_from_pixels(board))
    assert min(found.quality, found.blocks) > 50


@pytest.mark.parametrize("times", [2, 3, 4])
def test_a_photograph_of_large_pixels_is_no_compression(scene, times):
    part = scene[: 384 // times, : 512 // times]
    found = rounding(sample_from_pixels(np.repeat(np.repeat(part, times, axis=0), times, axis=1)))
    assert min(found.quality, found.blocks) > 50
