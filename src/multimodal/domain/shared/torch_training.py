"""The training loop of a network: batches from rows that need not be in memory, early stopping, checkpoints.

    Rows ........ a table that gives the rows of an index: an array, a memory-mapped file
    Examples .... rows, their classes, and which of them are held out
    Settings .... how it is trained
    learn ....... a network in, what it learned and how that went out
    moments ..... mean and scale of the columns, in one batch of memory

Each epoch draws its random numbers from (seed, number of the epoch), so that a resumed training is the same training.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .errors import TrainingError, UnknownName
from .torch_checkpoint import Checkpoint, State, Weights

if TYPE_CHECKING:
    import torch
    from torch import nn

log = logging.getLogger(__name__)
SMALL = 100_000  # numbers in a batch; below, threads cost more time than they save (15 times on a busy machine)
CHUNK = 8_192  # rows that are read at once where no batch size is given
FEW = 20  # rows of which none is held out
DEVICES = ("auto", "cpu", "cuda")


class Rows(Protocol):
    """A table of float numbers (n, d) that gives the rows of an index."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, d)."""

    def __getitem__(self, index: Any, /) -> Any:
        """Rows as an array (m, d)."""


@dataclass(frozen=True, eq=False)
class Examples:
    """Rows with their class numbers (n,); `held` are the row numbers that decide when to stop, `used` the others."""

    rows: Rows
    classes: NDArray[np.intp]
    used: NDArray[np.intp]
    held: NDArray[np.intp]


@dataclass(frozen=True)
class Settings:
    """How a network is trained; see `TorchEstimator`."""

    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    patience: int
    device: str
    seed: int
    checkpoint_every: float


def learn(model: nn.Module, network: nn.Module, data: Examples, settings: Settings, checkpoint: Checkpoint) -> State:
    """Train until the epochs are over or nothing gets better; the state with the best weights.

    model: the whole, of which only `network` learns.
    """
    import torch

    device = device_of(settings.device)
    model.to(device)
    optimizer = torch.optim.AdamW(network.parameters(), settings.learning_rate, weight_decay=settings.weight_decay)
    state = checkpoint.resume(network, optimizer) or State()
    written = time.monotonic()
    while state.epoch < settings.epochs and state.waited < settings.patience:
        trained = _epoch(model, network, optimizer, data, settings, state.epoch)
        judged = _mean_loss(model, data, settings.batch_size) if len(data.held) else trained
        if not math.isfinite(trained + judged):
            raise TrainingError("The network diverged: its loss is no number. Lower `learning_rate`.")
        state = after(state, judged, trained, weights_of(network))
        if checkpoint.path is not None and time.monotonic() - written >= settings.checkpoint_every:
            checkpoint.write(network, optimizer, state)
            written = time.monotonic()
    checkpoint.remove()
    log.info("%d epochs on %s, best loss %.4f", state.epoch, device, state.best)
    return state


@contextmanager
def threads_for(numbers: int) -> Iterator[None]:
    """One thread while batches of so many numbers are small, as many as PyTorch likes for larger ones."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1 if numbers < SMALL else before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def after(state: State, judged: float, trained: float, weights: Weights) -> State:
    """The state one epoch later."""
    better = judged < state.best
    return replace(
        state,
        epoch=state.epoch + 1,
        best=judged if better else state.best,
        waited=0 if better else state.waited + 1,
        weights=weights if better else state.weights,
        history=(*state.history, (trained, judged)),
    )


def weights_of(network: nn.Module) -> Weights:
    """All that a network holds, as arrays by name."""
    return {name: value.detach().cpu().numpy().copy() for name, value in network.state_dict().items()}


def device_of(name: str) -> torch.device:
    """The device of a name; `auto` is a GPU where there is one."""
    import torch

    if name.partition(":")[0] not in DEVICES:
        raise UnknownName("device", name, DEVICES)
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name != "cpu" and not torch.cuda.is_available():
        raise TrainingError("There is no CUDA device that PyTorch can use here. Set `device: auto` or `device: cpu`.")
    return torch.device(name)


def hold_out(classes: NDArray[np.intp], share: float, seed: int) -> NDArray[np.intp]:
    """A random share of the rows of each class, (m,) in order; none of very few rows.

    >>> hold_out(np.repeat([0, 1], [90, 10]), 0.1, seed=0).shape
    (10,)
    """
    if len(classes) < FEW or share <= 0:
        return np.array([], np.intp)
    rng = np.random.default_rng(seed)
    rows = [rng.permutation(np.flatnonzero(classes == k)) for k in np.unique(classes)]
    return np.sort(np.concatenate([of_class[: round(share * len(of_class))] for of_class in rows]))


def batches(index: NDArray[np.intp], size: int) -> Iterator[NDArray[np.intp]]:
    """Parts of nearly equal length, at most `size`, each in order, as files are read best."""
    parts = np.array_split(index, math.ceil(len(index) / size)) if len(index) else []
    return (np.sort(part) for part in parts)


def moments(rows: Rows, pooled: int = 1) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of each column, (d,) each; 1 for a constant column.

    pooled: so many neighbouring columns share theirs. `ValueError` for what is not finite.
    """
    mean = _mean(rows, lambda chunk: chunk)
    mean = np.repeat(mean.reshape(-1, pooled).mean(axis=1), pooled)
    square = _mean(rows, lambda chunk: (chunk - mean) ** 2)
    scale = np.sqrt(np.repeat(square.reshape(-1, pooled).mean(axis=1), pooled))
    return mean, np.where(scale > 1e-12 * np.maximum(1.0, np.abs(mean)), scale, 1.0)


def _mean(rows: Rows, of: Any) -> NDArray[np.float64]:
    n, d = rows.shape
    total = np.zeros(d)
    for start in range(0, n, CHUNK):
        total += of(np.asarray(rows[start : start + CHUNK], np.float64)).sum(axis=0)
    if not np.isfinite(total).all():
        raise ValueError("Input X contains NaN or infinity.")
    return total / n


def tensor(rows: Rows, index: Any) -> torch.Tensor:
    """Rows as a float32 tensor (m, d)."""
    import torch

    return torch.from_numpy(np.array(rows[index], np.float32))  # a copy: torch wants to be able to write


def _epoch(
    model: nn.Module, network: nn.Module, optimizer: Any, data: Examples, settings: Settings, epoch: int
) -> float:
    """One pass over the rows in random order; the mean loss."""
    import torch

    device = next(network.parameters()).device
    rng = np.random.default_rng((settings.seed, epoch))
    torch.manual_seed(int(rng.integers(2**31)))
    network.train()
    total = 0.0
    for index in batches(rng.permutation(data.used), settings.batch_size):
        optimizer.zero_grad(set_to_none=True)
        loss = _loss(model, data, index, device)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(index)
    return total / len(data.used)


def _mean_loss(model: nn.Module, data: Examples, batch_size: int) -> float:
    import torch

    device = next(model.parameters()).device
    model.eval()
    with torch.no_grad():
        losses = [_loss(model, data, index, device).item() * len(index) for index in batches(data.held, batch_size)]
    return float(sum(losses) / len(data.held))


def _loss(model: nn.Module, data: Examples, index: NDArray[np.intp], device: torch.device) -> torch.Tensor:
    import torch

    truth = torch.from_numpy(data.classes[index]).to(device, non_blocking=True)
    return torch.nn.functional.cross_entropy(model(tensor(data.rows, index).to(device, non_blocking=True)), truth)
