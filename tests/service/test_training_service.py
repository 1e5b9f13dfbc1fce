"""Training as the entrypoints use it."""

import pytest

from multimodal.domain.shared.errors import ConfigError, UnknownName
from tests.house import House


@pytest.fixture
def house() -> House:
    return House()


@pytest.mark.parametrize("pipeline", ["calm_rule", "calm_learned"])
def test_rules_and_learned_pipelines_are_trained_alike_and_serve(house, pipeline):
    bundle = house.trainer.train(pipeline).bundle
    assert house.models.challenger(pipeline) == bundle.ref
    house.models.promote(bundle.ref)
    assert house.tracker.runs[0].bundle.recipe.name == pipeline
    assert bundle.metrics["test"]["roc_auc"][0] > 0.9
    assert house.evaluator.evaluate(pipeline, dataset="fresh").metrics["balanced_accuracy"].value > 0.85


def test_a_search_moves_a_rule_to_where_it_separates_best(house):
    bundle = house.trainer.train("calm_rule").bundle
    assert 0.5 < bundle.recipe.estimator.steps[0].parameters["threshold"] < 30


def test_a_new_version_is_a_challenger_and_does_not_serve(house):
    house.trainer.train("calm_rule")
    assert house.models.champion("calm_rule") is None
    assert len(house.models.versions("calm_rule")) == 1


def test_arguments_are_changed_for_one_training(house):
    house.trainer.train("calm_rule", dataset="fresh", changes={"trials": 2})
    (run,) = house.tracker.runs
    assert (run.bundle.data["digest"], len(run.search.trials)) == (house.datasets.load("fresh").digest, 2)


@pytest.mark.parametrize("changes", [{"trails": 2}, {"folds": 1}])
def test_a_wrong_argument_is_named(house, changes):
    with pytest.raises(ConfigError):
        house.trainer.train("calm_rule", changes=changes)


def test_an_unknown_data_set_or_pipeline_is_named(house):
    with pytest.raises(UnknownName, match="Did you mean 'toy'"):
        house.trainer.train("calm_rule", dataset="toi")
    with pytest.raises(UnknownName):
        house.trainer.train("calm")


def test_the_card_says_what_the_model_is_and_reached(house):
    bundle = house.trainer.train("calm_rule").bundle
    assert "# calm_rule" in bundle.card
    assert "| test |" in bundle.card
