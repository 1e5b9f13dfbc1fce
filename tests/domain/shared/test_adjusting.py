"""A pipeline with its user's thresholds: the label flips exactly at them, trained or not."""

from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multimodal.domain.image.blur import LaplacianBlurModel
from multimodal.domain.image.brightness import PROPERTY, ExposureRule
from multimodal.domain.shared.adjusting import Own, adjusted, threshold_names, thresholds_of
from multimodal.domain.shared.bundle import Bundle
from multimodal.domain.shared.calibration import Calibration, Thresholds
from multimodal.domain.shared.decision import Decision
from multimodal.domain.shared.errors import ConfigError, UnknownName
from multimodal.domain.shared.estimators import RuleBasedEstimator, RuleBasedModel
from multimodal.domain.shared.pipelines import InferencePipeline
from multimodal.domain.shared.recipe import Recipe
from multimodal.domain.shared.rules import AtLeastRule, AtMostRule, BetweenRule
from tests import toy


class SpreadRule(AtMostRule):
    """Wild above a spread."""

    labels: ClassVar[tuple[str, ...]] = ("wild", "calm")
    logarithmic = True


VALUES = toy.RULE | {"estimator": {"rule": f"{__name__}:SpreadRule", "threshold": 1.0}}
RECIPE = Recipe.from_dict(VALUES)


def stated() -> InferencePipeline:
    return InferencePipeline.from_recipe(RECIPE, toy.PROPERTY, toy.resolve)


def trained(**changes) -> InferencePipeline:
    """With a calibration that moves the flip, and a band in which nothing is decided."""
    bundle: Bundle = toy.bundle(recipe=RECIPE, version="abc", **changes)
    return InferencePipeline.from_bundle(bundle, toy.PROPERTY, toy.resolve)


def learned_alike() -> InferencePipeline:
    """One that has no limits, so its score is set."""
    return InferencePipeline.from_bundle(toy.bundle(), toy.PROPERTY, toy.resolve)


def asked(pipeline: InferencePipeline, *spreads: float) -> list[bool | None]:
    table = np.array([[spread, 9.0] for spread in spreads], np.float32)
    return [answer.accepted for answer in pipeline.predict_features(table)]


def in_force(pipeline: InferencePipeline) -> dict[str, float]:
    return {t.name: t.value for t in thresholds_of(pipeline)}


@pytest.mark.parametrize("make", [stated, trained])
def test_a_label_flips_exactly_at_the_limit_that_was_set(make):
    assert asked(adjusted(make(), {"threshold": 6.0}), 5.9, 6.0, 6.1) == [True, True, False]


@given(st.floats(0.01, 1e4), st.floats(0.2, 5), st.floats(-3, 3), st.floats(0.1, 0.9))
def test_it_does_whatever_the_calibration(limit, scale, bias, middle):
    pipeline = trained(calibration=Calibration(scale, (bias, -bias)), thresholds=Thresholds(middle, middle))
    limit = float(np.float32(limit))
    assert asked(adjusted(pipeline, {"threshold": limit}), limit * 0.999, limit, limit * 1.001) == [True, True, False]


@given(st.lists(st.floats(0.01, 100), min_size=2, max_size=20))
def test_scores_stay_monotone(spreads):
    table = np.array([[spread, 9.0] for spread in sorted(spreads)], np.float32)
    scores = [answer.score for answer in adjusted(trained(), {"threshold": 6.0}).predict_features(table)]
    assert scores == sorted(scores, reverse=True)


def test_a_trained_limit_is_in_force_where_the_label_flips():
    pipeline = trained(thresholds=Thresholds(0.5, 0.5))
    flip = in_force(pipeline)["threshold"]
    assert flip != pytest.approx(1.0, rel=1e-3)
    assert asked(pipeline, flip * 0.999, flip * 1.001) == [True, False]


def test_a_stated_limit_is_in_force_as_it_stands():
    assert in_force(stated()) == {"threshold": 1.0, "cannot_tell.count": 2.0}


def test_setting_the_limit_that_is_in_force_changes_no_decision():
    pipeline = trained(thresholds=Thresholds(0.5, 0.5))
    spreads = np.geomspace(0.1, 10, 50).tolist()
    own = adjusted(pipeline, {"threshold": in_force(pipeline)["threshold"]})
    assert asked(own, *spreads) == asked(pipeline, *spreads)


def exposure(values: dict[str, float]) -> InferencePipeline:
    """A trained rule with two limits and a calibration that moves both."""
    decision = Decision(PROPERTY, Calibration(0.94, (-0.05, 0.68, -0.63)), Thresholds(0.56, 0.56))
    recipe = Recipe.from_dict(
        VALUES
        | {
            "property": "image/brightness",
            "estimator": {"rule": "multimodal.domain.image.brightness:ExposureRule"},
            "transformers": [{"use": "multimodal.domain.image.brightness:DeviationExtractor"}],
            "cannot_tell": [],
            "value": {},
        }
    )
    plain = InferencePipeline.from_recipe(recipe, PROPERTY, toy.resolve)
    rule = RuleBasedEstimator(ExposureRule(darkness=2.0, lightness=0.6))
    return adjusted(replace(plain, estimator=rule, decision=decision, version="abc"), values)


