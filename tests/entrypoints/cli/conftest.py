"""A home, a configuration folder with a property of its own, and the program in this process or in one of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from multimodal.entrypoints.cli.program import program
from tests.own_property import BLUE, GREEN, write_own_property, write_picture

ONLY = ("--pipeline", "blueness_rule")


@pytest.fixture
def environment(tmp_path, monkeypatch) -> dict[str, str]:
    """The variables of a fresh installation with a property of the user's own."""
    for name in [name for name in os.environ if name.startswith("MULTIMODAL_")]:
        monkeypatch.delenv(name)
    write_own_property(tmp_path / "config")
    ours = {
        "MULTIMODAL_HOME": str(tmp_path / "home"),
        "MULTIMODAL_CONFIG_PATH": str(tmp_path / "config"),
        "MULTIMODAL_TRACKING": "local",
    }
    for name, value in ours.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return {**os.environ, **ours}


@pytest.fixture
def place(tmp_path, environment) -> Path:
    """Where the property's module lies."""
    return tmp_path / "config" / "image"


@pytest.fixture
def dataset(tmp_path) -> Path:
    """A folder a label."""
    for label, colour in (("blue", BLUE), ("natural", GREEN)):
        for number in range(16):
            dimmed = tuple(int(channel * (1 - number / 48)) for channel in colour)
            write_picture(tmp_path / "data" / label / f"{number}.png", dimmed, seed=number)
    return tmp_path / "data"


@pytest.fixture
def run(environment) -> Callable[..., Result]:
    """Run the program in this process."""

    def invoke(*arguments: object, **given: object) -> Result:
        return CliRunner().invoke(program, [str(a) for a in arguments], prog_name="multimodal", **given)

    return invoke


@pytest.fixture
def start(environment) -> Callable[..., "contextmanager[subprocess.Popen[bytes]]"]:
    """Run the program in a process of its own; it has ended when the context does."""

    @contextmanager
    def started(*arguments: object, **given: object) -> Iterator["subprocess.Popen[bytes]"]:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | given
        command = [sys.executable, "-m", "multimodal", *map(str, arguments)]
        with subprocess.Popen(command, env=environment, **pipes) as process:
            try:
                yield process
            finally:
                process.kill()

    return started
