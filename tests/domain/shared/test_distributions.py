"""Distributions: bins that fit any feature, counts that add up, references that survive a folder and stay small."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multimodal.adapters.serialization import bundle_files, read_bundle, write_bundle
from multimodal.domain.shared.distributions import (
    SCORE_EDGES,
    Distribution,
    Histogram,
    Reference,
    binned,
    quantile_edges,
    worth,
)
from multimodal.domain.shared.errors import ArtifactError
from multimodal.domain.shared.extraction import table_of
from multimodal.domain.shared.pipelines import InferencePipeline, TrainingPipeline, build_features
from multimodal.domain.shared.provenance import Source
from multimodal.domain.shared.recipe import Recipe
from tests import toy
from tests.fakes import GridTuner

EDGES = (0.0, 1.0, 2.5)
floats = st.floats(-(2.0**90), 2.0**90, width=32)
tables = st.lists(floats | st.sampled_from([0.0, 1.0]), min_size=1, max_size=60).map(lambda v: np.array(v, np.float64))


def test_values_are_counted_between_edges_and_an_edge_belongs_to_the_upper_bin():
    assert Histogram.of([-5, 0, 0.5, 1, 2.4, 2.5, 99], EDGES).counts == (1, 2, 2, 2)


def test_the_median_is_interpolated_in_its_bin():
    assert Histogram(EDGES, (0, 4, 0, 0)).median() == 0.5
    assert Histogram(EDGES, (1, 1, 2, 0)).median() == 1.0
    assert Histogram(EDGES, (9, 1, 0, 0)).median() == -math.inf
    assert Histogram(EDGES, (0, 1, 0, 9)).median() == math.inf
    assert math.isnan(Histogram(EDGES, (0, 0, 0, 0)).median())


@pytest.mark.parametrize(
    ("edges", "counts"),
    [
        pytest.param((), (1,), id="no-edge"),
        pytest.param((0.0, 1.0), (1, 2), id="a-count-is-missing"),
        pytest.param((1.0, 0.0), (1, 2, 3), id="not-ascending"),
        pytest.param((0.0, 0.0), (1, 2, 3), id="twice"),
        pytest.param((0.0, math.nan), (1, 2, 3), id="not-a-number"),
        pytest.param((0.0, math.inf), (1, 2, 3), id="endless"),
        pytest.param((0.0, 1.0), (1, -2, 3), id="below-nothing"),
    ],
)
def test_nonsense_is_no_histogram(edges, counts):
    with pytest.raises(ValueError):
        Histogram(edges, counts)


@given(st.lists(floats, max_size=30), st.lists(floats, max_size=30))
def test_merging_is_adding(some, more):
    together = Histogram.of([*some, *more], EDGES)
    assert Histogram.of(some, EDGES).merge(Histogram.of(more, EDGES)) == together
    assert Histogram.of(some, EDGES).add(more) == together
    assert Histogram.from_dict(together.to_dict()) == together
    assert together.total == len(some) + len(more)


def test_histograms_with_other_edges_are_not_merged():
    with pytest.raises(ValueError, match="same edges"):
        Histogram(EDGES, (0, 0, 0, 0)).merge(Histogram((1.0,), (0, 0)))


def test_a_continuous_feature_has_ten_bins_and_an_end_of_one_percent_at_each_side():
    values = np.random.default_rng(0).normal(size=10_000)
    counts = binned(values, quantile_edges(values))
    assert np.abs(counts - [100, 900, *[1000] * 8, 900, 100]).max() <= 1


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        pytest.param([7.0] * 50, [0, 50, 0], id="constant"),
        pytest.param([0.0] * 50, [0, 50, 0], id="always-zero"),
        pytest.param([0.0] * 60 + [1.0] * 40, [0, 60, 0, 40, 0], id="yes-or-no"),
        pytest.param([1.0] * 30 + [2.0] * 40 + [3.0] * 30, [0, 30, 0, 40, 0, 30, 0], id="three-values"),
    ],
)
def test_a_value_that_is_often_there_has_a_bin_of_its_own(values, counts):
    assert binned(np.array(values), quantile_edges(np.array(values))).tolist() == counts


@given(tables)
def test_any_feature_has_bins(values):
    edges = quantile_edges(values)
    assert 1 <= len(edges) <= 12
    assert Histogram.of(values, edges).total == len(values)


def test_a_value_that_differs_by_a_rounding_error_is_the_same():
    edges = quantile_edges(np.full(20, 0.3))
    assert binned(np.array([np.float32(0.3), 0.3, np.nextafter(np.float32(0.3), 1)]), edges).tolist() == [0, 3, 0]


def test_independent_rows_are_worth_themselves_and_copies_nothing():
    bins = np.random.default_rng(0).integers(0, 8, 400)
    assert worth(bins, np.arange(400)) == pytest.approx(400, rel=0.01)
    copied = np.repeat(bins, 10)
    assert worth(copied, np.repeat(np.arange(400), 10)) == pytest.approx(400, rel=0.01)
    assert worth(copied, np.arange(4000)) == pytest.approx(4000, rel=0.01)
    assert worth(copied, np.zeros(4000)) == 1


@given(tables, st.integers(1, 7))
def test_rows_are_worth_something_and_never_more_than_they_are(values, groups):
    found = Distribution.of(values, quantile_edges(values), np.arange(len(values)) % groups)
    assert 1 <= found.worth <= len(values)


@pytest.fixture(scope="module")
def trained():
    """A trained toy pipeline as a bundle, and the table that it learned from."""
    recipe = Recipe.from_dict(toy.LEARNED)
    pipeline = TrainingPipeline(recipe, toy.PROPERTY, toy.resolve, GridTuner())
    data = toy.dataset()
    features = build_features(recipe, toy.resolve).transform([sample for sample, _ in data])
    table = table_of(data, features, pipeline.features.names)
    result = pipeline.fit(table)
    return pipeline.bundle(result, table, Source("toy", "toy", "abc")), result, table


def test_a_training_leaves_the_distributions_of_its_parts(trained):
    bundle, result, table = trained
    reference = Reference.of_bundle(bundle)
    kept_out = len(result.splits["validation"]) + len(result.splits["test"])
    assert list(reference.features) == list(table.names)
    assert {d.histogram.total for d in reference.features.values()} == {len(result.splits["train"])}
    assert reference.score.histogram.total == sum(reference.labels.values()) == kept_out
    assert list(reference.labels) == ["wild", "calm", "cannot_tell"]
    assert reference.features["count"].histogram.counts == (0, len(result.splits["train"]), 0)


def test_a_reference_survives_a_folder(trained, tmp_path):
    bundle, _, _ = trained
    loaded = read_bundle(tmp_path / write_bundle(bundle, tmp_path))
    assert Reference.of_bundle(loaded) == Reference.of_bundle(bundle)


def test_what_is_served_is_counted_as_the_training_counted_it(trained):
    bundle, result, table = trained
    reference = Reference.of_bundle(bundle)
    serving = InferencePipeline.from_bundle(bundle, toy.PROPERTY, toy.resolve)
    inside = reference.count(serving.predict_features(table.rows(result.splits["train"]).features))
    for name, known in reference.features.items():
        assert tuple(inside[f"feature/{name}"]) == known.histogram.counts
    held = table.rows(np.concatenate([result.splits["validation"], result.splits["test"]]))
    outside = reference.count(serving.predict_features(held.features))
    assert tuple(outside["labels"]) == tuple(reference.labels.values())
    assert np.abs(outside["score"] - reference.score.histogram.counts).sum() <= 2  # a score on an edge


def test_no_predictions_are_counted_as_nothing(trained):
    reference = Reference.of_bundle(trained[0])
    assert all(counts.sum() == 0 for counts in reference.count([]).values())


def test_a_reference_of_forty_features_is_small():
    rng = np.random.default_rng(0)
    columns = {f"across_{i:02}_30": rng.normal(rng.normal(), 10.0 ** (i % 5), 20_000) for i in range(40)}
    groups = np.arange(20_000)
    features = {name: Distribution.of(values, quantile_edges(values), groups) for name, values in columns.items()}
    reference = Reference(features, Distribution.of(rng.random(20_000), SCORE_EDGES, groups), {"sharp": 1})
    files = bundle_files(toy.bundle(distributions=reference.to_dict()))
    assert len(files["distributions.json"]) < 20_000


def test_a_bundle_of_an_older_version_has_no_reference():
    assert Reference.of_bundle(toy.bundle()) is None


def spoilt(**changed):
    known = Distribution(Histogram(EDGES, (1, 2, 3, 4)), 10).to_dict()
    return {"features": {"spread": known}, "score": known, "labels": {"calm": 1}} | changed


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"rows": 3}, id="something-else"),
        pytest.param(spoilt(features=[1]), id="no-mapping"),
        pytest.param(spoilt(score={"edges": [0, 1], "counts": [1], "worth": 1}), id="a-count-is-missing"),
        pytest.param(spoilt(score={"edges": [1e999], "counts": [1, 1], "worth": 1}), id="endless"),
        pytest.param(spoilt(score={"edges": [0], "counts": [1e999, 1], "worth": 1}), id="an-endless-count"),
        pytest.param(spoilt(score={"edges": [0], "counts": [1, 1], "worth": 3}), id="worth-too-much"),
        pytest.param(spoilt(labels=None), id="no-labels"),
    ],
)
def test_nonsense_in_a_bundle_is_an_error_of_the_artifact(values):
    assert Reference.of_bundle(toy.bundle(distributions=spoilt())) is not None
    with pytest.raises(ArtifactError, match="cannot be understood"):
        Reference.of_bundle(replace(toy.bundle(), distributions=values))
