"""A photograph is recognised when it comes again, others are not taken for it, and empty ones for nothing."""

from functools import cache

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multimodal.domain.image import photos, scenes
from multimodal.domain.image.fingerprint import WAVES, fingerprints, versions
from multimodal.domain.image.image_utils import encode_image
from multimodal.domain.image.light import encode
from multimodal.domain.image.preview import thumbnail
from multimodal.domain.image.sample import decode, sample_from_pixels
from multimodal.domain.shared.duplicates import NEAR

SIZE = (240, 320)


def of(pixels):
    return fingerprints(sample_from_pixels(np.ascontiguousarray(pixels)))


def bits(one, other) -> int:
    return int(np.bitwise_count(one[0] ^ other).min())


def recompressed(pixels, quality: int):
    return decode(encode_image(np.ascontiguousarray(pixels), ".jpg", quality)).pixels


def resized(pixels, factor: float):
    return cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def cropped(pixels, share: float):
    height, width = pixels.shape[:2]
    top, left = round(height * share / 2), round(width * share / 2)
    return pixels[top : height - top, left : width - left]


@cache
def pictures() -> dict[str, np.ndarray]:
    """Real photographs with structure, and three procedural scenes of each kind."""
    real = {name: photos.load(name) for name in photos.SHARP if name != "brick"}
    drawn = {
        f"{kind}-{seed}": encode(scenes.draw(kind, seed, SIZE))
        for kind in scenes.KINDS
        if scenes.KINDS[kind].textured
        for seed in range(3)
    }
    return real | drawn


@cache
def known() -> dict[str, np.ndarray]:
    found = {name: of(pixels) for name, pixels in pictures().items()}
    return {name: some for name, some in found.items() if some is not None}


COPIES = {
    "half the size": (lambda p: resized(p, 0.5), 1.0),
    "JPEG of quality 40": (lambda p: recompressed(p, 40), 1.0),
    "blurred": (lambda p: cv2.GaussianBlur(p, (0, 0), 2.5), 1.0),
    "left is right": (lambda p: p[:, ::-1], 1.0),
    "turned and recompressed": (lambda p: recompressed(np.rot90(p), 70), 1.0),
    "darker": (lambda p: np.asarray(p * 0.6, np.uint8), 0.93),
    "5 % cut off": (lambda p: cropped(p, 0.05), 0.8),
}


@pytest.mark.parametrize("change", COPIES)
def test_a_copy_is_recognised(change):
    copy, least = COPIES[change]
    found = [of(copy(pictures()[name])) for name in known()]
    near = [some is not None and bits(own, some) <= NEAR for own, some in zip(known().values(), found, strict=True)]
    assert np.mean(near) >= least


@pytest.mark.parametrize(("some", "most"), [(tuple(photos.SHARP), 0), (None, 1)], ids=["real", "all"])
def test_different_photographs_are_told_apart(some, most):
    """Of 2,278 pairs one bare scene may look like another."""
    own = np.array([found for name, found in known().items() if some is None or name in some])
    distance = np.bitwise_count(own[:, None, :1] ^ own[None]).min(axis=2)
    assert np.count_nonzero(distance[np.triu_indices(len(own), 1)] <= NEAR) <= most


def test_most_photographs_with_structure_have_a_fingerprint():
    assert len(known()) >= 0.93 * len(pictures())


@pytest.mark.parametrize("seed", range(6))
def test_walls_have_no_fingerprint(seed):
    assert of(encode(scenes.draw("wall", seed, SIZE))) is None


def test_an_even_picture_and_any_fall_of_light_along_an_axis_have_none():
    rise = np.linspace(0, 255, 64)
    for pixels in (np.full((64, 64), 90), np.tile(rise, (64, 1)), (rise[:, None] + rise[None, :]) / 2):
        assert of(pixels.astype(np.uint8)) is None


def test_there_are_64_frequencies_and_their_axes_can_be_swapped():
    assert len(set(WAVES)) == 64
    assert {(v, u) for u, v in WAVES} == set(WAVES)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), turns=st.integers(0, 3), mirrored=st.booleans())
def test_all_eight_versions_are_the_fingerprints_of_the_turned_and_mirrored_picture(seed, turns, mirrored):
    pixels = np.random.default_rng(seed).integers(0, 256, (32, 32), dtype=np.uint8)
    other = np.rot90(pixels[:, ::-1] if mirrored else pixels, turns)
    assert bits(of(pixels), of(other)) <= 1  # a frequency may lie at zero but for rounding


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (3, 5, 3), (33, 31)])
def test_any_size_has_an_answer(shape):
    found = of(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8))
    assert found is None or found.shape == (8,)


def test_a_thumbnail_keeps_proportions_averages_areas_and_never_enlarges():
    half = np.zeros((60, 120, 3), np.uint8)
    half[:, ::2, 0] = 200
    small = thumbnail(sample_from_pixels(half), 60)
    assert small.shape == (30, 60, 3)
    assert small[10, 10].tolist() == [100, 0, 0]
    assert thumbnail(sample_from_pixels(half), 500).shape == half.shape


def test_versions_of_many_are_those_of_each_by_itself():
    own = np.random.default_rng(0).integers(0, 2**64, 20, np.uint64)
    assert versions(own).tolist() == [versions(own[i : i + 1])[0].tolist() for i in range(20)]
    assert versions(own)[:, 0].tolist() == own.tolist()


def test_a_photograph_says_its_fingerprint():
    pixels = photos.load("coffee")
    assert sample_from_pixels(pixels).info["fingerprint"] == f"{int(of(pixels)[0]):016x}"
    assert "fingerprint" not in sample_from_pixels(np.full((64, 64), 90, np.uint8)).info
