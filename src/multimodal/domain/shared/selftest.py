"""Self-test: a few rows that a trained pipeline has to answer as it did when it was made.

selftest_of ... what a bundle keeps: rows that span the scores, and the probabilities that the exported model gave them
check ......... refuses an artifact that answers otherwise; it runs the pipeline once, so it also warms it

Both go the whole way of a served answer: estimator, calibration, thresholds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import ArtifactError
from .results import Prediction

ROWS = 12
MOST = 100_000  # numbers that are written down, 2 MB of text; wider rows (whole pictures) are fewer
TOLERANCE = 1e-3  # of a probability; ten times what an export may be away from its model, and other machines round


class Named(Protocol):
    """Features with names."""

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of a table."""


class Answering(Protocol):
    """What is tested: an `InferencePipeline`, seen from here."""

    @property
    def model(self) -> str:
        """`name@version`."""

    @property
    def features(self) -> Named:
        """What it measures."""

    def predict_features(self, table: NDArray[np.float32]) -> list[Prediction]:
        """One prediction a row."""


def selftest_of(pipeline: Answering, table: NDArray[np.float32]) -> dict[str, Any]:
    """Up to twelve rows of a table (n, d), from the lowest score to the highest, with their probabilities.

    Nothing, when a single row is too wide to be written down.
    """
    most = min(ROWS, MOST // max(table.shape[1], 1), len(table))
    if not most:
        return {}
    scores = np.array([answer.score for answer in pipeline.predict_features(table)])
    steps = np.unique(np.linspace(0, len(table) - 1, most).astype(int))
    rows = table[np.argsort(scores, kind="stable")[steps]]
    return {"features": rows.tolist(), "probabilities": probabilities_of(pipeline, rows).tolist()}


def check(pipeline: Answering, selftest: Mapping[str, Any]) -> None:
    """`ArtifactError` unless every answer is finite and within a thousandth of the one that is written down.

    Without a self-test (an older artifact) one row of zeros has to get a finite answer.
    """
    width = len(pipeline.features.names)
    rows = as_table(selftest.get("features", [[0.0] * width]), np.float32, pipeline.model)
    if rows.shape[1] != width:
        raise ArtifactError(f"The self-test of {pipeline.model} has {rows.shape[1]} features instead of {width}.")
    given = answered(pipeline, rows)
    if not np.isfinite(given).all():
        raise ArtifactError(f"{pipeline.model} fails its self-test: it gives probabilities that are no numbers.")
    if selftest:
        compare(given, as_table(selftest.get("probabilities"), np.float64, pipeline.model), pipeline.model)


def compare(given: NDArray[np.float64], wanted: NDArray[np.float64], model: str) -> None:
    """Refuse answers that are too far from what they should be."""
    if given.shape != wanted.shape:
        raise ArtifactError(f"{model} fails its self-test: it gives other labels than are written down.")
    apart = float(np.abs(given - wanted).max())
    if not apart <= TOLERANCE:
        raise ArtifactError(
            f"{model} fails its self-test: a probability is {apart:.2g} away from what it gave when it was trained; "
            f"at most {TOLERANCE} is allowed. Train it again."
        )


def answered(pipeline: Answering, rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """The pipeline's probabilities; whatever goes wrong is the artifact's fault."""
    try:
        with np.errstate(all="ignore"):
            return probabilities_of(pipeline, rows)
    except Exception as error:  # the edge to an artifact, which may fail in any way
        raise ArtifactError(f"{pipeline.model} fails its self-test: it cannot answer ({error}).") from error


def probabilities_of(pipeline: Answering, rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """The probabilities of the property's labels as they are served, (n, k)."""
    return np.array([list(answer.probabilities.values()) for answer in pipeline.predict_features(rows)], np.float64)


def as_table(values: ArrayLike | Sequence[Any] | None, kind: type[np.floating[Any]], model: str) -> NDArray[Any]:
    """Values of an artifact as a table with at least one row, or an `ArtifactError`."""
    try:
        table = np.asarray(values, kind)
    except (TypeError, ValueError) as error:
        raise ArtifactError(f"The self-test of {model} is no table of numbers.") from error
    if table.ndim != 2 or not table.size:
        raise ArtifactError(f"The self-test of {model} is no table of numbers.")
    return table
