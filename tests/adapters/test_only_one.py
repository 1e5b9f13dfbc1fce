"""One process at a place, also after the one that was there was killed."""

import subprocess
import sys

import pytest

from multimodal.adapters.only_one import only_one
from multimodal.domain.shared.errors import ConfigError

HOLD = """
import sys
from pathlib import Path
from multimodal.adapters.only_one import only_one
with only_one(Path(sys.argv[1]), 5.0) as place:
    print(place, flush=True)
    sys.stdin.read()
"""


def test_a_place_keeps_its_name(tmp_path):
    with only_one(tmp_path / "home" / "runner.lock") as first:
        assert first
    with only_one(tmp_path / "home" / "runner.lock") as second:
        assert second == first
    with only_one(tmp_path / "other.lock") as other:
        assert other not in (None, first)


def test_only_one_is_there(tmp_path):
    with only_one(tmp_path / "lock"), only_one(tmp_path / "lock") as place:
        assert place is None


def test_a_process_that_is_killed_lets_go(tmp_path):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path / "lock")], **pipes) as process:
        name = process.stdout.readline().strip()
        with only_one(tmp_path / "lock") as place:
            assert place is None
        process.kill()
        process.wait(30)
    with only_one(tmp_path / "lock") as place:
        assert place == name


def test_a_place_that_cannot_be_written_is_an_error_that_shows_no_path(tmp_path):
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "lock").write_text("no lock, but a text that is long enough to be something else\n" * 20)
    for path in (tmp_path / "file" / "lock", tmp_path / "lock"):
        with pytest.raises(ConfigError, match=r"runner\.lock in the home cannot be used") as caught, only_one(path):
            pass
        assert str(tmp_path) not in str(caught.value)
