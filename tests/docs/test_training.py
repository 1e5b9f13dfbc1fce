"""From own photographs to a served model: the five commands of docs/training.md, as they stand there."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from skimage.filters import gaussian

from multimodal.domain.image import scenes
from multimodal.domain.image.camera import Camera
from multimodal.domain.image.image_utils import save_image
from tests.docs.test_documentation import blocks

KINDS = ("leaves", "facade", "bricks", "room", "stones", "sign")


def shot(kind: str, seed: int) -> np.ndarray:
    """A photograph of a scene that no model has seen."""
    return Camera().photograph(scenes.draw(kind, 9000 + seed, (360, 480)), np.random.default_rng(seed))


def blurred(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(gaussian(pixels, 4, channel_axis=2, preserve_range=True), np.uint8)


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """The folders that the page speaks of."""
    folder = tmp_path_factory.mktemp("own")
    for seed in range(18):
        keep(shot(KINDS[seed % len(KINDS)], 300 + seed), folder / "photos" / f"{seed}.jpg")
    for seed, kind in enumerate(KINDS):
        keep(shot(kind, seed), folder / "labelled" / "sharp" / f"{kind}.jpg")
        keep(blurred(shot(kind, 100 + seed)), folder / "labelled" / "blurred" / f"{kind}.jpg")
        keep(shot(kind, 200 + seed), folder / "new_photos" / f"{kind}.jpg")
    return folder


def keep(pixels: np.ndarray, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_image(pixels, path)


def test_the_five_commands_of_the_page_lead_to_a_served_model(place):
    (text, *_) = blocks("docs/training.md", "bash")
    commands = text.splitlines()
    assert len(commands) == 5
    said = [run(command, place) for command in commands]
    assert "captures  18" in said[0]
    assert (place / "photos.png").read_bytes().startswith(b"\x89PNG")
    assert "defocus" in said[1]
    assert (place / "report" / "report.html").exists()
    challenger = said[1].partition("blur_sharpness@")[2][:12]
    assert f"blur_sharpness@{challenger} serves now" in said[3]
    assert said[4].count("good") >= len(KINDS) - 1
    assert challenger in run("multimodal pipelines", place)


def run(command: str, place: Path) -> str:
    """What a command says; it has to succeed."""
    environment = {**os.environ, "MULTIMODAL_HOME": str(place / "home"), "MULTIMODAL_TRACKING": "local"}
    words = [sys.executable, "-m", *command.split()]
    done = subprocess.run(words, cwd=place, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr
