"""Training arguments: fixed values and search spaces, nested or flat, from dicts and YAML."""

import pytest
import yaml

from multimodal.domain.shared.arguments import Suggestion, TrainingArguments
from multimodal.domain.shared.errors import ConfigError, UnknownName

NESTED = """
metric: f1
trials: 5
hyperparameters:
  scaler: {with_mean: false}
  classifier:
    C: {suggest: float, low: 0.01, high: 10.0, log: true}
    max_iter: {suggest: int, low: 50, high: 500, step: 50}
    solver: {suggest: categorical, choices: [lbfgs, saga]}
"""


def test_fixed_values_and_spaces_are_told_apart():
    arguments = TrainingArguments.from_dict(yaml.safe_load(NESTED))
    assert arguments.fixed == {"scaler__with_mean": False}
    assert arguments.space == {
        "classifier__C": Suggestion("float", low=0.01, high=10.0, log=True),
        "classifier__max_iter": Suggestion("int", low=50, high=500, step=50),
        "classifier__solver": Suggestion("categorical", choices=("lbfgs", "saga")),
    }


def test_nested_and_flat_values_mean_the_same():
    flat = {"classifier__C": {"suggest": "float", "low": 0.01, "high": 10.0, "log": True}}
    nested = {"classifier": {"C": {"suggest": "float", "low": 0.01, "high": 10.0, "log": True}}}
    assert TrainingArguments(hyperparameters=flat) == TrainingArguments(hyperparameters=nested)


def test_arguments_survive_the_way_to_plain_values_and_back():
    arguments = TrainingArguments.from_dict(yaml.safe_load(NESTED))
    assert TrainingArguments.from_dict(yaml.safe_load(yaml.safe_dump(arguments.to_dict()))) == arguments


@pytest.mark.parametrize(
    ("space", "message"),
    [
        pytest.param({"suggest": "flaot", "low": 0, "high": 1}, "Did you mean 'float'", id="misspelt kind"),
        pytest.param({"suggest": "float", "low": 2, "high": 1}, "low <= high", id="upside down"),
        pytest.param({"suggest": "float", "low": 0, "high": 1, "log": True}, "low > 0", id="logarithm of zero"),
        pytest.param({"suggest": "categorical"}, "needs choices", id="no choices"),
        pytest.param({"suggest": "int", "low": 1, "hihg": 3}, "Did you mean 'high'", id="misspelt key"),
    ],
)
def test_a_mistake_in_a_space_is_named_at_once(space, message):
    with pytest.raises((ConfigError, UnknownName), match=message):
        TrainingArguments(hyperparameters={"x": space})


@pytest.mark.parametrize("wrong", [{"folds": 1}, {"trials": -1}, {"test": 0.9, "validation": 0.2}, {"test": 0}])
def test_arguments_that_leave_nothing_to_train_on_are_refused(wrong):
    with pytest.raises(ConfigError):
        TrainingArguments(**wrong)
