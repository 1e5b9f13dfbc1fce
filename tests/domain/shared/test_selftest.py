"""An artifact that answers otherwise than when it was made is refused."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multimodal.adapters.serialization import read_bundle, write_bundle
from multimodal.adapters.tuner import OptunaTuner
from multimodal.domain.shared.calibration import Calibration
from multimodal.domain.shared.errors import ArtifactError
from multimodal.domain.shared.extraction import table_of
from multimodal.domain.shared.pipelines import InferencePipeline, TrainingPipeline
from multimodal.domain.shared.provenance import Source
from multimodal.domain.shared.recipe import Recipe
from multimodal.domain.shared.selftest import MOST, TOLERANCE, check, selftest_of
from tests import toy


class Clumsy(toy.CalmRule):
    """A rule with a mistake in it."""

    def margins(self, table):
        return table[:, 99]


class Blind(toy.CalmRule):
    """A rule that answers with no number."""

    def margins(self, table):
        return np.full(len(table), np.nan)


def rule(use: str = "tests.toy:CalmRule") -> InferencePipeline:
    recipe = Recipe.from_dict(toy.RULE | {"estimator": {"rule": use}})
    return InferencePipeline.from_recipe(recipe, toy.PROPERTY, toy.resolve)


TABLE = np.column_stack([np.geomspace(0.01, 100, 50), np.full(50, 30)]).astype(np.float32)
SELFTEST = selftest_of(rule(), TABLE)
TRAINING = {"dataset": "toy", "trials": 0}


@pytest.fixture(scope="module", params=["rule", "learned"])
def made(request):
    """A trained bundle of each sort, and the same read back from its folder."""
    recipe = Recipe.from_dict({"rule": toy.RULE, "learned": toy.LEARNED}[request.param] | {"training": TRAINING})
    training = TrainingPipeline(recipe, toy.PROPERTY, toy.resolve, OptunaTuner())
    data = toy.dataset()
    samples = [sample for sample, _ in data]
    table = table_of(data, training.features.transform(samples), training.features.names)
    return training.bundle(training.fit(table), table, Source("toy", "toy", "abc"))


def loaded(bundle) -> InferencePipeline:
    return InferencePipeline.from_bundle(bundle, toy.PROPERTY, toy.resolve)


def test_a_trained_bundle_carries_rows_that_span_the_scores(made):
    good = np.array(made.selftest["probabilities"])[:, 1]
    assert len(good) == 12
    assert good[0] < 0.2 < 0.8 < good[-1]
    assert (np.diff(good) >= 0).all()


def test_a_trained_bundle_passes_after_a_round_trip(made, tmp_path):
    read = read_bundle(tmp_path / write_bundle(made, tmp_path))
    assert read.selftest == made.selftest
    check(loaded(read), read.selftest)


def test_a_bundle_whose_calibration_was_exchanged_is_refused(made):
    changed = replace(made, calibration=Calibration(0.5, (0.0, 0.0)))
    with pytest.raises(ArtifactError, match="away from what it gave"):
        check(loaded(changed), made.selftest)


def test_the_same_pipeline_passes():
    check(rule(), SELFTEST)


@given(row=st.integers(0, 11), column=st.integers(0, 1), by=st.floats(-1, 1))
def test_an_answer_may_differ_by_the_tolerance_and_no_more(row, column, by):
    probabilities = np.array(SELFTEST["probabilities"])
    probabilities[row, column] += by
    if abs(by) < TOLERANCE * 0.99:
        check(rule(), SELFTEST | {"probabilities": probabilities})
    elif abs(by) > TOLERANCE * 1.01:
        with pytest.raises(ArtifactError, match="fails its self-test"):
            check(rule(), SELFTEST | {"probabilities": probabilities})


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"features": [[1.0]]}, id="other features"),
        pytest.param({"features": []}, id="no row"),
        pytest.param({"features": [["one", "two"]]}, id="words"),
        pytest.param({"features": [[1.0, 2.0], [3.0]]}, id="ragged"),
        pytest.param({"features": {"a": 1}}, id="no table"),
        pytest.param({"probabilities": [[1.0, 0.0]]}, id="fewer answers"),
        pytest.param({"probabilities": [[None, None]] * 12}, id="no numbers"),
        pytest.param({"probabilities": None}, id="no answers"),
    ],
)
def test_a_self_test_that_is_none_is_refused(broken):
    with pytest.raises(ArtifactError):
        check(rule(), {**SELFTEST, **broken})


def test_without_answers_nothing_can_be_compared():
    with pytest.raises(ArtifactError, match="no table"):
        check(rule(), {"features": SELFTEST["features"]})


def test_an_older_artifact_has_to_answer_a_row_of_zeros():
    check(rule(), {})


@pytest.mark.parametrize(("use", "message"), [("Clumsy", "cannot answer"), ("Blind", "no numbers")])
@pytest.mark.parametrize("selftest", [{}, SELFTEST], ids=["zeros", "rows"])
def test_who_cannot_answer_is_refused(use, message, selftest):
    with pytest.raises(ArtifactError, match=message):
        check(rule(f"{__name__}:{use}"), selftest)


def test_rows_as_wide_as_a_picture_are_not_written_down():
    assert selftest_of(rule(), np.zeros((3, MOST + 1), np.float32)) == {}


def test_few_rows_give_few():
    assert len(selftest_of(rule(), TABLE[:3])["features"]) == 3
