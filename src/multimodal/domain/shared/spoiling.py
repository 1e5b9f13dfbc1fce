"""Training without labels: from good captures alone to a labelled set of graded faults.

    spoiled ...... good captures + what spoils a property -> labelled data set
    Copy ......... the recipe of one copy: fault, strength and label at once, bytes when asked for
    copies_for ... how many copies a fault are worth their time

Each good capture is in the set as it is, as copies without a fault (or with one so weak that nobody notices it), and as
spoiled copies of every degradation, with strengths drawn evenly on a logarithmic scale from the weakest to a little
past the strongest. What lies between unnoticed and weakest has no label, since people would not agree on it: nothing
learns from it and no metric counts it. It is there to tell from which strength on a model notices (detection.py).
The modality's `spoil` writes all copies alike, so that only the fault tells the labels apart.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle, islice
from threading import Lock
from typing import Any

import numpy as np

from .data import Dataset
from .errors import ConfigError, DataError
from .modality import Degradation, Modality, Property
from .sample import Capture, Sample

NONE = "none"
"""The fault of a copy that has none."""
BEYOND = 0.05
"""How far strengths go past the strongest, as a share of the way (of logarithms) from the weakest."""
ENOUGH, MOST = 1200, 6
"""Spoiled copies that a set should have in all, and the most of one capture with one fault: more are too much alike."""
FEWEST = 4
"""Good captures (or groups of them) from which on a set can be split into training, validation and test."""

Rng = np.random.Generator
Decode = Callable[[Capture], Sample]


@dataclass(frozen=True)
class Copy:
    """The recipe of one copy of a good capture.

    degradation: None for no fault. label, fine_label: of the property, and the kind of fault behind it where the
    property knows kinds; None where people differ.
    """

    good: Capture
    number: int
    degradation: Degradation | None
    strength: float
    label: str | None
    fine_label: str | None

    @property
    def facts(self) -> dict[str, Any]:
        """What is known without making it."""
        fault = self.degradation
        return {
            **self.good.facts,
            "fault": fault.name if fault else NONE,
            "strength": round(self.strength, 4),
            "unit": fault.unit if fault else "",
            "borderline": self.label is None,
            "fine_label": self.fine_label,
            "copy_of": self.good.name,
        }


class Latest:
    """Decodes captures and remembers the last few samples, since the copies of one capture follow each other.

    Safe to share between threads; in another process it begins anew.
    """

    def __init__(self, decode: Decode, kept: int = 2) -> None:
        self.decode = decode
        self.kept = kept
        self.lock = Lock()
        self.samples: dict[Capture, Sample] = {}

    def __call__(self, capture: Capture) -> Sample:
        """The sample of a capture; at worst two threads decode the same one."""
        with self.lock:
            found = self.samples.get(capture)
        return found if found is not None else self._remembered(capture, self.decode(capture))

    def __reduce__(self) -> tuple[type[Latest], tuple[Decode, int]]:
        return Latest, (self.decode, self.kept)

    def _remembered(self, capture: Capture, sample: Sample) -> Sample:
        with self.lock:
            self.samples[capture] = sample
            while len(self.samples) > self.kept:
                del self.samples[next(iter(self.samples))]
        return sample


def spoiled(good: Dataset, property: Property, modality: Modality, *, seed: int, copies: int | None = None) -> Dataset:
    """The labelled set; nothing is made before it is read, and the same seed and names give the same bytes.

    copies: of each capture with each fault (default: `copies_for`). The copies of a capture share its group and split.
    `ConfigError` when the property or its modality cannot be spoiled, `DataError` when there is too little to split.
    """
    spoil = usable_spoil(property, modality)
    label = accepted_label(property)
    _refuse_gaps(good, property, label)
    each = copies or copies_for(len(good), len(property.degradations))
    decode = Latest(good.decode)

    def with_copies(capture: Capture) -> Iterator[Capture]:
        yield capture
        for copy in recipes(capture, property, each, np.random.default_rng(_seeds(seed, capture.name))):
            yield _capture(copy, partial(make, copy, decode, spoil, _seeds(seed, capture.name, copy.number)))

    captures = [made for capture in good.captures for made in with_copies(as_it_is(capture, property, label))]
    return Dataset(captures, good.decode, class_names=property.labels, name=f"{good.name}, spoiled", limit=good.limit)


def make(copy: Copy, decode: Decode, spoil: Callable[..., bytes], seeds: Sequence[int]) -> bytes:
    """The file of a copy."""
    return spoil(decode(copy.good), copy.degradation, copy.strength, np.random.default_rng(seeds))


def copies_for(captures: int, faults: int) -> int:
    """Copies of each capture with each fault: more where there are few captures.

    >>> copies_for(10, 4), copies_for(100, 4), copies_for(5000, 4)
    (6, 3, 1)
    """
    return min(MOST, math.ceil(ENOUGH / max(captures * faults, 1)))


def usable_spoil(property: Property, modality: Modality) -> Callable[..., bytes]:
    """What spoils a capture, or a `ConfigError` that says what is missing."""
    if modality.spoil is None:
        raise ConfigError(f"Captures of {modality.name!r} cannot be spoiled: its MODALITY has no `spoil`. Use labels.")
    if not property.degradations:
        raise ConfigError(
            f"Nothing is known to spoil {property.name!r}, so good captures alone teach nothing about it."
            " Give its PROPERTY `degradations`, or train with labels."
        )
    return partial(modality.spoil, bare=property.traces)


def accepted_label(property: Property) -> str:
    """The label of a good capture that has none: the first accepted one, in the property's order."""
    return next(label for label in property.labels if label in property.accepted)


