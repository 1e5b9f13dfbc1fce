"""Spoiled copies of photographs: what was asked for is in them, and nothing else tells them apart."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multimodal.domain.image import MODALITY, photos
from multimodal.domain.image.degradations import BLURS, DEFOCUS, EXPOSURES, OVER_EXPOSURE, UNDER_EXPOSURE
from multimodal.domain.image.sample import decode, decode_pixels, sample_from_pixels
from multimodal.domain.image.spoiling import LONGEST, placed, spoil


@pytest.fixture(scope="module")
def cat():
    return sample_from_pixels(photos.load("chelsea"), "chelsea")


def copy(sample, degradation=None, strength=0.0, seed=0):
    return decode(spoil(sample, degradation, strength, np.random.default_rng(seed)))


def detail(sample):
    return float(cv2.Laplacian(cv2.GaussianBlur(sample.luma, (0, 0), 1.0), cv2.CV_32F).std())


def test_the_modality_knows_how_to_spoil():
    assert MODALITY.spoil is spoil


def test_the_same_generator_gives_the_same_bytes(cat):
    first, again = (spoil(cat, DEFOCUS, 8.0, np.random.default_rng(5)) for _ in range(2))
    assert first == again
    assert spoil(cat, DEFOCUS, 8.0, np.random.default_rng(6)) != first


@pytest.mark.parametrize("blur", BLURS, ids=lambda blur: blur.name)
def test_a_blurred_copy_has_less_detail_than_one_without_a_fault(blur, cat):
    for seed in range(3):
        assert detail(copy(cat, blur, blur.strengths[2], seed)) < 0.8 * detail(copy(cat, seed=seed))


def test_a_wrong_exposure_changes_the_light_and_no_fault_leaves_it(cat):
    before = cat.luma.mean()
    for seed in range(3):
        assert copy(cat, UNDER_EXPOSURE, -2.0, seed).luma.mean() < 0.7 * before
        assert copy(cat, OVER_EXPOSURE, 2.0, seed).luma.mean() > 1.3 * before
        assert copy(cat, seed=seed).luma.mean() == pytest.approx(before, rel=0.08)


def test_a_fault_changes_neither_size_nor_kind_of_file(cat):
    for seed in range(5):
        plain, blurred = copy(cat, seed=seed), copy(cat, DEFOCUS, 12.0, seed)
        assert (plain.size, plain.format) == (blurred.size, blurred.format)


def test_where_a_fault_changes_nothing_the_files_are_the_same():
    """A blurred wall is a wall: noise, retouching and compression do not tell that a fault was asked for."""
    wall = sample_from_pixels(np.full((90, 120, 3), 130, np.uint8))
    for seed in range(20):
        blurred, plain = (spoil(wall, fault, 9.0, np.random.default_rng(seed)) for fault in (DEFOCUS, None))
        assert blurred == plain


def test_copies_differ_in_noise_and_compression():
    wall = sample_from_pixels(np.full((90, 120, 3), 130, np.uint8))
    files = [spoil(wall, None, 0.0, np.random.default_rng(seed)) for seed in range(40)]
    grain = [decode(file).luma.std() for file in files]
    assert min(grain) < 0.5
    assert max(grain) > 1.5
    assert {decode(file).format for file in files} == {"jpeg", "png"}


def test_a_strength_is_right_for_the_size_of_the_copy():
    """The line of a pixel row, blurred by a disk of 16 at 1024, is 16 pixels wide at any size up to 1024."""
    board = np.full((700, 1000, 3), 20, np.uint8)
    board[:, 480:520] = 200
    sample = sample_from_pixels(board)
    for seed in range(6):
        shown = copy(sample, DEFOCUS, 16.0, seed)
        row = cv2.blur(shown.luma, (1, 31))[shown.luma.shape[0] // 2].astype(int)
        edge = row[: row.argmax()]
        span = np.count_nonzero((edge > 30) & (edge < row.max() - 10))
        assert 8 <= span * shown.size[0] / shown.luma.shape[1] <= 22


def test_large_photographs_are_made_smaller():
    sizes = {placed(np.zeros((600, 4000, 3), np.uint8), np.random.default_rng(seed)).shape for seed in range(20)}
    assert max(max(size) for size in sizes) == LONGEST
    assert len(sizes) > 5


def test_small_photographs_keep_their_pixels():
    pixels = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    assert all((placed(pixels, np.random.default_rng(seed)) == pixels).all() for seed in range(10))


@settings(max_examples=20)
@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([*BLURS, *EXPOSURES]), st.integers(0, 999))
def test_any_picture_can_be_spoiled(height, width, degradation, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    for strength in (degradation.strengths[0], degradation.strengths[-1]):
        data = spoil(sample_from_pixels(pixels), degradation, strength, np.random.default_rng(seed))
        assert decode_pixels(data).shape == pixels.shape


def test_the_sample_is_never_touched(cat):
    before = cat.pixels.copy()
    spoil(cat, DEFOCUS, 8.0, np.random.default_rng(0))
    assert (cat.pixels == before).all()
