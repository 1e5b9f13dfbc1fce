"""`assess --report FILE.html`: the page of what was assessed, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...domain.shared.collection import Collection
from ...service.report_service import About
from .bars import bars
from .finding import readable
from .writers import whole_file

if TYPE_CHECKING:
    from .run import Run


def write_report(run: Run, collection: Collection, target: Path) -> None:
    """Draw the page of all that was gathered, and say where it lies."""
    captures = [item.capture for item in run.items]
    about = About(tuple(map(readable, (*run.order.paths, *run.order.lists))), target.absolute().parent)
    with bars(run.shows_bar) as progress:
        content = run.app.reports.page(collection, captures, run.pipelines, about, progress)
    with whole_file(target.resolve()) as file:
        file.write(content)
    run.shell.say(f"The report is {readable(str(target))}.")
