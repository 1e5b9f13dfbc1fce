"""Spoiled copies of good scans, for training without labels."""

from __future__ import annotations

import numpy as np

from ..shared.modality import Degradation
from .degradations import of_sample, shuffled, written
from .sample import Model3dSample


def spoil(
    sample: Model3dSample,
    degradation: Degradation | None,
    strength: float,
    rng: np.random.Generator,
    *,
    bare: bool = False,
) -> bytes:
    """A copy of a good scan with this fault (None: without any) as a PLY file, turned and in another order."""
    of_fault, of_order = rng.spawn(2)
    scan = of_sample(sample)
    if degradation is not None:
        scan = degradation.apply(scan, strength, of_fault)
    return written(scan if bare else shuffled(scan, of_order))
