"""A property is added with one module and one YAML in a folder of one's own; no existing file is touched."""

import json
import os
import subprocess
import sys
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner

from multimodal.bootstrap import App, bootstrap
from multimodal.config.config import Settings
from multimodal.domain.shared.errors import ConfigError
from multimodal.entrypoints.cli.program import program
from tests.own_property import BLUE, write_own_property, write_picture


@pytest.fixture
def settings(tmp_path) -> Settings:
    write_own_property(tmp_path / "config")
    return Settings(home=tmp_path / "home", config_path=tmp_path / "config")


@pytest.fixture
def app(settings) -> App:
    return bootstrap(settings)


@pytest.fixture
def variables(settings) -> dict[str, str]:
    return {"MULTIMODAL_HOME": str(settings.home), "MULTIMODAL_CONFIG_PATH": str(settings.config_path)}


@pytest.fixture
def photo(tmp_path):
    return write_picture(tmp_path / "blue.png", BLUE)


def test_the_catalogue_has_it(app):
    assert app.catalog.properties["image/blueness"].labels == ("blue", "natural")
    assert app.catalog.recipe("blueness_rule").property == "image/blueness"


def test_the_command_line_has_it(variables, photo):
    runner = CliRunner(env=variables)
    assert "blueness_rule" in runner.invoke(program, ["pipelines"]).stdout
    (document,) = json.loads(runner.invoke(program, ["assess", str(photo), "--format", "json"]).stdout)
    assert document["verdict"] == "bad"
    answers = {prediction["pipeline"]: prediction["label"] for prediction in document["predictions"]}
    assert answers["blueness_rule"] == "blue"


def test_the_api_has_it(variables, photo):
    command = [sys.executable, "-m", "multimodal", "serve", "--port", "0", "--workers", "1"]
    with subprocess.Popen(command, env={**os.environ, **variables}, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().split()[1]
            with urlopen(f"{url}/v1/pipelines") as answer:
                assert "blueness_rule" in {info["name"] for info in json.load(answer)}
            with urlopen(Request(f"{url}/v1/assessments", photo.read_bytes(), {"Content-Type": "image/png"})) as answer:
                assessment = json.load(answer)
        finally:
            process.terminate()
    assert assessment["verdict"] == "bad"
    answers = {prediction["pipeline"]: prediction["label"] for prediction in assessment["predictions"]}
    assert answers["blueness_rule"] == "blue"


def test_a_module_that_fails_is_named(settings):
    module = settings.config_path / "image" / "blueness.py"
    module.write_text("import nothing_of_this_name\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"blueness\.py of the configuration folder fails on import"):
        bootstrap(settings)


def test_two_folders_do_not_share_their_modules(settings, app, tmp_path):
    write_own_property(tmp_path / "other")
    other = bootstrap(Settings(home=tmp_path / "home", config_path=tmp_path / "other"))
    assert other.catalog.modules["image.blueness"] is not app.catalog.modules["image.blueness"]
