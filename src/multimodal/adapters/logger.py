"""Logging, set up once by the entrypoint: readable on a terminal, JSON lines in a service, files when asked for.

    configure_logging ..... handlers and levels; calling it again replaces what it set up before
    request_id(id) ........ all that is logged inside belongs to this request
    current_request_id .... the id of the request that is being answered, or nothing

Modules log with `logging.getLogger(__name__)`. uvicorn is started with `log_config=None`, so that its logs come here.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from ..core import APPLICATION
from ..domain.shared.errors import ConfigError
from ..domain.shared.identity import new_id

OURS = (APPLICATION, "uvicorn", "py.warnings")  # at the level that was asked for; all others only warn
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
PLAIN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) != "\t"}
CONTROL_BUT_LINES = {code: escape for code, escape in CONTROL.items() if chr(code) != "\n"}
FILE_BYTES, OLD_FILES, PROCESSES = 10 * 2**20, 3, 32


def configure_logging(level: str = "INFO", format: str = "auto", folder: Path | None = None) -> None:
    """Send all logs to stderr, and to files in `folder` when there is one.

    format: `text`, `json`, or `auto`: text on a terminal, JSON elsewhere.
    """
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if getattr(handler, "name", None) == APPLICATION]:
        root.removeHandler(handler)
        handler.close()
    handlers = [console(format)] + ([file_of_this_process(folder)] if folder else [])
    for handler in handlers:
        handler.name = APPLICATION
        root.addHandler(handler)
    set_levels(level)
    logging.captureWarnings(True)


def set_levels(level: str) -> None:
    """The level for what is ours; others are heard from warnings on. uvicorn's own handlers go."""
    known = logging.getLevelNamesMapping()
    if level.upper() not in known:
        raise ConfigError(f"No log level is called {level!r}. Known: DEBUG, INFO, WARNING, ERROR, CRITICAL.")
    logging.getLogger().setLevel(max(known[level.upper()], logging.WARNING))
    for name in OURS:
        logging.getLogger(name).setLevel(known[level.upper()])
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True


def console(format: str) -> logging.Handler:
    """The handler of stderr."""
    is_terminal = sys.stderr.isatty()
    if format == "json" or (format == "auto" and not is_terminal):
        return formatted(logging.StreamHandler(), JsonLines())
    return TerminalHandler() if is_terminal else formatted(logging.StreamHandler(), TextLines())


def file_of_this_process(folder: Path) -> logging.Handler:
    """JSON lines in a file of this process alone: it can rotate without asking others. Files of long gone ones go."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        remove_old(folder)
        path = folder / f"{APPLICATION}-{os.getpid()}.jsonl"
        handler = RotatingFileHandler(path, maxBytes=FILE_BYTES, backupCount=OLD_FILES, encoding="utf-8", delay=True)
    except OSError as error:
        raise ConfigError(f"The folder for logs cannot be used: {error.strerror}.") from error
    return formatted(handler, JsonLines())


def remove_old(folder: Path) -> None:
    """Keep the newest files only."""
    files = sorted(folder.glob(f"{APPLICATION}-*.jsonl*"), key=modified, reverse=True)
    for path in files[PROCESSES * (1 + OLD_FILES) :]:
        path.unlink(missing_ok=True)


def modified(path: Path) -> float:
    """When a file changed last; long ago when somebody else removed it."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def formatted(handler: logging.Handler, formatter: logging.Formatter) -> logging.Handler:
    """The handler with its formatter."""
    handler.setFormatter(formatter)
    return handler


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, and request_id and exception when there are any."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        import orjson  # not for commands that log text

        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": unicode(record.getMessage().strip()),
        }
        if request := current_request_id():
            entry["request_id"] = request
        if record.exc_info:
            entry["exception"] = unicode(self.formatException(record.exc_info))
        return orjson.dumps(entry).decode()


class TextLines(logging.Formatter):
    """Lines for people; a name with control characters in it cannot pretend to be a line or colour the terminal."""

    def __init__(self, pattern: str = "%(asctime)s %(levelname)-7s %(name)s: %(message)s") -> None:
        super().__init__(pattern, datefmt="%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  (the standard library's name)
        """The line, with the request that it belongs to."""
        record.message = unicode(record.message.strip()).translate(CONTROL)
        request = current_request_id()
        return super().formatMessage(record) + (f" [{request}]" if request else "")

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """The stack, over several lines."""
        return unicode(super().formatException(ei)).translate(CONTROL_BUT_LINES)


class TerminalHandler(logging.Handler):
    """Colours and columns by rich, which is imported with the first record."""

    def __init__(self) -> None:
        super().__init__()
        self.rich: logging.Handler | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Show the record."""
        if self.rich is None:
            from rich.console import Console
            from rich.logging import RichHandler

            self.rich = RichHandler(console=Console(stderr=True), show_path=False, log_time_format="%X")
            self.rich.setFormatter(TextLines("%(message)s"))
        self.rich.emit(record)


@contextmanager
def request_id(given: str | None = None) -> Iterator[str]:
    """The id of one request while it is answered: the client's when it is short and plain, else a new one.

    >>> with request_id("order-7") as id:
    ...     current_request_id()
    'order-7'
    """
    chosen = given if given and PLAIN_ID.fullmatch(given) else new_id()
    token = REQUEST_ID.set(chosen)
    try:
        yield chosen
    finally:
        REQUEST_ID.reset(token)


def current_request_id() -> str:
    """The id of the request that this thread or task answers; empty outside of one."""
    return REQUEST_ID.get()


def unicode(text: str) -> str:
    """Text that UTF-8 can say: bytes of a file name that were no UTF-8 are escaped."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
