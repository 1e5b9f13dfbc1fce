"""Rows of a data set for a network: each capture is decoded and measured once, into a memory-mapped file.

Memory is that of a few samples, whatever the data set; every epoch then reads its batches from the file.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .data import Dataset
from .errors import CaptureError, DataError
from .ports import Engine
from .sample import Sample

log = logging.getLogger(__name__)


class Features(Protocol):
    """Samples to a float32 table (n, d), as `FeaturePipeline` does."""

    names: tuple[str, ...]

    def transform(self, samples: Sequence[Sample]) -> NDArray[np.float32]:
        """The feature table."""


def spooled(
    dataset: Dataset, features: Features, engine: Engine, path: Path
) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
    """The rows of all labelled captures that can be read, float32 (n, d) in a new file, and their labels (n,)."""

    def row(position: int) -> NDArray[np.float32] | CaptureError:
        try:
            return np.asarray(features.transform([dataset.decode(dataset.captures[position])])[0])
        except CaptureError as error:
            return error

    labelled = {i: label for i, label in enumerate(dataset.labels) if label is not None}
    if not labelled:
        raise DataError(f"No capture of {dataset.name!r} has a label.")
    table = np.lib.format.open_memmap(path, "w+", np.float32, (len(labelled), len(features.names)))
    labels: list[str] = []
    for (position, label), measured in zip(labelled.items(), engine.map(row, labelled), strict=True):
        if isinstance(measured, CaptureError):
            log.warning("%s is left out: %s", dataset.captures[position].name, measured)
            continue
        table[len(labels)] = measured
        labels.append(label)
    if not labels:
        raise DataError(f"No labelled capture of {dataset.name!r} can be read.")
    return table[: len(labels)], np.array(labels)
