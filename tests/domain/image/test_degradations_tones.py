"""What spoils tones and colours: known answers, growing severity, and an input that stays as it is."""

import numpy as np
import pytest

from multimodal.domain.image.colours import chromatic
from multimodal.domain.image.degradations_tones import (
    CASTS,
    EXAGGERATION,
    FADE,
    FLARE,
    FLAT_TONES,
    HAZE,
    TONE,
    flare,
    flatten,
    haze,
)
from multimodal.domain.image.light import linearise
from tests.tones import colourful

ALL = (HAZE, FLAT_TONES, *CASTS, FADE, TONE, EXAGGERATION, FLARE)


def rng():
    return np.random.default_rng(5)


@pytest.mark.parametrize("fault", ALL, ids=lambda fault: fault.name)
def test_strengths_grow_and_the_input_is_not_changed(fault):
    assert 0 < fault.unnoticed < fault.strengths[0]
    assert list(fault.strengths) == sorted(set(fault.strengths))
    before = colourful()
    after = fault.apply(before, fault.strengths[-1], rng())
    assert np.array_equal(before, colourful())
    assert after.shape == before.shape
    assert after.dtype == np.uint8
    assert not np.array_equal(after, before)


@pytest.mark.parametrize("fault", ALL, ids=lambda fault: fault.name)
@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (7, 5)])
def test_small_pictures_can_be_spoiled(fault, shape):
    assert fault.apply(np.full((*shape, 3), 90, np.uint8), fault.strengths[0], rng()).shape == (*shape, 3)


def test_flat_tones_keep_the_rest_of_the_range():
    flat = flatten(np.array([[[0] * 3, [255] * 3]], np.uint8), 0.6, rng())
    assert int(flat.max()) - int(flat.min()) == pytest.approx(0.4 * 255, abs=1)


@pytest.mark.parametrize("seed", range(4))
def test_haze_takes_its_share_of_the_light_on_the_average(seed):
    halves = np.zeros((400, 40, 3), np.uint8)
    halves[:, 20:] = 255
    hazy = linearise(haze(halves, 0.5, np.random.default_rng(seed)))
    assert (hazy[:, 20:] - hazy[:, :20]).mean() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("fault", CASTS, ids=lambda fault: fault.name)
def test_a_cast_turns_white_by_its_strength(fault):
    white = fault.apply(np.full((4, 4, 3), 100, np.uint8), 20.0, rng())
    assert np.hypot(*chromatic(linearise(white)[0, 0].tolist())) == pytest.approx(20, abs=1.5)


def test_a_flare_only_adds_light():
    assert np.all(flare(colourful(), 3.0, rng()) >= colourful())
