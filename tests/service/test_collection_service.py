"""Assessments of the library's user are looked at together as those of the program are."""

import pytest

from multimodal.bootstrap import bootstrap
from multimodal.domain.image import photos
from multimodal.domain.image.image_utils import encode_image
from multimodal.domain.shared.sample import Capture
from multimodal.service.collection_service import as_values


@pytest.fixture
def app(tmp_path, monkeypatch):
    monkeypatch.setenv("MULTIMODAL_HOME", str(tmp_path / "home"))
    return bootstrap()


@pytest.fixture
def crops(tmp_path):
    """A photograph, a part of it at another size and quality, another photograph and a broken file, as files."""
    coffee = photos.load("coffee")
    height, width = coffee.shape[:2]
    part = coffee[height // 10 :, width // 20 : -width // 10][::2, ::2].copy()
    contents = {
        "a": encode_image(coffee, ".png"),
        "b": encode_image(part, ".jpg", 70),
        "c": encode_image(photos.load("chelsea"), ".png"),
        "d": b"\xff\xd8\xff\xe0 and no more",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return [Capture.from_path(tmp_path / name) for name in contents]


def sets(collection):
    return [each["members"] for each in as_values(collection)["similar"]]


def test_what_was_cut_out_is_found_on_demand(app, crops):
    assessments, told = list(app.assessor.assess_many(crops, pipelines=["brightness_percentiles"])), []
    assert sets(app.collections.of(assessments)) == []
    found = app.collections.of(assessments, cropped=crops, progress=lambda *all: told.append(all))
    assert sets(found) == [["a", "b"]]
    assert 0 < found.similar[0].bits <= 10
    assert told[-1] == ("looking for crops", 3, 3)


@pytest.mark.parametrize("happens", ["changed", "gone"])
def test_a_capture_that_is_not_what_was_assessed_is_left_out(app, crops, happens):
    assessments = list(app.assessor.assess_many(crops, pipelines=["brightness_percentiles"]))
    if happens == "gone":
        crops[1].content.unlink()
    else:
        crops[1].content.write_bytes(crops[0].content.read_bytes())
    assert sets(app.collections.of(assessments, cropped=crops)) == []


def test_captures_and_assessments_belong_together(app, crops):
    assessments = list(app.assessor.assess_many(crops[:2], pipelines=["brightness_percentiles"]))
    with pytest.raises(ValueError, match="2 captures were assessed, but 4 are to be read again"):
        app.collections.of(assessments, cropped=crops)


def test_assessments_become_a_collection(tmp_path, monkeypatch):
    monkeypatch.setenv("MULTIMODAL_HOME", str(tmp_path))
    app, coffee = bootstrap(), photos.load("coffee")
    contents = {"a": coffee, "b": coffee[::2, ::2], "c": coffee[:, ::-1]}
    captures = [Capture(name, encode_image(pixels.copy(), ".png")) for name, pixels in contents.items()]
    assessments = list(app.assessor.assess_many(captures, pipelines=["brightness_percentiles"]))
    assert [each["members"] for each in as_values(app.collections.of(assessments))["similar"]] == [["a", "b"]]
    turned = as_values(app.collections.of(assessments, turned=True))
    assert [each["members"] for each in turned["similar"]] == [["a", "b", "c"]]
    assert turned["problems"] == ["1 set of near-duplicates (3 captures), such as 'a' and 'b'."]