def test_limits_that_were_not_set_stay_in_force():
    before, after = in_force(exposure({})), in_force(exposure({"lightness": 1.0}))
    assert after == {"darkness": pytest.approx(before["darkness"]), "lightness": 1.0}
    assert before["darkness"] != pytest.approx(2.0, abs=0.01)


def test_each_of_two_limits_flips_its_own_label_even_beside_the_other():
    pipeline = exposure({"lightness": 1.0, "darkness": 1.5})
    rows = [[1.49, 0.99, 0], [1.51, 0, 0], [0, 1.01, 0], [1.5, 1.0, 0]]
    labels = [answer.label for answer in pipeline.predict_features(np.array(rows, np.float32))]
    assert labels == ["good", "under_exposed", "over_exposed", "good"]


def test_an_evaluation_that_forces_an_answer_agrees_with_it():
    pipeline = exposure({"lightness": 1.0, "darkness": 1.5})
    table = np.random.default_rng(0).uniform(0, 3, (200, 3)).astype(np.float32)
    forced = pipeline.decision.forced(pipeline.decision.predicted(pipeline.estimator, table))
    assert forced.tolist() == [answer.label for answer in pipeline.predict_features(table)]


def test_an_answer_tells_what_was_set():
    (answer,) = adjusted(trained(), {"threshold": 6.0}).predict_features(np.array([[1, 9]], np.float32))
    assert answer.model == "calm_rule@abc"
    assert answer.details["thresholds"] == "threshold=6"
    assert "thresholds" not in trained().predict_features(np.array([[1, 9]], np.float32))[0].details


def test_the_recipe_in_force_states_the_limit():
    assert adjusted(trained(), {"threshold": 6.0}).recipe.estimator.steps[0].parameters["threshold"] == 6.0


@pytest.mark.parametrize(
    ("values", "reject", "accept"),
    [
        pytest.param({"accept": 0.9}, 0.25, 0.9, id="accept"),
        pytest.param({"accept": 0.1}, 0.1, 0.1, id="accept moves reject"),
        pytest.param({"reject": 0.8}, 0.8, 0.8, id="reject moves accept"),
        pytest.param({"reject": 0.4, "accept": 0.6}, 0.4, 0.6, id="both"),
    ],
)
def test_a_score_is_set_by_one_threshold_or_two(values, reject, accept):
    found = in_force(adjusted(learned_alike(), values))
    assert (found["reject"], found["accept"]) == (reject, accept)


@pytest.mark.parametrize("values", [{"accept": 1.5}, {"reject": 0.8, "accept": 0.2}])
def test_thresholds_of_a_score_that_cannot_be_are_refused(values):
    with pytest.raises(ConfigError):
        adjusted(learned_alike(), values)


def test_the_range_in_which_it_can_tell_is_set_too():
    table = np.array([[0.5, 5.0]], np.float32)
    assert stated().predict_features(table)[0].accepted is True
    assert adjusted(stated(), {"cannot_tell.count": 6.0}).predict_features(table)[0].label == "cannot_tell"


def test_a_range_with_two_sides_has_two_names():
    sides = [{"measure": "count", "below": 2.0, "above": 99.0}, {"measure": "spread", "above": 5.0}]
    recipe = Recipe.from_dict(VALUES | {"cannot_tell": sides})
    names = threshold_names(recipe, toy.resolve)
    assert names == ("threshold", "cannot_tell.count.below", "cannot_tell.count.above", "cannot_tell.spread")


def test_what_a_pipeline_has_not_is_refused_with_the_nearest_word():
    with pytest.raises(UnknownName, match="Did you mean 'threshold'"):
        adjusted(stated(), {"treshold": 1.0})
    with pytest.raises(UnknownName, match="accept"):
        adjusted(trained(), {"accept": 0.7})


def test_nothing_set_is_the_same_pipeline():
    pipeline = trained()
    assert adjusted(pipeline, {}) is pipeline


def test_where_a_threshold_comes_from_is_told():
    own = {"threshold": Own(6.0, "thresholds.yaml")}
    assert [t.source for t in thresholds_of(adjusted(trained(), {"threshold": 6.0}), own)] == [
        "thresholds.yaml",
        "recipe",
    ]
    assert [t.source for t in thresholds_of(trained())] == ["trained", "recipe"]


@pytest.mark.parametrize("rule", [AtMostRule(), AtLeastRule(), BetweenRule(), LaplacianBlurModel(), ExposureRule()])
def test_every_limit_is_a_parameter_whose_side_is_right(rule: RuleBasedModel):
    good = {2: 1, 3: 1}[len(rule.labels)]
    for name, limit in rule.limits.items():
        value, step = getattr(rule, name), 0.01 if limit.rejects == "above" else -0.01
        table = np.full((3, max(rule.columns, 1)), np.mean([getattr(rule, other) for other in rule.limits]))
        if isinstance(rule, ExposureRule):
            table[:] = 0.0
        table[:, limit.column] = value - step, value, value + step
        labels = RuleBasedEstimator(rule).predict(table).tolist()
        assert (labels[0], labels[2]) == (rule.labels[good], rule.labels[limit.label])
