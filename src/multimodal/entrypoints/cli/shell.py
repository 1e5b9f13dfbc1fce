"""What the global options mean: settings, logging, the application."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ...bootstrap import App
    from ...config.config import Settings

LEVELS = {-1: logging.ERROR, 0: logging.WARNING, 1: logging.INFO}
Json = click.Choice(["table", "json"])
thresholds_option = click.option(
    "--set",
    "thresholds",
    multiple=True,
    metavar="PROPERTY.NAME=VALUE",
    help="A threshold, over all others: noise.threshold=6 (see `config thresholds`).",
)


@dataclass(frozen=True)
class Shell:
    """What a command gets. loudness: -1 quiet, 0 normal, 1 and 2 more and more verbose."""

    home: Path | None = None
    loudness: int = 0

    @property
    def quiet(self) -> bool:
        """Whether only errors are wanted."""
        return self.loudness < 0

    @property
    def shows_progress(self) -> bool:
        """Whether somebody watches stderr."""
        return not self.quiet and sys.stderr.isatty()

    def settings(self, *, thresholds: Sequence[str] = (), **given: Any) -> Settings:
        """Settings; options of the command go over the environment, and so do `thresholds` (`--set`), one by one."""
        from ...config.config import load_settings

        settings = load_settings(home=self.home, **given)
        return replace(settings, thresholds=" ".join([settings.thresholds, *thresholds]).strip())

    def app(self, **given: Any) -> App:
        """The application on a settled machine, with logging on stderr."""
        from ...adapters.machine import settle
        from ...bootstrap import bootstrap

        settings = self.settings(**given)
        self.start_logging(settings)
        settle()
        return bootstrap(settings)

    def start_logging(self, settings: Settings) -> None:
        """Log lines on stderr, a stack only when asked for; JSON lines in a file when the settings say so."""
        from ...adapters.logger import file_of_this_process

        console = logging.StreamHandler()
        console.setFormatter(Line(with_stack=self.loudness > 0))
        files = [file_of_this_process(settings.folders.logs)] if settings.log_to_file else []
        logging.basicConfig(level=LEVELS.get(self.loudness, logging.DEBUG), handlers=[console, *files])

    def say(self, text: str) -> None:
        """Tell the person at the terminal something that is no data."""
        if not self.quiet:
            click.echo(text, err=True)


class Line(logging.Formatter):
    """`level: message`, with a stack only when somebody wants to see it."""

    def __init__(self, *, with_stack: bool) -> None:
        super().__init__()
        self.with_stack = with_stack

    def format(self, record: logging.LogRecord) -> str:
        """One line, or more with a stack."""
        text = f"{record.levelname.lower()}: {record.getMessage()}"
        if record.exc_info and self.with_stack:
            return f"{text}\n{self.formatException(record.exc_info)}"
        return f"{text} ({record.exc_info[1]!r})" if record.exc_info else text


def words(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """The values of an option that may be repeated and may hold several words with commas between them."""
    return tuple(dict.fromkeys(word.strip() for value in values for word in value.split(",") if word.strip()))
