"""Many numbers of a text at once."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from ...shared.errors import BrokenCapture


def numbers(text: bytes, most: int = -1) -> NDArray[np.float64]:
    """The numbers of a text, at most `most`, parted by white space, up to the first other word."""
    with warnings.catch_warnings():  # NumPy warns of a word and returns what stands before it
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            found = np.fromstring(text, np.float64, most, sep=" ")
        except ValueError as error:
            raise BrokenCapture("Where numbers are expected the file has other words.") from error
    return np.asarray(found, np.float64)


def exactly(text: bytes, count: int) -> NDArray[np.float64]:
    """The first `count` numbers of a text; `BrokenCapture` when there are fewer, or a word comes before."""
    found = numbers(text, count)
    if len(found) < count:
        raise BrokenCapture(
            f"The file ends, or has a word where numbers belong, after {len(found):,} of {count:,} numbers."
        )
    return found


def table(lines: list[bytes]) -> NDArray[np.float64]:
    """The numbers of lines as columns; `BrokenCapture` unless all lines have equally many."""
    if not lines:
        return np.zeros((0, 0))
    width = len(lines[0].split())
    values = numbers(b"\n".join(lines))
    if width == 0 or len(values) != width * len(lines):
        raise BrokenCapture("The lines of the file have unequally many numbers, or words among them.")
    return values.reshape(-1, width)
