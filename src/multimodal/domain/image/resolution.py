"""Resolution: are there as many details as pixels, or was the photograph enlarged?

    spectra .............. power by frequency of busy and of quiet windows along the rows
    detail ............... share of the native long side up to which there is detail
    periods .............. how strongly differences between neighbours repeat along the rows
    DetailExtractor ...... the one number, for a rule
    TracesExtractor ...... all that tells an enlargement from a blur, for a learned pipeline
    ResolutionRule, PROPERTY

An enlargement by f has nothing of its own above 0.5 / f periods a pixel: not in its sharpest edges, and not in its
noise. A lens that is out of focus blurs edges as well, but not the noise of the sensor behind it, and it blurs all
places alike. An interpolation does not: what lies on an old pixel is sharper than what lies between two of them, so
that differences between neighbours are larger and smaller in turn, 1 / f times a pixel (Gallagher 2005, "Detection of
linear and cubic interpolation in JPEG compressed images"; Mahdian and Saic 2008, "Blind authentication using periodic
properties of interpolation"). JPEG's blocks repeat 8 pixels apart, so what repeats at eighths is counted by itself.

Convention: `detail` is in % of the native long side, 100 when there is detail up to the finest frequency that pixels
can hold. It says what is to be seen, whatever the reason: a blurred photograph has little of it, too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ..shared.data import FeatureExtractor
from ..shared.modality import Property
from ..shared.rules import AtLeastRule
from ..shared.sample import measure
from .degradations_resolution import ENLARGEMENT, ZOOM
from .measures import native
from .sample import ImageSample
from .sharpness import middle
from .strips import Floats, flat_strips, strips

LABELS = ("enlarged", "detailed")
WINDOW = 64
"""Pixels of a row that are measured together."""
SAMPLED = slice(2, None, 4)
"""Rows of a strip whose spectrum is taken."""
BUSY, QUIET, FEWEST = 0.2, 0.1, 48
"""Shares of the windows that are busy, and that are quieter than the quiet ones; windows taken at least."""
BLACK, WHITE, STRUCTURE = 8, 247, 4.0
"""Mean luma beyond which a window is cut off; mean squared difference of neighbours from which it shows something."""
KEPT = 0.95
"""Share of the gradient's energy that lies below the finest detail."""
ROUNDING = 1 / 12
FLOOR = 0.03
"""Power of white noise of which logarithms do not tell less apart: a third of what rounding adds."""
BUSY_BANDS, QUIET_BANDS = 16, 8

CLIPPED = 16
"""Grey levels of difference that count as more: otherwise a few edges would outweigh all texture."""
AROUND, PARTS, NEAR, SHORTEST = 9, 16, 5, 160
"""Columns that are averaged to see what varies faster; parts of a spectrum with a floor each; bins
beside a peak; bins of the shortest spectrum that is looked at."""
CHANCE = 1e-3
"""Height of a peak below which there is none."""
SLOWEST = 1.04
"""Eighths of a period a pixel above which repetition counts: slower are fences, bricks and windows."""
TRACES = ("slow", "middle", "fast", "half", "quarter", "eighth")
"""What is looked at for repetition: between JPEG's eighths of a period a pixel, and at them."""
UNTOUCHED = 100.0
"""Quality of what is no JPEG."""

