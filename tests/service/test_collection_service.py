"""Assessments of the library's user are looked at together as those of the program are."""

from multimodal.bootstrap import bootstrap
from multimodal.domain.image import photos
from multimodal.domain.image.image_utils import encode_image
from multimodal.domain.shared.sample import Capture
from multimodal.service.collection_service import as_values


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
