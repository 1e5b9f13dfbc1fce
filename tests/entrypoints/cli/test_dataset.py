"""`multimodal dataset` on photographs: duplicates found, leakage told, a contact sheet written."""

import json

import cv2
import pytest
from PIL import Image

from multimodal.domain.image import photos
from multimodal.domain.image.image_utils import save_image
from tests.s3 import BUCKET, Shelf, running_s3


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "data"
    for label, name in (("good", "coffee"), ("good", "astronaut"), ("bad", "chelsea"), ("bad", "rocket")):
        save_image(photos.load(name)[::2, ::2], folder / label / f"{name}.jpg")
    copy = cv2.resize(photos.load("coffee")[:, ::-1], None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA)
    save_image(copy, folder / "bad" / "mirrored.jpg", quality=60)
    (folder / "bad" / "broken\x1b.jpg").write_bytes(b"\xff\xd8\xffnothing")
    return folder


def test_a_data_set_is_described_for_people(run, pictures):
    result = run("dataset", "show", pictures)
    assert result.exit_code == 0, result.output
    assert "6, 1 of them broken" in result.stdout
    assert "width" in result.stdout
    assert "near-duplicates" in result.stdout
    assert r"broken\x1b.jpg" in result.stdout


def test_a_data_set_is_described_for_programs(run, pictures):
    found = json.loads(run("dataset", "show", pictures, "--format", "json").stdout)
    assert found["labels"] == {"bad": 3, "good": 2}
    (cluster,) = found["clusters"]
    assert sorted(cluster["names"]) == ["bad/mirrored.jpg", "good/coffee.jpg"]
    assert found["groups"] == 4
    assert found["info"]["width"]["most"] == 320
    assert len(found["problems"]) == 2


def test_leakage_is_told(run, pictures, tmp_path):
    rows = ["good/coffee.jpg,good,train", "bad/mirrored.jpg,bad,test", "bad/rocket.jpg,bad,train"]
    (pictures / "m.csv").write_text("\n".join(["path,label,split", *rows]))
    text = run("dataset", "show", pictures / "m.csv").stdout
    assert "! Leakage: 1 group in more than one split, such as 'bad/mirrored.jpg' (test)" in text
    assert text.split("\n\n")[1].split()[:4] == ["label", "captures", "test", "train"]


def test_a_contact_sheet_is_written(run, pictures, tmp_path):
    result = run("dataset", "show", pictures, "--sheet", tmp_path / "sheet.png", "--most", 2)
    assert result.exit_code == 0, result.output
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width < 500 < sheet.width + sheet.height
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_a_data_set_in_a_bucket_is_described(run, pictures):
    with running_s3():
        shelf = Shelf(f"s3://{BUCKET}/photos")
        for path in pictures.rglob("*.jpg"):
            shelf.put(path.relative_to(pictures).as_posix().replace("\x1b", ""), path.read_bytes())
        remote = json.loads(run("dataset", "show", shelf.root, "--format", "json").stdout)
    local = json.loads(run("dataset", "show", pictures, "--format", "json").stdout)
    assert (remote["captures"], remote["digest"]) == (6, local["digest"])


def test_names_are_listed(run):
    assert "blur_synthetic" in run("dataset", "list").stdout.splitlines()
    assert "brightness_synthetic" in json.loads(run("dataset", "list", "--format", "json").stdout)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("nowhere", "No data set"),
        ("s3://", "cannot be listed"),
        ("nosuch://x/y", "nosuch://"),
        ("https://127.0.0.1:9/photos", "Give a manifest"),
        ("https://127.0.0.1:9/m.csv", "cannot be read"),
    ],
)
def test_what_is_wrong_is_told_on_one_line(run, reference, message):
    result = run("dataset", "show", reference)
    assert result.exit_code == 1
    assert message in result.stderr
    assert "Traceback" not in result.output
