"""A trained pipeline as a value: one folder without pickle, once it is written.

    recipe ......... with the tuned values
    model .......... ONNX bytes of the estimator; empty for a rule, whose values are in the recipe
    calibration .... and the thresholds
    metrics, data .. what it reached and on what
    distributions .. what its inputs and scores looked like in training
    selftest ....... rows and the answers that it must give
    card ........... the same for people

The version is the start of the sha256 over the content, so the same content has the same version everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .calibration import Calibration, Thresholds
from .recipe import Recipe

VERSION_LENGTH = 12


@dataclass(frozen=True, order=True)
class ModelRef:
    """A trained pipeline's name and version."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, eq=False)
class Bundle:
    """All that is kept of a trained pipeline.

    classes: the estimator's classes, the columns of its log-probabilities. metrics: part -> metric -> [value, low,
    high]. data: digest, counts, groups and feature names of the data it learned from. distributions: how its features
    and scores were distributed there, to notice drift. selftest: a few rows of features and the probabilities that the
    trained model gave them, to notice an artifact that answers otherwise. version: set by the store that wrote it.
    """

    recipe: Recipe
    classes: tuple[str, ...]
    calibration: Calibration
    thresholds: Thresholds
    model: bytes = b""
    metrics: Mapping[str, Mapping[str, list[float]]] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    distributions: Mapping[str, Any] = field(default_factory=dict)
    selftest: Mapping[str, Any] = field(default_factory=dict)
    card: str = ""
    version: str = ""

    @property
    def ref(self) -> ModelRef:
        """Name and version."""
        return ModelRef(self.recipe.name, self.version)
