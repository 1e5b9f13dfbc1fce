"""Progress on a terminal: how much is done, how fast, how long still."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich import progress

    from ...domain.shared.ports import Progress

PAUSE = 0.1  # seconds between two drawings: no thread draws, so the models keep their cores


@contextmanager
def bars(shown: bool) -> Iterator[Progress]:
    """A `Progress` that draws one bar for each thing reported, or nothing.

    What stands in brackets (`trials (best 0.97)`) is text beside the same bar.
    """
    if not shown:
        yield lambda what, done, total: None
        return
    from rich.console import Console

    with display(Console(stderr=True)) as drawing:
        yield Bars(drawing)


class Bars:
    """Draws what is reported, at most ten times a second."""

    def __init__(self, drawing: progress.Progress) -> None:
        self.drawing = drawing
        self.tasks: dict[str, progress.TaskID] = {}
        self.drawn = 0.0

    def __call__(self, what: str, done: int, total: int) -> None:
        """Note that `done` of `total` are done."""
        now = time.monotonic()
        name = what.partition(" (")[0]
        known = name in self.tasks
        if known and now - self.drawn < PAUSE and done < total:
            return
        if not known:
            self.tasks[name] = self.drawing.add_task(what, total=total, completed=done)
        self.drawing.update(self.tasks[name], description=what, completed=done, total=total, refresh=True)
        self.drawn = now


def display(console: object) -> progress.Progress:
    """Rich's progress in our columns."""
    from rich import progress
    from rich.console import Console
    from rich.text import Text

    class Rate(progress.ProgressColumn):
        """Items a second."""

        def render(self, task: progress.Task) -> Text:
            """The rate as text."""
            speed = task.finished_speed or task.speed
            return Text(f"{speed:,.1f}/s" if speed else "", style="progress.data.speed")

    assert isinstance(console, Console)
    return progress.Progress(
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        Rate(),
        progress.TimeRemainingColumn(),
        console=console,
        transient=True,
        auto_refresh=False,
        redirect_stdout=False,
        redirect_stderr=True,
    )
