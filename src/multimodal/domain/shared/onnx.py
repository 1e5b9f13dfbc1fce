"""ONNX: how a fitted model is served, 100 times faster on one row than by scikit-learn, and how other graphs join in.

OnnxEstimator ... an estimator that answers from ONNX bytes (made by onnx_export.py, or by anybody)
Reading ......... how the output of a graph is to be read
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .errors import ArtifactError, UnknownName
from .estimators import Floats, log_softmax, safe_log, two_columns

NUMBERS = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16}
ZIPMAPS = ("seq(map(string,tensor(float)))", "seq(map(int64,tensor(float)))")
OUTPUTS = ("probabilities", "logits")
SLACK = 1e-3  # by how much probabilities may miss a sum of 1 (float16)


@dataclass(frozen=True)
class Reading:
    """How the output of a graph is to be read.

    output: `probabilities` or `logits`, (n, k), or (n, 1) or (n,) for the second of two labels; or what scikit-learn's
    converters call a ZipMap. tensor: the name of the output, needed when several could be meant.
    """

    output: str = "probabilities"
    tensor: str = ""

    def __post_init__(self) -> None:
        if self.output not in OUTPUTS:
            raise UnknownName("output of an ONNX model", str(self.output), OUTPUTS)


AS_PROBABILITIES = Reading()


class OnnxEstimator:
    """Answers from an ONNX graph with one compute thread.

    model: the graph, with one input of float numbers, its axes (n, d), (n,) for one column, or (n, ...) with fixed
    sizes, into which a row is folded. classes: a label a column of its output. columns: how many features it will get.

    Raises `ArtifactError` when the graph is damaged, refers to other files, uses operators that ONNX Runtime lacks, or
    does not fit the labels and the features.
    """

    def __init__(
        self, model: bytes, classes: Sequence[str], *, reading: Reading = AS_PROBABILITIES, columns: int | None = None
    ) -> None:
        self.model = model
        self.classes_ = np.array(classes, dtype=str)
        self.reading = reading
        self._session = _opened(model)
        given = _only_input(self._session.get_inputs())
        self._input, self._type = given.name, NUMBERS[given.type]
        self._row = _row_shape(given.shape, columns)
        self._one_by_one = given.shape[0] == 1
        output = _chosen_output(self._session.get_outputs(), reading.tensor)
        self._output, self._zipped = output.name, output.type in ZIPMAPS
        if columns is not None or self._row is not None:
            self._check(columns if columns is not None else math.prod(self._row or ()))

    def fit(self, X: Floats, y: NDArray[Any]) -> Self:
        """Nothing is learned any more; what a training learns is how the answers are calibrated."""
        return self

    def predict(self, X: Floats) -> NDArray[Any]:
        """The most probable label of each row."""
        return np.asarray(self.classes_[np.argmax(self.log_proba(X), axis=1)])

    def predict_proba(self, X: Floats) -> Floats:
        """Probabilities, (n, k)."""
        raw = self._raw(X)
        if self.reading.output == "logits":
            return np.exp(log_softmax(two_columns(raw.astype(np.float64))))
        return raw if raw.ndim == 2 else np.column_stack([1 - raw, raw])

    def log_proba(self, X: Floats) -> Floats:
        """Log-probabilities, (n, k), kept finite."""
        return safe_log(self.predict_proba(X))

    def _raw(self, X: Floats) -> Floats:
        """What the graph says: (n, k), or (n,) for the second of two labels."""
        table = np.ascontiguousarray(X, self._type)
        if self._row is not None:
            table = table.reshape(len(table), *self._row)
        parts = (table[i : i + 1] for i in range(len(table))) if self._one_by_one else iter([table])
        answers = [self._run(part) for part in parts]
        raw = answers[0] if len(answers) == 1 else np.concatenate(answers)
        return raw[:, 0] if raw.ndim == 2 and raw.shape[1] == 1 else raw

    def _run(self, table: NDArray[Any]) -> Floats:
        answer = self._session.run([self._output], {self._input: table})[0]
        return self._unzipped(answer) if self._zipped else np.asarray(answer)

    def _unzipped(self, rows: Sequence[Mapping[Any, float]]) -> Floats:
        """A ZipMap's rows as a table: keys that are labels in our order, numbers in their own."""
        named = [str(name) for name in self.classes_]
        keys = named if set(rows[0]) == set(named) else sorted(rows[0])
        if keys is not named and any(isinstance(key, str) for key in keys):
            raise ArtifactError(
                f"The ONNX model tells apart {', '.join(map(str, keys))}, but its labels are said to be "
                f"{', '.join(named)}."
            )
        return np.array([[row[key] for key in keys] for row in rows])

    def _check(self, width: int) -> None:
        """Ask two rows: does it run, is there a column a label, and are probabilities what they are said to be?"""
        rows = np.stack([np.zeros(width), np.random.default_rng(0).normal(size=width)])
        try:
            raw = self._raw(rows)
        except ArtifactError:
            raise
        except Exception as error:  # onnxruntime raises its own unrelated types
            raise ArtifactError(f"The ONNX model cannot be run on rows of {width} features.") from error
        k = len(self.classes_)
        if raw.shape != (2, k) and not (raw.shape == (2,) and k == 2):
            raise ArtifactError(
                f"The ONNX model answers two rows in the shape {raw.shape}, but {k} labels are given: "
                f"{', '.join(self.classes_)}. Expected is one column a label."
            )
        if self.reading.output == "probabilities" and not _are_probabilities(raw):
            raise ArtifactError("The ONNX model's answers are no probabilities. Say `output: logits` if they are.")


