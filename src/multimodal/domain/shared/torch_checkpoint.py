"""Checkpoints of a network's training: plain arrays in one npz file, no pickle, replaced atomically.

State ........ how far a training is: epochs, losses, the best weights
Checkpoint ... where it is kept; a damaged or foreign file is ignored, the training then begins anew
"""

from __future__ import annotations

import logging
import os
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import nn

log = logging.getLogger(__name__)
Weights = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class State:
    """How far a training is. epoch: how many are done; waited: how many since the last that was better.

    best: the best loss; weights: those that reached it. history: loss in training and on held-out rows, by epoch.
    """

    epoch: int = 0
    waited: int = 0
    best: float = float("inf")
    weights: Weights = field(default_factory=dict)
    history: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Checkpoint:
    """A file that an interrupted training goes on from; None keeps nothing."""

    path: Path | None = None

    def write(self, network: nn.Module, optimizer: Any, state: State) -> None:
        """Keep the state; a reader sees the last file or this one, never a part."""
        assert self.path is not None
        arrays = {
            "numbers": np.array([state.epoch, state.waited, state.best]),
            "history": np.array(state.history, float).reshape(-1, 2),
            **{f"best/{name}": value for name, value in state.weights.items()},
            **{f"network/{name}": value.detach().cpu().numpy() for name, value in network.state_dict().items()},
            **_optimizer_arrays(optimizer),
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, **arrays)
            Path(part).replace(self.path)
        finally:
            Path(part).unlink(missing_ok=True)

    def resume(self, network: nn.Module, optimizer: Any) -> State | None:
        """Bring network and optimizer to where the file left them; None when there is no such file."""
        if self.path is None or not self.path.is_file():
            return None
        try:
            with self.path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
                arrays = dict(archive)
            state = _state(arrays)
            _restore(network, optimizer, arrays)
        except (OSError, EOFError, LookupError, TypeError, ValueError, RuntimeError, zipfile.BadZipFile) as error:
            log.warning("the training begins anew, its checkpoint cannot be read: %s", type(error).__name__)
            return None
        log.info("the training goes on after epoch %d", state.epoch)
        return state

    def remove(self) -> None:
        """The training is over; what it learned is kept elsewhere."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def below(arrays: Weights, prefix: str) -> dict[str, NDArray[Any]]:
    """The arrays whose names begin so, without that beginning."""
    return {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}


def _state(arrays: Weights) -> State:
    epoch, waited, best = arrays["numbers"].tolist()
    history = tuple((float(a), float(b)) for a, b in arrays["history"].tolist())
    return State(int(epoch), int(waited), best, below(arrays, "best/"), history)


def _restore(network: nn.Module, optimizer: Any, arrays: Weights) -> None:
    """All or nothing of the network: its names and shapes have to be those of the file."""
    import torch

    moments: dict[int, dict[str, Any]] = {}
    for name, value in below(arrays, "optimizer/").items():
        number, _, key = name.partition("/")
        moments.setdefault(int(number), {})[key] = torch.from_numpy(value)
    optimizer.load_state_dict({"state": moments, "param_groups": optimizer.state_dict()["param_groups"]})
    network.load_state_dict({k: torch.from_numpy(v) for k, v in below(arrays, "network/").items()})


def _optimizer_arrays(optimizer: Any) -> dict[str, NDArray[Any]]:
    return {
        f"optimizer/{number}/{key}": value.detach().cpu().numpy()
        for number, values in optimizer.state_dict()["state"].items()
        for key, value in values.items()
    }
