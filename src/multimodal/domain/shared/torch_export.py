"""A network as an ONNX graph that holds nothing of the machine it was made on."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .errors import MissingExtra, TrainingError

if TYPE_CHECKING:
    from torch import nn

OPSET = 18  # the lowest that PyTorch's exporter writes without a conversion
EXPORTER = "torch.onnx"


def exported(model: nn.Module, columns: int) -> bytes:
    """From a module that gives logits to a graph from `features` (n, columns) to `probabilities` (n, k)."""
    try:
        import onnxscript  # noqa: F401  (torch asks for it only in the middle of an export)
        import torch
    except ImportError as error:
        raise MissingExtra("torch", "Exporting a network") from error
    whole = torch.nn.Sequential(model, torch.nn.Softmax(dim=1)).eval()
    try:
        with _quiet():
            program = torch.onnx.export(
                whole,
                (torch.zeros(2, columns),),
                dynamo=True,
                dynamic_shapes=({0: torch.export.Dim.DYNAMIC},),
                input_names=["features"],
                output_names=["probabilities"],
                opset_version=OPSET,
                external_data=False,
                verbose=False,
            )
    except torch.onnx.errors.OnnxExporterError as error:
        raise TrainingError(
            "The network cannot be exported to ONNX, which serves it. Use layers that ONNX has, for any number of rows."
        ) from error
    return bytes(_bare(program.model_proto).SerializeToString(deterministic=True))


def _bare(proto: Any) -> Any:
    """The model without notes: they hold paths and stacks of this machine."""
    graph = proto.graph
    for part in (proto, graph, *graph.node, *graph.input, *graph.output, *graph.initializer, *proto.functions):
        part.doc_string = ""
        del part.metadata_props[:]
    del graph.value_info[:]
    for end in (*graph.input, *graph.output):
        end.type.tensor_type.shape.dim[0].dim_param = "n"
    return proto


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's warnings about packages that nobody asked for."""
    logger = logging.getLogger(EXPORTER)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
