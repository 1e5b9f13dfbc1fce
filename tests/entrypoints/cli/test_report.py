"""`assess --report`: the page of whatever was assessed, however it was; whole, or as it was before."""

import base64
import gzip
import json
import re

import pytest

from multimodal.entrypoints.cli import run as run_module
from tests.entrypoints.cli.conftest import ONLY
from tests.own_property import BLUE, GREEN, work, write_picture

DATA = re.compile(r'id="data">([^<]*)<')


@pytest.fixture
def photos(tmp_path):
    """Two good pictures, a bad one twice, and one that is broken."""
    folder = tmp_path / "here" / "photos"
    write_picture(folder / "a.png", GREEN)
    write_picture(folder / "b.png", GREEN, seed=1)
    write_picture(folder / "blue.png", BLUE)
    write_picture(folder / "deep" / "blue again.png", BLUE)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no more")
    return folder


def content(page):
    """The table of a page: file -> verdict."""
    (packed,) = DATA.findall(page.read_text(encoding="utf-8"))
    data = json.loads(gzip.decompress(base64.b64decode(packed)))
    names = [data["folders"][folder][0] + file for folder, file in zip(data["folder"], data["file"], strict=True)]
    return dict(zip(names, [data["verdicts"][int(code)][0] for code in data["verdict"]], strict=True))


VERDICTS = {
    "photos/a.png": "good",
    "photos/b.png": "good",
    "photos/blue.png": "bad",
    "photos/broken.jpg": "failed",
    "photos/deep/blue again.png": "bad",
}


def test_a_report_shows_what_was_assessed(run, photos, tmp_path):
    result = run("assess", "photos", *ONLY, "--report", "out.html")
    page = tmp_path / "here" / "out.html"
    assert "The report is out.html." in result.stderr
    assert content(page) == VERDICTS
    text = page.read_text(encoding="utf-8")
    assert "1 set of exact copies (2 captures)" in text
    assert 'href="./photos/deep/blue%20again.png"' in text
    assert "and no more" not in result.stdout


@pytest.mark.parametrize("out", [(), ("--out", "results.jsonl"), ("--format", "csv")], ids=str)
def test_it_goes_with_every_way_of_writing(run, photos, tmp_path, out):
    assert run("assess", "photos", *ONLY, *out, "--report", "out.html", "--fail-on", "never").exit_code == 0
    assert content(tmp_path / "here" / "out.html") == VERDICTS


def test_a_crew_s_answers_are_reported_too(run, photos, tmp_path, monkeypatch):
    monkeypatch.setattr(run_module, "MANY", 3)
    run("assess", "photos", *ONLY, "--report", "out.html", "--workers", 2)
    assert content(tmp_path / "here" / "out.html") == VERDICTS


def test_a_run_that_goes_on_reports_all(run, photos, tmp_path, place, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(run_module, "write", interrupted)
        run("assess", "photos", *ONLY, "--out", "results.jsonl", "--report", "out.html")
    assert not (tmp_path / "here" / "out.html").exists()
    before = len(work(place))
    run("assess", "photos", *ONLY, "--out", "results.jsonl", "--report", "out.html")
    assert content(tmp_path / "here" / "out.html") == VERDICTS
    assert len(work(place)) - before == 1  # the example that is shown: its copy is not shown again


def test_what_comes_through_a_pipe_is_reported(run, photos, tmp_path):
    run("assess", "-", *ONLY, "--report", "out.html", input=(photos / "blue.png").read_bytes())
    page = tmp_path / "here" / "out.html"
    assert content(page) == {"stdin": "bad"}
    assert "data:image/webp" in page.read_text(encoding="utf-8")


def test_a_report_that_cannot_be_made_leaves_the_old_one(run, photos, tmp_path, monkeypatch):
    page = tmp_path / "here" / "out.html"
    page.write_text("old")
    monkeypatch.setattr("multimodal.service.report_service.ReportService.page", lambda *_: 1 / 0)
    assert run("assess", "photos", *ONLY, "--report", "out.html").exit_code == 1
    assert page.read_text() == "old"
    assert sorted(path.name for path in page.parent.iterdir()) == ["out.html", "photos"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--report", "nowhere/out.html"), "there is no folder nowhere"),
        (("--report", "same.jsonl", "--out", "same.jsonl"), "also what --out names"),
        (("--report", "/dev/null"), "no file that could be replaced"),
    ],
)
def test_impossible_reports_are_refused_before_work_begins(run, photos, place, arguments, message):
    result = run("assess", "photos", *ONLY, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert work(place) == []
