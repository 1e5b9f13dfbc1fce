"""Transformers of photographs keep the capture's facts, change its working pixels, and obey scikit-learn's contract."""

import numpy as np
import pytest

from multimodal.domain.image.measures import judged
from multimodal.domain.image.sample import sample_from_pixels
from multimodal.domain.image.transforms import ImageFormatter, ImageResizer
from multimodal.domain.shared.errors import UnknownName
from tests.hostile import halves


@pytest.fixture
def samples():
    return [sample_from_pixels(halves(), name=f"photo{i}") for i in range(3)]


@pytest.mark.parametrize(
    ("resizer", "shape"),
    [
        (ImageResizer(longest=32), (24, 32, 3)),
        (ImageResizer(shortest=96), (96, 128, 3)),
        (ImageResizer(size=(20, 20)), (15, 20, 3)),
        (ImageResizer(size=(20, 20), keep_aspect=False), (20, 20, 3)),
        (ImageResizer(size=[20, 20], keep_aspect=False), (20, 20, 3)),
    ],
)
def test_samples_are_resized(samples, resizer, shape):
    resized = resizer.fit_transform(samples)
    assert [sample.pixels.shape for sample in resized] == [shape] * 3
    assert [sample.name for sample in resized] == [sample.name for sample in samples]
    assert {sample.size for sample in resized} == {(64, 48)}
    assert resized[0].scale == max(shape) / 64


def test_a_resized_sample_is_measured_anew(samples):
    after = ImageResizer(longest=32).transform(samples)[0]
    assert judged(samples[0]).shape == (48, 64)
    assert judged(after).shape == (16, 32)
    assert after.luma.shape == after.pixels.shape[:2]


def test_a_sample_that_fits_already_is_passed_on(samples):
    assert ImageResizer(longest=64).transform(samples) == samples
    assert ImageFormatter().transform(samples) == samples


def test_colours_can_be_taken_away(samples):
    pixels = ImageFormatter(channels="gray").transform(samples)[0].pixels
    assert pixels.shape == (48, 64, 3)
    assert tuple(pixels[0, 0]) == (88, 88, 88)
    assert not pixels.flags.writeable


def test_an_unknown_format_names_the_nearest(samples):
    with pytest.raises(UnknownName, match="'gray'"):
        ImageFormatter(channels="grey").transform(samples)


@pytest.mark.parametrize("transformer", [ImageResizer(longest=32), ImageFormatter("gray")])
def test_parameters_go_to_plain_values_and_back(transformer, samples):
    again = type(transformer).from_dict(transformer.to_dict())
    assert again.get_params() == transformer.get_params()
    assert np.array_equal(again.transform(samples)[0].pixels, transformer.transform(samples)[0].pixels)


def test_transformers_can_be_cloned():
    from sklearn.base import clone

    assert clone(ImageResizer(shortest=9)).get_params() == ImageResizer(shortest=9).get_params()
