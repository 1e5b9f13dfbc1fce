"""All that an evaluation finds, from answers and truth."""

import json
from dataclasses import replace

import numpy as np
import pytest

from multimodal.domain.shared.calibration import Calibration, Thresholds
from multimodal.domain.shared.comparison import compare
from multimodal.domain.shared.curves import Curves
from multimodal.domain.shared.data import Dataset
from multimodal.domain.shared.decision import Decision
from multimodal.domain.shared.errors import DataError
from multimodal.domain.shared.evaluation import METRICS
from multimodal.domain.shared.examination import ACCEPTED, Examination, answers_of
from tests import toy
from tests.examined import examined, few, rule, table_of

CALM, WILD, LONELY = [1, 1.1, 0.9], [-50, 60, 10], [7]


@pytest.fixture(scope="module")
def toy_data() -> Dataset:
    return toy.dataset()


@pytest.fixture(scope="module")
def found(toy_data) -> Examination:
    return examined(toy_data)


def test_it_says_what_was_examined(found, toy_data):
    assert (found.model, found.property, found.dataset) == ("calm_rule@rule", "numbers/calmness", "toy")
    assert (found.rows, found.groups.total, found.broken, found.digest) == (192, 24, 3, toy_data.digest)


def test_metrics_are_those_of_the_table_of_metrics(found, toy_data):
    pipeline = rule()
    table = table_of(pipeline, toy_data)
    p = pipeline.decision.predicted(pipeline.estimator, table.features)
    given = pipeline.decision.forced(p)
    for name, interval in found.metrics.items():
        if name in METRICS:
            answers = given if METRICS[name].needs == "labels" else p
            assert interval.value == pytest.approx(METRICS[name](table.labels, answers, found.labels))
            assert interval.low <= interval.value <= interval.high


def test_answers_are_counted_as_they_are_served():
    data = few(
        *(toy.capture(str(i), v, y) for i, (v, y) in enumerate([(CALM, "calm"), (WILD, "calm"), (LONELY, "wild")]))
    )
    found = examined(data)
    assert found.confusion == {"calm": {"calm": 1, "wild": 1}, "wild": {"cannot_tell": 1}}
    assert (found.abstentions.undecided, found.abstentions.reasons) == (1, {"one number has no spread": 1})
    assert found.abstentions.decided_wrong.value == 0.5
    assert found.metrics["decided"].value == pytest.approx(2 / 3)


def test_a_score_between_the_thresholds_is_a_reason_too():
    decision = Decision(toy.PROPERTY, Calibration.identity(2), Thresholds(1e-6, 1 - 1e-6))
    found = examined(few(toy.capture("x", [0, 2.0], "calm"), toy.capture("y", WILD, "wild")), rule(decision=decision))
    assert found.abstentions.reasons == {"the score lies between the thresholds": 1}


def test_the_most_confident_mistake_comes_first():
    data = few(
        toy.capture("right", CALM, "calm"),
        toy.capture("a little wrong", [-1.6, 1.6], "calm", group="g"),
        toy.capture("very wrong", WILD, "calm"),
        toy.capture("right too", WILD, "wild"),
        toy.capture("no answer", LONELY, "calm"),
    )
    worst, other = examined(data).mistakes
    assert (worst.name, worst.position, worst.label, worst.answer) == ("very wrong", 2, "calm", "wild")
    assert (other.name, other.group) == ("a little wrong", "g")
    assert worst.confidence > other.confidence > 0.5 > other.score


def test_finer_labels_count_as_the_property_says():
    found = examined(toy.dataset(kinds=True))
    assert set(found.confusion) == {"calm", "wild"}
    assert {s.name for s in found.facts["kind"]} == {"calm", "shaky", "explosive"}


def test_a_label_that_is_none_of_the_property_is_refused(toy_data):
    pipeline = rule()
    table = table_of(pipeline, toy_data)
    with pytest.raises(DataError, match="'odd' is no label"):
        answers_of(pipeline, replace(table, labels=np.array(["odd"] * len(table))))
    with pytest.raises(DataError, match="no labelled capture"):
        answers_of(pipeline, table.rows(np.zeros(len(table), bool)))


def test_one_class_only_leaves_out_what_it_cannot_tell():
    found = examined(few(*(toy.capture(str(i), CALM, "calm") for i in range(3))))
    assert found.curves == ()
    assert np.isnan(found.calibration_error)
    assert np.isnan(found.metrics["roc_auc"].value)
    assert (found.metrics["accuracy"].value, found.classes["wild"].support) == (1.0, 0)


def test_curves_are_of_acceptance_and_of_each_label_when_there_are_more(found):
    assert [curve.positive for curve in found.curves] == [ACCEPTED]
    assert isinstance(found.curves[0], Curves)
    assert found.curves[0].roc.area == pytest.approx(found.metrics["roc_auc"].value, abs=1e-5)
    assert found.calibration_error == found.curves[0].reliability.error
    assert sum(map(sum, found.scores.values())) == found.rows


def test_as_plain_values_it_is_strict_json(found, toy_data):
    pipeline = rule()
    sheet = answers_of(pipeline, table_of(pipeline, toy_data)).sheet
    one_class = examined(few(toy.capture("x", CALM, "calm")))
    for examination in (replace(found, comparison=compare(sheet, sheet)), one_class):
        text = json.dumps(examination.to_dict(), allow_nan=False)
        assert json.loads(text) == examination.to_dict()
    assert found.to_dict()["metrics"]["roc_auc"] == [
        found.metrics["roc_auc"].value,
        *[found.metrics["roc_auc"].low, found.metrics["roc_auc"].high],
    ]
