"""Calibration on data sets: what is proposed, and what it achieves."""

from dataclasses import replace

import numpy as np
import pytest

from multimodal.domain.shared.data import Dataset
from multimodal.domain.shared.errors import ArtifactError, ConfigError, UnknownName
from multimodal.domain.shared.modality import Limits
from multimodal.domain.shared.recipe import Recipe
from multimodal.domain.shared.sample import Capture
from multimodal.service.calibration_service import CalibrationService, said_of
from multimodal.service.quality_assessment_service import QualityAssessmentService
from tests import toy
from tests.domain.shared.test_adjusting import VALUES
from tests.house import House


def captures(spreads, groups=None, prefix="") -> list[Capture]:
    """Each with exactly this spread."""
    made = []
    for number, spread in enumerate(spreads):
        noise = np.random.default_rng(number).normal(size=12)
        values = spread * (noise - noise.mean()) / noise.std()
        made.append(toy.capture(f"{prefix}{number}", values, group=groups[number] if groups else None))
    return made


def dataset(found: list[Capture], name: str) -> Dataset:
    return Dataset(found, toy.decode_capture, name=name)


class CalibrationHouse(House):
    """With a rule that has a limit."""

    def __init__(self, **datasets: list[Capture]) -> None:
        super().__init__()
        recipes = {"calm_rule": Recipe.from_dict(VALUES), "calm_learned": Recipe.from_dict(toy.LEARNED)}
        self.catalog = replace(self.catalog, recipes=recipes)
        self.data.catalog = self.catalog
        self.datasets.kept |= {name: dataset(found, name) for name, found in datasets.items()}
        assessor = QualityAssessmentService(self.catalog, self.models, self.engine, Limits())
        self.calibration = CalibrationService(assessor, self.data)


def usual(n: int, seed: int = 0) -> np.ndarray:
    return np.exp(0.3 * np.random.default_rng(seed).normal(size=n))


def test_a_limit_that_is_too_strict_is_loosened_to_the_wanted_rate():
    found = CalibrationHouse(mine=captures(usual(400))).calibration.calibrate("mine", false_alarms=0.02)
    (effect,) = found.effects
    assert (found.pictures, found.groups, found.broken) == (400, 400, ())
    assert found.alarms.before.value == pytest.approx(0.5, abs=0.1)
    assert 0 < found.alarms.after.value <= 0.02
    assert effect.claim <= 0.02
    assert found.alarms.held_out.low <= 0.02
    assert found.values == {"calm_rule": {"threshold": effect.changes[0].now}}


def test_what_is_promised_holds_on_new_pictures():
    house = CalibrationHouse(mine=captures(usual(400)))
    (effect,) = house.calibration.calibrate("mine", false_alarms=0.05).effects
    assert np.mean(usual(20_000, seed=9) > effect.changes[0].now) <= 0.05


def test_too_few_pictures_are_told_and_only_loosen():
    found = CalibrationHouse(mine=captures([0.2] * 9 + [1.5])).calibration.calibrate("mine")
    (effect,) = found.effects
    assert (effect.needed, effect.claim) == (299, pytest.approx(0.2589, abs=1e-3))
    assert found.values == {"calm_rule": {"threshold": pytest.approx(1.5, abs=2e-3)}}
    assert CalibrationHouse(mine=captures([0.2] * 10)).calibration.calibrate("mine").values == {}


def test_pictures_of_a_scene_count_as_often_as_they_differ():
    scenes = np.repeat(usual(30), 10)
    mine = captures(scenes * np.random.default_rng(5).normal(1, 0.01, 300), [f"scene {i // 10}" for i in range(300)])
    found = CalibrationHouse(mine=mine).calibration.calibrate("mine")
    assert found.groups == 30
    assert found.effects[0].independent < 40
    assert [scene.pictures for scene in found.scenes] == [10] * 30
    assert found.scenes[0].before == 1.0


def test_bad_pictures_are_caught_and_those_of_other_properties_count_for_all():
    bad = (
        captures([5.0] * 20, prefix="calmness/")
        + captures([6.0] * 5, prefix="shaky/")
        + captures([0.5] * 5, prefix="x/")
    )
    found = CalibrationHouse(mine=captures(usual(400)), bad=bad).calibration.calibrate("mine", bad="bad")
    (effect,) = found.effects
    assert (found.bad, effect.bad) == (30, 25)
    assert effect.detection.after.value == 1.0
    assert effect.detection.after.low == pytest.approx(0.863, abs=1e-3)
    assert found.detection.after.value == pytest.approx(25 / 30)
    assert 2.5 < effect.changes[0].now < 5.0


def test_broken_pictures_are_named_and_not_counted():
    broken = Capture("torn", b"numbers: one two")
    found = CalibrationHouse(mine=[*captures(usual(30)), broken]).calibration.calibrate("mine")
    assert (found.pictures, found.broken) == (30, ("torn",))


def test_one_group_cannot_be_held_out():
    mine = captures(usual(20), ["one"] * 20)
    assert CalibrationHouse(mine=mine).calibration.calibrate("mine").alarms.held_out is None


def test_all_of_it_is_plain_values():
    found = CalibrationHouse(mine=captures(usual(20))).calibration.calibrate("mine").to_dict()
    assert found["effects"][0]["changes"][0]["threshold"]["name"] == "threshold"
    assert "values" in found


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1])
def test_a_rate_that_is_none_is_refused(rate):
    with pytest.raises(ConfigError, match="between 0 and 1"):
        CalibrationHouse(mine=captures([1.0])).calibration.calibrate("mine", false_alarms=rate)


def test_an_untrained_or_unknown_pipeline_is_refused():
    house = CalibrationHouse(mine=captures([1.0]))
    with pytest.raises(ArtifactError, match="not trained"):
        house.calibration.calibrate("mine", pipelines=["calm_learned"])
    with pytest.raises(UnknownName, match="calm_rule"):
        house.calibration.calibrate("mine", pipelines=["calm_rul"])


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("calmness", "numbers/calmness"),
        ("wild", "numbers/calmness"),
        ("blast", "numbers/calmness"),
        ("calm", "any"),
        ("", "any"),
    ],
)
def test_a_folder_says_which_property_its_pictures_fail(word, said):
    assert said_of(word, {"numbers/calmness": toy.PROPERTY}) == said
