"""Networks: what a `TorchEstimator` can train. PyTorch is imported where one is built.

    NETWORKS ....... mlp and cnn by name
    build .......... a name or a factory -> a module that gives logits
    complete ....... the module with its standardisation in front, so that nothing is left to do outside of it
    pooled ......... which columns share one standardisation

A factory of one's own takes (columns, labels) and gives an `nn.Module` from standardised rows (n, columns) to logits
(n, labels).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .errors import ConfigError, MissingExtra, UnknownName

if TYPE_CHECKING:
    from torch import nn

Network = str | Callable[[int, int], Any]
CHANNELS = 3


@dataclass(frozen=True)
class Shape:
    """How large a network is: columns in, labels out, hidden sizes (features or channels), dropout from 0 to 1."""

    columns: int
    labels: int
    hidden: Sequence[int]
    dropout: float


def require_torch() -> Any:
    """PyTorch, or `MissingExtra`."""
    try:
        import torch
    except ImportError as error:
        raise MissingExtra("torch", "A network") from error
    return torch


def mlp(shape: Shape) -> nn.Module:
    """Layers of `hidden` features with ReLU and dropout, then the logits."""
    from torch import nn

    sizes = [shape.columns, *shape.hidden]
    layers: list[nn.Module] = []
    for size, following in pairwise(sizes):
        layers += [nn.Linear(size, following), nn.ReLU(), nn.Dropout(shape.dropout)]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], shape.labels))


def cnn(shape: Shape) -> nn.Module:
    """For rows that are pictures (3, side, side): a convolution and a halving for each of `hidden`, mean, logits."""
    from torch import nn

    side = side_of(shape.columns)
    channels = [CHANNELS, *shape.hidden]
    layers: list[nn.Module] = []
    for depth, (size, following) in enumerate(pairwise(channels)):
        layers += [nn.Conv2d(size, following, 3, padding=1, bias=False), nn.BatchNorm2d(following), nn.ReLU()]
        if side >> (depth + 1) >= 2:
            layers.append(nn.MaxPool2d(2))
    ending = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(shape.dropout), nn.Linear(channels[-1], shape.labels))
    return nn.Sequential(nn.Unflatten(1, (CHANNELS, side, side)), *layers, *ending)


NETWORKS: Mapping[str, Callable[[Shape], Any]] = {"mlp": mlp, "cnn": cnn}


def side_of(columns: int) -> int:
    """The side of a square RGB picture with so many numbers.

    >>> side_of(3 * 32 * 32)
    32
    """
    side = math.isqrt(columns // CHANNELS)
    if side < 2 or CHANNELS * side * side != columns:
        raise ConfigError(
            f"The network cnn wants square pictures in three channels, 3 x side x side features, got {columns}. "
            "The transformer PixelExtractor gives them."
        )
    return side


def build(network: Network, shape: Shape) -> nn.Module:
    """The network with fresh weights, from torch's own random numbers."""
    from torch import nn

    if isinstance(network, str):
        if network not in NETWORKS:
            raise UnknownName("network", network, NETWORKS)
        return NETWORKS[network](shape)
    module = network(shape.columns, shape.labels)
    if not isinstance(module, nn.Module):
        raise ConfigError(f"A network's factory gives an nn.Module, this one gave {type(module).__name__}.")
    return module


def complete(network: nn.Module, mean: NDArray[np.float64], scale: NDArray[np.float64]) -> nn.Module:
    """The network behind a layer that takes off `mean` and divides by `scale`, (columns,) each, and learns nothing."""
    import torch
    from torch import nn

    class Standardise(nn.Module):  # type: ignore[misc]  # PyTorch is absent where types are checked
        """Subtracts before it divides: a factor and a sum, as batch normalisation has it, would lose digits."""

        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("mean", torch.from_numpy(mean.astype(np.float32)))
            self.register_buffer("scale", torch.from_numpy(scale.astype(np.float32)))

        def forward(self, rows: torch.Tensor) -> torch.Tensor:
            return (rows - self.mean) / self.scale

    return nn.Sequential(Standardise(), network)


def pooled(network: Network, columns: int) -> int:
    """How many neighbouring columns share one mean and one scale: the pixels of a channel, else each has its own."""
    return side_of(columns) ** 2 if network == "cnn" else 1
