"""Estimators decide: a feature table goes in, labels and their log-probabilities come out.

    Estimator .............. the contract: fit, predict, log_proba, classes_
    RuleBasedModel ......... a rule with named thresholds; a scikit-learn classifier that learns nothing but its labels
    RuleBasedEstimator ..... a rule as an estimator of a property
    SklearnPipeEstimator ... a scikit-learn Pipeline as an estimator; parameters `step__parameter` both ways

No estimator touches pixels, so tuning runs on a table that was computed once. scikit-learn is imported where
something is fitted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import MissingExtra
from .limits import Limit
from .parameters import Parameters

Floats = NDArray[np.floating[Any]]
TINY = 1e-7
NEVER = -1e3  # a margin that no other is below


class Estimator(Protocol):
    """Feature table (n, d) to labels; `classes_` are the columns of `log_proba`."""

    @property
    def classes_(self) -> NDArray[Any]:
        """The columns of `log_proba`."""

    def fit(self, X: Floats, y: NDArray[Any]) -> Self:
        """Learn from a table and its labels."""

    def predict(self, X: Floats) -> NDArray[Any]:
        """The most probable label of each row."""

    def log_proba(self, X: Floats) -> Floats:
        """Logarithm of each label's probability, (n, k), not yet calibrated."""


class RuleBasedModel(Parameters):
    """A rule with named thresholds: the scikit-learn classifier contract without scikit-learn.

    A subclass stores its thresholds in the constructor, names its `labels` and answers `margins`. `columns` is how many
    columns it reads at least. `limits`: which of its parameters are thresholds on a column (see limits.py); a rule
    without any is set by its score. Fitting learns only which labels there are; where they are not its own (as in
    scikit-learn's checks), the first of them stands for its first label, and so on.
    """

    columns: ClassVar[int] = 1
    labels: ClassVar[tuple[str, ...]] = ()
    limits: ClassVar[Mapping[str, Limit]] = {}

    def margins(self, table: Floats) -> Floats:
        """Margins in logits for a table (n, d): (n,) for two labels, positive for the second; (n, k) for more."""
        raise TypeError(f"{type(self).__name__} does not say how it decides: define margins().")

    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Check the table and learn which labels there are."""
        table = checked_table(X, type(self).__name__, self.columns)
        if y is None:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None.")
        classes = np.unique(checked_targets(y, len(table)))
        own = set(classes.tolist()) <= set(self.labels)
        self.classes_ = np.array(self.labels) if own else classes
        if len(self.classes_) < 2 or (self._binary and len(self.classes_) > 2):
            raise ValueError(f"Only binary classification is supported. The data has {len(classes)} class(es).")
        self.n_features_in_ = table.shape[1]
        return self

    def decision_function(self, X: ArrayLike) -> Floats:
        """Margins in logits: (n,) for two labels, positive for the second; (n, k) for more."""
        self._require_fit()
        margins = _as_many(two_columns(self.margins(self._known(X))), len(self.classes_))
        return margins if margins.shape[1] > 2 else margins[:, 1] - margins[:, 0]

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The label of each row."""
        columns = two_columns(self.decision_function(X))
        return np.asarray(self.classes_[np.argmax(columns, axis=1)])

    def predict_proba(self, X: ArrayLike) -> Floats:
        """A probability for each label, from the margins; calibrated only by the pipeline around it."""
        return np.exp(log_softmax(two_columns(self.decision_function(X))))

    def score(self, X: ArrayLike, y: ArrayLike) -> float:
        """Mean accuracy."""
        return float(np.mean(self.predict(X) == np.asarray(y)))

    @property
    def _binary(self) -> bool:
        return len(self.labels) <= 2

    def _known(self, X: ArrayLike) -> Floats:
        table = checked_table(X, type(self).__name__, 1)
        if table.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X has {table.shape[1]} features, but {type(self).__name__} is expecting "
                f"{self.n_features_in_} features as input"
            )
        return table

    def _require_fit(self) -> None:
        if not hasattr(self, "classes_"):
            from sklearn.exceptions import NotFittedError

            raise NotFittedError(f"This {type(self).__name__} instance is not fitted yet. Call 'fit' first.")

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "classes_")

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags, InputTags, Tags, TargetTags

        return Tags(
            estimator_type="classifier",
            target_tags=TargetTags(required=True),
            transformer_tags=None,
            regressor_tags=None,
            classifier_tags=ClassifierTags(poor_score=True, multi_class=not self._binary),
            input_tags=InputTags(),
        )


