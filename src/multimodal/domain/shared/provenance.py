"""Where a model comes from: which data set, how it was split, and which captures can never test this model.

Source ....... a data set as a bundle remembers it
learned_of ... source + table + parts -> what the bundle keeps (`Bundle.data`)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .data import FeatureTable

SEEN = 12  # hexadecimal digits of a capture's sha256 that a bundle keeps of what it learned from


@dataclass(frozen=True)
class Source:
    """A data set as a bundle remembers it.

    reference: how the user named it, so that it can be loaded again. good: whether it named good captures alone, from
    which the data set was made with this seed. taken_over: the version whose estimator was taken over, if one was, and
    what it has seen.
    """

    name: str
    reference: str
    digest: str
    good: bool = False
    seed: int = 0
    taken_over: str = ""
    seen: frozenset[str] = frozenset()


def learned_of(source: Source, usable: FeatureTable, splits: Mapping[str, NDArray[np.intp]]) -> dict[str, Any]:
    """What a model learned from: which data set, how it was split, and what of it can never test this model."""

    def counts(rows: FeatureTable) -> dict[str, int]:
        return {str(k): int(n) for k, n in zip(*np.unique(rows.labels, return_counts=True), strict=True)}

    parts = {name: usable.rows(rows) for name, rows in splits.items()}
    seen = {content[:SEEN] for name in ("train", "validation") for content in parts[name].contents.tolist()}
    return {
        "name": source.name,
        "reference": source.reference,
        **({"good": True, "seed": source.seed} if source.good else {}),
        **({"taken_over": source.taken_over} if source.taken_over else {}),
        "digest": source.digest,
        "features": list(usable.names),
        "splits": {
            k: {"rows": len(p), "groups": len(np.unique(p.groups)), "labels": counts(p)} for k, p in parts.items()
        },
        "seen": sorted(seen | source.seen),
    }
