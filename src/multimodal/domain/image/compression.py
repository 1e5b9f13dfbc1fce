"""Compression: how hard was the photograph squeezed as a JPEG, now or ever?

    QualityExtractor ... the quality that file and pixels tell, and whether they can tell any
    QualityRule ........ a rule on it
    compressed, resaved  what spoils a photograph
    PROPERTY

The value is JPEG's quality, 1 to 100, on the scale of libjpeg, which most programs use: the lowest with which the
photograph was ever written. The file's own table says with which it was written last. That a photograph was squeezed
before and then saved again, as a JPEG of high quality, as PNG, or cropped, only its pixels tell (`quantisation.py`).

WebP, AVIF and HEIF round otherwise. What they did cannot be told, only that there was a JPEG before them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ..shared.data import FeatureExtractor
from ..shared.modality import Degradation, Property
from ..shared.rules import AtLeastRule
from .degradations import compress_jpeg
from .light import Pixels
from .quantisation import UNTOUCHED, Rounding, rounding
from .sample import ImageSample

LABELS = ("compressed", "clean")
LOSSY = frozenset({"webp", "avif", "heif"})
"""Formats that round in ways of their own."""
FEWEST = 100
"""Coefficients that are not nearly 0, from which on the absence of traces means something."""
FINE, VISIBLE = 85.0, 50.0
"""Rounding as fine as this hides a coarser one before it; the steps between blocks still show it."""
BARELY = 93.0
"""A table of such a quality leaves no blocks of its own that could be taken for earlier ones."""
ALIKE = 4.0
"""Where the pixels show hardly less than the table says, they show the same compression."""
STRENGTHS, UNNOTICED = (62.0, 70.0, 78.0, 85.0, 90.0, 95.0), 40.0
"""100 less the quality: blocks begin to show in skies at 60, and nobody misses anything at 40 or less."""
LAST_QUALITY = (90, 97)


class QualityExtractor(FeatureExtractor):
    """How hard a photograph was compressed.

    quality: the lower of the next two, 1 to 100. table: as the file's table says, which is exact; pixels: as the pixels
    show, to two or three, or roughly where only the steps between blocks are left; each 100 where there is nothing.
    trust: nats a coefficient that speak for the latter. known: 1 where either could tell, or 0.
    """

    names: ClassVar[tuple[str, ...]] = ("quality", "table", "pixels", "trust", "known")

    def row(self, sample: ImageSample) -> Sequence[float]:
        """The quality of one photograph."""
        found = rounding(sample)
        table = UNTOUCHED if sample.quality is None else sample.quality
        foreign = sample.format in LOSSY
        pixels = found.quality if foreign else _shown(found)
        told = found.quality < UNTOUCHED or pixels < VISIBLE
        known = sample.quality is not None or told or (found.judged >= FEWEST and not foreign)
        counts = pixels < table - ALIKE and (told or table > BARELY)
        return pixels if counts else table, table, pixels, found.trust, float(known)


def _shown(found: Rounding) -> float:
    """The quality by how coefficients were rounded, or by the steps between blocks where these show more."""
    rough = found.quality == UNTOUCHED or (found.quality >= FINE and found.blocks < VISIBLE)
    return found.blocks if rough else found.quality


class QualityRule(AtLeastRule):
    """Compressed below a quality of `threshold`; `softness` is the difference that makes one logit."""

    labels: ClassVar[tuple[str, ...]] = LABELS

    def __init__(self, threshold: float = 50.0, softness: float = 4.0) -> None:
        super().__init__(threshold, softness)


def compressed(pixels: Pixels, strength: float, rng: np.random.Generator) -> Pixels:
    """What is left after JPEG at a quality of 100 less `strength`."""
    return compress_jpeg(pixels, 100 - strength)


def resaved(pixels: Pixels, strength: float, rng: np.random.Generator) -> Pixels:
    """The same, then cropped by a few pixels and saved again at a high quality, as screenshots and messengers do."""
    top, left = rng.integers(0, 8, 2)
    whole = compress_jpeg(pixels, 100 - strength)
    part = whole[top:, left:] if min(whole.shape[:2]) > 64 else whole
    return compress_jpeg(np.ascontiguousarray(part), int(rng.integers(*LAST_QUALITY)))


PROPERTY = Property(
    name="compression",
    labels=LABELS,
    accepted=frozenset({"clean"}),
    summary="Was the photograph compressed so hard that it shows?",
    degradations=(
        Degradation("jpeg", "compressed", "100 - quality", STRENGTHS, compressed, unnoticed=UNNOTICED),
        Degradation("resaved", "compressed", "100 - quality, before", STRENGTHS, resaved, unnoticed=UNNOTICED),
    ),
    traces=True,
)
