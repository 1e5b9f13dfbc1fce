"""Pixels as features."""

import numpy as np
import pytest
from sklearn.base import clone

from multimodal.domain.image.pixels import PixelExtractor
from multimodal.domain.image.sample import sample_from_pixels
from multimodal.domain.shared.errors import ConfigError
from multimodal.domain.shared.pipelines import FeaturePipeline

RED_LEFT = np.zeros((40, 80, 3), np.uint8)
RED_LEFT[:, :40, 0] = 255


def test_a_row_holds_one_channel_after_the_other_row_by_row():
    extractor = PixelExtractor(side=2)
    assert extractor.transform([sample_from_pixels(RED_LEFT)]).tolist() == [[1, 0, 1, 0, *[0] * 8]]
    assert extractor.names[:5] == ("_r_0_0", "_r_0_1", "_r_1_0", "_r_1_1", "_g_0_0")


def test_rows_are_the_same_one_by_one_and_together():
    rng = np.random.default_rng(0)
    extractor = PixelExtractor(side=8)
    samples = [sample_from_pixels(rng.integers(0, 256, (30, 50, 3), dtype=np.uint8)) for _ in range(3)]
    table = extractor.transform(samples)
    assert (table.shape, table.dtype) == ((3, 192), np.float32)
    assert [extractor.row(sample) for sample in samples] == table.tolist()
    assert extractor.transform([]).shape == (0, 192)


def test_answers_do_not_tell_pixels():
    features = FeaturePipeline([PixelExtractor(side=2)])
    assert (len(features.names), features.measures, features.told([0.0] * 12)) == (12, (), {})


@pytest.mark.parametrize("side", [1, 0, -3, 4_000])
def test_a_side_that_is_no_picture_is_refused(side):
    with pytest.raises(ConfigError, match="side from 2 to 512"):
        FeaturePipeline([PixelExtractor(side)])


def test_it_is_cloned_with_its_side():
    assert clone(PixelExtractor(side=5)).side == 5
