"""Pipelines: from a recipe and a data set to predictions, the same after a round trip through a folder."""

from dataclasses import replace

import numpy as np
import pytest

from multimodal.adapters.engine import ThreadEngine
from multimodal.adapters.serialization import read_bundle, write_bundle
from multimodal.adapters.tuner import OptunaTuner
from multimodal.domain.shared.calibration import Calibration, Thresholds
from multimodal.domain.shared.decision import Decision
from multimodal.domain.shared.errors import ArtifactError, ConfigError, DataError
from multimodal.domain.shared.estimators import RuleBasedEstimator
from multimodal.domain.shared.extraction import Column, measure
from multimodal.domain.shared.pipelines import FeaturePipeline, InferencePipeline, TrainingPipeline
from multimodal.domain.shared.ports import silent
from multimodal.domain.shared.provenance import Source
from multimodal.domain.shared.recipe import Recipe
from multimodal.domain.shared.training import Known
from tests import toy
from tests.fakes import MemoryFeatureStore

CALM, WILD, LONELY = toy.capture("calm", [1, 1.1, 0.9]), toy.capture("wild", [-50, 60, 10]), toy.capture("one", [7])


SOURCE = Source("toy", "toy", "abc")


def samples(*captures):
    return [toy.decode(c.read(), c.name) for c in captures]


def training(recipe: dict) -> TrainingPipeline:
    return TrainingPipeline(Recipe.from_dict(recipe), toy.PROPERTY, toy.resolve, OptunaTuner())


def extracted(pipeline, data, progress=silent):
    columns = {"x": Column.of_features("key", pipeline.features)}
    measured = measure(data, columns, ThreadEngine(2), MemoryFeatureStore(), progress)
    return measured.table("x", pipeline.features, pipeline.recipe.target)


@pytest.fixture(scope="module", params=["rule", "learned", "kinds"])
def trained(request):
    """A trained pipeline of each sort, with all that it was made from."""
    recipe = {"rule": toy.RULE, "learned": toy.LEARNED, "kinds": toy.LEARNED | {"target": "kind"}}[request.param]
    pipeline, data = training(recipe), toy.dataset()
    table = extracted(pipeline, data)
    return pipeline, pipeline.fit(table), table


def test_a_rule_answers_without_any_training():
    pipeline = InferencePipeline.from_recipe(Recipe.from_dict(toy.RULE), toy.PROPERTY, toy.resolve)
    calm, wild = pipeline.predict(samples(CALM, WILD))
    assert (calm.label, calm.accepted, wild.label, wild.accepted) == ("calm", True, "wild", False)
    assert calm.value == pytest.approx(0.0816, abs=1e-3)
    assert calm.score > 0.99 > 0.01 > wild.score


def test_a_measure_out_of_range_means_cannot_tell_and_says_why():
    pipeline = InferencePipeline.from_recipe(Recipe.from_dict(toy.RULE), toy.PROPERTY, toy.resolve)
    (answer,) = pipeline.predict(samples(LONELY))
    assert (answer.label, answer.accepted, answer.reason) == ("cannot_tell", None, "one number has no spread")


def test_no_samples_give_no_predictions():
    pipeline = InferencePipeline.from_recipe(Recipe.from_dict(toy.RULE), toy.PROPERTY, toy.resolve)
    assert pipeline.predict([]) == []


def test_a_learned_pipeline_without_a_trained_version_says_how_to_train_it():
    with pytest.raises(ArtifactError, match="multimodal train calm_learned"):
        InferencePipeline.from_recipe(Recipe.from_dict(toy.LEARNED), toy.PROPERTY, toy.resolve)


def test_a_batch_answers_like_its_samples_one_by_one(trained):
    pipeline = trained[0].inference(trained[1])
    batch = samples(CALM, WILD, LONELY)
    assert pipeline.predict(batch) == [pipeline.predict([sample])[0] for sample in batch]


def test_training_finds_what_separates_the_labels(trained):
    figures = trained[1].metrics["test"]
    assert figures["roc_auc"].value > 0.95
    assert figures["balanced_accuracy"].low <= figures["balanced_accuracy"].value <= figures["balanced_accuracy"].high


def test_no_group_is_in_two_parts(trained):
    _, result, table = trained
    parts = [set(table.groups[rows]) for rows in result.splits.values()]
    assert sum(map(len, parts)) == len(set().union(*parts))


def test_a_trained_pipeline_answers_the_same_from_its_folder(trained, tmp_path):
    pipeline, result, table = trained
    version = write_bundle(pipeline.bundle(result, table, SOURCE), tmp_path)
    loaded = InferencePipeline.from_bundle(read_bundle(tmp_path / version), toy.PROPERTY, toy.resolve)
    for ours, theirs in zip(
        pipeline.inference(result).predict_features(table.features),
        loaded.predict_features(table.features),
        strict=True,
    ):
        assert ours.score == pytest.approx(theirs.score, abs=1e-4)
        assert ours.details.get("kind") == theirs.details.get("kind")


