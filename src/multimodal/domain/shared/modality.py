"""What a folder and a module of the domain say about themselves.

Limits ......... how much a capture may cost before it is refused
Crops .......... how captures of a modality are recognised that are a part of another one
Parse .......... reads untrusted bytes
Modality ....... a kind of input: how it is recognised and decoded; one a folder, named MODALITY
Degradation .... what spoils a capture, with a strength in a stated unit
Property ....... what is asked of a sample; one a module, named PROPERTY
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .parsed import Parsed
from .results import Evidence, Finding
from .sample import Capture, Sample


@dataclass(frozen=True)
class Limits:
    """How much one capture may cost: file size in bytes, decoded size in pixels (images) or elements (3D)."""

    bytes: int = 64 * 2**20
    pixels: int = 120_000_000

    def __post_init__(self) -> None:
        if self.bytes < 1 or self.pixels < 1:
            raise ValueError(f"Limits are positive, got bytes={self.bytes}, pixels={self.pixels}.")


Parse = Callable[[bytes, Limits], Parsed]
"""Bytes and limits to what is read of them, or a `CaptureError`."""


class Decode(Protocol):
    """Bytes to a sample, or a `CaptureError`."""

    def __call__(self, data: bytes, name: str = ..., limits: Limits = ...) -> Sample:
        """Decode one capture."""


class Spoil(Protocol):
    """A good sample, a degradation (None: no fault) and its strength to the bytes of a copy as a device would write it.

    What every copy goes through (noise, compression) is the same with and without the fault, so that it tells nothing.
    bare: nothing follows the fault, because the property looks for just such traces (`Property.traces`).
    """

    def __call__(
        self, sample: Any, degradation: Degradation | None, strength: float, rng: np.random.Generator, *, bare: bool
    ) -> bytes:
        """The file's bytes."""


class IsPart(Protocol):
    """Whether what was kept of one capture shows a part of what was kept of another one."""

    def __call__(self, whole: NDArray[np.uint8], part: NDArray[np.uint8], *, window: int, stretch: float) -> bool:
        """window: whose fingerprint is nearest. stretch: width over height of the whole by that of the part."""


@dataclass(frozen=True)
class Crops:
    """How captures are recognised that were cut out of others.

    look: a sample to what is kept of it, uint8 of one shape for all, and the fingerprints of windows of it, uint64
    (k,), of which one is near the fingerprint of what was cut out. is_part: makes sure.
    """

    look: Callable[[Any], tuple[NDArray[np.uint8], NDArray[np.uint64]]]
    is_part: IsPart


@dataclass(frozen=True)
class Modality:
    """A kind of input. `suffixes` (with dot, lower case) find captures in a folder.

    `recognises` judges the first bytes. The rest is optional, and what needs it says so where it is missing:

    fingerprints: uint64 (k,) of a sample, one for each way of turning it; near-duplicates differ in few bits (see
    duplicates.py); None for a sample without anything to recognise it by.
    versions: own fingerprints, uint64 (n,), to those of the same captures turned in every way, (n, k).
    crops: how a capture is recognised that was cut out of another one.
    coloured: a sample, the heat of its elements and one of `colours` to a file of that format: the capture itself with
    its faulty elements in colour.
    parse: the part of `decode` that reads the bytes, where it is safer done in another process: `decode` then takes
    what shall do it as `parse`.
    thumbnail: a sample and a longest side in pixels to RGB uint8 (h, w, 3), for contact sheets.
    spoil: a good sample to the bytes of a spoiled copy (see `Spoil`), for training without labels.
    """

    name: str
    suffixes: frozenset[str]
    recognises: Callable[[bytes], bool]
    decode: Decode
    fingerprints: Callable[[Any], NDArray[np.uint64] | None] | None = None
    thumbnail: Callable[[Any, int], NDArray[np.uint8]] | None = None
    spoil: Spoil | None = None
    versions: Callable[[NDArray[np.uint64]], NDArray[np.uint64]] | None = None
    crops: Crops | None = None
    coloured: Callable[[Any, NDArray[np.float32], str], bytes] | None = None
    colours: tuple[str, ...] = ()
    parse: Parse | None = None


def decode_capture(capture: Capture, *, modality: Modality, limits: Limits) -> Sample:
    """The sample of a capture of a modality that is known; another process can be given this with its arguments."""
    return modality.decode(capture.read(limits.bytes), capture.name, limits)


@dataclass(frozen=True)
class Degradation:
    """What spoils a capture, graded: `apply(data, strength, rng)` returns a spoiled copy of the decoded array(s).

    label: the property's label that it leads to. strengths: useful values in `unit`, weakest first: from the first that
    a person calls a fault to one past which nothing new is learned. kind: which of the property's kinds it is
    (default: its name). unnoticed: from none up to this strength nobody would call it a fault; None when nobody knows.
    """

    name: str
    label: str
    unit: str
    strengths: tuple[float, ...]
    apply: Callable[[Any, float, np.random.Generator], Any]
    kind: str = ""
    unnoticed: float | None = None


@dataclass(frozen=True)
class Property:
    """What is asked of a sample.

    name: within its modality (`blur`). labels: all answers; accepted: those that are good enough.
    kinds: finer labels that a pipeline may learn, each with the label it belongs to ({"motion": "blurred"}).
    degradations: what spoils a good capture; each leads to a label that is not accepted.
    evidence: a function of the sample that shows where; None when a picture explains nothing.
    heat: a function of the sample that says how faulty each of its elements is, where its modality can colour them.
    findings: a function of the sample that names the faults and their places; None when one number says it all.
    sample: the kind of sample that it can be asked of, where a modality has several.
    traces: whether it looks for what device and file leave behind (noise, compression, enlargement); copies for
    training are then not finished anew after they were spoiled.
    """

    name: str
    labels: tuple[str, ...]
    accepted: frozenset[str]
    summary: str = ""
    kinds: Mapping[str, str] = field(default_factory=dict)
    degradations: Sequence[Degradation] = ()
    evidence: Callable[[Any], Evidence] | None = None
    heat: Callable[[Any], NDArray[np.float32]] | None = None
    findings: Callable[[Any], Sequence[Finding]] | None = None
    sample: type[Sample] = Sample
    traces: bool = False

    def __post_init__(self) -> None:
        unknown = [label for label in (*self.accepted, *self.kinds.values()) if label not in self.labels]
        if unknown:
            raise ValueError(f"Property {self.name!r} accepts or groups {unknown}, which are not among its labels.")
        if len(self.labels) < 2 or not 0 < len(self.accepted) < len(self.labels):
            raise ValueError(f"Property {self.name!r} needs at least one accepted and one rejected label.")
        odd = [each.name for each in self.degradations if each.label not in {*self.labels} - self.accepted]
        if odd:
            raise ValueError(f"Property {self.name!r}: {odd} must lead to one of its labels that is not accepted.")

    def label_of(self, kind: str) -> str:
        """The property's label for a label or a finer kind of it."""
        return self.kinds.get(kind, kind)
