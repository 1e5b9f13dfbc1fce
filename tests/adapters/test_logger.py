"""Logs: what a terminal shows, what a service writes, what belongs to which request."""

import asyncio
import io
import json
import logging
import os
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

import pytest

from multimodal.adapters.logger import (
    PROCESSES,
    JsonLines,
    configure_logging,
    current_request_id,
    remove_old,
    request_id,
)
from multimodal.domain.shared.errors import ConfigError

log = logging.getLogger("multimodal.tests")
HOSTILE = "a.jpg\n12:00:00 ERROR fake \x1b[31m\udcff\0"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    names = ("", "multimodal", "uvicorn", "uvicorn.error", "uvicorn.access", "py.warnings")
    before = {name: (logging.getLogger(name).level, list(logging.getLogger(name).handlers)) for name in names}
    yield
    for handler in [handler for handler in root.handlers if handler.name == "multimodal"]:
        handler.close()
    for name, (level, handlers) in before.items():
        logging.getLogger(name).setLevel(level)
        logging.getLogger(name).handlers[:] = handlers
    logging.captureWarnings(False)


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """What stderr, which is no terminal, got so far."""
    parts: list[str] = []

    def so_far() -> str:
        parts.append(capsys.readouterr().err)
        return "".join(parts)

    return so_far


@contextmanager
def a_terminal() -> Iterator[Callable[[], str]]:
    """What stderr, a terminal, got so far."""
    with redirect_stderr(Terminal()) as stream:
        yield stream.getvalue


def entries(text: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_service_writes_json_lines(written: Callable[[], str]) -> None:
    configure_logging()
    with request_id("order-7"):
        log.info("%d photos", 3)
    (entry,) = entries(written())
    assert entry.pop("time").endswith("+00:00")
    assert entry == {
        "level": "INFO",
        "logger": "multimodal.tests",
        "message": "3 photos",
        "request_id": "order-7",
    }


def test_an_exception_stays_on_its_line(written: Callable[[], str]) -> None:
    configure_logging(format="json")
    try:
        raise ValueError(HOSTILE)
    except ValueError:
        log.exception("refused")
    (entry,) = entries(written())
    assert entry["message"] == "refused"
    assert entry["exception"].startswith("Traceback")


@pytest.mark.parametrize("format", ["json", "text"])
def test_a_hostile_name_is_no_second_line(written: Callable[[], str], format: str) -> None:
    configure_logging(format=format)
    log.warning("cannot read %s", HOSTILE)
    assert written().count("\n") == 1
    assert "\x1b" not in written()
    assert written().isprintable() is False  # but for the line's own end ...
    assert written().rstrip("\n").isprintable()  # ... all of it is


def test_text_says_what_people_read(written: Callable[[], str]) -> None:
    configure_logging(format="text")
    with request_id("order-7"):
        log.warning("no calibration for %s", "blur")
    assert written().endswith("WARNING multimodal.tests: no calibration for blur [order-7]\n")


def test_a_terminal_shows_text() -> None:
    with a_terminal() as shown:
        configure_logging()
        log.warning("[bold]%s[/bold]", HOSTILE)
    text = re.sub(r"\x1b\[[0-9;]*m", "", shown())  # without rich's own colours
    assert "WARNING  [bold]a.jpg\\x0a12:00:00" in text
    assert "\x1b[31m" not in shown()


def test_a_terminal_gets_json_when_asked() -> None:
    with a_terminal() as shown:
        configure_logging(format="json")
        log.warning("hello")
    assert entries(shown())[0]["message"] == "hello"


def test_a_lonely_surrogate_is_logged_all_the_same() -> None:
    record = logging.LogRecord("x", logging.INFO, "x.py", 1, "photo \udcff", None, None)
    assert json.loads(JsonLines().format(record))["message"] == "photo \\udcff"


def test_setting_up_twice_does_not_log_twice(written: Callable[[], str]) -> None:
    configure_logging()
    configure_logging(format="text")
    configure_logging()
    log.info("once")
    assert len(entries(written())) == 1


def test_handlers_of_others_stay(written: Callable[[], str]) -> None:
    other = logging.NullHandler()
    logging.getLogger().addHandler(other)
    configure_logging()
    configure_logging()
    assert other in logging.getLogger().handlers


def test_levels_are_ours_and_others_only_warn(written: Callable[[], str]) -> None:
    configure_logging("debug")
    log.debug("ours")
    logging.getLogger("somebody.else").info("theirs")
    logging.getLogger("somebody.else").warning("a warning of theirs")
    assert [entry["message"] for entry in entries(written())] == ["ours", "a warning of theirs"]


def test_quiet_is_quiet(written: Callable[[], str]) -> None:
    configure_logging("ERROR")
    log.warning("ours")
    logging.getLogger("somebody.else").warning("theirs")
    assert written() == ""


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ConfigError, match="No log level is called 'LOUD'"):
        configure_logging("LOUD")


def test_uvicorn_speaks_through_us(written: Callable[[], str]) -> None:
    logging.getLogger("uvicorn").addHandler(logging.StreamHandler(io.StringIO()))
    logging.getLogger("uvicorn").propagate = False
    configure_logging()
    logging.getLogger("uvicorn.error").info("Started")
    assert entries(written())[0]["message"] == "Started"


def test_warnings_are_lines_too(written: Callable[[], str]) -> None:
    configure_logging()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(False)
        configure_logging()
        warnings.warn("old photo", stacklevel=1)
        logging.captureWarnings(False)
    assert "UserWarning: old photo" in entries(written())[0]["message"]


def test_files_hold_json_lines_of_one_process(tmp_path: Path) -> None:
    with a_terminal() as shown:
        configure_logging(folder=tmp_path / "logs")
        assert list((tmp_path / "logs").iterdir()) == []
        log.info("kept")
    text = (tmp_path / "logs" / f"multimodal-{os.getpid()}.jsonl").read_text(encoding="utf-8")
    assert [entry["message"] for entry in entries(text)] == ["kept"]
    assert "kept" in shown()


def test_old_files_go_and_the_newest_stay(tmp_path: Path) -> None:
    for age in range(PROCESSES * 4 + 5):
        path = tmp_path / f"multimodal-{age}.jsonl"
        path.touch()
        os.utime(path, (10_000 - age, 10_000 - age))
    (tmp_path / "notes.txt").touch()
    remove_old(tmp_path)
    assert len(list(tmp_path.glob("*.jsonl"))) == PROCESSES * 4
    assert (tmp_path / "multimodal-0.jsonl").exists()
    assert (tmp_path / "notes.txt").exists()


def test_a_folder_that_cannot_be_used_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file", encoding="utf-8")
    with pytest.raises(ConfigError, match="folder for logs"):
        configure_logging(folder=tmp_path / "logs")


@pytest.mark.parametrize("given", ["", "two words", "a\nb", "x" * 65, "ä", None], ids=repr)
def test_a_strange_request_id_is_replaced(given: str | None) -> None:
    with request_id(given) as id:
        assert id != given
        assert current_request_id() == id


def test_request_ids_nest_and_end() -> None:
    with request_id("outer"):
        with request_id("inner"):
            assert current_request_id() == "inner"
        assert current_request_id() == "outer"
    assert current_request_id() == ""


def test_tasks_do_not_mix_their_request_ids() -> None:
    async def answer(id: str) -> str:
        with request_id(id):
            await asyncio.sleep(0)
            return await asyncio.to_thread(current_request_id)

    async def both() -> list[str]:
        return await asyncio.gather(answer("one"), answer("two"))

    assert asyncio.run(both()) == ["one", "two"]
