"""`assess` says what captures say together, and writes it, however it runs."""

import json

import pytest

from multimodal.domain.image import photos
from multimodal.domain.image.image_utils import save_image
from multimodal.entrypoints.cli import run as run_module
from tests.entrypoints.cli.conftest import ONLY


@pytest.fixture
def pictures(tmp_path):
    """A photograph, its copy, its mirrored thumbnail, another photograph and a broken file."""
    folder = tmp_path / "here" / "photos"
    save_image(photos.load("coffee"), folder / "a.png")
    (folder / "copy.png").write_bytes((folder / "a.png").read_bytes())
    save_image(photos.load("coffee")[::2, ::2], folder / "small.jpg", quality=70)
    save_image(photos.load("coffee")[:, ::-1], folder / "turned.png")
    save_image(photos.load("chelsea"), folder / "z.png")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no more")
    return folder


def written(tmp_path):
    return json.loads((tmp_path / "here" / "c.json").read_text())


@pytest.mark.parametrize("more", [(), ("--out", "o.jsonl"), ("--workers", 2)], ids=["stream", "file", "crew"])
def test_what_captures_say_together_is_said_and_written(run, pictures, tmp_path, monkeypatch, more):
    monkeypatch.setattr(run_module, "MANY", 3 if "--workers" in more else 1000)
    result = run("assess", "photos", *ONLY, "--collection", "c.json", *more)
    assert "1 set of exact copies (2 captures), such as 'photos/a.png' and 'photos/copy.png'." in result.stderr
    found = written(tmp_path)
    assert found["copies"] == [{"members": ["photos/a.png", "photos/copy.png"]}]
    assert [each["members"] for each in found["similar"]] == [["photos/a.png", "photos/copy.png", "photos/small.jpg"]]
    assert [each["member"] for each in found["broken"]] == ["photos/broken.jpg"]
    assert found["captures"] == 6


def test_turned_captures_are_found_on_demand(run, pictures, tmp_path):
    run("assess", "photos", *ONLY, "--collection", "c.json", "--turned")
    assert "photos/turned.png" in written(tmp_path)["similar"][0]["members"]


def test_cropped_captures_are_found_on_demand(run, pictures, tmp_path):
    height, width = photos.load("coffee").shape[:2]
    save_image(photos.load("coffee")[height // 8 :, : -width // 12][::2, ::2], pictures / "part.jpg", quality=80)
    run("assess", "photos", *ONLY, "--collection", "c.json")
    assert "photos/part.jpg" not in written(tmp_path)["similar"][0]["members"]
    result = run("assess", "photos", *ONLY, "--collection", "c.json", "--cropped")
    assert "photos/part.jpg" in written(tmp_path)["similar"][0]["members"]
    assert "photos/z.png" not in written(tmp_path)["similar"][0]["members"]
    assert "1 set of near-duplicates (4 captures)" in result.stderr


def test_crops_are_not_looked_for_where_nobody_is_told_of_them(run, pictures):
    assert run("assess", "photos", *ONLY, "--no-collection", "--cropped").exit_code == 2


def test_nobody_is_told_who_does_not_want_to_know(run, pictures):
    assert "exact copies" not in run("assess", "photos", *ONLY, "--no-collection").stderr
    assert run("assess", "photos", *ONLY, "--no-collection", "--collection", "c.json").exit_code == 2


def test_one_capture_is_no_collection(run, pictures, tmp_path):
    assert "captures" not in run("assess", "photos/z.png", *ONLY).stderr
    run("assess", "photos/z.png", *ONLY, "--collection", "c.json")
    assert written(tmp_path)["problems"] == []
