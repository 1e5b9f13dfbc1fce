"""Blur: the plain functions, the rule, the extractors, and the pipelines that are made of them."""

import subprocess
import sys

import cv2
import numpy as np
import pytest
from skimage import data

from multimodal.bootstrap import bootstrap, read_recipes
from multimodal.domain.image.blur import (
    LABELS,
    PROPERTY,
    GradientExtractor,
    LaplacianBlurModel,
    LaplacianExtractor,
    SharpnessExtractor,
    create_blur_estimator,
    create_blur_inference_pipeline,
    create_blur_training_pipeline,
    extract_gradients_from_image,
    extract_laplacian_from_image,
    laplacian_variance,
    main,
    report,
)
from multimodal.domain.image.degradations import defocus_blur
from multimodal.domain.image.image_utils import save_image
from multimodal.domain.image.sample import sample_from_pixels
from multimodal.domain.shared.errors import ArtifactError
from multimodal.domain.shared.estimators import RuleBasedEstimator, SklearnPipeEstimator
from tests.rules import scikit_learn_checks

RAMP = np.tile(np.arange(0, 200, 4, dtype=np.uint8), (20, 1))
RECIPES = {recipe.name: recipe for recipe in read_recipes()}


def test_the_gradient_of_a_ramp_is_its_slope():
    across, down = extract_gradients_from_image(RAMP)
    assert across.dtype == np.int16
    assert (across[:, 1:-1] == 8 * 4).all()
    assert (down == 0).all()


def test_gradients_turn_with_the_picture():
    across, down = extract_gradients_from_image(np.ascontiguousarray(RAMP.T))
    assert (across == 0).all()
    assert (down[1:-1] == 8 * 4).all()


def test_the_laplacian_of_a_ramp_is_zero_and_of_a_point_is_its_cross():
    assert (extract_laplacian_from_image(RAMP)[:, 1:-1] == 0).all()
    point = np.zeros((5, 5), np.uint8)
    point[2, 2] = 10
    assert extract_laplacian_from_image(point)[1:4, 1:4].tolist() == [[0, 10, 0], [10, -40, 10], [0, 10, 0]]


def test_colour_is_measured_by_its_luma():
    colour = cv2.cvtColor(RAMP, cv2.COLOR_GRAY2RGB)
    assert np.array_equal(extract_laplacian_from_image(colour), extract_laplacian_from_image(RAMP))
    assert np.array_equal(extract_gradients_from_image(colour)[0], extract_gradients_from_image(RAMP)[0])


def test_the_variance_of_the_laplacian_is_what_numpy_says():
    photo = data.camera()
    assert laplacian_variance(photo) == pytest.approx(np.var(extract_laplacian_from_image(photo)), rel=1e-6)


@scikit_learn_checks(LaplacianBlurModel())
def test_the_rule_keeps_the_contract_of_scikit_learn(estimator, check):
    check(estimator)


def test_the_rule_is_sharp_from_its_threshold_on():
    rule = LaplacianBlurModel(threshold=50.0).fit([[10.0], [90.0]], list(LABELS))
    assert rule.predict([[49.0], [51.0]]).tolist() == ["blurred", "sharp"]
    assert rule.decision_function([[50.0 * np.e]]) == pytest.approx(rule.slope)


@pytest.mark.parametrize("extractor", [LaplacianExtractor(), GradientExtractor(), SharpnessExtractor()])
def test_each_extractor_names_its_columns_and_sees_blur(extractor):
    photo = data.astronaut()
    table = extractor.transform([sample_from_pixels(photo), sample_from_pixels(defocus_blur(photo, 12))])
    assert table.shape == (2, len(extractor.names))
    assert np.isfinite(table).all()
    assert len(set(extractor.names)) == len(extractor.names)
    assert not np.allclose(table[0], table[1])


def test_the_property_knows_its_kinds_and_what_spoils_it():
    assert PROPERTY.label_of("motion") == PROPERTY.label_of("defocus") == "blurred"
    assert PROPERTY.accepted == {"sharp"}
    assert {d.label for d in PROPERTY.degradations} == {"blurred"}
    assert PROPERTY.evidence is not None


def test_estimators_are_made_from_recipes_with_changed_values():
    rule = create_blur_estimator(RECIPES["blur_laplacian"], {"threshold": 42.0})
    assert isinstance(rule, RuleBasedEstimator)
    assert rule.rule.threshold == 42.0
    network = create_blur_estimator(RECIPES["blur_sharpness"], {"classifier__alpha": 2.0})
    assert isinstance(network, SklearnPipeEstimator)
    assert network.get_params()["classifier__alpha"] == 2.0


def test_a_rule_answers_without_training_and_a_learned_pipeline_asks_for_it():
    pipeline = create_blur_inference_pipeline(RECIPES["blur_laplacian"])
    sharp, blurred = pipeline.predict([sample_from_pixels(p) for p in (data.coffee(), defocus_blur(data.coffee(), 12))])
    assert (sharp.label, blurred.label) == ("sharp", "blurred")
    with pytest.raises(ArtifactError, match="multimodal train blur_sharpness"):
        create_blur_inference_pipeline(RECIPES["blur_sharpness"])


def test_a_training_pipeline_extracts_what_its_recipe_says():
    app = bootstrap()
    pipeline = create_blur_training_pipeline(RECIPES["blur_gradients"], app.trainer.tuner)
    assert pipeline.features.names == GradientExtractor.names


def test_a_bundle_answers_as_the_service_does():
    app = bootstrap()
    ref = app.models.champion("blur_sharpness")
    assert ref is not None
    pipeline = create_blur_inference_pipeline(app.models.load(ref))
    assert pipeline.predict([sample_from_pixels(data.astronaut())])[0].label == "sharp"


def test_the_report_shows_answers_and_measures():
    pipeline = create_blur_inference_pipeline(RECIPES["blur_laplacian"])
    text = report(sample_from_pixels(data.coffee(), "coffee.png"), [pipeline])
    assert "coffee.png: 600 x 400" in text
    assert "blur_laplacian" in text
    assert "laplacian_variance" in text


def test_the_module_is_a_program(tmp_path):
    save_image(data.astronaut(), tmp_path / "photo.jpg")
    command = [sys.executable, "-m", "multimodal.domain.image.blur", str(tmp_path / "photo.jpg")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    for name in ("blur_laplacian", "blur_gradients", "blur_sharpness", "width"):
        assert name in done.stdout


def test_the_program_says_what_it_wants_and_what_is_wrong(tmp_path, capsys):
    assert main([]) == 2
    assert "Usage" in capsys.readouterr().err
    assert main([str(tmp_path / "none.jpg")]) == 1
    assert "none.jpg" in capsys.readouterr().err
