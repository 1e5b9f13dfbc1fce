"""One run of `assess`: find, judge, write.

prepare ..... everything that can be wrong with an order is noticed here, before work begins
to_stream ... each result is written when it is there
to_file ..... results are kept beside the file, which appears when all is done; an interrupted run goes on
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from ...adapters.crew import Crew
from ...adapters.engine import ThreadEngine
from ...adapters.machine import ENVIRONMENT
from ...bootstrap import App
from ...config.config import as_environment
from ...core import version
from ...domain.shared.collection import Gathered
from ...domain.shared.errors import ArtifactError, BrokenCapture
from ...domain.shared.pipelines import InferencePipeline
from ...service.answering import batches, failed
from ...service.observer import Observer
from .bars import bars
from .documents import Columns, Document, encode
from .finding import Item, find
from .order import Order
from .partial import Partial
from .shelf import Shelf
from .shell import Shell
from .tally import Tally
from .writers import FORMATS, whole_file

MEMBER = "multimodal.entrypoints.cli.member"
MANY = 1000
"""Captures from which on it pays to start processes."""
FATAL = "It ends each process that assesses it, so it was left out: the file is damaged, or it is made to do harm."


@dataclass(frozen=True)
class Run:
    """What is asked, of which pipelines, about which captures, and what has come out so far.

    gathered: all answers, in the order of the items, where somebody wants to know what they say together.
    """

    shell: Shell
    order: Order
    app: App
    pipelines: Sequence[InferencePipeline]
    items: Sequence[Item]
    tally: Tally
    gathered: Gathered | None = None

    @property
    def columns(self) -> Columns:
        """What a row of a table has."""
        properties = dict.fromkeys(pipeline.recipe.property for pipeline in self.pipelines)
        return Columns(tuple(pipeline.name for pipeline in self.pipelines), tuple(properties))

    @property
    def header(self) -> Mapping[str, Any]:
        """What results have to agree in to stand in one file: program, models, recipes and limits."""
        limits = self.app.assessor.limits
        recipes = orjson.dumps([pipeline.recipe.to_dict() for pipeline in self.pipelines], default=str)
        return {
            "multimodal": version(),
            "models": [pipeline.model for pipeline in self.pipelines],
            "thresholds": [dict(pipeline.own) for pipeline in self.pipelines],
            "recipes": hashlib.sha256(recipes).hexdigest()[:16],
            "limits": [limits.bytes, limits.pixels],
        }

    @property
    def shows_bar(self) -> bool:
        """A bar is for a person, and only where it does not run through the data."""
        separate = self.order.out is not None or self.order.format == "table" or not sys.stdout.isatty()
        return self.shell.shows_progress and separate

    def shelf(self) -> Shelf:
        """Where results go besides the output."""
        if not self.order.store:
            return Shelf(None)
        return Shelf(self.app.store, Observer(self.app.references, self.app.traffic))

    def see(self, document: Document) -> None:
        """Take note of an answer; they come in the order of the items."""
        self.tally.add(document)
        if self.gathered is not None:
            self.gathered.add(document)

    def assess(self, items: Sequence[Item]) -> Iterator[tuple[Item, bytes]]:
        """Each item with its answers (see `encode`), with a bar on the terminal."""
        before = len(self.items) - len(items)
        with bars(self.shows_bar) as progress, closing(self._documents(items)) as documents:
            for done, pair in enumerate(zip(items, documents, strict=True), start=1):
                yield pair
                progress("assessing", before + done, len(self.items))

    def _documents(self, items: Sequence[Item]) -> Generator[bytes]:
        """The answers in order: from threads, or for many files from a crew of processes."""
        if len(items) >= MANY and self.app.settings.workers > 1 and all(item.path for item in items):
            yield from by_crew(self, items)
        else:
            names = [pipeline.name for pipeline in self.pipelines]
            captures = (item.capture for item in items)
            yield from map(encode, self.app.assessor.assess_many(captures, pipelines=names))


def by_crew(run: Run, items: Sequence[Item]) -> Generator[bytes]:
    """The answers of several processes: threads would wait for each other wherever Python itself is at work."""
    settings = run.app.settings
    models = [pipeline.model for pipeline in run.pipelines]
    command = [sys.executable, "-P", "-m", MEMBER, str(run.shell.loudness), *models]
    environment = ENVIRONMENT | dict(os.environ) | as_environment(settings)
    with Crew(command, environment, settings.workers) as crew:
        for answers in ThreadEngine(settings.workers).map(partial(together, crew), batches(items)):
            yield from answers


def together(crew: Crew, items: Sequence[Item]) -> Sequence[bytes]:
    """What a process of the crew says of some captures; of each alone when one of them ends it."""
    return asked(crew, items) or [answer(crew, item) for item in items]


def answer(crew: Crew, item: Item) -> bytes:
    """What a process says of a capture that was among others when one ended; who ends a second one has failed."""
    found = asked(crew, [item]) or [encode(failed(item.capture.name, BrokenCapture(FATAL)))]
    return found[0]


def asked(crew: Crew, items: Sequence[Item]) -> list[bytes]:
    """The answers of a process, none when it ended."""
    return crew.ask(json.dumps([[item.capture.name, str(item.path)] for item in items]).encode(), len(items))


def prepare(shell: Shell, order: Order) -> Run:
    """Find out what is to be done."""
    app = shell.app(workers=order.workers, thresholds=order.thresholds)
    suffixes = frozenset[str]().union(*(modality.suffixes for modality in app.catalog.modalities.values()))
    items = find(order.paths, order.lists, suffixes, app.assessor.limits.bytes)
    together = order.together and len(items) > 1
    gathered = Gathered() if together or order.report is not None or order.collection is not None else None
    return Run(shell, order, app, chosen(app, order.pipelines), items, Tally(), gathered)


def chosen(app: App, names: Sequence[str]) -> Sequence[InferencePipeline]:
    """The pipelines that were asked for, else all that are ready."""
    found = {name: app.assessor.pipeline(name) for name in names or app.catalog.recipes}
    untrained = [name for name, pipeline in found.items() if pipeline is None]
    if untrained and (names or len(untrained) == len(found)):
        raise ArtifactError(f"{untrained[0]} is not trained yet: `multimodal train {untrained[0]}`.")
    return [pipeline for pipeline in found.values() if pipeline is not None]


def to_stream(run: Run) -> int:
    """Write to stdout or to a device; the number of captures that were assessed."""
    make = FORMATS[run.order.format]
    with opened(run.order.out) as stream, closing(run.shelf()) as shelf, closing(make(stream, run.columns)) as writer:
        for _, encoded in run.assess(run.items):
            document = orjson.loads(encoded)
            writer.add(document)
            run.see(document)
            shelf.add(encoded)
    return len(run.items)


def to_file(run: Run, out: Path) -> int:
    """Assess what is not done yet, then write all; the number of captures that were assessed now."""
    target = out.resolve()
    keys = [item.key for item in run.items]
    with closing(Partial(target.with_name(f"{target.name}.partial"), run.header, resume=run.order.resume)) as done:
        todo = [item for item, key in zip(run.items, keys, strict=True) if key not in done]
        if len(todo) < len(run.items):
            run.shell.say(f"{len(run.items) - len(todo):,} of {len(run.items):,} are done already; going on.")
        with closing(run.shelf()) as shelf:
            shelf.restore(done[key] for key in keys if key in done)
            finish(run, todo, dict(zip(run.items, keys, strict=True)), done, shelf)
        write(run, keys, done, target)
        done.remove()
    return len(todo)


def finish(run: Run, todo: Sequence[Item], keys: Mapping[Item, str], done: Partial, shelf: Shelf) -> None:
    """Assess and keep what is still to be done."""
    try:
        for item, encoded in run.assess(todo):
            done.add(keys[item], encoded)
            shelf.add(encoded)
    except KeyboardInterrupt:
        run.shell.say(f"{len(done):,} of {len(run.items):,} are kept; the same command goes on from there.")
        raise


def write(run: Run, keys: Sequence[str], done: Partial, target: Path) -> None:
    """The finished file, in the order of the captures."""
    with whole_file(target) as stream, closing(FORMATS[run.order.format](stream, run.columns)) as writer:
        for key in keys:
            document = done[key]
            writer.add(document)
            run.see(document)


@contextmanager
def opened(out: Path | None) -> Iterator[BinaryIO]:
    """Standard output, or a device or named pipe."""
    if out is None:
        yield sys.stdout.buffer
    else:
        with out.open("wb") as stream:
            yield stream
