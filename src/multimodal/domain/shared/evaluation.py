"""Evaluation: a table of metrics with their direction, and intervals that know what belongs together.

    METRICS ....................... name -> Metric
    Metric ........................ what it needs, which way is better, how it is computed
    Evaluator ..................... several metrics at once, with clear errors for wrong input
    get_optimization_direction .... "maximize" or "minimize"
    cluster_interval .............. bootstrap over groups: scenes are resampled, not pictures
    split_by_group ................ stratified parts that share no group

The formulas are scikit-learn's, imported where they are used (the extra `train`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import DataError, MissingExtra, UnknownName, listing

Needs = Literal["labels", "scores", "values"]
Direction = Literal["maximize", "minimize"]
Formula = Callable[[Any, NDArray[Any], NDArray[Any], Sequence[str]], float]
PROBABILITIES = ("log_loss", "brier")  # what they need is not only in order, but from 0 to 1


@dataclass(frozen=True)
class Metric:
    """One figure of merit.

    needs: "labels" (predicted labels), "scores" (probabilities, (n,) of the second label or (n, k)) or "values"
    (numbers). formula: (sklearn.metrics, true, predicted or scores, labels) -> float.

    One class only, missing labels, numbers that are not finite, labels where scores are needed: what would give a
    figure without meaning is a `DataError`.
    """

    name: str
    maximise: bool
    needs: Needs
    formula: Formula

    def __call__(self, true: ArrayLike, given: ArrayLike, labels: Sequence[str] = ()) -> float:
        """The figure for one set of answers; `DataError` when the input does not fit."""
        y, answers = np.asarray(true), np.asarray(given)
        if not len(y) or y.ndim != 1 or len(y) != len(answers):
            raise DataError(f"{self.name} compares {len(y)} true values with {len(answers)} answers.")
        if self.needs == "values":
            _check_values(self.name, y, answers)
            return float(self.formula(_sklearn_metrics(), y, answers, ()))
        order = tuple(labels) or tuple(_distinct(self.name, y))
        self._check(y, answers, order)
        return float(self.formula(_sklearn_metrics(), y, answers, order))

    def _check(self, y: NDArray[Any], answers: NDArray[Any], labels: Sequence[str]) -> None:
        """Refuse true labels, and labels or scores, that give no meaningful figure."""
        present = _distinct(self.name, y)
        foreign = [label for label in present if label not in labels]
        if foreign:
            raise DataError(f"{self.name}: {listing(map(repr, foreign))} is none of the labels {listing(labels)}.")
        if len(present) < 2 and self.name != "accuracy":
            raise DataError(f"{self.name} needs at least two classes; all {len(y)} true labels are {present[0]!r}.")
        if self.needs == "scores":
            _check_scores(self.name, answers, labels)
        elif answers.ndim != 1 or (answers.dtype.kind == "f" and y.dtype.kind not in "fiub"):
            raise DataError(f"{self.name} needs predicted labels, not scores.")
        else:
            _distinct(self.name, answers)


def _distinct(name: str, labels: NDArray[Any]) -> list[Any]:
    """The labels that occur, in order; what is missing (None, not a number) is no label."""
    if labels.dtype.kind in "fO" and any(label is None or label != label for label in labels.tolist()):  # NaN != NaN
        raise DataError(f"{name} compares labels; some are missing (None or not a number). Leave those rows out.")
    try:
        return list(np.unique(labels).tolist())
    except TypeError as error:
        raise DataError(f"{name} compares labels of one type, but numbers and texts are mixed.") from error


def _check_scores(name: str, scores: NDArray[Any], labels: Sequence[str]) -> None:
    if not (scores.dtype.kind in "fiub" and np.isfinite(scores).all()):
        raise DataError(f"{name} needs scores (finite numbers), not labels.")
    if scores.ndim == 2 and scores.shape[1] != len(labels):
        raise DataError(f"{name} needs one score a label: {len(labels)} labels, scores of shape {scores.shape}.")
    if scores.ndim > 2 or (scores.ndim == 1 and len(labels) != 2):
        raise DataError(f"{name} needs scores of shape (n, {len(labels)}) for {len(labels)} labels.")
    if name in PROBABILITIES and not ((scores >= 0) & (scores <= 1)).all():
        raise DataError(
            f"{name} needs probabilities from 0 to 1; these scores go from {scores.min()} to {scores.max()}."
        )


def _check_values(name: str, true: NDArray[Any], given: NDArray[Any]) -> None:
    if not (true.dtype.kind in "fiub" and given.dtype.kind in "fiub" and given.ndim == 1):
        raise DataError(f"{name} compares numbers.")
    if not (np.isfinite(true).all() and np.isfinite(given).all()):
        raise DataError(f"{name} compares finite numbers; some are infinite or not a number.")
    if name == "r2" and np.ptp(true) == 0:
        raise DataError(f"r2 compares with the spread of the true values; all {len(true)} are alike.")
    if name == "spearman" and (np.ptp(true) == 0 or np.ptp(given) == 0):
        raise DataError(f"spearman compares two orders; all {len(true)} values of one side are alike.")


def _sklearn_metrics() -> Any:
    try:
        import sklearn.metrics
    except ImportError as error:
        raise MissingExtra("train", "Evaluation") from error
    return sklearn.metrics


def _averaged(name: str) -> Formula:
    """The mean over the labels that occur, in the truth or in the answers (scikit-learn's convention)."""
    return lambda sk, y, p, labels: getattr(sk, name)(y, p, average="macro", zero_division=0.0)


def _positive(scores: NDArray[Any]) -> NDArray[Any]:
    return scores if scores.ndim == 1 else scores[:, 1]


def _columns(scores: NDArray[Any]) -> NDArray[Any]:
    return np.column_stack([1 - scores, scores]) if scores.ndim == 1 else scores


def _one_hot(y: NDArray[Any], labels: Sequence[str]) -> NDArray[np.float64]:
    return np.asarray(y[:, None] == np.array(labels)[None, :], np.float64)


def _per_label(name: str) -> Formula:
    """Binary: the formula for the second label. More: the mean over all labels that occur, each against the rest."""

    def formula(sk: Any, y: NDArray[Any], scores: NDArray[Any], labels: Sequence[str]) -> float:
        function = getattr(sk, name)
        if len(labels) == 2:
            return float(function(y == labels[1], _positive(scores)))
        present = [i for i, label in enumerate(labels) if np.any(y == label)]
        return float(np.mean([function(y == labels[i], scores[:, i]) for i in present]))

    return formula


def _log_loss(sk: Any, y: NDArray[Any], scores: NDArray[Any], labels: Sequence[str]) -> float:
    p = np.clip(_columns(scores), 1e-12, 1.0)
    return float(-np.mean(np.sum(_one_hot(y, labels) * np.log(p / p.sum(axis=1, keepdims=True)), axis=1)))


def _brier(sk: Any, y: NDArray[Any], scores: NDArray[Any], labels: Sequence[str]) -> float:
    squared = np.sum((_one_hot(y, labels) - _columns(scores)) ** 2, axis=1)
    return float(np.mean(squared) / (2 if len(labels) == 2 else 1))


def _spearman(sk: Any, y: NDArray[Any], values: NDArray[Any], labels: Sequence[str]) -> float:
    from scipy.stats import spearmanr

    return float(spearmanr(y, values).statistic)


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("accuracy", True, "labels", lambda sk, y, p, labels: sk.accuracy_score(y, p)),
        Metric(
            "balanced_accuracy",
            True,
            "labels",
            lambda sk, y, p, labels: np.mean([np.mean(p[y == k] == k) for k in np.unique(y)]),
        ),
        Metric("f1", True, "labels", _averaged("f1_score")),
        Metric("precision", True, "labels", _averaged("precision_score")),
        Metric("recall", True, "labels", _averaged("recall_score")),
        Metric("roc_auc", True, "scores", _per_label("roc_auc_score")),
        Metric("average_precision", True, "scores", _per_label("average_precision_score")),
        Metric("log_loss", False, "scores", _log_loss),
        Metric("brier", False, "scores", _brier),
        Metric("mse", False, "values", lambda sk, y, v, labels: sk.mean_squared_error(y, v)),
        Metric("rmse", False, "values", lambda sk, y, v, labels: sk.root_mean_squared_error(y, v)),
        Metric("mae", False, "values", lambda sk, y, v, labels: sk.mean_absolute_error(y, v)),
        Metric("r2", True, "values", lambda sk, y, v, labels: sk.r2_score(y, v)),
        Metric("spearman", True, "values", _spearman),
    )
}
CLASSIFICATION = tuple(name for name, metric in METRICS.items() if metric.needs != "values")
REGRESSION = tuple(name for name, metric in METRICS.items() if metric.needs == "values")


