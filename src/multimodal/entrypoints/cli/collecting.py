"""What `assess` says of all captures together: lines on stderr, `--collection FILE.json`, `--report FILE.html`.

found ............ what they say, as the order asks
finish ........... what was found together goes wherever it is wanted
write_collection . the file, whole or not at all
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from ...domain.shared.collection import Collection, Gathered
from ...service.collection_service import as_values
from .bars import bars
from .finding import readable
from .reporting import write_report
from .table import printable
from .writers import whole_file

if TYPE_CHECKING:
    from .run import Run


def finish(run: Run) -> None:
    """Say and write what the captures say together, if anybody wants to know."""
    if run.gathered is None:
        return
    collection = found(run, run.gathered)
    if run.order.together and len(run.items) > 1:
        for problem in collection.problems:
            run.shell.say(printable(problem))
    if run.order.collection is not None:
        write_collection(run, collection, run.order.collection)
    if run.order.report is not None:
        write_report(run, collection, run.order.report)


def found(run: Run, gathered: Gathered) -> Collection:
    """What the captures say together, as the order asks."""
    cropped = [item.capture for item in run.items] if run.order.cropped else ()
    with bars(run.shows_bar and run.order.cropped) as progress:
        return run.app.collections.found_in(gathered, turned=run.order.turned, cropped=cropped, progress=progress)


def write_collection(run: Run, collection: Collection, target: Path) -> None:
    """All that was found, members named by path."""
    with whole_file(target.resolve()) as file:
        file.write(orjson.dumps(as_values(collection), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    run.shell.say(f"What the captures say together is in {readable(str(target))}.")
