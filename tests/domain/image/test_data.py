"""Photographs as a data set."""

import numpy as np
import pytest
from skimage import data

from multimodal.domain.image.data import ImageDataset
from multimodal.domain.image.image_utils import save_image
from multimodal.domain.shared.errors import BrokenCapture, DataError


@pytest.fixture
def paths(tmp_path):
    return [save_image(getattr(data, name)(), tmp_path / f"{name}.png") for name in ("chelsea", "coffee")]


def test_photographs_come_from_files_with_their_labels(paths):
    dataset = ImageDataset.from_paths(paths, ["cat", "cup"])
    sample, label = dataset[0]
    assert (sample.size, label, dataset.class_names) == ((451, 300), "cat", ("cat", "cup"))
    assert np.array_equal(sample.pixels, data.chelsea())


@pytest.mark.parametrize("image", [data.camera(), data.coffee()], ids=["gray", "colour"])
def test_photographs_come_from_arrays_without_a_loss(image):
    ((sample, label),) = list(ImageDataset.from_arrays([image], in_memory=True))
    assert label is None
    assert np.array_equal(sample.pixels, image if image.ndim == 3 else np.dstack([image] * 3))


def test_one_label_an_image_or_a_clear_error(paths):
    with pytest.raises(DataError, match="2 images have 1 labels"):
        ImageDataset.from_paths(paths, ["cat"])


def test_a_missing_file_is_an_error_when_it_is_asked_for(tmp_path):
    dataset = ImageDataset.from_paths([tmp_path / "missing.jpg"], ["cat"])
    with pytest.raises(BrokenCapture):
        dataset[0]
