"""Strips of native pixels: some rows from all over, on the grid of a JPEG."""

import numpy as np
import pytest

from multimodal.domain.image.degradations import jpeg_bytes
from multimodal.domain.image.measures import native
from multimodal.domain.image.sample import decode, sample_from_pixels
from multimodal.domain.image.strips import ENOUGH, ROWS, flat_strips, means, strips


def rows_of(height, width):
    """A picture whose luma says in which row (modulo 251) a pixel lies."""
    return np.repeat((np.arange(height) % 251).astype(np.uint8)[:, None], width, axis=1)


def test_a_small_picture_is_looked_at_as_a_whole():
    pixels = rows_of(480, 640)
    found = strips(sample_from_pixels(pixels))
    assert found.shape == (15, ROWS, 640)
    assert np.array_equal(found.reshape(480, 640), pixels)


def test_of_a_large_picture_some_strips_are_taken_from_all_over():
    found = strips(sample_from_pixels(rows_of(2000, 3000)))
    assert found.size <= ENOUGH
    starts = found[:, 0, 0].astype(int)
    assert len(starts) == 3
    assert all((np.diff(strip[:, 0].astype(int)) % 251 == 1).all() for strip in found)


def test_strips_of_a_jpeg_are_its_own_pixels():
    data = jpeg_bytes(np.random.default_rng(0).integers(0, 255, (1600, 2000, 3), dtype=np.uint8), 90)
    sample = decode(data)
    found, luma = strips(sample), native(sample)
    assert np.array_equal(found[0], luma[:ROWS, : found.shape[2]])
    assert sample.luma.shape != luma.shape


@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (1, 5000), (5000, 1), (33, 47)])
def test_a_picture_smaller_than_a_strip_is_continued(shape):
    found = strips(sample_from_pixels(np.full(shape, 90, np.uint8)))
    assert found.shape[1] == ROWS
    assert found.shape[2] % 16 == 0
    assert (found == 90).all()


def test_flat_strips_are_a_view():
    sample = sample_from_pixels(rows_of(64, 64))
    assert np.shares_memory(flat_strips(sample), strips(sample))
    assert flat_strips(sample).shape == (64, 64)


def test_means_are_of_whole_tiles():
    picture = np.arange(24, dtype=np.int16).reshape(4, 6)
    assert means(picture, 2).tolist() == [[3.5, 5.5, 7.5], [15.5, 17.5, 19.5]]
    assert means(picture, 3, 1)[:, 0].tolist() == pytest.approx([1, 7, 13, 19])
