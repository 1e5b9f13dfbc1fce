"""Networks: they learn, stop early, survive an interruption, and their export answers alike without PyTorch."""

import pickle
import tempfile
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from multimodal.adapters.engine import ThreadEngine
from multimodal.domain.image.data import ImageDataset
from multimodal.domain.image.pixels import PixelExtractor
from multimodal.domain.shared import torch_training
from multimodal.domain.shared.errors import ConfigError, DataError, TrainingError, UnknownName
from multimodal.domain.shared.onnx import OnnxEstimator
from multimodal.domain.shared.onnx_export import to_onnx
from multimodal.domain.shared.pipelines import FeaturePipeline
from multimodal.domain.shared.torch_checkpoint import Checkpoint
from multimodal.domain.shared.torch_estimator import TorchEstimator
from tests.rules import scikit_learn_checks
from tests.torch import nets


def rings(n: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Inside or outside of a circle: nothing that a straight line could tell apart; columns of very different sizes."""
    X = np.random.default_rng(seed).normal(size=(n, 2))
    y = np.where((X**2).sum(axis=1) < 1.4, "inside", "outside")
    return (X * [1e-3, 1e4] + [5.0, -2e4]).astype(np.float32), y


def small(**parameters) -> TorchEstimator:
    return TorchEstimator(**{"hidden": [16], "epochs": 60, "learning_rate": 0.02, "batch_size": 64, **parameters})


def same(ours: TorchEstimator, theirs: TorchEstimator) -> bool:
    return all((ours.weights_[name] == value).all() for name, value in theirs.weights_.items())


class Interrupted(Exception):
    """What ends a training in the middle."""


@pytest.fixture
def interrupt_after(monkeypatch):
    """Let a training end after so many epochs, as a signal would."""

    def arm(epochs: int) -> None:
        keep = torch_training.after

        def stop(state, *rest):
            if state.epoch == epochs:
                raise Interrupted
            return keep(state, *rest)

        monkeypatch.setattr(torch_training, "after", stop)

    return arm


@scikit_learn_checks(TorchEstimator(hidden=[16], epochs=60, learning_rate=0.02, batch_size=32))
def test_a_network_passes_each_check_of_scikit_learn(estimator, check):
    check(estimator)


def test_a_network_learns_what_no_line_can_separate():
    X, y = rings()
    assert small().fit(X, y).score(*rings(seed=1)) > 0.93
    assert small(network=nets.linear).fit(X, y).score(*rings(seed=1)) < 0.7


def test_the_same_seed_gives_the_same_network_and_another_seed_another():
    X, y = rings(100)
    first, second, other = (small(seed=seed, epochs=3, dropout=0.2).fit(X, y) for seed in (0, 0, 1))
    assert same(first, second)
    assert not same(first, other)


def test_training_leaves_the_random_numbers_and_threads_of_others_alone():
    torch.manual_seed(5)
    expected, threads = torch.rand(3).tolist(), torch.get_num_threads()
    torch.manual_seed(5)
    small(epochs=1).fit(*rings(50)).predict(rings(5)[0])
    assert (torch.rand(3).tolist(), torch.get_num_threads()) == (expected, threads)


def test_it_ends_when_nothing_gets_better_and_keeps_the_best():
    X = np.random.default_rng(0).normal(size=(200, 5)).astype(np.float32)
    y = np.random.default_rng(1).permutation(np.repeat(["a", "b"], 100))
    estimator = small(patience=3, epochs=500).fit(X, y)
    held = [loss for _, loss in estimator.history_]
    assert len(held) < 100
    assert int(np.argmin(held)) == len(held) - 4


@pytest.mark.parametrize("network", ["mlp", nets.linear], ids=["mlp", "own"])
def test_the_export_answers_alike_for_any_number_of_rows(network):
    X, y = rings()
    estimator = small(network=network, epochs=20).fit(X, y)
    exported = OnnxEstimator(to_onnx(estimator, X), estimator.classes_, columns=2)
    for n in (1, 3, 400):
        assert exported.predict_proba(X[:n]) == pytest.approx(estimator.predict_proba(X[:n]), abs=1e-5)


def test_the_export_is_the_same_each_time_and_names_no_place_of_this_machine():
    X, y = rings(60)
    model = small(epochs=2).fit(X, y).to_onnx()
    assert model == small(epochs=2).fit(X, y).to_onnx()
    assert not any(place in model for place in (b"/", b"site-packages", str(Path.home()).encode()))


def test_a_network_that_has_no_export_says_why():
    X, y = rings(60)
    estimator = small(network=nets.FixedRows, epochs=1).fit(X, y)
    with pytest.raises(TrainingError, match="cannot be exported"):
        estimator.to_onnx()


def pictures(n: int = 80, side: int = 12) -> tuple[list[np.ndarray], list[str]]:
    """A bright spot anywhere in the noise, or none: a matter of place that a mean does not tell."""
    rng = np.random.default_rng(0)
    images, labels = [], []
    for number in range(n):
        image = rng.integers(0, 120, (side, side, 3)).astype(np.uint8)
        if number % 2:
            row, column = rng.integers(0, side - 4, 2)
            image[row : row + 4, column : column + 4] = 255
        images.append(image)
        labels.append("spot" if number % 2 else "none")
    return images, labels


FEATURES = FeaturePipeline([PixelExtractor(side=12)])


def test_a_cnn_learns_from_a_data_set_of_pictures_and_is_exported(tmp_path):
    dataset = ImageDataset.from_arrays(*pictures())
    estimator = TorchEstimator("cnn", hidden=[8, 16], epochs=60, learning_rate=0.01, batch_size=16)
    estimator.fit_dataset(dataset, FEATURES, ThreadEngine(2), folder=tmp_path)
    assert not any(tmp_path.iterdir())
    X = FEATURES.transform([sample for sample, _ in dataset])
    assert estimator.score(X, dataset.labels) > 0.95
    exported = OnnxEstimator(to_onnx(estimator, X), estimator.classes_)
    assert exported.predict_proba(X) == pytest.approx(estimator.predict_proba(X), abs=1e-5)


def test_a_data_set_a_table_and_a_file_on_disk_give_the_same_network(tmp_path):
    images, labels = pictures(40)
    dataset = ImageDataset.from_arrays(images, labels)
    X = FEATURES.transform([sample for sample, _ in dataset])
    np.save(tmp_path / "rows.npy", X)
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    networks = [
        small(epochs=2).fit(X, labels),
        small(epochs=2).fit(mapped, labels),
        small(epochs=2).fit_dataset(dataset, FEATURES, ThreadEngine(2)),
    ]
    assert all(same(networks[0], other) for other in networks[1:])


def test_broken_and_unlabelled_captures_are_left_out(caplog):
    images, labels = pictures(24)
    dataset = ImageDataset.from_arrays([*images, images[0]], [*labels, None])
    broken = type(dataset.captures[0])("broken", b"no picture", label="spot")
    whole = ImageDataset([*dataset.captures, broken])
    ours = small(epochs=2).fit_dataset(whole, FEATURES, ThreadEngine(2))
    assert same(ours, small(epochs=2).fit_dataset(dataset[:24], FEATURES, ThreadEngine(2)))
    assert "broken is left out" in caplog.text


@pytest.mark.parametrize("labels", [[None, None], ["a", "b"]], ids=["no labels", "nothing readable"])
def test_a_data_set_without_anything_to_learn_from_is_refused(labels):
    dataset = ImageDataset.from_arrays(pictures(2)[0], labels)
    captures = [type(c)(c.name, b"no picture", label=c.label) for c in dataset.captures]
    with pytest.raises(DataError, match="label"):
        small().fit_dataset(ImageDataset(captures), FEATURES, ThreadEngine(2))


def test_an_interrupted_training_goes_on_as_if_nothing_had_happened(tmp_path, interrupt_after, monkeypatch):
    X, y = rings(120)
    expected = small(epochs=8, dropout=0.1).fit(X, y)
    resumable = small(epochs=8, dropout=0.1, checkpoints=tmp_path, checkpoint_every=0)
    with monkeypatch.context():
        interrupt_after(5)
        with pytest.raises(Interrupted):
            resumable.fit(X, y)
    monkeypatch.undo()
    (file,) = tmp_path.iterdir()
    assert file.read_bytes()[:2] == b"PK"
    with np.load(file, allow_pickle=False) as arrays:
        assert int(arrays["numbers"][0]) == 5
    resumable.fit(X, y)
    assert same(resumable, expected)
    assert resumable.history_ == expected.history_
    assert not any(tmp_path.iterdir())


def test_other_data_or_parameters_do_not_go_on_from_a_checkpoint(tmp_path, interrupt_after, monkeypatch):
    X, y = rings(60)
    interrupt_after(2)
    for estimator, rows in ((small(), X), (small(seed=1), X), (small(), X + 1)):
        with pytest.raises(Interrupted):
            estimator.set_params(checkpoints=tmp_path, checkpoint_every=0).fit(rows, y)
    assert len([*tmp_path.iterdir()]) == 3


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: b"", id="empty"),
        pytest.param(lambda data: data[:200], id="cut off"),
        pytest.param(lambda data: data[:-40], id="without its end"),
        pytest.param(pickle.dumps, id="a pickle"),
    ],
)
def test_a_damaged_checkpoint_is_ignored(tmp_path, interrupt_after, monkeypatch, damage):
    X, y = rings(60)
    estimator = small(epochs=3, checkpoints=tmp_path, checkpoint_every=0)
    interrupt_after(2)
    with pytest.raises(Interrupted):
        estimator.fit(X, y)
    monkeypatch.undo()
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage(file.read_bytes()))
    assert same(estimator.fit(X, y), small(epochs=3).fit(X, y))


def test_a_checkpoint_of_another_network_changes_nothing(tmp_path):
    networks = [torch.nn.Linear(2, 2), torch.nn.Linear(3, 2)]
    optimizers = [torch.optim.AdamW(network.parameters()) for network in networks]
    checkpoint = Checkpoint(tmp_path / "x.npz")
    checkpoint.write(networks[0], optimizers[0], torch_training.State(epoch=4))
    before = networks[1].weight.tolist()
    assert checkpoint.resume(networks[1], optimizers[1]) is None
    assert networks[1].weight.tolist() == before


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        pytest.param({"network": "mpl"}, UnknownName, "Did you mean 'mlp'", id="unknown network"),
        pytest.param({"network": nets.nothing}, ConfigError, "gives an nn.Module", id="no network"),
        pytest.param({"network": "cnn"}, ConfigError, "square pictures", id="no pictures"),
        pytest.param({"device": "cpuu"}, UnknownName, "Did you mean 'cpu'", id="unknown device"),
        pytest.param({"epochs": 0, "dropout": 1.0}, TrainingError, "epochs >= 1, 0 <= dropout < 1", id="nonsense"),
        pytest.param({"learning_rate": 1e30}, TrainingError, "Lower `learning_rate`", id="diverged"),
    ],
)
def test_what_cannot_work_is_said(parameters, error, message):
    with pytest.raises(error, match=message):
        small(**parameters).fit(*rings(60))


def test_a_gpu_is_used_where_there_is_one_and_asked_for_in_vain_where_not():
    if torch.cuda.is_available():
        assert small(device="cuda").fit(*rings()).score(*rings(seed=1)) > 0.9
    else:
        with pytest.raises(TrainingError, match="no CUDA device"):
            small(device="cuda").fit(*rings(60))
        assert torch_training.device_of("auto") == torch.device("cpu")


def test_what_is_not_fitted_cannot_predict_and_a_clone_is_not_fitted():
    X, y = rings(60)
    for estimator in (small(), clone(small(epochs=1).fit(X, y))):
        with pytest.raises(NotFittedError):
            estimator.predict(X)


def test_a_fitted_network_holds_plain_arrays_only():
    X, y = rings(60)
    estimator = small(epochs=1).fit(X, y)
    assert {type(value) for value in estimator.weights_.values()} == {np.ndarray}
    with tempfile.TemporaryFile() as file:
        np.savez(file, **estimator.weights_)
