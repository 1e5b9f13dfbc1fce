"""The page on thresholds: its file is valid, its commands run."""

import subprocess
import sys

import pytest

from multimodal.bootstrap import bootstrap
from multimodal.config.config import Settings
from tests.docs.test_documentation import blocks, photo, write_files  # noqa: F401  (a fixture)
from tests.own_property import write_pictures

PAGE = "docs/thresholds.md"


@pytest.fixture
def own(tmp_path):
    """A home whose configuration folder has the page's file."""
    (path,) = write_files(PAGE, tmp_path / "home" / "config")
    return path


def test_the_file_of_the_page_is_obeyed(own, tmp_path):
    app = bootstrap(Settings(home=tmp_path / "home"))
    mine = {(t.pipeline, t.name): t.value for t in app.assessor.thresholds() if t.source == "thresholds.yaml"}
    assert mine["blur_laplacian", "threshold"] == 80
    assert mine["blur_gradients", "accept"] == mine["blur_sharpness", "accept"] == 0.8
    assert mine["blur_sharpness", "cannot_tell.texture"] == 1.0
    assert not any(p.decides for p in app.assessor.pipelines() if p.property == "image/brightness")


def test_the_commands_of_the_page_run(own, photo, tmp_path):  # noqa: F811
    write_pictures(tmp_path / "good" / "one", [0.3, 0.4])
    write_pictures(tmp_path / "good" / "two", [0.35])
    write_pictures(tmp_path / "bad" / "over_exposed", [0.5])
    environment = {"MULTIMODAL_HOME": str(tmp_path / "home"), "MULTIMODAL_TRACKING": "local", "PATH": ""}
    lines = [line for text in blocks(PAGE, "bash") for line in text.splitlines()]
    assert len(lines) == 5
    for line in lines:
        command = [sys.executable, "-m", "multimodal", *line.split()[1:]]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode, line) == (0, line), done.stderr
