"""Every kind of scene: what is drawn is light, and is the same again."""

import numpy as np
import pytest

from multimodal.domain.image import scenes
from multimodal.domain.image.light import encode
from multimodal.domain.image.scenery import parts, staged

SIZES = [pytest.param((96, 128), id="wide"), pytest.param((131, 97), id="odd"), pytest.param((64, 64), id="square")]


@pytest.mark.parametrize("kind", scenes.KINDS)
@pytest.mark.parametrize("size", SIZES)
def test_a_scene_is_finite_light_of_the_size_that_was_asked_for(kind, size):
    light = scenes.draw(kind, 3, size)
    assert light.shape == (*size, 3)
    assert light.dtype == np.float32
    assert np.isfinite(light).all()
    assert light.min() >= 0


@pytest.mark.parametrize("kind", scenes.KINDS)
def test_the_same_seed_draws_the_same_scene_and_another_seed_another_one(kind):
    first, again, other = (scenes.draw(kind, seed, (64, 96)) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize(
    "kind", [kind for kind in scenes.KINDS if kind not in ("night", "studio", "backlit", "wall", "sky")]
)
def test_an_ordinary_scene_is_neither_dark_nor_blown_out(kind):
    means = [float(encode(scenes.draw(kind, seed, (120, 160))).mean()) for seed in range(4)]
    assert 40 < np.median(means) < 215


@pytest.mark.parametrize("kind", [name for name, kind in scenes.KINDS.items() if not kind.textured])
def test_an_empty_scene_has_no_edge(kind):
    picture = encode(scenes.draw(kind, 5, (240, 320))).astype(int)
    assert max(np.abs(np.diff(picture, axis=axis)).max() for axis in (0, 1)) <= 20


def test_a_shallow_focus_has_a_sharp_part_and_a_soft_one():
    subject, mask = staged.thing(np.random.default_rng(0), (240, 320), 0.3)
    assert 0.03 < mask.mean() < 0.6
    assert subject.shape == (240, 320, 3)


def test_an_unknown_kind_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="leaves"):
        scenes.draw("unicorn", 0, (32, 32))


def test_all_kinds_occur():
    rng = np.random.default_rng(0)
    assert {scenes.random_kind(rng) for _ in range(1000)} == set(scenes.KINDS)


def test_natural_texture_loses_amplitude_in_proportion_to_frequency():
    field = parts.octaves(np.random.default_rng(0), (256, 256), fall=1.0)
    spectrum = np.abs(np.fft.fft2(field))
    fine, coarse = spectrum[60:68, 1:8].mean(), spectrum[4:8, 1:4].mean()
    assert 4 < coarse / fine < 40


def test_radii_follow_the_power_law_between_their_limits():
    radii = parts.power_law(np.random.default_rng(0), 20000, 1, 100)
    assert radii.min() >= 1
    assert radii.max() <= 100
    assert np.mean(radii > 2) == pytest.approx(0.25, abs=0.02)
