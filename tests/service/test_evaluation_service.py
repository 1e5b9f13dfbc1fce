"""Evaluation as the entrypoints and the training use it."""

import json
from dataclasses import replace

import numpy as np
import pytest

from multimodal.domain.shared.data import Dataset
from multimodal.domain.shared.errors import ArtifactError, DataError, UnknownName
from multimodal.domain.shared.extraction import Measured
from multimodal.domain.shared.sample import Capture
from multimodal.service.evaluation_service import PICTURES, Part, pictures
from tests import toy
from tests.house import House


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture(scope="module")
def two() -> House:
    """A champion of the learned pipeline, and a challenger that learned from other captures; tests only look."""
    house = House()
    house.models.promote(house.trainer.train("calm_learned").bundle.ref)
    house.datasets.kept["more"] = toy.dataset(seed=5)
    house.trainer.train("calm_learned", dataset="more")
    return house


def test_an_evaluation_counts_answers_and_knows_its_intervals(two):
    found = two.evaluator.evaluate("calm_learned", dataset="fresh")
    assert sum(sum(row.values()) for row in found.confusion.values()) == found.rows == 192
    assert (found.groups.total, found.seen, found.model) == (24, 0, str(two.models.champion("calm_learned")))
    assert found.metrics["roc_auc"].low <= found.metrics["roc_auc"].value


def test_captures_that_it_learned_from_are_left_out(two):
    found = two.evaluator.evaluate("calm_learned", dataset="toy")
    test = two.models.load(two.models.champion("calm_learned")).data["splits"]["test"]
    assert (found.rows, found.seen) == (test["rows"], 192 - test["rows"])
    everything = two.evaluator.evaluate("calm_learned", dataset="toy", include_seen=True)
    assert (everything.rows, everything.seen) == (192, 0)


def test_the_test_part_gives_the_figures_that_the_training_gave(two):
    found = two.evaluator.evaluate("calm_learned", dataset="toy")
    trained = two.models.load(two.models.champion("calm_learned")).metrics["test"]
    for name in ("balanced_accuracy", "roc_auc", "log_loss", "f1"):
        assert found.metrics[name].value == pytest.approx(trained[name][0], abs=1e-4)


def test_nothing_left_is_a_clear_error(two):
    seen = two.models.load(two.models.champion("calm_learned")).data["seen"]
    data = two.datasets.load("toy")
    learned = [i for i, capture in enumerate(data.captures) if capture.digest()[:12] in seen]
    with pytest.raises(DataError, match="--include-seen"):
        two.evaluator.evaluate("calm_learned", dataset=data.subset(learned))


def test_a_rule_before_any_training_has_seen_nothing(house):
    house.models.promote(house.trainer.train("calm_rule").bundle.ref)
    found = house.evaluator.evaluate("calm_rule", dataset="toy", version="rule")
    assert (found.model, found.rows, found.seen) == ("calm_rule@rule", 192, 0)


def test_a_challenger_is_compared_with_the_champion_on_what_neither_has_seen(two):
    found = two.evaluator.evaluate("calm_learned", dataset="toy", version="challenger", against="champion")
    comparison = found.comparison
    assert (comparison.a, comparison.b) == (str(two.models.champion("calm_learned")), found.model)
    assert found.model == str(two.models.challenger("calm_learned"))
    assert comparison.rows == found.rows < 192
    alone = two.evaluator.evaluate("calm_learned", dataset="toy")
    assert comparison.metrics["brier"].a == pytest.approx(alone.metrics["brier"].value)


class Reversed(toy.SpreadExtractor):
    """The same features, the other way round."""

    names = ("count", "spread")

    def row(self, sample):
        return super().row(sample)[::-1]


