"""The real photographs: all there, none larger than it is sharp."""

import sys
from subprocess import run

import numpy as np
import pytest

from multimodal.domain.image import photos


@pytest.mark.parametrize("name", [*photos.SHARP, *photos.BLURRED])
def test_a_photograph_is_rgb_and_no_larger_than_it_is_sharp(name):
    pixels = photos.load(name)
    assert pixels.dtype == np.uint8
    assert pixels.shape[2] == 3
    assert max(pixels.shape) <= {**photos.SHARP, **photos.BLURRED}[name].sharp_side
    assert pixels.std() > 5


def test_colours_are_red_green_blue():
    red, green, blue = photos.load("astronaut")[300:400, 130:230].reshape(-1, 3).mean(axis=0)
    assert red > green > blue


def test_an_unknown_photograph_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="chelsea"):
        photos.load("mona_lisa")


def test_loading_a_photograph_imports_neither_package():
    code = (
        "import sys; from multimodal.domain.image import photos; photos.load('china'), photos.load('coffee');"
        "assert not {'sklearn', 'skimage'} & set(sys.modules)"
    )
    assert run([sys.executable, "-c", code], check=False).returncode == 0
