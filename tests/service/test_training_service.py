"""Training and evaluation as the entrypoints use them."""

import pytest

from multimodal.domain.shared.errors import ArtifactError, ConfigError, DataError, UnknownName
from multimodal.domain.shared.modality import Limits
from multimodal.domain.shared.recipe import Recipe
from multimodal.service.catalog import Catalog
from multimodal.service.dataset_service import DatasetService
from multimodal.service.evaluation_service import EvaluationService
from multimodal.service.quality_assessment_service import QualityAssessmentService
from multimodal.service.training_service import TrainingService
from tests import toy
from tests.fakes import (
    GridTuner,
    InlineEngine,
    InlineRenderer,
    MemoryDatasetSource,
    MemoryFeatureStore,
    MemoryModelStore,
    MemoryTracker,
)


class House:
    """All that training needs, in memory."""

    def __init__(self) -> None:
        recipes = [Recipe.from_dict(values) for values in (toy.RULE, toy.LEARNED)]
        self.catalog = Catalog(
            {"numbers": toy.MODALITY}, {"numbers/calmness": toy.PROPERTY}, {r.name: r for r in recipes}
        )
        self.models, self.tracker, self.engine = MemoryModelStore(), MemoryTracker(), InlineEngine()
        self.datasets = MemoryDatasetSource(toy=toy.dataset(), fresh=toy.dataset(seed=9))
        self.data = DatasetService(
            self.catalog, self.datasets, MemoryFeatureStore(), InlineRenderer(), self.engine, Limits()
        )
        self.trainer = TrainingService(self.catalog, self.data, GridTuner(), self.models, self.tracker)

    def evaluator(self) -> EvaluationService:
        assessor = QualityAssessmentService(self.catalog, self.models, self.engine, Limits())
        return EvaluationService(assessor, self.datasets, self.engine)


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
    assert house.evaluator().evaluate(pipeline, dataset="fresh").metrics["balanced_accuracy"].value > 0.85


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


def test_an_evaluation_counts_answers_and_knows_its_intervals(house):
    house.models.promote(house.trainer.train("calm_learned").bundle.ref)
    evaluation = house.evaluator().evaluate("calm_learned", dataset="fresh")
    assert sum(sum(row.values()) for row in evaluation.confusion.values()) == evaluation.rows == 192
    assert evaluation.groups == 24
    assert evaluation.metrics["roc_auc"].low <= evaluation.metrics["roc_auc"].value


def test_an_untrained_pipeline_cannot_be_evaluated(house):
    with pytest.raises(ArtifactError, match="multimodal train calm_learned"):
        house.evaluator().evaluate("calm_learned", dataset="fresh")


def test_labels_that_the_property_does_not_know_are_a_clear_error(house):
    house.datasets.kept["odd"] = toy.dataset().relabel({"calm": "quiet"})
    with pytest.raises(DataError, match="data_label_mapping"):
        house.evaluator().evaluate("calm_rule", dataset="odd")
