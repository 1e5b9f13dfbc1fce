"""Borders: bars, frames and margins are told from skies, backdrops and pages, which are even as well."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage import data

from multimodal.bootstrap import read_recipe
from multimodal.domain.image.blur import resolve
from multimodal.domain.image.borders import (
    PROPERTY,
    BordersExtractor,
    border_evidence,
    letterbox,
    passepartout,
    pillarbox,
)
from multimodal.domain.image.degradations import compress_jpeg, gaussian_blur, rescale
from multimodal.domain.image.faulty import captures
from multimodal.domain.image.sample import decode, sample_from_pixels
from multimodal.domain.image.synthetic import Mix
from multimodal.domain.shared.evidence import overlay
from multimodal.domain.shared.pipelines import InferencePipeline

CONFIG = Path(__file__).parents[3] / "src/multimodal/config/image"
PIPELINE = InferencePipeline.from_recipe(read_recipe(CONFIG / "borders_strips.yaml"), PROPERTY, resolve)


def measured(pixels):
    return dict(zip(BordersExtractor.names, BordersExtractor().row(sample_from_pixels(pixels)), strict=True))


def judged(pixels):
    return PIPELINE.predict([sample_from_pixels(pixels)])[0].label


def texture(seed=0, shape=(400, 600)):
    rng = np.random.default_rng(seed)
    coarse = rng.integers(30, 225, (shape[0] // 20 + 1, shape[1] // 20 + 1, 3), dtype=np.uint8)
    return np.ascontiguousarray(
        cv2.resize(coarse, None, fx=20, fy=20, interpolation=cv2.INTER_CUBIC)[: shape[0], : shape[1]]
    )


def within(margins, colour=0, pixels=None):
    """A picture whose outer lines (top, bottom, left, right) are of one colour."""
    framed = texture() if pixels is None else pixels.copy()
    top, bottom, left, right = margins
    height, width = framed.shape[:2]
    inside = framed[top : height - bottom, left : width - right].copy()
    framed[:] = colour
    framed[top : height - bottom, left : width - right] = inside
    return framed


def sea():
    """A lost sky above a calm horizon."""
    pixels = texture()
    pixels[:180] = 255
    return pixels


def studio():
    pixels = np.full((400, 600, 3), 252, np.uint8)
    cv2.ellipse(pixels, (300, 210), (120, 90), 0, 0, 360, (90, 60, 160), -1)
    return pixels


def night():
    pixels, rng = np.zeros((400, 600, 3), np.uint8), np.random.default_rng(0)
    for _ in range(60):
        cv2.circle(pixels, tuple(int(v) for v in rng.integers((20, 60), (580, 340))), 3, (230, 200, 120), -1)
    return pixels


def page():
    pixels = np.full((400, 600, 3), 247, np.uint8)
    for line in range(60, 360, 22):
        cv2.putText(
            pixels, "Words and words and words, a page", (40, line), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (20, 20, 20), 2
        )
    return pixels


UNFRAMED = {"texture": texture, "studio": studio, "night": night, "page": page}
FRAMES = {"bars": (40, 40, 0, 0), "pillars": (0, 0, 60, 60), "frame": (24, 24, 24, 24), "polaroid": (20, 80, 20, 20)}


@pytest.mark.parametrize("colour", [0, 16, 128, 255, (30, 60, 90)])
@pytest.mark.parametrize("name", FRAMES)
def test_the_share_is_known_to_a_pixel(name, colour):
    top, bottom, left, right = FRAMES[name]
    row = measured(within(FRAMES[name], colour))
    assert row["border"] == pytest.approx(100 * (1 - (400 - top - bottom) * (600 - left - right) / 240_000), abs=0.6)
    assert (row["top"], row["left"]) == pytest.approx((top / 4, left / 6), abs=0.6)
    assert judged(within(FRAMES[name], colour)) == "bordered"


@pytest.mark.parametrize("scene", UNFRAMED)
def test_what_is_even_for_other_reasons_has_no_border(scene):
    assert measured(UNFRAMED[scene]())["border"] == 0
    assert judged(UNFRAMED[scene]()) == "full_frame"


@pytest.mark.parametrize("name", ["astronaut", "camera", "chelsea", "coffee", "coins", "rocket"])
def test_real_photographs_fill_their_frame_until_they_are_framed(name):
    photo = getattr(data, name)()
    photo = photo if photo.ndim == 3 else np.repeat(photo[..., None], 3, axis=2)
    assert judged(photo) == "full_frame"
    assert judged(letterbox(photo, 10, np.random.default_rng(1))) == "bordered"


def test_a_strip_along_one_side_may_be_a_sky():
    assert measured(sea())["border"] == 0
    assert measured(sea())["alone"] == pytest.approx(45, abs=1)
    assert judged(sea()) == "cannot_tell"
    assert judged(sea()[::-1]) == "cannot_tell"


def test_two_strips_of_different_colour_are_no_pair():
    pixels = sea()
    pixels[-100:] = 10
    assert measured(pixels)["border"] == 0


def test_an_edge_that_slants_ends_no_border():
    pixels = texture()
    cv2.fillPoly(pixels, [np.array([(0, 0), (599, 0), (599, 30), (0, 60)])], (0, 0, 0))
    cv2.fillPoly(pixels, [np.array([(0, 399), (599, 399), (599, 340), (0, 370)])], (0, 0, 0))
    assert measured(pixels)["border"] == 0


def test_light_that_changes_slowly_ends_no_border():
    light = 60 + 150 * np.sin(np.linspace(0, np.pi, 400))
    assert measured(np.repeat(light.astype(np.uint8)[:, None], 600, axis=1))["border"] == 0


def test_a_framed_picture_that_is_blurred_is_framed():
    assert measured(gaussian_blur(within(FRAMES["bars"]), 2))["border"] == pytest.approx(20, abs=3)


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize("quality", [95, 60, 35])
def test_jpeg_does_no_harm(name, quality):
    framed = within(FRAMES[name], 255)
    assert measured(compress_jpeg(framed, quality))["border"] == pytest.approx(measured(framed)["border"], abs=2)


def test_a_little_noise_does_no_harm():
    noisy = within(FRAMES["frame"], 120) + np.random.default_rng(0).normal(0, 2.5, (400, 600, 1))
    assert judged(np.clip(noisy, 0, 255).astype(np.uint8)) == "bordered"


@pytest.mark.parametrize("fault", PROPERTY.degradations, ids=lambda fault: fault.name)
def test_the_degradations_cover_the_share_they_say(fault):
    for strength in fault.strengths:
        covered = measured(fault.apply(texture(), strength, np.random.default_rng(0)))["border"]
        assert covered == pytest.approx(strength, abs=0.8)
        assert judged(fault.apply(texture(), strength, np.random.default_rng(0))) == fault.label
    assert judged(fault.apply(texture(), fault.unnoticed, np.random.default_rng(0))) == "full_frame"


@pytest.mark.parametrize("fault", [letterbox, pillarbox, passepartout])
@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 90, 3), (70, 1, 3)])
def test_the_degradations_keep_the_shape_and_the_input(fault, shape):
    pixels = np.full(shape, 77, np.uint8)
    assert fault(pixels, 45, np.random.default_rng(0)).shape == shape
    assert (pixels == 77).all()


def test_hardly_any_rendered_photograph_is_judged_wrongly():
    made = captures("borders", 48, seed=5, mix=Mix(real=0, sides=((300, 480, 1.0),)))
    known = [capture for capture in made if not capture.facts["borderline"]]
    answers = PIPELINE.predict([decode(capture.read()) for capture in known])
    sound = [a.label != "bordered" for a, c in zip(answers, known, strict=True) if c.label == "full_frame"]
    found = [a.label == "bordered" for a, c in zip(answers, known, strict=True) if c.label == "bordered"]
    assert all(sound)
    assert np.mean(found) >= 0.9


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 20), st.integers(4, 60), st.integers(4, 60), st.integers(0, 255))
def test_a_turned_picture_has_its_borders_turned(seed, top, bottom, colour):
    framed = within((top, bottom, 0, 0), colour, texture(seed))
    row, flipped = measured(framed), measured(framed[::-1])
    turned = measured(np.ascontiguousarray(framed.swapaxes(0, 1)))
    assert (row["border"], row["top"], row["bottom"]) == (flipped["border"], flipped["bottom"], flipped["top"])
    assert (row["border"], row["top"], row["bottom"]) == (turned["border"], turned["left"], turned["right"])


@pytest.mark.parametrize("factor", [0.5, 2, 5])
@pytest.mark.parametrize("name", FRAMES)
def test_size_hardly_matters(name, factor):
    framed = within(FRAMES[name], 0)
    assert measured(rescale(framed, factor))["border"] == pytest.approx(measured(framed)["border"], abs=1.5)


@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (1, 5000), (15, 400), (300, 300)])
def test_of_a_flat_or_tiny_picture_nobody_can_tell(shape):
    assert judged(np.full(shape, 90, np.uint8)) == "cannot_tell"


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.uint8, st.tuples(st.integers(1, 60), st.integers(1, 60), st.just(3)), elements=st.sampled_from([0, 200]))
)
def test_every_picture_has_shares_of_the_frame(pixels):
    assert all(0 <= value <= 100 for value in measured(pixels).values())


def test_evidence_is_hot_on_the_border_alone():
    evidence = border_evidence(sample_from_pixels(within(FRAMES["polaroid"], 255)))
    assert evidence.heat[5, 300] == evidence.heat[395, 300] == evidence.heat[200, 5] == 1
    assert evidence.heat[200, 300] == 0


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (900, 1600)])
def test_evidence_can_be_drawn_for_any_shape(shape):
    assert max(overlay(border_evidence(sample_from_pixels(np.full(shape, 9, np.uint8)))).shape[:2]) <= 768