def get_metric(name: str) -> Metric:
    """The metric of this name, or `UnknownName` with the nearest one."""
    if name not in METRICS:
        raise UnknownName("metric", name, METRICS)
    return METRICS[name]


def get_optimization_direction(name: str) -> Direction:
    """Which way a metric is better.

    >>> get_optimization_direction("log_loss")
    'minimize'
    """
    return "maximize" if get_metric(name).maximise else "minimize"


class Evaluator:
    """Several metrics at once: `Evaluator(["f1", "roc_auc"]).evaluate(y, predicted=labels, scores=probabilities)`."""

    def __init__(self, metrics: Iterable[str] = CLASSIFICATION) -> None:
        self.metrics = tuple(get_metric(name) for name in metrics)

    def evaluate(
        self,
        true: ArrayLike,
        *,
        predicted: ArrayLike | None = None,
        scores: ArrayLike | None = None,
        labels: Sequence[str] = (),
    ) -> dict[str, float]:
        """All metrics by name; `DataError` when one needs what was not given."""
        return {metric.name: metric(true, self._given(metric, predicted, scores), labels) for metric in self.metrics}

    def _given(self, metric: Metric, predicted: ArrayLike | None, scores: ArrayLike | None) -> ArrayLike:
        given = scores if metric.needs == "scores" else predicted
        if given is None:
            raise DataError(
                f"{metric.name} needs {metric.needs}: pass {'scores' if metric.needs == 'scores' else 'predicted'}=..."
            )
        return given


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def cluster_interval(
    figure: Callable[[NDArray[np.intp]], float], groups: ArrayLike, *, resamples: int = 400, seed: int = 0
) -> Interval:
    """A figure of a set of row numbers with its 95 % percentile interval, whole groups resampled with replacement.

    Pictures of one scene are alike: resampling single pictures covers 64 % instead of 95 (Field and Welsh 2007,
    "Bootstrapping clustered data"). A resample on which the figure is not defined is left out; with no resamples the
    borders are not-a-number.
    """
    names, member = np.unique(np.asarray(groups), return_inverse=True)
    rows = [np.flatnonzero(member == i) for i in range(len(names))]
    rng = np.random.default_rng(seed)
    figures = []
    for _ in range(resamples):
        chosen = np.concatenate([rows[i] for i in rng.integers(len(names), size=len(names))])
        try:
            figures.append(figure(chosen))
        except DataError:
            continue
    low, high = np.percentile(figures, [2.5, 97.5]) if figures else (np.nan, np.nan)
    return Interval(figure(np.arange(len(member))), float(low), float(high))


def split_by_group(labels: ArrayLike, groups: ArrayLike, share: float, seed: int) -> NDArray[np.bool_]:
    """A mask of about this share of the rows whose groups are apart from the rest, labels alike in both parts."""
    parts = max(2, round(1 / share))
    y, members = np.asarray(labels), np.asarray(groups)
    if len(np.unique(members)) < 2:
        raise DataError("A split needs at least two groups (scenes): with one, test data would be training data.")
    mask = np.zeros(len(y), bool)
    mask[group_folds(y, members, min(parts, len(np.unique(members))), seed)[0]] = True
    return mask


def group_folds(labels: ArrayLike, groups: ArrayLike, folds: int, seed: int) -> list[NDArray[np.intp]]:
    """Row numbers of each fold: stratified by label, no group in two folds."""
    try:
        from sklearn.model_selection import StratifiedGroupKFold
    except ImportError as error:
        raise MissingExtra("train", "Splitting data") from error
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    y = np.asarray(labels)
    return [held_out for _, held_out in splitter.split(np.zeros(len(y)), y, np.asarray(groups))]
