"""Captures that were cut out of others: each is read once more, since that is seen in pixels.

    PartFinder.links ... captures and what was gathered of them -> links from parts to their wholes

They are read side by side, under the same limits as when they were assessed. One that is gone or has changed since is
left out. What failed then is not touched again: it may be a file that ends whoever decodes it.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..domain.shared.errors import CaptureError
from ..domain.shared.gathered import Gathered
from ..domain.shared.modality import Crops, Limits, Modality
from ..domain.shared.near import Link
from ..domain.shared.parts import Views, part_links
from ..domain.shared.ports import Engine, Progress, silent
from ..domain.shared.sample import Capture
from .catalog import Catalog

log = logging.getLogger(__name__)
Seen = tuple[NDArray[np.uint8], NDArray[np.uint64]]


@dataclass(frozen=True, eq=False)
class Task:
    """A capture to be read again. digest: of the content that was assessed."""

    position: int
    capture: Capture
    digest: str
    modality: Modality
    crops: Crops


class PartFinder:
    """Finds parts of other captures. Safe to share between threads."""

    def __init__(self, catalog: Catalog, engine: Engine, limits: Limits) -> None:
        self.catalog = catalog
        self.engine = engine
        self.limits = limits

    def links(
        self, gathered: Gathered, captures: Sequence[Capture], distance: int, progress: Progress = silent
    ) -> list[Link]:
        """Links between captures of which one was cut out of the other, and which are not near as they are.

        captures: those that were gathered, in their order. distance: in bits, see `part_links`.
        """
        if len(captures) != len(gathered):
            raise ValueError(f"{len(gathered)} captures were assessed, but {len(captures)} are to be read again.")
        found: list[Link] = []
        for modality in self.catalog.modalities.values():
            if modality.crops is not None:
                tasks = _tasks(gathered, captures, modality, modality.crops)
                seen = self._seen(tasks, progress)
                places = list(seen)
                links = part_links(_views(gathered, seen), modality.crops.is_part, distance) if seen else []
                found += [(places[i], places[j], bits) for i, j, bits in links]
        return found

    def _seen(self, tasks: Sequence[Task], progress: Progress) -> dict[int, Seen]:
        """By position what is kept of the captures that are still there."""
        found = {}
        for done, (task, seen) in enumerate(zip(tasks, self.engine.map(self._look, tasks), strict=True), start=1):
            if seen is not None:
                found[task.position] = seen
            progress("looking for crops", done, len(tasks))
        return found

    def _look(self, task: Task) -> Seen | None:
        try:
            data = task.capture.read(self.limits.bytes)
            if hashlib.sha256(data).hexdigest() == task.digest:
                return task.crops.look(task.modality.decode(data, task.capture.name, self.limits))
        except CaptureError as error:
            log.debug("%s is not read again: %s", task.capture.name, error)
        return None


def _tasks(gathered: Gathered, captures: Sequence[Capture], modality: Modality, crops: Crops) -> list[Task]:
    """The captures of a modality that can be recognised."""
    recognisable = gathered.recognisable
    return [
        Task(i, capture, gathered.digests[i], modality, crops)
        for i, capture in enumerate(captures)
        if recognisable[i]
        and gathered.modalities[i] == modality.name
        and gathered.verdicts[i] != "failed"
        and min(gathered.sizes[i]) > 0
    ]


def _views(gathered: Gathered, seen: Mapping[int, Seen]) -> Views:
    at = list(seen)
    width, height = np.array([gathered.sizes[i] for i in at], np.float64).T
    kept, windows = (np.stack(each) for each in zip(*seen.values(), strict=True))
    return Views(gathered.fingerprints[at], windows, kept, width / height)