def _opened(model: bytes) -> Any:
    """A session; given bytes instead of a path, ONNX Runtime refuses every reference to another file."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what goes wrong is raised, too
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises its own unrelated types
        raise ArtifactError(
            "The ONNX model cannot be loaded: it is damaged, keeps its weights in another file, uses operators that "
            "ONNX Runtime lacks, or needs a newer one."
        ) from error


def _only_input(inputs: Sequence[Any]) -> Any:
    if len(inputs) != 1 or inputs[0].type not in NUMBERS or not inputs[0].shape:
        found = ", ".join(f"{i.name}: {i.type} {i.shape}" for i in inputs)
        raise ArtifactError(f"An ONNX model has one input, a table of float numbers; this one has {found or 'none'}.")
    if isinstance(inputs[0].shape[0], int) and inputs[0].shape[0] != 1:
        raise ArtifactError(
            f"The ONNX model takes exactly {inputs[0].shape[0]} rows at once. Export it with a dynamic first axis."
        )
    return inputs[0]


def _row_shape(shape: Sequence[Any], columns: int | None) -> tuple[int, ...] | None:
    """Into what a row is folded; None when rows are taken as they come."""
    row = tuple(shape[1:])
    if not all(isinstance(size, int) and size > 0 for size in row):
        if len(row) > 1:
            raise ArtifactError(f"The ONNX model's input {tuple(shape)} leaves sizes open. Export it with fixed ones.")
        return None
    if columns is not None and math.prod(row) != columns:
        raise ArtifactError(f"The ONNX model wants {math.prod(row)} features, but the transformers give {columns}.")
    return row


def _chosen_output(outputs: Sequence[Any], tensor: str) -> Any:
    fitting = {o.name: o for o in outputs if o.type in NUMBERS or o.type in ZIPMAPS}
    if tensor:
        if tensor not in fitting:
            raise ArtifactError(str(UnknownName("output of the ONNX model", tensor, fitting)))
        return fitting[tensor]
    if len(fitting) != 1:
        names = ", ".join(fitting) or "none"
        raise ArtifactError(f"The ONNX model has no single output of float numbers ({names}): say `tensor: NAME`.")
    return next(iter(fitting.values()))


def _are_probabilities(raw: Floats) -> bool:
    finite = raw[np.isfinite(raw).reshape(len(raw), -1).all(axis=1)]
    whole = finite.sum(axis=1) if raw.ndim == 2 else np.ones(len(finite))
    return bool(np.all((finite >= -SLACK) & (finite <= 1 + SLACK)) and np.all(np.abs(whole - 1) <= SLACK))