def test_a_pipeline_that_learned_kinds_names_the_kind_of_the_fault():
    pipeline, data = training(toy.LEARNED | {"target": "kind"}), toy.dataset()
    answers = pipeline.inference(pipeline.fit(extracted(pipeline, data)))
    shaky, explosive = answers.predict(samples(toy.capture("a", [4, -4, 5]), toy.capture("b", [90, -90, 80])))
    assert (shaky.label, shaky.details["kind"]) == ("wild", "shaky")
    assert (explosive.label, explosive.details["kind"]) == ("wild", "explosive")


def test_the_same_training_twice_is_the_same_model(tmp_path):
    versions = set()
    for _ in range(2):
        pipeline, data = training(toy.RULE), toy.dataset()
        table = extracted(pipeline, data)
        versions.add(write_bundle(pipeline.bundle(pipeline.fit(table), table, SOURCE), tmp_path))
    assert len(versions) == 1


def test_training_without_one_of_the_labels_says_which_are_needed():
    pipeline, data = training(toy.LEARNED), toy.dataset()
    calm = data.subset([i for i, label in enumerate(data.labels) if label == "calm"])
    with pytest.raises(DataError, match="wild, calm"):
        pipeline.fit(extracted(pipeline, calm))


def test_captures_that_nobody_can_judge_are_left_out_of_the_training():
    pipeline, data = training(toy.RULE), toy.dataset()
    odd = [replace(c, label="cannot_tell") for c in data.captures[:16]]
    table = extracted(pipeline, type(data)([*odd, *data.captures[16:]], data.decode))
    assert sum(len(rows) for rows in pipeline.fit(table).splits.values()) == len(data) - 16


def test_progress_counts_features_and_trials():
    seen = []
    pipeline, data = training(toy.RULE), toy.dataset(groups=12)
    table = extracted(pipeline, data, lambda *step: seen.append(step))
    pipeline.fit(table, lambda *step: seen.append(step))
    assert ("features", len(data), len(data)) in seen
    assert seen[-1][0].startswith("trials")
    assert seen[-1][1:] == (12, 12)


def test_a_pipeline_without_features_is_refused():
    with pytest.raises(ConfigError, match="extracts features"):
        FeaturePipeline([])


def test_features_of_another_version_are_refused(tmp_path):
    pipeline, data = training(toy.RULE), toy.dataset()
    table = extracted(pipeline, data)
    bundle = pipeline.bundle(pipeline.fit(table), table, SOURCE)
    foreign = replace(bundle, data={**bundle.data, "features": ["something", "else"]})
    with pytest.raises(ArtifactError, match="other features"):
        InferencePipeline.from_bundle(foreign, toy.PROPERTY, toy.resolve)


def test_probabilities_are_calibrated_on_unseen_groups(trained):
    pipeline = trained[0].inference(trained[1])
    unseen = toy.dataset(groups=60, seed=7)
    scores = np.array([p.score for p in pipeline.predict([sample for sample, _ in unseen])])
    calm = np.array([label == "calm" for label in unseen.labels])
    assert abs(scores.mean() - calm.mean()) < 0.05


@pytest.mark.parametrize(("threshold", "taken_over"), [(1.2, True), (1e-6, False)])
def test_a_known_estimator_is_taken_over_where_it_does_better(threshold, taken_over):
    timid = {"classifier": {"C": 1e-9}}
    pipeline = training(toy.LEARNED | {"training": {"dataset": "toy", "metric": "log_loss", "hyperparameters": timid}})
    table = extracted(pipeline, toy.dataset(groups=120, each=4))
    known = Known(RuleBasedEstimator(toy.CalmRule(threshold)), Decision.plain(toy.PROPERTY))
    trained = pipeline.trainer().fit(pipeline.make, pipeline.usable(table), known)
    assert trained.taken_over == taken_over
    assert (trained.estimator is known.estimator) == taken_over


def test_few_groups_change_little_of_how_a_known_estimator_is_read():
    pipeline = training(toy.LEARNED)
    read = Decision(toy.PROPERTY, Calibration(1.0, (0.5, -0.5)), Thresholds(0.4, 0.6))
    known = Known(RuleBasedEstimator(toy.CalmRule(1.2)), read)
    trained = pipeline.trainer().fit(pipeline.make, pipeline.usable(extracted(pipeline, toy.dataset(groups=8))), known)
    assert trained.taken_over
    assert trained.decision.calibration.scale == pytest.approx(1.0, abs=0.6)
    assert trained.decision.thresholds.accept == pytest.approx(0.6, abs=0.15)


def test_what_was_taken_over_is_told_and_counts_as_seen(trained):
    pipeline, result, table = trained
    source = replace(SOURCE, taken_over="calm_rule@c0ffee", seen=frozenset({"abcdefabcdef"}))
    bundle = pipeline.bundle(result, table, source)
    assert "- estimator of calm_rule@c0ffee, taken over" in bundle.card
    assert "abcdefabcdef" in bundle.data["seen"]
