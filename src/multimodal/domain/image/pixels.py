"""Pixels as features, for networks: a small square copy of the photograph, a row a photograph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..shared.data import FeatureExtractor
from ..shared.errors import ConfigError
from ..shared.sample import Sample
from .image_utils import Fit, fit_image

LARGEST_SIDE = 512


class PixelExtractor(FeatureExtractor):
    """RGB from 0 to 1 of a square copy with `side` pixels, its sides scaled independently: channel, row, column.

    Names begin with `_`: answers do not tell the pixels again. A copy so small shows light, colour and layout, no
    sharpness.
    """

    def __init__(self, side: int = 32) -> None:
        self.side = side

    @property
    def names(self) -> tuple[str, ...]:  # type: ignore[override]  # they depend on a parameter
        """`_r_ROW_COLUMN`, `_g_...`, `_b_...`."""
        if not 2 <= self.side <= LARGEST_SIDE:
            raise ConfigError(f"PixelExtractor takes a side from 2 to {LARGEST_SIDE} pixels, got {self.side}.")
        side = range(self.side)
        return tuple(f"_{channel}_{row}_{column}" for channel in "rgb" for row in side for column in side)

    def row(self, sample: Any) -> Sequence[float]:
        """The numbers of one photograph."""
        return [float(value) for value in self._flat(sample)]

    def transform(self, samples: Sequence[Sample]) -> NDArray[np.float32]:
        """The table, float32 (n, 3 * side * side)."""
        rows = [self._flat(sample) for sample in samples]
        return np.stack(rows) if rows else np.empty((0, 3 * self.side**2), np.float32)

    def _flat(self, sample: Any) -> NDArray[np.float32]:
        small = fit_image(sample.pixels, Fit((self.side, self.side), keep_aspect=False))
        return np.asarray(np.moveaxis(small, 2, 0).reshape(-1), np.float32) / np.float32(255)
