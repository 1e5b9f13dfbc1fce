"""A neural network as an estimator (extra `torch`): trained on CPU or GPU, exported to ONNX, served without PyTorch.

TorchEstimator ... the scikit-learn contract; parameters in, `weights_` as plain arrays out
torch_networks.py    which networks there are
torch_training.py    the loop
torch_checkpoint.py  how it survives an interruption
torch_rows.py        rows of a data set, measured into a file
torch_export.py      to ONNX
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from .data import Dataset
from .errors import TrainingError
from .estimators import Floats, checked_table, checked_targets, safe_log
from .parameters import Parameters
from .ports import Engine
from .torch_checkpoint import Checkpoint
from .torch_networks import Network, Shape, build, complete, pooled, require_torch
from .torch_rows import Features, spooled
from .torch_training import CHUNK, Examples, Rows, Settings, device_of, hold_out, learn, moments, tensor, threads_for

if TYPE_CHECKING:
    from torch import nn

WHERE = ("checkpoints", "checkpoint_every", "device")  # parameters that do not change what is learned


class TorchEstimator(Parameters):
    """A network that classifies rows; its inputs are standardised inside of it.

    network: `mlp`, `cnn` (square RGB pictures as rows) or a factory (see torch_networks.py). hidden: sizes of its
    layers, a number for one layer. epochs: at most; patience: epochs without a better loss on `validation`, a random
    share of the rows that is held out, after which it ends with the best weights. learning_rate and weight_decay: of
    AdamW. device: `auto`, `cpu` or `cuda`. checkpoints: a folder in which the training is kept every
    `checkpoint_every` seconds, so that an interrupted one goes on. Equal seeds give equal networks on a CPU.
    """

    def __init__(
        self,
        network: Network = "mlp",
        *,
        hidden: int | Sequence[int] = (64, 32),
        dropout: float = 0.0,
        epochs: int = 200,
        batch_size: int = 128,
        learning_rate: float = 1e-3,
        weight_decay: float = 1e-2,
        patience: int = 15,
        validation: float = 0.15,
        device: str = "auto",
        seed: int = 0,
        checkpoints: str | Path | None = None,
        checkpoint_every: float = 30.0,
    ) -> None:
        self.network = network
        self.hidden = hidden
        self.dropout = dropout
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.patience = patience
        self.validation = validation
        self.device = device
        self.seed = seed
        self.checkpoints = checkpoints
        self.checkpoint_every = checkpoint_every

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from a table (n, d), which may be a memory-mapped float32 file, and its labels (n,)."""
        require_torch()
        rows = self._rows(X)
        if y is None:
            raise ValueError("TorchEstimator requires y to be passed, but the target y is None.")
        labels, classes = np.unique(checked_targets(y, rows.shape[0]), return_inverse=True)
        if len(labels) < 2:
            raise ValueError(f"A network needs at least two classes; the data has {len(labels)} class.")
        self._require_sensible()
        columns = rows.shape[1]
        mean, scale = moments(rows, pooled(self.network, columns))
        held = hold_out(classes, self.validation, self.seed)
        used = np.setdiff1d(np.arange(len(classes)), held)
        data = Examples(rows, classes.astype(np.int64), used, held)
        with seeded(self.seed), threads_for(columns * self.batch_size):
            network = build(self.network, self._shape(columns, len(labels)))
            state = learn(complete(network, mean, scale), network, data, self._settings(), self._checkpoint(data))
        self.classes_, self.n_features_in_ = labels, columns
        self.mean_, self.scale_ = mean, scale
        self.weights_, self.history_ = dict(state.weights), state.history
        return self

    def fit_dataset(
        self, dataset: Dataset, features: Features, engine: Engine, folder: str | Path | None = None
    ) -> Self:
        """Learn from the labelled captures of a data set, each decoded once, without ever holding the table in memory.

        The rows go through a temporary file in `folder` (default: the system's), 4 bytes a feature.
        """
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            return self.fit(*spooled(dataset, features, engine, Path(temporary) / "rows.npy"))

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable label of each row."""
        probabilities = self.predict_proba(X)
        return np.asarray(self.classes_[np.argmax(probabilities, axis=1)])

    def predict_proba(self, X: Any) -> Floats:
        """Probabilities, (n, k)."""
        self._require_fit()
        rows = self._rows(X)
        if rows.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X has {rows.shape[1]} features, but TorchEstimator is expecting "
                f"{self.n_features_in_} features as input"
            )
        torch, device = require_torch(), device_of(self.device)
        model = self.module().to(device)
        with torch.no_grad():
            parts = [
                torch.softmax(model(tensor(rows, slice(i, i + CHUNK)).to(device)), dim=1).cpu().numpy()
                for i in range(0, rows.shape[0], CHUNK)
            ]
        return np.concatenate(parts)

    def log_proba(self, X: Any) -> Floats:
        """Log-probabilities, (n, k), kept finite."""
        return safe_log(self.predict_proba(X))

    def score(self, X: Any, y: Any) -> float:
        """Mean accuracy."""
        return float(np.mean(self.predict(X) == np.asarray(y)))

    def module(self) -> nn.Module:
        """The fitted network from raw rows (n, d) to logits (n, k), for evaluation, on the CPU."""
        self._require_fit()
        torch = require_torch()
        with seeded(self.seed):
            network = build(self.network, self._shape(self.n_features_in_, len(self.classes_)))
        network.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in self.weights_.items()})
        return complete(network, self.mean_, self.scale_).eval()

    def to_onnx(self) -> bytes:
        """The fitted network as an ONNX graph from raw rows (n, d) to probabilities (n, k)."""
        from .torch_export import exported

        return exported(self.module(), self.n_features_in_)

    def _rows(self, X: Any) -> Rows:
        """The table; one that is ready is not read here, as it may be larger than memory."""
        if isinstance(X, np.ndarray) and X.dtype == np.float32 and X.ndim == 2 and X.size:
            return X
        return checked_table(X, type(self).__name__, 1)

    def _shape(self, columns: int, labels: int) -> Shape:
        hidden = [self.hidden] if isinstance(self.hidden, int) else self.hidden
        return Shape(columns, labels, [int(size) for size in hidden], float(self.dropout))

    def _settings(self) -> Settings:
        return Settings(
            epochs=int(self.epochs),
            batch_size=int(self.batch_size),
            learning_rate=float(self.learning_rate),
            weight_decay=float(self.weight_decay),
            patience=int(self.patience),
            device=self.device,
            seed=int(self.seed),
            checkpoint_every=float(self.checkpoint_every),
        )

    def _require_sensible(self) -> None:
        wanted = {
            "epochs >= 1": self.epochs >= 1,
            "batch_size >= 1": self.batch_size >= 1,
            "patience >= 1": self.patience >= 1,
            "learning_rate > 0": self.learning_rate > 0,
            "0 <= validation < 1": 0 <= self.validation < 1,
            "0 <= dropout < 1": 0 <= self.dropout < 1,
        }
        wrong = [rule for rule, holds in wanted.items() if not holds]
        if wrong:
            raise TrainingError(f"A network needs {', '.join(wrong)}.")

    def _checkpoint(self, data: Examples) -> Checkpoint:
        """A file of its own for these parameters and this data."""
        if self.checkpoints is None:
            return Checkpoint()
        parameters = {name: value for name, value in self.get_params(deep=False).items() if name not in WHERE}
        digest = hashlib.sha256(json.dumps(parameters, sort_keys=True, default=_named).encode())
        digest.update(data.classes.tobytes())
        for start in range(0, data.rows.shape[0], CHUNK):
            digest.update(np.ascontiguousarray(data.rows[start : start + CHUNK]).tobytes())
        return Checkpoint(Path(self.checkpoints) / f"{digest.hexdigest()[:16]}.npz")

    def _require_fit(self) -> None:
        if not hasattr(self, "weights_"):
            from sklearn.exceptions import NotFittedError

            raise NotFittedError("This TorchEstimator instance is not fitted yet. Call 'fit' first.")

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "weights_")

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags, InputTags, Tags, TargetTags

        return Tags(
            estimator_type="classifier",
            target_tags=TargetTags(required=True),
            transformer_tags=None,
            regressor_tags=None,
            classifier_tags=ClassifierTags(),
            input_tags=InputTags(),
        )


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Torch's random numbers begin at the seed, and afterwards are where they were before."""
    torch = require_torch()
    devices = range(torch.cuda.device_count()) if torch.cuda.is_available() else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(int(seed))
        yield


def _named(value: Any) -> str:
    """What stands for a factory in a digest."""
    return f"{value.__module__}:{value.__qualname__}" if hasattr(value, "__qualname__") else str(value)