class RuleBasedEstimator(Parameters):
    """A rule as an estimator: `RuleBasedEstimator(rule)`; its parameters are the rule's, as `rule__threshold`."""

    def __init__(self, rule: RuleBasedModel) -> None:
        self.rule = rule

    @property
    def classes_(self) -> NDArray[Any]:
        """The rule's labels, in the order of the margins."""
        return np.array(self.rule.labels)

    def fit(self, X: Floats, y: NDArray[Any]) -> Self:
        """Let the rule learn what it learns."""
        self.rule.fit(X, y)
        return self

    def predict(self, X: Floats) -> NDArray[Any]:
        """The label of each row."""
        return np.asarray(self.classes_[np.argmax(self.log_proba(X), axis=1)])

    def log_proba(self, X: Floats) -> Floats:
        """Log-probabilities from the rule's margins, (n, k)."""
        return log_softmax(two_columns(self.rule.margins(np.asarray(X, np.float64))))

    def predict_proba(self, X: Floats) -> Floats:
        """Probabilities from the rule's margins, (n, k)."""
        return np.exp(self.log_proba(X))


class SklearnPipeEstimator(Parameters):
    """A scikit-learn Pipeline as an estimator: `SklearnPipeEstimator([("scaler", StandardScaler()), ...])`.

    Its parameters are the pipeline's (`classifier__C`); nested dicts are understood too by `set_nested`.
    """

    def __init__(self, steps: Sequence[tuple[str, Any]]) -> None:
        self.steps = steps

    @property
    def pipeline(self) -> Any:
        """The scikit-learn Pipeline around the very same steps."""
        try:
            from sklearn.pipeline import Pipeline
        except ImportError as error:
            raise MissingExtra("train", "A scikit-learn pipeline") from error
        return Pipeline(list(self.steps))

    @property
    def classes_(self) -> NDArray[Any]:
        """The labels that were learned."""
        return np.asarray(self.steps[-1][1].classes_)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """`steps`, and with `deep` each step and its parameters as `step__parameter`."""
        return {"steps": self.steps} | (
            {key: value for key, value in self.pipeline.get_params(deep=True).items() if key not in OF_THE_PIPELINE}
            if deep
            else {}
        )

    def set_params(self, **parameters: Any) -> Self:
        """Set steps or parameters; an unknown one is scikit-learn's `ValueError`."""
        self.steps = parameters.pop("steps", self.steps)
        pipeline = self.pipeline.set_params(**parameters)
        self.steps = pipeline.steps
        return self

    def set_nested(self, values: Mapping[str, Any]) -> Self:
        """The same from nested values: `{"classifier": {"C": 1.0}}`."""
        return self.set_params(**flatten(values))

    def fit(self, X: Floats, y: NDArray[Any]) -> Self:
        """Fit all steps."""
        self.pipeline.fit(X, y)
        return self

    def predict(self, X: Floats) -> NDArray[Any]:
        """The most probable label of each row."""
        return np.asarray(self.pipeline.predict(X))

    def predict_proba(self, X: Floats) -> Floats:
        """Probabilities, (n, k)."""
        return np.asarray(self.pipeline.predict_proba(X))

    def log_proba(self, X: Floats) -> Floats:
        """Log-probabilities, (n, k), kept finite."""
        return safe_log(self.predict_proba(X))


