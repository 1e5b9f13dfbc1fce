"""Exports: a fitted estimator as an ONNX graph, refused when it does not reproduce what was fitted.

    to_onnx ........ any estimator that has such a form
    from_sklearn ... a scikit-learn pipeline

Trees split in float32, so one bit decides on which side of a threshold a value falls: a scaler before them has to
divide as scikit-learn does. The converter's default multiplies by the inverse; that moved up to 6 % of all answers.
(RobustScaler computes in float64 and has no equal in ONNX; before a smooth model that does not matter.)
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import ArtifactError, MissingExtra, TrainingError
from .estimators import Estimator, Floats, SklearnPipeEstimator
from .onnx import OnnxEstimator
from .torch_estimator import TorchEstimator

PARITY = 1e-4  # largest difference of a probability between the fitted model and its export
OPSET = 17
INSTEAD = (
    "Choose another class, such as LogisticRegression, MLPClassifier, ExtraTreesClassifier or "
    "HistGradientBoostingClassifier; before trees no scaler, or StandardScaler."
)


def to_onnx(estimator: Estimator, validation: NDArray[np.float32]) -> bytes:
    """The fitted estimator as ONNX bytes.

    `TrainingError` when it has no such form, or does not agree on the whole validation table (n, d).
    """
    if isinstance(estimator, OnnxEstimator):
        return estimator.model
    model = _exported(estimator, validation)
    answers = _answers(model, estimator, validation)
    apart = float(np.abs(answers - np.exp(estimator.log_proba(validation))).max())
    if not apart <= PARITY:
        raise TrainingError(
            f"The ONNX export differs from the fitted model by {apart:.2g} in probability; "
            f"at most {PARITY} is allowed. {INSTEAD}"
        )
    return model


def from_sklearn(estimator: SklearnPipeEstimator, columns: int) -> bytes:
    """A fitted scikit-learn pipeline as ONNX bytes; `TrainingError` when one of its classes has no converter."""
    try:
        from skl2onnx import to_onnx as convert
    except ImportError as error:
        raise MissingExtra("train", "Exporting a model") from error
    options = _options(estimator.steps[-1][1])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # protobuf's about booleans that the converter of gradient boosting writes
            graph = convert(estimator.pipeline, np.zeros((1, columns), np.float32), options=options, target_opset=OPSET)
    except Exception as error:  # the converters raise whatever they like
        names = " and ".join(type(step).__name__ for _, step in estimator.steps)
        raise TrainingError(f"{names} cannot be exported to ONNX, which serves it. {INSTEAD}") from error
    return bytes(graph.SerializeToString())


def _exported(estimator: Estimator, validation: NDArray[np.float32]) -> bytes:
    if isinstance(estimator, SklearnPipeEstimator):
        return from_sklearn(estimator, validation.shape[1])
    if isinstance(estimator, TorchEstimator):
        return estimator.to_onnx()
    raise TrainingError(f"{type(estimator).__name__} has no ONNX form.")


def _answers(model: bytes, estimator: Estimator, validation: NDArray[np.float32]) -> Floats:
    """What the export gives for the table; an export that cannot even be run is no use either."""
    try:
        exported = OnnxEstimator(model, [str(c) for c in estimator.classes_], columns=validation.shape[1])
    except ArtifactError as error:
        raise TrainingError(f"The ONNX export of the fitted model cannot be served: {error} {INSTEAD}") from error
    return np.exp(exported.log_proba(validation))


def _options(final: Any) -> dict[Any, dict[str, Any]]:
    """Scalers divide; distances to neighbours come from the runtime's own operator, 80 times faster, if it has them."""
    from sklearn.preprocessing import MaxAbsScaler, StandardScaler

    quick = {"optim": "cdist"} if getattr(final, "effective_metric_", "") == "euclidean" else {}
    return {
        id(final): {"zipmap": False, **quick},
        StandardScaler: {"div": "div"},
        MaxAbsScaler: {"div": "div"},
    }
