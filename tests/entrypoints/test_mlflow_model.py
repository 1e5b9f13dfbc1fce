"""A trained pipeline as MLflow loads it: what it takes, and what it refuses."""

from __future__ import annotations

import base64
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from skimage import data

from multimodal.adapters.serialization import read_bundle, write_bundle
from multimodal.domain.image.image_utils import encode_image, save_image
from multimodal.domain.shared.errors import ArtifactError, DataError, UnknownName
from multimodal.entrypoints.mlflow_model import _load_pyfunc, captures_of
from tests import toy


def shipped(name: str) -> Path:
    (folder,) = (p for p in (resources.files("multimodal") / "defaults" / name).iterdir() if p.is_dir())
    return Path(str(folder))


@pytest.fixture(scope="module")
def model():
    return _load_pyfunc(str(shipped("blur_gradients")))


@pytest.fixture(scope="module")
def photo(tmp_path_factory) -> Path:
    return save_image(data.astronaut(), tmp_path_factory.mktemp("photos") / "astronaut.png")


def test_bytes_path_array_and_base64_are_the_same_capture(model, photo):
    data = photo.read_bytes()
    answers = model.predict([data, photo, str(photo), base64.b64encode(data).decode(), np.array(photo_pixels())])
    assert answers["label"].tolist() == ["sharp"] * 5
    assert len(set(answers["score"])) == 1
    assert answers["accepted"].tolist() == [True] * 5


def photo_pixels() -> np.ndarray:
    return data.astronaut()


@pytest.mark.parametrize(
    ("given", "count"),
    [
        pytest.param(b"one", 1, id="bytes"),
        pytest.param("one", 1, id="text"),
        pytest.param(np.zeros((4, 4), np.uint8), 1, id="gray"),
        pytest.param(np.zeros((4, 4, 3), np.uint8), 1, id="colour"),
        pytest.param(np.zeros((2, 4, 4, 3), np.uint8), 2, id="batch"),
        pytest.param(np.array([b"one", "two"], object), 2, id="objects"),
        pytest.param((b"one", b"two"), 2, id="tuple"),
        pytest.param(pd.DataFrame({"x": [b"one", b"two"]}), 2, id="table"),
        pytest.param([], 0, id="nothing"),
    ],
)
def test_one_capture_or_many_are_told_apart(given, count):
    assert len(list(captures_of(given))) == count


def test_a_table_has_one_column(model):
    with pytest.raises(DataError, match="one column, got 2"):
        model.predict(pd.DataFrame({"a": [b""], "b": [b""]}))


@pytest.mark.parametrize(
    ("capture", "message"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"%PDF-1.7", "no format", id="foreign"),
        pytest.param(encode_image(np.zeros((64, 64, 3), np.uint8))[:60], "", id="truncated"),
        pytest.param("/dev/zero", "not a regular file", id="device"),
        pytest.param(np.zeros((4, 4, 9), np.uint8), "shape", id="shape"),
        pytest.param({"a": 1}, "got dict", id="kind"),
    ],
)
def test_a_capture_that_cannot_be_read_says_why(model, capture, message):
    (answer,) = model.predict([capture]).to_dict("records")
    assert message in answer["error"]
    assert pd.isna(answer["label"])


def test_a_pipeline_that_is_not_installed_is_refused(tmp_path):
    version = write_bundle(toy.bundle(), tmp_path)
    with pytest.raises(UnknownName, match="calm_rule"):
        _load_pyfunc(str(tmp_path / version))


def test_an_artifact_decides_nothing_about_code(tmp_path):
    known = read_bundle(shipped("blur_laplacian"))
    recipe = known.recipe.from_dict({**known.recipe.to_dict(), "transformers": [{"use": "tests.toy:SpreadExtractor"}]})
    version = write_bundle(toy.bundle(recipe=recipe), tmp_path)
    with pytest.raises(ArtifactError, match="used by no pipeline"):
        _load_pyfunc(str(tmp_path / version))