OF_THE_PIPELINE = frozenset({"steps", "memory", "transform_input", "verbose"})


def flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested parameters made flat, joined by two underscores; a `suggest` space stays whole.

    >>> flatten({"classifier": {"C": 1.0, "l1_ratio": {"suggest": "float", "low": 0, "high": 1}}})
    {'classifier__C': 1.0, 'classifier__l1_ratio': {'suggest': 'float', 'low': 0, 'high': 1}}
    """
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping) and "suggest" not in value:
            flat |= flatten(value, f"{prefix}{key}__")
        else:
            flat[prefix + key] = value
    return flat


def unflatten(values: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse of `flatten`.

    >>> unflatten({"classifier__C": 1.0})
    {'classifier': {'C': 1.0}}
    """
    nested: dict[str, Any] = {}
    for key, value in values.items():
        *path, last = key.split("__")
        inside = nested
        for name in path:
            inside = inside.setdefault(name, {})
        inside[last] = value
    return nested


def _as_many(columns: Floats, k: int) -> Floats:
    """The first k columns; those that are missing are columns that never win."""
    missing = max(0, k - columns.shape[1])
    return np.pad(columns[:, :k], ((0, 0), (0, missing)), constant_values=NEVER)


def two_columns(margins: ArrayLike) -> Floats:
    """Margins (n,) as (n, 2) with zeros for the first label; (n, k) unchanged."""
    values = np.asarray(margins, np.float64)
    return values if values.ndim == 2 else np.column_stack([np.zeros_like(values), values])


def log_softmax(values: Floats) -> Floats:
    """Logarithm of the softmax of each row."""
    shifted = values - values.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def safe_log(probabilities: ArrayLike) -> Floats:
    """Logarithm of probabilities, kept away from minus infinity (at least log 1e-7)."""
    return np.log(np.clip(np.asarray(probabilities, np.float64), TINY, 1.0))


def checked_table(X: Any, who: str, columns: int) -> Floats:
    """A finite real table (n, d) as float64, or a `ValueError` in scikit-learn's words."""
    if hasattr(X, "tocsr"):
        raise TypeError(
            "A sparse matrix was passed, but dense data is required. Use X.toarray() to convert it to dense."
        )
    raw = np.asarray(X)
    if np.iscomplexobj(raw):
        raise ValueError("Complex data not supported")
    try:
        table = raw.astype(np.float64)
    except TypeError as error:
        raise TypeError(f"argument must be a string or a number: {error}") from error
    if table.ndim != 2:
        raise ValueError(f"Expected 2D array, got {table.ndim}D array instead. Reshape your data.")
    if not len(table):
        raise ValueError(
            f"Found array with 0 sample(s) (shape={table.shape}) while a minimum of 1 is required by {who}."
        )
    if table.shape[1] < columns:
        raise ValueError(
            f"Found array with {table.shape[1]} feature(s) (shape={table.shape}) "
            f"while a minimum of {columns} is required."
        )
    if not np.isfinite(table).all():
        raise ValueError("Input X contains NaN or infinity.")
    return table


def checked_targets(y: Any, n: int) -> NDArray[Any]:
    """Class labels (n,), or a `ValueError` in scikit-learn's words."""
    targets = np.asarray(y)
    if targets.ndim == 2 and targets.shape[1] == 1:
        import warnings

        from sklearn.exceptions import DataConversionWarning

        warnings.warn("A column-vector y was passed when a 1d array was expected.", DataConversionWarning, stacklevel=3)
        targets = targets.ravel()
    if targets.ndim != 1 or len(targets) != n:
        raise ValueError(
            f"Found input variables with inconsistent numbers of samples: {n} rows, y of shape {targets.shape}."
        )
    if targets.dtype.kind == "f":
        if not np.isfinite(targets).all():
            raise ValueError("Input y contains NaN or infinity.")
        if np.any(targets != np.floor(targets)):
            raise ValueError("Unknown label type: continuous. A rule needs classes.")
    return targets
