"""An ONNX file as a pipeline: it answers at once, a training calibrates it, and the bundle carries its bytes."""

from dataclasses import replace

import numpy as np
import pytest

from multimodal.adapters.serialization import read_bundle, write_bundle
from multimodal.domain.shared.errors import ArtifactError, ConfigError, UnknownName
from multimodal.domain.shared.modality import Limits
from multimodal.domain.shared.pipelines import InferencePipeline
from multimodal.domain.shared.recipe import Recipe
from multimodal.service.quality_assessment_service import QualityAssessmentService
from tests import onnx_graphs as graphs
from tests import toy
from tests.service.test_training_service import House

MODEL = graphs.graph(
    [
        graphs.h.make_node("MatMul", ["x", "w"], ["xw"]),
        graphs.h.make_node("Add", ["xw", "b"], ["y"]),
    ],
    initializers=[graphs.tensor("w", [[1.0, 0.0], [0.0, 0.0]]), graphs.tensor("b", [0.0, 9.0])],
)
VALUES = {
    "pipeline": "calm_onnx",
    "property": "numbers/calmness",
    "transformers": [{"use": "tests.toy:SpreadExtractor"}],
    "estimator": {"onnx": "calm.onnx", "labels": ["wild", "calm"], "output": "logits"},
    "training": {"dataset": "toy"},
}
CALM, WILD = toy.capture("calm", [1, 1.1, 0.9]), toy.capture("wild", [-50, 60, 10])


def recipe(model: bytes = MODEL, **estimator) -> Recipe:
    made = Recipe.from_dict({**VALUES, "estimator": {**VALUES["estimator"], **estimator}})
    return replace(made, estimator=replace(made.estimator, read=lambda: model))


@pytest.fixture
def house() -> House:
    made = House()
    made.catalog = replace(made.catalog, recipes={**made.catalog.recipes, "calm_onnx": recipe()})
    made.trainer.catalog = made.data.catalog = made.catalog
    return made


def assessor(house: House) -> QualityAssessmentService:
    return QualityAssessmentService(house.catalog, house.models, house.engine, Limits())


def test_it_answers_at_once_like_a_rule(house):
    service = assessor(house)
    answers = [service.assess(capture, pipelines=["calm_onnx"]).predictions[0] for capture in (CALM, WILD)]
    assert [answer.label for answer in answers] == ["calm", "wild"]
    assert answers[0].score == pytest.approx(1 / (1 + np.exp(0.0816 - 9)), abs=1e-4)
    (info,) = [info for info in service.pipelines() if info.name == "calm_onnx"]
    assert (info.kind, info.status, info.model) == ("learned", "ready", "calm_onnx@rule")


def test_a_training_calibrates_it_and_keeps_its_bytes(house, tmp_path):
    bundle = house.trainer.train("calm_onnx").bundle
    assert bundle.model == MODEL
    assert bundle.calibration.scale != 1
    assert bundle.metrics["test"]["roc_auc"][0] > 0.9
    loaded = read_bundle(tmp_path / write_bundle(bundle, tmp_path))
    pipeline = InferencePipeline.from_bundle(loaded, toy.PROPERTY, house.catalog.resolve)
    samples = [toy.decode(c.read(), c.name) for c in (CALM, WILD)]
    assert [answer.label for answer in pipeline.predict(samples)] == ["calm", "wild"]


def test_a_calibrated_version_serves_without_the_file(house):
    house.models.promote(house.trainer.train("calm_onnx").bundle.ref)
    house.catalog.recipes["calm_onnx"] = Recipe.from_dict(VALUES)
    assert assessor(house).assess(CALM, pipelines=["calm_onnx"]).predictions[0].label == "calm"


def test_it_has_nothing_to_tune(house):
    with pytest.raises(ConfigError, match="nothing to tune; take threshold out"):
        house.trainer.train("calm_onnx", changes={"hyperparameters": {"threshold": 3.0}})


@pytest.mark.parametrize(
    ("model", "estimator", "message"),
    [
        pytest.param(b"no model", {}, "calm_onnx: The ONNX model cannot be loaded", id="damaged"),
        pytest.param(graphs.graph([], given=("n", 7)), {}, "cannot be loaded|wants 7", id="features"),
        pytest.param(MODEL, {"output": "probabilities"}, "output: logits", id="output"),
        pytest.param(MODEL, {"labels": ["calm"]}, "two or more different labels", id="one label"),
        pytest.param(MODEL, {"labels": "calm"}, "two or more different labels", id="no list"),
        pytest.param(MODEL, {"labels": ["wild", "calm", "shaky"]}, "one column a label", id="too many labels"),
        pytest.param(MODEL, {"labels": ["wild", "clam"]}, "Did you mean 'calm'", id="a label of another property"),
        pytest.param(MODEL, {"output": "logit"}, "Did you mean 'logits'", id="unknown output"),
    ],
)
def test_what_does_not_fit_is_a_mistake_of_the_configuration_when_it_is_loaded(model, estimator, message):
    with pytest.raises(ConfigError, match=message):
        InferencePipeline.from_recipe(recipe(model, **estimator), toy.PROPERTY, toy.resolve)


def test_a_recipe_from_elsewhere_than_a_folder_has_no_file():
    with pytest.raises(ConfigError, match="only from the YAML"):
        InferencePipeline.from_recipe(Recipe.from_dict(VALUES), toy.PROPERTY, toy.resolve)


def test_the_file_is_no_name_that_is_resolved():
    assert recipe().used_names == {"tests.toy:SpreadExtractor"}
    assert not recipe().learned


def test_a_misspelt_key_is_named():
    with pytest.raises(UnknownName, match="Did you mean 'labels'"):
        recipe(lables=["a"])


def test_a_bundle_that_lost_its_graph_is_refused(tmp_path, house):
    bundle = house.trainer.train("calm_onnx").bundle
    folder = tmp_path / write_bundle(replace(bundle, model=b""), tmp_path)
    with pytest.raises(ArtifactError, match="everything else has one"):
        read_bundle(folder)
