"""Captures are assessed by the champions; what is broken affects nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from multimodal.domain.shared.calibration import Thresholds
from multimodal.domain.shared.errors import BrokenCapture, CaptureTooLarge, NotFound, UnknownName, UnsupportedFormat
from multimodal.domain.shared.modality import Limits
from multimodal.domain.shared.recipe import Recipe
from multimodal.domain.shared.results import Evidence, Finding
from multimodal.domain.shared.sample import Capture
from multimodal.service.catalog import Catalog
from multimodal.service.quality_assessment_service import QualityAssessmentService
from tests import toy
from tests.fakes import InlineEngine, MemoryModelStore

CALM, WILD = toy.capture("calm", [1, 1.1, 0.9]), toy.capture("wild", [-50, 60, 10])


class Clumsy(toy.CalmRule):
    """A rule with a mistake in it."""

    def margins(self, table):
        return table[:, 99]


def show(sample) -> Evidence:
    heat = np.zeros((4, 6), np.float32)
    return Evidence(heat, np.zeros((4, 6, 3), np.uint8), "bright is wild")


def point_at(sample) -> list[Finding]:
    far = np.flatnonzero(np.abs(sample.values) > 30)
    return [Finding("jump", len(far), "numbers", float(np.abs(sample.values).max()), "units", 30.0)] if len(far) else []


def service(*recipes, evidence=None, findings=None, models=None, limits=None) -> QualityAssessmentService:
    made = [Recipe.from_dict({**toy.RULE, **changes}) for changes in recipes or ({},)]
    properties = {"numbers/calmness": replace(toy.PROPERTY, evidence=evidence, findings=findings)}
    catalog = Catalog({"numbers": toy.MODALITY}, properties, {recipe.name: recipe for recipe in made})
    return QualityAssessmentService(catalog, models or MemoryModelStore(), InlineEngine(), limits or Limits())


SECOND = {"pipeline": "second", "decides": False, "estimator": {"rule": "tests.toy:CalmRule", "threshold": 1e-9}}
CLUMSY = {"pipeline": "clumsy", "estimator": {"rule": f"{__name__}:Clumsy"}}


@pytest.mark.parametrize(
    ("capture", "verdict"), [(CALM, "good"), (WILD, "bad"), (toy.capture("one", [3]), "cannot_tell")]
)
def test_a_capture_gets_the_verdict_of_the_pipeline_that_decides(capture, verdict):
    assessment = service({}, SECOND).assess(capture)
    assert (assessment.verdict, len(assessment.predictions)) == (verdict, 2)


def test_an_assessment_says_what_was_assessed():
    assessment = service().assess(CALM)
    assert (assessment.name, assessment.modality, len(assessment.digest)) == ("calm", "numbers", 64)
    assert assessment.predictions[0].model == "calm_rule@rule"


def test_only_the_pipelines_that_were_asked_for_answer():
    answers = service({}, SECOND).assess(CALM, pipelines=["second"])
    assert [p.pipeline for p in answers.predictions] == ["second"]
    with pytest.raises(UnknownName, match="Did you mean 'second'"):
        service({}, SECOND).assess(CALM, pipelines=["secnd"])


def test_a_pipeline_that_fails_takes_no_other_down(caplog):
    assessment = service({}, CLUMSY).assess(CALM)
    assert [p.pipeline for p in assessment.predictions] == ["calm_rule"]
    (failure,) = assessment.failures
    assert (failure.where, failure.code, assessment.verdict) == ("clumsy", "internal-error", "failed")
    assert "index" not in failure.message
    assert "clumsy failed on calm" in caplog.text


@pytest.mark.parametrize(
    ("capture", "error"),
    [
        pytest.param(Capture("x", b"other bytes"), UnsupportedFormat, id="unknown"),
        pytest.param(Capture("x", toy.HEADER + b"1 two"), BrokenCapture, id="broken"),
        pytest.param(toy.capture("x", range(100)), CaptureTooLarge, id="too large"),
    ],
)
def test_a_broken_capture_is_one_typed_error_and_among_many_one_failed_assessment(capture, error):
    assessor = service(limits=Limits(bytes=200))
    with pytest.raises(error):
        assessor.assess(capture)
    verdicts = [a.verdict for a in assessor.assess_many([CALM, capture, WILD])]
    assert verdicts == ["good", "failed", "bad"]


def test_many_captures_with_a_wrong_pipeline_fail_at_once():
    with pytest.raises(UnknownName):
        service().assess_many([CALM], pipelines=["nothing"])


def test_the_champion_of_the_store_answers_and_its_version_is_named():
    models = MemoryModelStore()
    strict = models.save(toy.bundle(thresholds=Thresholds(1.0, 1.0)))
    models.promote(strict)
    prediction = service(models=models).assess(CALM).predictions[0]
    assert (prediction.model, prediction.accepted) == (str(strict), False)


def test_a_learned_pipeline_waits_for_its_training_and_answers_nothing():
    assessor = service({}, toy.LEARNED | {"cannot_tell": []})
    by_name = {info.name: info for info in assessor.pipelines()}
    assert (by_name["calm_learned"].status, by_name["calm_rule"].status) == ("untrained", "ready")
    assert [p.pipeline for p in assessor.assess(CALM).predictions] == ["calm_rule"]


def test_pipelines_that_decide_are_listed_first():
    infos = service(SECOND, {}).pipelines()
    assert [(i.name, i.decides) for i in infos] == [("calm_rule", True), ("second", False)]


def test_evidence_is_a_png_a_pipeline_from_the_same_decode():
    assessment, pictures = service({}, SECOND, evidence=show).assess_with_evidence(CALM)
    assert set(pictures) == {"calm_rule", "second"}
    assert all(png.startswith(b"\x89PNG") for png in pictures.values())
    assert service(evidence=show).evidence(CALM, "calm_rule") == pictures["calm_rule"]
    assert assessment.verdict == "good"


def test_a_prediction_carries_what_its_property_points_at():
    asked = service({}, SECOND, findings=point_at)
    assert [p.findings for p in asked.assess(WILD).predictions] == [
        (Finding("jump", 2, "numbers", 60, "units", 30),)
    ] * 2
    assert [p.findings for p in asked.assess(CALM).predictions] == [()] * 2
    assert [p.findings for p in next(asked.assess_many([WILD])).predictions] == [
        asked.assess(WILD).predictions[0].findings
    ] * 2


def test_a_property_that_cannot_point_at_anything_fails_its_own_pipelines_alone(caplog):
    def clumsy(sample):
        raise RuntimeError("no finger")

    assessment = service(findings=clumsy).assess(WILD)
    assert [failure.where for failure in assessment.failures] == ["calm_rule"]
    assert "failed on wild" in caplog.text


def test_a_property_of_another_kind_of_sample_is_not_asked():
    other = type("Other", (toy.NumbersSample,), {})
    properties = {"numbers/calmness": replace(toy.PROPERTY, sample=other)}
    rule = Recipe.from_dict(toy.RULE)
    catalog = Catalog({"numbers": toy.MODALITY}, properties, {rule.name: rule})
    asked = QualityAssessmentService(catalog, MemoryModelStore(), InlineEngine(), Limits())
    assert asked.assess(WILD).predictions == ()
    assert [a.predictions for a in asked.assess_many([WILD])] == [()]


def test_a_property_without_a_picture_says_so():
    with pytest.raises(NotFound, match="not shown as png"):
        service().evidence(CALM, "calm_rule")


def test_pipelines_that_were_asked_for_decide_when_none_of_them_does_otherwise():
    assert service({}, SECOND).assess(CALM, pipelines=["second"]).verdict == "bad"


def test_an_error_that_nobody_foresaw_fails_one_capture_of_many(caplog):
    def unforeseen() -> bytes:
        raise RuntimeError("something else")

    verdicts = [a.verdict for a in service().assess_many([CALM, Capture("odd", unforeseen), WILD])]
    assert verdicts == ["good", "failed", "bad"]
    assert "odd could not be assessed" in caplog.text


def test_a_picture_that_cannot_be_drawn_does_not_cost_the_assessment(caplog):
    def clumsy(sample) -> Evidence:
        raise RuntimeError("no pencil")

    assessment, pictures = service(evidence=clumsy).assess_with_evidence(CALM)
    assert (assessment.verdict, pictures) == ("good", {})
    assert "no picture of calmness" in caplog.text


def test_an_empty_capture_is_broken():
    with pytest.raises(BrokenCapture, match="empty"):
        service().assess(Capture("empty", b""))
