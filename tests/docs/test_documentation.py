"""The documentation cannot fall behind: its examples run, its tables agree with the code, its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from skimage import data

from multimodal.bootstrap import bootstrap, read_recipe
from multimodal.config.config import Settings, variable
from multimodal.domain.image.image_utils import save_image
from multimodal.domain.shared.recipe import KEYS
from multimodal.domain.shared.sample import Capture
from multimodal.service.catalog import discover
from tests import onnx_graphs as graphs

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("docs/**/*.md"), ROOT / "README.md"])
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def blocks(page: str, language: str) -> list[str]:
    return [text for found, text in BLOCK.findall((ROOT / page).read_text(encoding="utf-8")) if found == language]


def write_files(page: str, folder: Path) -> list[Path]:
    """The page's blocks that begin with `# PATH`, as files."""
    written = []
    for text in blocks(page, "python") + blocks(page, "yaml") + blocks(page, "toml"):
        name = text.splitlines()[0].removeprefix("# ")
        if re.fullmatch(r"[\w/]+\.(py|yaml)", name):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            written.append(path)
    return written


@pytest.fixture
def photo(tmp_path) -> Path:
    save_image(data.astronaut(), tmp_path / "photo.jpg")
    return tmp_path / "photo.jpg"


def settings(tmp_path: Path, config: Path) -> Settings:
    return Settings(home=tmp_path / "home", config_path=config)


def test_the_models_of_the_page_can_be_added(tmp_path, photo):
    write_files("docs/add-a-model.md", tmp_path / "config")
    (tmp_path / "config" / "image" / "blur_own.onnx").write_bytes(graphs.one_logit_a_label(columns=1))
    app = bootstrap(settings(tmp_path, tmp_path / "config"))
    known = {info.name: info for info in app.assessor.pipelines()}
    ready = {name: known[name].status == "ready" for name in known if name.startswith(("blur_", "brightness_network"))}
    assert ready | {"blur_strict": True, "blur_own": True, "blur_forest": False, "brightness_network": False} == ready
    answer = app.assessor.assess(Capture.from_path(photo), pipelines=["blur_strict", "blur_own"])
    assert {prediction.label for prediction in answer.predictions} <= {"sharp", "blurred", "cannot_tell"}
    assert len(answer.predictions) == 2
    assert "my_photos" in app.data.names()


def test_the_property_of_the_page_can_be_added(tmp_path, photo):
    write_files("docs/add-a-property.md", tmp_path / "config")
    app = bootstrap(settings(tmp_path, tmp_path / "config"))
    answer = app.assessor.assess(Capture.from_path(photo), pipelines=["greenness"])
    assert (answer.predictions[0].label, answer.predictions[0].unit) == ("bare", "share")


def test_the_modality_of_the_page_can_be_added(tmp_path, monkeypatch):
    (module,) = write_files("docs/add-a-modality.md", tmp_path)
    package = module.parent.parent
    (package / "__init__.py").touch()
    metadata = tmp_path / "my_package-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: my_package\nVersion: 1\n")
    (toml,) = blocks("docs/add-a-modality.md", "toml")
    (metadata / "entry_points.txt").write_text(
        "[multimodal.modalities]\n" + toml.splitlines()[-1].replace('"', "") + "\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    modality = discover([]).modalities["sound"]
    wave = b"RIFF" + bytes(4) + b"WAVE" + bytes(32) + bytes([1, 0, 2, 0])
    assert modality.recognises(wave)
    assert modality.decode(wave, "beep").wave.tolist() == [1, 2]


def test_every_setting_is_documented_and_nothing_else():
    shown = set(re.findall(r"^\| `(MULTIMODAL_\w+)`", (ROOT / "docs/configuration.md").read_text(), re.MULTILINE))
    assert shown == {variable(field.name) for field in fields(Settings)}


def test_every_key_of_a_pipeline_is_documented_and_nothing_else():
    table = (ROOT / "docs/add-a-model.md").read_text().partition("## All keys")[2]
    assert set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == set(KEYS)


@pytest.mark.parametrize("path", sorted((ROOT / "src/multimodal/config/image").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_shipped_pipeline_is_documented(path):
    recipe = read_recipe(path)
    assert f"`{recipe.name}`" in (ROOT / f"docs/properties/{recipe.property.partition('/')[2]}.md").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_link_leads_somewhere(page):
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    missing = [t for t in targets if not t.startswith("http") and not (page.parent / t).exists()]
    assert missing == []


def test_the_library_example_of_the_readme_runs(photo, tmp_path):
    (example,) = [text for text in blocks("README.md", "python") if "bootstrap" in text]
    environment = {"MULTIMODAL_HOME": str(tmp_path / "home"), "PATH": ""}
    run = [sys.executable, "-c", example]
    done = subprocess.run(run, cwd=photo.parent, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("good [(")


def test_the_command_lines_of_the_readme_run(photo, tmp_path):
    environment = {"MULTIMODAL_HOME": str(tmp_path / "home"), "PATH": ""}
    lines = [
        line
        for text in blocks("README.md", "bash")
        for line in text.splitlines()
        if "multimodal assess photo.jpg" in line
    ]
    assert lines
    for line in lines:
        command = [sys.executable, "-m", "multimodal", *line.split()[1:]]
        done = subprocess.run(command, cwd=photo.parent, env=environment, capture_output=True, text=True, check=True)
        assert "photo.jpg" in done.stdout