_HANN = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
_HANN /= np.sqrt(np.square(_HANN).sum())
_SECOND = np.array([[1, -2, 1]], np.float32)
_FREQUENCIES = np.arange(WINDOW // 2 + 1) / WINDOW


class Spectra(NamedTuple):
    """Mean power, in squared grey levels as white noise of that variance has, at 0 to 0.5 periods a pixel, (33,) each.

    busy: of the windows with most structure. quiet: of those with little. textured: windows that show something.
    """

    busy: Floats
    quiet: Floats
    textured: int


@measure
def spectra(sample: ImageSample) -> Spectra:
    """The spectra of pieces of rows, 64 native pixels each."""
    windows = _windows(strips(sample))
    steps = np.diff(windows, axis=1)
    energy = np.einsum("nw,nw->n", steps, steps) / steps.shape[1]
    order = np.argsort(energy, kind="stable")
    count = min(len(order), max(FEWEST, int(BUSY * len(order))))
    first = int(QUIET * len(order))
    busy, quiet = (_power(windows[chosen]) for chosen in (order[-count:], order[first : first + count]))
    height, width = native(sample).shape
    most = (height // SAMPLED.step) * (width // WINDOW)  # strips continue what is smaller than they are
    return Spectra(busy, quiet, min(most, int(np.count_nonzero(energy > STRUCTURE))))


def _windows(stack: NDArray[np.uint8]) -> Floats:
    """Pieces of rows that are neither black nor white (or all, where few are readable), float32 (n, 64)."""
    rows = stack[:, SAMPLED].reshape(-1, stack.shape[2])
    missing = max(0, WINDOW - rows.shape[1])
    rows = np.pad(rows, ((0, 0), (0, missing)), "edge") if missing else rows
    left = rows.shape[1] % WINDOW // 2
    windows = rows[:, left : left + rows.shape[1] // WINDOW * WINDOW].reshape(-1, WINDOW).astype(np.float32)
    light = windows @ np.full(WINDOW, 1 / WINDOW, np.float32)
    windows -= light[:, None]
    readable = (light > BLACK) & (light < WHITE)
    return windows[readable] if np.count_nonzero(readable) >= FEWEST else windows


def _power(windows: Floats) -> Floats:
    """Mean power at 0 to 0.5 periods a pixel, float32 (33,)."""
    packed = np.square(cv2.dft(np.asarray(windows * _HANN), flags=cv2.DFT_ROWS)).mean(axis=0)
    inner = packed[1:-1].reshape(-1, 2).sum(axis=1)  # real and imaginary parts lie side by side
    return np.concatenate([packed[:1], inner, packed[-1:]])


def detail(sample: ImageSample) -> float:
    """Frequency below which 95 % of the gradient's energy lies, in % of the finest: the share that carries detail.

    Without any structure it is 0.
    """
    return rolloff(spectra(sample).busy)


def rolloff(power: Floats) -> float:
    """The same of a spectrum (33,); rounding to whole grey levels is no detail.

    >>> round(rolloff(np.where(_FREQUENCIES <= 0.25, 100.0, 0.0)))
    49
    """
    gradient = np.maximum(power - ROUNDING, 0) * np.square(_FREQUENCIES)
    below = np.cumsum(gradient)
    if below[-1] <= 0:
        return 0.0
    return float(np.interp(KEPT * below[-1], below, _FREQUENCIES) * 200)


@measure
def periods(sample: ImageSample) -> Floats:
    """Logarithms of the strongest repetition of first and of second differences along the rows, over chance, (2, 6).

    Periods a pixel, see `TRACES`: from 1/8 to 1/4, to 3/8 and to 1/2 without the ends, then 1/2, 1/4, and 1/8 or 3/8.
    """
    return repetitions(_profiles(flat_strips(sample)))


def _profiles(luma: NDArray[np.uint8]) -> Floats:
    """Mean size of the first and of the second differences along the rows, by column, float32 (2, width - 2)."""
    first = cv2.absdiff(luma[:, 1:-1], luma[:, :-2])
    some = np.ascontiguousarray(luma[::2])
    second = cv2.convertScaleAbs(cv2.filter2D(some, cv2.CV_16S, _SECOND)[:, 1:-1])
    return np.concatenate([_profile(differences) for differences in (first, second)])


def _profile(differences: NDArray[Any]) -> Floats:
    capped = cv2.min(differences, CLIPPED)  # type: ignore[call-overload]
    return np.asarray(cv2.reduce(capped, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32F)) / np.float32(len(differences))


def repetitions(profiles: Floats) -> Floats:
    """Logarithms of the highest peaks of the profiles' spectra over their medians near by, (n, 6): see `periods`."""
    count, length = profiles.shape
    padded = cv2.getOptimalDFTSize(length)
    if padded < SHORTEST:
        return np.zeros((count, len(TRACES)), np.float32)
    smooth = cv2.blur(profiles, (AROUND, 1))
    varied = (profiles - smooth) / (smooth + 1) * np.hanning(length).astype(np.float32)
    first = (padded // 2 + 1) % PARTS  # the lowest frequencies fall off, so that the parts are of one length
    parts = np.abs(np.fft.rfft(varied, padded)[:, first:]).reshape(count * PARTS, -1)
    peaks = (parts / (middle(parts)[:, None] + CHANCE)).reshape(count, -1)
    highest = np.maximum.reduceat(peaks, _bounds(padded) - first, axis=1)
    eighth = np.maximum(highest[:, 0], highest[:, 5])
    found = np.column_stack([highest[:, [2, 4, 6, 7, 3]], eighth])
    return np.log(found + 0.5).astype(np.float32)


def _bounds(padded: int) -> NDArray[np.int_]:
    """Where the ranges begin: near 1/8, too slow, slow, near 1/4, middle, near 3/8, fast, near 1/2."""
    eighths = np.arange(1, 5) * padded / 8
    begins, ends = np.floor(eighths - NEAR).astype(int) + 1, np.ceil(eighths + NEAR).astype(int)
    slow = max(int(ends[0]), math.ceil(SLOWEST * padded / 8))
    return np.array([begins[0], ends[0], slow, begins[1], ends[1], begins[2], ends[2], begins[3]])


class DetailExtractor(FeatureExtractor):
    """How much of the resolution carries detail.

    detail: in % of the native long side. textured: windows of 64 pixels that show something. quality: of a JPEG as its
    tables say, 100 of anything else.
    """

    names: ClassVar[tuple[str, ...]] = ("detail", "textured", "quality")

    def row(self, sample: ImageSample) -> Sequence[float]:
        """The detail of one photograph."""
        return detail(sample), float(spectra(sample).textured), _quality(sample)


class TracesExtractor(FeatureExtractor):
    """The spectrum, and what interpolation leaves behind.

    detail, textured, quality: as in `DetailExtractor`. busy_*, quiet_*: logarithms of the power of such windows,
    from low to high frequencies. first_*, second_*: repetitions of the first and the second differences (`periods`).
    """

    names: ClassVar[tuple[str, ...]] = (
        *DetailExtractor.names,
        *(f"busy_{band}" for band in range(BUSY_BANDS)),
        *(f"quiet_{band}" for band in range(QUIET_BANDS)),
        *(f"{order}_{trace}" for order in ("first", "second") for trace in TRACES),
    )

    def row(self, sample: ImageSample) -> Sequence[float]:
        """The features of one photograph."""
        found = spectra(sample)
        bands = (_bands(found.busy, BUSY_BANDS), _bands(found.quiet, QUIET_BANDS))
        shapes = np.log(np.concatenate(bands) + FLOOR)
        known = DetailExtractor().row(sample)
        return (*known, *shapes.tolist(), *periods(sample).ravel().tolist())


def _quality(sample: ImageSample) -> float:
    return UNTOUCHED if sample.quality is None else sample.quality


def _bands(power: Floats, count: int) -> Floats:
    """Mean power in bands of equal width; the mean itself is left out."""
    return np.asarray(power[1:].reshape(count, -1).mean(axis=1))


class ResolutionRule(AtLeastRule):
    """Enlarged where less than `threshold` % of the long side carries detail; a factor e is 1 / `softness` logits."""

    labels: ClassVar[tuple[str, ...]] = LABELS
    logarithmic: ClassVar[bool] = True

    def __init__(self, threshold: float = 25.0, softness: float = 0.15) -> None:
        super().__init__(threshold, softness)


PROPERTY = Property(
    name="resolution",
    labels=LABELS,
    accepted=frozenset({"detailed"}),
    summary="Are there as many details as pixels, or was the photograph enlarged?",
    degradations=(ENLARGEMENT, ZOOM),
    traces=True,
)
