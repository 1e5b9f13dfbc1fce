"""Networks without PyTorch: their recipes are read and checked, and what is missing is said."""

import sys

import numpy as np
import pytest
from sklearn.base import clone

from multimodal.domain.shared.errors import ConfigError, MissingExtra
from multimodal.domain.shared.making import make_estimator, tuned
from multimodal.domain.shared.recipe import Recipe
from multimodal.domain.shared.torch_estimator import TorchEstimator
from multimodal.domain.shared.torch_networks import NETWORKS
from multimodal.domain.shared.torch_training import batches, hold_out, moments
from tests import toy

VALUES = {
    **toy.LEARNED,
    "pipeline": "calm_torch",
    "estimator": {"torch": "mlp", "hidden": [8]},
    "training": {"dataset": "toy"},
}
OWN = "tests.torch.nets:linear"


def recipe(**estimator) -> Recipe:
    return Recipe.from_dict({**VALUES, "estimator": {**VALUES["estimator"], **estimator}})


def test_a_network_without_pytorch_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtra, match="'torch'"):
        TorchEstimator().fit(np.zeros((4, 2), np.float32), ["a", "b", "a", "b"])


def test_a_recipe_of_a_network_survives_the_way_to_plain_values_and_back():
    assert recipe().learned
    assert recipe().to_dict()["estimator"] == {"torch": "mlp", "hidden": [8]}
    assert Recipe.from_dict(recipe().to_dict()) == recipe()
    assert recipe().used_names == {"tests.toy:SpreadExtractor"}
    assert OWN in recipe(torch=OWN).used_names


def test_values_of_a_search_reach_the_network_and_the_recipe():
    estimator = make_estimator(recipe(), {"learning_rate": 0.1}, toy.resolve)
    assert (estimator.network, estimator.hidden, estimator.learning_rate) == ("mlp", [8], 0.1)
    assert tuned(recipe(), {"learning_rate": 0.1}).estimator.steps[0].parameters == {
        "hidden": [8],
        "learning_rate": 0.1,
    }


def test_a_misspelt_parameter_names_the_nearest():
    with pytest.raises(ConfigError, match="Did you mean 'learning_rate'"):
        make_estimator(recipe(learning_rat=0.1), {}, toy.resolve)


def test_it_is_cloned_with_its_parameters():
    estimator = TorchEstimator("cnn", hidden=[4], seed=3)
    assert clone(estimator).get_params() == estimator.get_params()
    assert set(NETWORKS) == {"mlp", "cnn"}


def test_a_share_of_each_class_is_held_out_and_none_of_few_rows():
    classes = np.repeat([0, 1, 2], [100, 20, 1])
    held = hold_out(classes, 0.15, seed=0)
    assert np.bincount(classes[held], minlength=3).tolist() == [15, 3, 0]
    assert (held == hold_out(classes, 0.15, seed=0)).all()
    assert not len(hold_out(classes[:19], 0.15, seed=0))
    assert not len(hold_out(classes, 0.0, seed=0))


def test_batches_are_of_even_size_and_hold_each_row_once():
    parts = list(batches(np.random.default_rng(0).permutation(257), 128))
    assert sorted(map(len, parts)) == [85, 86, 86]
    assert sorted(np.concatenate(parts).tolist()) == list(range(257))


def test_moments_are_those_of_the_columns_and_one_where_nothing_varies():
    rows = np.random.default_rng(0).normal(1e4, 3, (20_000, 3)).astype(np.float32)
    rows[:, 2] = 7
    mean, scale = moments(rows)
    assert mean == pytest.approx(rows.astype(float).mean(axis=0))
    assert scale == pytest.approx([*rows[:, :2].astype(float).std(axis=0), 1.0])


def test_pixels_of_a_channel_share_their_moments():
    mean, scale = moments(np.array([[0.0, 2, 5, 5], [2, 4, 5, 7]]), pooled=2)
    assert mean.tolist() == [2, 2, 5.5, 5.5]
    assert scale == pytest.approx([2**0.5, 2**0.5, 0.75**0.5, 0.75**0.5])
