"""Information: surfaces without anything on them are told from scenes that are sparse, dark or soft."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from multimodal.bootstrap import read_recipe
from multimodal.domain.image.blur import resolve
from multimodal.domain.image.degradations import compress_jpeg, gaussian_blur
from multimodal.domain.image.information import (
    LENS_CAP,
    PLAIN,
    PROPERTY,
    VEIL,
    InformationExtractor,
    InformationRule,
    captures,
    coloured,
    lens_cap,
    structure_evidence,
    veil,
)
from multimodal.domain.image.sample import decode, sample_from_pixels
from multimodal.domain.image.synthetic import Mix
from multimodal.domain.shared.evidence import overlay
from multimodal.domain.shared.pipelines import InferencePipeline

CONFIG = Path(__file__).parents[3] / "src/multimodal/config/image"
PIPELINE = InferencePipeline.from_recipe(read_recipe(CONFIG / "information_structure.yaml"), PROPERTY, resolve)
SHAPE = (480, 640)


def measured(pixels):
    return dict(zip(InformationExtractor.names, InformationExtractor().row(sample_from_pixels(pixels)), strict=True))


def judged(pixels):
    return PIPELINE.predict([sample_from_pixels(pixels)])[0].label


def flat(level, shape=SHAPE):
    return np.full((*shape, 3), level, np.uint8)


def noise(sigma, level=40, seed=0, shape=SHAPE):
    values = level + sigma * np.random.default_rng(seed).normal(size=(*shape, 3))
    return np.clip(values, 0, 255).astype(np.uint8)


def wall(strength=0.35, seed=0):
    """Plaster whose light falls off towards the corners."""
    down, across = np.mgrid[-1:1:480j, -1:1:640j]
    light = 1 - strength * (down**2 + across**2) / 2
    return np.clip(np.array([190, 180, 165]) * light[..., None] + noise(2.0, 0, seed).astype(float), 0, 255).astype(
        np.uint8
    )


def page():
    pixels = flat(245)
    for line in range(90, 200, 28):
        cv2.putText(pixels, "something to be read", (60, line), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (30, 30, 30), 2)
    return pixels


def night(lights=14):
    """A few lit windows, all else black and noisy."""
    pixels, rng = noise(2.5, 4, seed=1), np.random.default_rng(2)
    for left, top in zip(rng.integers(20, 600, lights), rng.integers(200, 440, lights), strict=True):
        pixels[top : top + 9, left : left + 7] = (250, 220, 150)
    return pixels


def studio():
    """A small subject before white paper."""
    pixels = flat(250)
    cv2.circle(pixels, (320, 260), 45, (120, 60, 40), -1)
    return pixels


def dusk():
    """No edge at all, but another colour above than below."""
    share = np.linspace(0, 1, 480)[:, None, None]
    return np.broadcast_to((1 - share) * (60, 80, 190) + share * (230, 110, 60), (480, 640, 3)).astype(np.uint8)


SPARSE = {"page": page, "night": night, "studio": studio, "dusk": dusk}


@pytest.mark.parametrize("level", [0, 3, 118, 250, 255])
def test_an_even_surface_has_no_structure(level):
    assert measured(flat(level)) == {"structure": 0, "edges": 0, "colours": 0, "tiles": 40 * 30}
    assert judged(flat(level)) == "empty"


@pytest.mark.parametrize("sigma", [1, 5, 20, 60, 200])
@pytest.mark.parametrize("level", [6, 120])
def test_noise_is_no_information_however_strong(level, sigma):
    assert judged(noise(sigma, level)) == "empty"
    assert judged(compress_jpeg(noise(sigma, level), 75)) == "empty"


@pytest.mark.parametrize("strength", [0, 0.2, 0.5])
def test_a_wall_is_empty_though_its_light_falls_off(strength):
    assert judged(wall(strength)) == "empty"


@pytest.mark.parametrize("scene", SPARSE)
def test_a_sparse_picture_is_informative(scene):
    assert judged(SPARSE[scene]()) == "informative"


def test_entropy_would_have_been_wrong():
    def entropy(pixels):
        shares = np.bincount(sample_from_pixels(pixels).luma.ravel(), minlength=256) / pixels[..., 0].size
        return -(shares[shares > 0] * np.log2(shares[shares > 0])).sum()

    assert entropy(studio()) < entropy(page()) < entropy(wall()) < entropy(noise(20))


def test_the_share_is_that_of_the_tiles_with_edges():
    pixels = flat(100)
    pixels[160:320, 160:480] = np.random.default_rng(0).choice([60, 160], (20, 40))[..., None].repeat(8, 0).repeat(8, 1)
    assert measured(pixels)["edges"] == pytest.approx(100 / 6, abs=6)


def test_a_soft_shape_counts_until_it_is_beyond_recognition():
    shares = [measured(gaussian_blur(studio(), sigma))["structure"] for sigma in (1, 10, 120)]
    assert shares[0] > 0.7
    assert shares[1] > 0.7
    assert shares[2] == 0


def test_light_of_one_colour_has_no_colour_of_its_own_wherever_it_falls():
    light = np.linspace(0, 1, 640)[None, :, None] * np.array([250, 160, 120])
    assert not coloured(sample_from_pixels(np.broadcast_to(light, (480, 640, 3)).astype(np.uint8)))[:, 8:].all()
    assert coloured(sample_from_pixels(dusk())).mean() > 0.5


@pytest.mark.parametrize("fault", [veil, lens_cap])
def test_the_stronger_the_fault_the_less_there_is_to_be_seen(fault):
    strengths = {veil: (1, 4, 12, 40, 200), lens_cap: (0.5, 3, 6, 10, 14)}[fault]
    scene = cv2.resize(page(), (640, 480))
    shares = [measured(fault(scene, s, np.random.default_rng(0)))["structure"] for s in strengths]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] == 0


@pytest.mark.parametrize("fault", [VEIL, LENS_CAP], ids=lambda fault: fault.name)
@pytest.mark.parametrize("scene", ["page", "studio"])
def test_the_degradations_lead_to_empty_and_what_goes_unnoticed_does_not(scene, fault):
    rng = np.random.default_rng(3)
    assert judged(fault.apply(SPARSE[scene](), fault.strengths[0], rng)) == fault.label
    assert judged(fault.apply(SPARSE[scene](), fault.unnoticed / 2, rng)) == "informative"


def test_hardly_any_rendered_photograph_is_judged_wrongly():
    made = captures("information", 48, seed=5, mix=Mix(real=0, sides=((300, 480, 1.0),)))
    known = [capture for capture in made if not capture.facts["borderline"]]
    assert len(made) == 48
    assert not {capture.facts["kind"] for capture in made} & {*PLAIN}
    answers = PIPELINE.predict([decode(capture.read()) for capture in known])
    assert np.mean([a.label == c.label for a, c in zip(answers, known, strict=True)]) >= 0.97


@pytest.mark.parametrize("scene", SPARSE)
@pytest.mark.parametrize("turned", [lambda p: p[:, ::-1], lambda p: p[::-1], lambda p: p.swapaxes(0, 1)])
def test_a_turned_picture_measures_about_the_same(scene, turned):
    pixels = SPARSE[scene]()
    before, after = measured(pixels), measured(np.ascontiguousarray(turned(pixels)))
    assert after["structure"] == pytest.approx(before["structure"], abs=0.5)


@pytest.mark.parametrize("factor", [0.6, 2, 4])
@pytest.mark.parametrize("scene", ["page", "studio", "dusk"])
def test_size_hardly_matters(scene, factor):
    pixels = cv2.resize(SPARSE[scene](), None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    assert judged(pixels) == "informative"


@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (1, 5000), (48, 64)])
def test_of_a_tiny_picture_nobody_can_tell(shape):
    assert judged(flat(90, shape)) == "cannot_tell"


@settings(max_examples=50, deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(1, 60), st.integers(1, 60), st.just(3))))
def test_every_picture_has_finite_shares(pixels):
    row = measured(pixels)
    assert all(0 <= row[name] <= 100 for name in ("structure", "edges", "colours"))
    assert max(row["edges"], row["colours"]) <= row["structure"] <= row["edges"] + row["colours"]


def test_a_gray_picture_has_no_colour():
    assert measured(page()[..., 0])["colours"] == 0


def test_half_the_threshold_is_as_far_below_as_twice_is_above():
    margins = InformationRule(threshold=2.0, softness=0.5).margins(np.array([[2.0], [1.0], [4.0]]))
    assert margins == pytest.approx([0, -2 * np.log(2), 2 * np.log(2)])


def test_evidence_is_hot_where_there_is_something():
    evidence = structure_evidence(sample_from_pixels(studio()))
    assert evidence.heat[260 - 45, 320] == 1
    assert evidence.heat[20, 20] == 0
    assert evidence.heat.shape == evidence.picture.shape[:2]


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (900, 1600)])
def test_evidence_can_be_drawn_for_any_shape(shape):
    assert max(overlay(structure_evidence(sample_from_pixels(flat(9, shape)))).shape[:2]) <= 768