def as_it_is(capture: Capture, property: Property, label: str) -> Capture:
    """A good capture itself; its own label stays where the property accepts it."""
    given = capture.label if capture.label in property.accepted else label
    facts = {"fault": NONE, "strength": 0.0, "unit": "", "borderline": False, "fine_label": given}
    return replace(capture, label=given, group=capture.group or capture.name, facts={**capture.facts, **facts})


def recipes(good: Capture, property: Property, copies: int, rng: Rng) -> Iterator[Copy]:
    """All copies of a good capture, numbered from 1.

    Labels are about balanced: as many captures are accepted as have any one of the rejected labels.
    """
    faults = property.degradations
    known = [fault for fault in faults if fault.unnoticed]
    rejected = {fault.label for fault in faults}
    accepted = max(1, round(copies * len(faults) / len(rejected)) - 1)
    drawn = [
        *((f, strength, f.label, kind_of(f, property)) for f in faults for strength in graded(f, copies, rng)),
        *((f, strength, None, None) for f in known for strength in weak(f, math.ceil(copies / 3), rng)),
        *((f, strength, good.label, good.label) for f, strength in harmless(known, accepted, rng)),
    ]
    return (Copy(good, number, *values) for number, values in enumerate(drawn, start=1))


def kind_of(fault: Degradation, property: Property) -> str:
    """The finer label of a fault, where the property knows it as a kind of its label; else that label."""
    kind = fault.kind or fault.name
    return kind if property.kinds.get(kind) == fault.label else fault.label


def graded(fault: Degradation, count: int, rng: Rng) -> list[float]:
    """Strengths from the weakest to a little past the strongest, one in each of `count` even parts of the way."""
    return _between(fault.strengths[0], fault.strengths[-1], 1 + BEYOND, count, rng)


def weak(fault: Degradation, count: int, rng: Rng) -> list[float]:
    """Strengths that some notice and some do not."""
    return _between(fault.unnoticed or fault.strengths[0], fault.strengths[0], 1.0, count, rng)


def harmless(faults: Sequence[Degradation], count: int, rng: Rng) -> list[tuple[Degradation | None, float]]:
    """Every second copy has no fault at all; the others have the faults in turn, no stronger than goes unnoticed."""
    turns = islice(cycle([turn for fault in faults for turn in (None, fault)] or [None]), count)
    return [(fault, (fault.unnoticed or 0.0) * rng.uniform() if fault else 0.0) for fault in turns]


def _between(first: float, last: float, reach: float, count: int, rng: Rng) -> list[float]:
    shares = (np.arange(count) + rng.uniform(size=count)) / count * reach
    return [float(first * (last / first) ** share) for share in shares]


def _capture(copy: Copy, content: Callable[[], bytes]) -> Capture:
    name = f"{copy.good.name}#{copy.number}"
    return replace(copy.good, name=name, content=content, label=copy.label, facts=copy.facts)


def _refuse_gaps(good: Dataset, property: Property, label: str) -> None:
    """A set that cannot teach all labels, or cannot be split, is refused before any work is done."""
    given = {c.label for c in good.captures if c.label in property.accepted}
    known = {label, *given, *(fault.label for fault in property.degradations)}
    missing = [name for name in property.labels if name not in known]
    if missing:
        raise ConfigError(
            f"No degradation of {property.name!r} leads to {', '.join(missing)}, so good captures cannot teach it."
            " Add one to its PROPERTY, or train with labels."
        )
    groups = len(set(good.groups))
    if groups < FEWEST:
        raise DataError(
            f"Training needs at least {FEWEST} good captures of different scenes, {good.name!r} has {groups}."
            " From 40 on, its figures begin to mean something."
        )


def _seeds(seed: int, name: str, *number: int) -> list[int]:
    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()
    return [seed, int.from_bytes(digest[:8]), *number]