def test_versions_that_measure_otherwise_are_compared_on_the_same_captures(house, monkeypatch):
    monkeypatch.setattr(toy, "Reversed", Reversed, raising=False)
    ref = house.trainer.train("calm_learned").bundle.ref
    bundle = house.models.load(ref)
    (step,) = bundle.recipe.transformers
    recipe = replace(bundle.recipe, transformers=(replace(step, use="tests.toy:Reversed"),))
    house.catalog.recipes["other"] = replace(recipe, name="other")  # so that its names may be used
    odd = house.models.save(replace(bundle, recipe=recipe, data={**bundle.data, "features": ["count", "spread"]}))
    found = house.evaluator.evaluate("calm_learned", dataset="fresh", version=odd.version, against=ref.version)
    assert found.comparison.rows == 192
    assert found.comparison.metrics["accuracy"].a > 0.8 > found.comparison.metrics["accuracy"].b


def test_a_named_version_is_found_or_the_known_ones_are_told(two):
    first, _ = two.models.versions("calm_learned")
    assert two.evaluator.evaluate("calm_learned", dataset="fresh", version=first.version).model == str(first)
    with pytest.raises(UnknownName, match="Did you mean 'champion'"):
        two.evaluator.evaluate("calm_learned", dataset="fresh", version="champoin")


def test_what_is_not_there_cannot_be_evaluated(house):
    with pytest.raises(ArtifactError, match="multimodal train calm_learned"):
        house.evaluator.evaluate("calm_learned", dataset="fresh")
    with pytest.raises(ArtifactError, match="no challenger"):
        house.evaluator.evaluate("calm_rule", dataset="fresh", version="challenger")


def test_labels_that_the_property_does_not_know_are_a_clear_error(house):
    house.datasets.kept["odd"] = toy.dataset().relabel({"calm": "quiet"})
    with pytest.raises(DataError, match="data_label_mapping"):
        house.evaluator.evaluate("calm_rule", dataset="odd")


def test_captures_that_are_broken_or_have_no_label_are_counted(house):
    data = house.datasets.load("toy")
    more = [Capture("broken", b"numbers: x", "calm"), toy.capture("unlabelled", [1, 2])]
    mixed = Dataset([*more, *data.captures], data.decode, name="mixed")
    found = house.evaluator.evaluate("calm_rule", dataset=mixed)
    assert (found.rows, found.broken, found.unlabelled) == (192, 1, 1)
    assert all(mixed.captures[mistake.position].name == mistake.name for mistake in found.mistakes)


def test_a_report_shows_the_worst_mistakes(house):
    data = house.data.load("fresh")
    found = house.evaluator.evaluate("calm_rule", dataset=data)
    made = house.evaluator.report(found, data)
    assert json.loads(made["evaluation.json"])["model"] == "calm_rule@rule"
    assert made["report.html"].count(b"data:image/jpeg") == min(PICTURES, len(found.mistakes)) > 0


def test_a_training_has_its_test_part_examined_alike(house):
    run = house.trainer.train("calm_rule")
    measured: Measured = house.data.measured(house.data.load("toy"), [run.bundle.recipe])
    house.models.promote(run.bundle.ref)
    pipeline = house.evaluator.candidate(run.bundle.recipe, "champion").pipeline
    table = house.data.table(measured, run.bundle.recipe)
    found, made = house.evaluator.documented(pipeline, Part(table.rows(np.arange(40)), measured))
    assert (found.rows, found.dataset) == (40, "toy")
    assert {"report.html", "evaluation.json", "roc.svg"} <= set(made)


def test_a_picture_that_fails_costs_nothing_but_the_picture(house, caplog):
    def fails(sample, side):
        raise ZeroDivisionError

    data, modality = house.data.load("toy"), house.catalog.modalities["numbers"]
    assert set(pictures(data, [0, 5], modality)) == {0, 5}
    assert pictures(data, [0], replace(modality, thumbnail=fails)) == {}
    assert "no picture of capture 0" in caplog.text
    assert pictures(data, [0], replace(modality, thumbnail=None)) == {}
