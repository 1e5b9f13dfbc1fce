"""The models that the package carries: what they must get right, and that they load without what trained them."""

import subprocess
import sys
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import multimodal
from multimodal.adapters.model_store import LocalModelStore
from multimodal.bootstrap import bootstrap
from multimodal.domain.image import photos, scenes
from multimodal.domain.image.camera import Camera
from multimodal.domain.image.degradations import add_noise, compress_jpeg, defocus_blur, motion_blur
from multimodal.domain.image.light import encode
from multimodal.domain.image.sample import sample_from_pixels
from multimodal.domain.shared.results import CANNOT_TELL

STORE = LocalModelStore(Path(multimodal.__file__).parent / "defaults")
TRAINED = ("blur_gradients", "blur_laplacian", "blur_sharpness")
PHOTOS = ("astronaut", "chelsea", "coffee", "china", "flower", "rocket")


@cache
def pipeline(name="blur_sharpness"):
    return bootstrap().assessor.pipeline(name)


def judged(pixels):
    return pipeline().predict([sample_from_pixels(pixels)])[0]


def shot(kind, seed, size, noise=0):
    """A sharp photograph of a procedural scene by a camera without quirks."""
    return Camera().photograph(scenes.draw(kind, seed, size), np.random.default_rng(noise))


def shallow_focus(side):
    """A sharp subject of a seventh of the picture before a background far out of focus, at any long side."""
    size = (round(side * 0.75), side)
    background = defocus_blur(encode(scenes.draw("foliage", 3, size)), 24, at=1024)
    subject = encode(scenes.draw("stones", 5, size))
    mask = np.zeros(size, np.uint8)
    cv2.ellipse(mask, (side // 2, size[0] // 2), (side // 5, size[0] // 4), 0, 0, 360, (1,), -1)
    return compress_jpeg(np.where(mask[..., None] > 0, subject, background), 90)


@pytest.mark.parametrize("name", PHOTOS)
def test_sharp_photographs_are_sharp(name):
    assert judged(photos.load(name)).label == "sharp"


@pytest.mark.parametrize("name", PHOTOS)
def test_photographs_out_of_focus_are_blurred_by_defocus(name):
    answer = judged(defocus_blur(photos.load(name), 10))
    assert (answer.label, answer.accepted, answer.details["kind"]) == ("blurred", False, "defocus")


@pytest.mark.parametrize("angle", [0, 40, 140])
@pytest.mark.parametrize("name", PHOTOS)
def test_moved_photographs_are_blurred(name, angle):
    assert judged(motion_blur(photos.load(name), 16, angle)).label == "blurred"


def test_a_true_motion_blur_is_told_as_motion():
    answer = judged(photos.load("clock_motion"))
    assert (answer.label, answer.details["kind"]) == ("blurred", "motion")


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", ["wall", "sky"])
def test_nobody_can_tell_whether_a_plain_wall_or_sky_is_sharp(kind, seed):
    answer = judged(shot(kind, seed, (480, 640)))
    assert (answer.label, answer.accepted) == (CANNOT_TELL, None)
    assert "texture" in answer.reason


@pytest.mark.parametrize("tone", [0, 90, 255])
def test_an_even_picture_cannot_be_judged(tone):
    assert judged(np.full((480, 640, 3), tone, np.uint8)).label == CANNOT_TELL


@pytest.mark.parametrize("side", [400, 1024, 2400])
def test_a_shallow_focus_is_sharp_at_any_size(side):
    assert judged(shallow_focus(side)).label == "sharp"


@pytest.mark.parametrize("sigma", [4, 8])
def test_noise_does_not_make_a_blurred_photograph_sharp(sigma):
    noisy = add_noise(defocus_blur(photos.load("coffee"), 12), sigma, np.random.default_rng(0))
    assert judged(noisy).label == "blurred"


@settings(deadline=None, max_examples=25)
@given(name=st.sampled_from(PHOTOS), weak=st.floats(0, 12), more=st.floats(3, 12), moved=st.booleans())
def test_more_blur_never_looks_sharper(name, weak, more, moved):
    photo = photos.load(name)
    one, other = (motion_blur(photo, s, 30) if moved else defocus_blur(photo, s) for s in (weak, weak + more))
    assert judged(other).score <= judged(one).score + 0.05


@settings(deadline=None, max_examples=15)
@given(name=st.sampled_from(PHOTOS), strength=st.floats(0, 10), axis=st.sampled_from([0, 1]))
def test_a_mirrored_photograph_gets_the_same_score(name, strength, axis):
    photo = defocus_blur(photos.load(name), strength)
    assert judged(np.flip(photo, axis).copy()).score == pytest.approx(judged(photo).score, abs=0.1)


@pytest.mark.parametrize("name", TRAINED)
def test_each_pipeline_has_one_default_version_and_says_what_it_reached(name):
    (ref,) = STORE.versions(name)
    assert STORE.champion(name) == ref
    bundle = STORE.load(ref)
    value, low, high = bundle.metrics["test"]["roc_auc"]
    assert 0.8 < low <= value <= high
    assert bundle.data["splits"]["test"]["groups"] > 100


def test_defaults_answer_without_scikit_learn():
    code = (
        "import sys; from multimodal.bootstrap import bootstrap; app = bootstrap(); app.assessor.warm_up();"
        "assert app.assessor.pipeline('blur_sharpness'); print('sklearn' in sys.modules, 'optuna' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
