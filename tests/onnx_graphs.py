"""ONNX graphs small enough to see through: the logit of the second label is the first column minus one half."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import TensorProto
from onnx import helper as h

LABELS = ("wild", "calm")
WEIGHTS = np.array([[0.0, 1.0], [0.0, 0.0]])
BIAS = np.array([0.0, -0.5])


def graph(
    nodes: Sequence, *, given=("n", 2), gives=("n", 2), kind=TensorProto.FLOAT, inputs=1, initializers=(), domain=""
) -> bytes:
    """A model with inputs x, x1, ... and one output y."""
    names = ["x", *(f"x{i}" for i in range(1, inputs))]
    outputs = gives if isinstance(gives, list) else [h.make_tensor_value_info("y", kind, gives)]
    made = h.make_graph(
        list(nodes), "g", [h.make_tensor_value_info(name, kind, given) for name in names], outputs, list(initializers)
    )
    opsets = [h.make_opsetid("", 17), h.make_opsetid("ai.onnx.ml", 3)] + ([h.make_opsetid(domain, 1)] if domain else [])
    return h.make_model(made, opset_imports=opsets, ir_version=9).SerializeToString()


def tensor(name: str, values: np.ndarray, dtype=np.float32):
    return onnx.numpy_helper.from_array(np.asarray(values, dtype), name)


def linear(output: str = "logits", *, batch: object = "n", dtype=np.float32) -> bytes:
    """Logits (n, 2), their softmax, the second's logit (n, 1) or its probability (n,)."""
    weights = [tensor("w", WEIGHTS, dtype), tensor("b", BIAS, dtype)]
    kind = TensorProto.DOUBLE if dtype == np.float64 else TensorProto.FLOAT
    if output in ("one logit", "one probability"):
        weights = [tensor("w", WEIGHTS[:, 1:], dtype), tensor("b", BIAS[1:], dtype)]
    first = [h.make_node("MatMul", ["x", "w"], ["xw"])]
    last = {
        "logits": [h.make_node("Add", ["xw", "b"], ["y"])],
        "probabilities": [h.make_node("Add", ["xw", "b"], ["z"]), h.make_node("Softmax", ["z"], ["y"], axis=1)],
        "one logit": [h.make_node("Add", ["xw", "b"], ["y"])],
        "one probability": [
            h.make_node("Add", ["xw", "b"], ["z"]),
            h.make_node("Sigmoid", ["z"], ["p"]),
            h.make_node("Flatten", ["p"], ["f"], axis=0),
            h.make_node("Squeeze", ["f", "first"], ["y"]),
        ],
    }[output]
    if output == "one probability":
        weights.append(tensor("first", np.array([0]), np.int64))
    shape = {"logits": (batch, 2), "probabilities": (batch, 2), "one logit": (batch, 1), "one probability": (None,)}
    return graph([*first, *last], given=(batch, 2), gives=shape[output], kind=kind, initializers=weights)


def one_logit_a_label(columns: int) -> bytes:
    """Logits (n, 2) of any number of columns."""
    weights = [tensor("w", np.eye(columns, 2))]
    return graph([h.make_node("MatMul", ["x", "w"], ["y"])], given=("n", columns), initializers=weights)


def external(location: str) -> bytes:
    """A model whose weights are said to lie in another file."""
    weights = tensor("w", WEIGHTS)
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", "0"), ("length", "16")):
        weights.external_data.add(key=key, value=value)
    return graph([h.make_node("MatMul", ["x", "w"], ["y"])], initializers=[weights])
