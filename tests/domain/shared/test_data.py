"""Data sets are indexable, iterable, lazy or in memory; transformers keep scikit-learn's contract."""

import numpy as np
import pytest
import yaml
from sklearn.base import clone

from multimodal.domain.shared.data import Dataset, DataTransformer, FeatureExtractor, FeatureTable
from multimodal.domain.shared.errors import DataError
from tests import toy


class Scaled(DataTransformer):
    """Values times a factor."""

    def __init__(self, factor: float = 1.0) -> None:
        self.factor = factor

    def transform_one(self, sample):
        return toy.NumbersSample(name=sample.name, values=sample.values * self.factor)


class Odd(FeatureExtractor):
    """Nothing but trouble."""

    names = ("nan", "infinity", "huge")

    def row(self, sample):
        return float("nan"), float("inf"), 1e300


@pytest.fixture
def data() -> Dataset:
    decoded = []

    def decode(capture):
        decoded.append(capture.name)
        return toy.decode(capture.read(), capture.name)

    captures = [toy.capture(str(i), [i, i + 1], "odd" if i % 2 else "even") for i in range(5)]
    dataset = Dataset(captures, decode)
    dataset.decoded = decoded
    return dataset


def test_an_item_is_a_sample_with_its_label(data):
    sample, label = data[3]
    assert (sample.values.tolist(), label) == ([3, 4], "odd")
    assert data[-1][0].name == "4"


def test_an_index_out_of_range_ends_the_iteration(data):
    with pytest.raises(IndexError):
        data[5]
    assert [label for _, label in data] == ["even", "odd", "even", "odd", "even"]


def test_a_slice_is_a_data_set_with_the_same_classes(data):
    part = data[::2]
    assert (len(part), part.class_names, part.labels) == (3, ("even", "odd"), ["even"] * 3)


def test_nothing_is_decoded_until_it_is_asked_for(data):
    assert (len(data), data.class_names, data.labels[0]) == (5, ("even", "odd"), "even")
    assert data.decoded == []


def test_a_lazy_data_set_decodes_again_and_one_in_memory_does_not(data):
    assert data[0][0] is not data[0][0]
    data.in_memory = True
    assert data[1][0] is data[1][0]


def test_labels_are_renamed_and_what_has_no_new_name_is_left_out(data):
    renamed = data.relabel({"odd": "strange"})
    assert (len(renamed), renamed.class_names) == (2, ("strange",))


def test_the_digest_changes_with_a_label_and_not_with_time(data):
    again = Dataset(list(data.captures), data.decode)
    assert data.digest == again.digest != data.relabel({"odd": "odd", "even": "flat"}).digest


def test_a_capture_without_a_group_is_its_own():
    captures = [toy.capture("a", [1], group="scene"), toy.capture("b", [1])]
    assert Dataset(captures, toy.decode).groups == ["scene", "b"]


def test_a_transformer_goes_to_yaml_and_back():
    values = yaml.safe_load(yaml.safe_dump(Scaled(2.5).to_dict()))
    assert Scaled.from_dict(values).factor == 2.5
    with pytest.raises(ValueError, match="Did you mean 'factor'"):
        Scaled.from_dict({"facter": 1})


def test_a_transformer_is_cloned_fitted_and_applied_like_scikit_learns(data):
    transformer = clone(Scaled(3.0))
    (scaled,) = transformer.fit_transform([data[1][0]])
    assert scaled.values.tolist() == [3, 6]
    assert transformer.get_params() == {"factor": 3.0}


def test_an_extractor_makes_a_finite_table_with_named_columns(data):
    table = Odd().transform([data[0][0], data[1][0]])
    assert (table.shape, table.dtype) == ((2, 3), np.float32)
    assert np.isfinite(table).all()
    assert Odd().get_feature_names_out().tolist() == ["nan", "infinity", "huge"]
    assert Odd().transform([]).shape == (0, 3)


def test_a_table_whose_columns_do_not_fit_is_refused():
    two = np.array(["a", "b"])
    with pytest.raises(DataError, match=r"\(n, 1\)"):
        FeatureTable(np.zeros((2, 2), np.float32), ("x",), two, two, two)
    with pytest.raises(DataError, match="differ in length"):
        FeatureTable(np.zeros((3, 1), np.float32), ("x",), two, two, two)
