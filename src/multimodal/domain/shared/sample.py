"""A capture as it arrives, and the sample that it decodes to.

Capture ......... bytes, a path, or a recipe for bytes; optionally label and group
Sample .......... what a capture decodes to; immutable, never stored
@measure ........ a function of a sample whose result is remembered on it
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from .errors import BrokenCapture, CaptureTooLarge

Content = bytes | Path | Callable[[], bytes]
S = TypeVar("S", bound="Sample")
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Capture:
    """One input as it arrives.

    `content` is the bytes, a path to them, or a function that makes them (synthetic data). `group` names what must
    not be split between training and test: the same scene, the same object. `facts` are kept for reports and never
    seen by a model.
    """

    name: str
    content: Content
    label: str | None = None
    group: str | None = None
    split: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_path(cls, path: str | Path, **more: Any) -> Capture:
        """The capture in a file, named after it."""
        return cls(Path(path).name, Path(path), **more)

    def read(self, limit: int | None = None) -> bytes:
        """The capture's bytes; `CaptureTooLarge` for more than `limit` of them, `BrokenCapture` when unreadable."""
        if isinstance(self.content, Path):
            return read_file(self.content, limit)
        data = self.content() if callable(self.content) else self.content
        refuse_large(len(data), limit)
        return data

    def digest(self, limit: int | None = None) -> str:
        """sha256 of the bytes, hexadecimal: what identifies a capture wherever it lies."""
        return hashlib.sha256(self.read(limit)).hexdigest()


def read_file(path: Path, limit: int | None) -> bytes:
    """The bytes of a regular file (a pipe or device is refused: it may never end)."""
    try:
        if not path.is_file():
            raise BrokenCapture(f"{path.name!r} is not a regular file.")
        refuse_large(path.stat().st_size, limit)
        return path.read_bytes()
    except OSError as error:
        raise BrokenCapture(f"{path.name!r} cannot be read: {error.strerror or 'input/output error'}.") from error


def refuse_large(size: int, limit: int | None) -> None:
    """Raise `CaptureTooLarge` when `size` bytes are more than `limit`."""
    if limit is not None and size > limit:
        raise CaptureTooLarge(f"The capture has {size:,} bytes; at most {limit:,} are allowed.")


@dataclass(frozen=True, eq=False, kw_only=True)
class Sample:
    """Base of all decoded captures; two samples are equal only when they are the same object."""

    name: str = "capture"
    memo: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    @property
    def info(self) -> Mapping[str, Any]:
        """What is known without a model, as plain values."""
        return {}


def measure(function: Callable[[S], T]) -> Callable[[S], T]:
    """Remember the function's result on the sample, arrays made read-only.

    There is no lock: at worst two threads compute the same value twice.
    """

    @functools.wraps(function)
    def remembered(sample: S) -> T:
        try:
            return sample.memo[remembered]  # type: ignore[no-any-return]
        except KeyError:
            value = sample.memo[remembered] = read_only(function(sample))
            return value

    return remembered


def read_only(value: T) -> T:
    """The same value with its arrays (also inside a tuple) made read-only, so that a memo cannot go stale."""
    for array in value if isinstance(value, tuple) else (value,):
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
    return value
