"""A network as a pipeline: trained through the service, searched, kept as a bundle, served without PyTorch."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from multimodal.adapters.serialization import write_bundle
from multimodal.adapters.tuner import OptunaTuner
from multimodal.domain.shared.onnx import OnnxEstimator
from multimodal.domain.shared.recipe import Recipe
from tests import toy
from tests.service.test_training_service import House

VALUES = {
    **toy.LEARNED,
    "pipeline": "calm_torch",
    "estimator": {"torch": "mlp", "hidden": 8, "epochs": 60, "learning_rate": 0.05},
    "training": {
        "dataset": "toy",
        "trials": 2,
        "folds": 2,
        "hyperparameters": {"learning_rate": {"suggest": "float", "low": 0.01, "high": 0.1, "log": True}},
    },
}
SERVING = """
import sys
import numpy as np
from pathlib import Path
from multimodal.adapters.serialization import read_bundle
from multimodal.domain.shared.pipelines import InferencePipeline
from tests import toy
pipeline = InferencePipeline.from_bundle(read_bundle(Path(sys.argv[1])), toy.PROPERTY, toy.resolve)
for values in ([1, 1.1, 0.9] * 10, [-50, 60, 10] * 10):
    print(pipeline.predict([toy.decode(toy.capture("x", values).read())])[0].label)
assert "torch" not in sys.modules and "sklearn" not in sys.modules
"""


@pytest.fixture(params=["mlp", "tests.torch.nets:linear"])
def house(request) -> House:
    made = House()
    recipe = Recipe.from_dict({**VALUES, "estimator": {**VALUES["estimator"], "torch": request.param}})
    made.catalog = replace(made.catalog, recipes={**made.catalog.recipes, "calm_torch": recipe})
    made.trainer.catalog = made.data.catalog = made.catalog
    made.trainer.tuner = OptunaTuner()
    return made


def test_a_network_is_searched_trained_and_served_without_pytorch(house, tmp_path):
    house.trainer.checkpoints = tmp_path / "checkpoints"
    bundle = house.trainer.train("calm_torch").bundle
    assert bundle.metrics["test"]["roc_auc"][0] > 0.9
    assert 0.01 <= bundle.recipe.estimator.steps[0].parameters["learning_rate"] <= 0.1
    assert "checkpoints" not in bundle.recipe.estimator.steps[0].parameters
    folder = tmp_path / write_bundle(bundle, tmp_path)
    done = subprocess.run([sys.executable, "-c", SERVING, str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["calm", "wild"]


def test_the_same_training_twice_is_the_same_version(house, tmp_path):
    versions = {write_bundle(house.trainer.train("calm_torch", changes={"trials": 0}).bundle, tmp_path) for _ in "ab"}
    assert len(versions) == 1


def test_the_kept_graph_tells_apart_what_the_network_learned_to_tell_apart(house):
    rows = np.array([[0.1, 30.0], [40.0, 30.0]], np.float32)
    bundle = house.trainer.train("calm_torch", changes={"trials": 0}).bundle
    answers = OnnxEstimator(bundle.model, bundle.classes).predict_proba(rows)
    assert answers.argmax(axis=1).tolist() == [bundle.classes.index("calm"), bundle.classes.index("wild")]
