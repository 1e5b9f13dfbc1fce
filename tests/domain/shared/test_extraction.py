"""Extraction: one decode a capture, nothing measured twice, broken captures told and left out."""

from dataclasses import replace

import numpy as np
import pytest

from multimodal.adapters.engine import ThreadEngine
from multimodal.domain.shared.data import Dataset
from multimodal.domain.shared.errors import DataError
from multimodal.domain.shared.extraction import BATCH, Column, measure
from multimodal.domain.shared.pipelines import FeaturePipeline
from multimodal.domain.shared.sample import Capture
from tests import toy
from tests.fakes import MemoryFeatureStore

FEATURES = FeaturePipeline([toy.SpreadExtractor()])
COLUMNS = {"spread": Column.of_features("spread", FEATURES)}


class Counted:
    """A decoder that counts."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, capture):
        self.calls += 1
        return toy.decode(capture.read(), capture.name)


def numbers(count: int, decode=None, **more) -> Dataset:
    captures = [toy.capture(f"c{i}", [i, i + 2], "calm", **more) for i in range(count)]
    return Dataset(captures, decode or Counted())


def extract(data, store=None, columns=COLUMNS, threads=1):
    return measure(data, columns, ThreadEngine(threads), MemoryFeatureStore() if store is None else store)


def test_rows_stand_in_the_order_of_the_captures():
    table = extract(numbers(2 * BATCH + 3), threads=2).table("spread", FEATURES)
    assert table.features[:, 0].tolist() == [1.0] * len(table)
    assert table.index.tolist() == list(range(len(table)))


def test_what_was_measured_once_is_never_decoded_again():
    store, data = MemoryFeatureStore(), numbers(5)
    first, second = extract(data, store), extract(data, store)
    assert data.decode.calls == 5
    assert first.rows == second.rows


def test_a_new_column_is_measured_and_the_old_one_is_not():
    store, data = MemoryFeatureStore(), numbers(3)
    extract(data, store)
    count = Column("count", lambda sample: np.float32(len(sample.values)).tobytes())
    both = extract(data, store, {**COLUMNS, "count": count})
    assert data.decode.calls == 6
    assert both.rows["count"] == [np.float32(2).tobytes()] * 3


def test_several_columns_share_one_decode():
    data = numbers(4)
    extract(data, columns={**COLUMNS, "again": Column.of_features("again", FEATURES)})
    assert data.decode.calls == 4


def test_the_same_content_under_another_name_is_known():
    store = MemoryFeatureStore()
    extract(numbers(3), store)
    renamed = numbers(3)
    renamed = renamed.with_captures([replace(c, name=f"new {c.name}") for c in renamed.captures])
    extract(renamed, store)
    assert renamed.decode.calls == 0


def test_broken_captures_are_told_and_left_out():
    data = Dataset([toy.capture("a", [1]), Capture("b", toy.HEADER + b"x"), toy.capture("c", [3])], Counted())
    found = extract(data)
    assert str(found.broken[1]) == "b holds something that is no number."
    assert list(found.broken) == [1]
    assert found.table("spread", FEATURES).index.tolist() == [0, 2]
    assert found.digest == data.subset([0, 2]).digest


def test_nothing_but_broken_captures_is_an_error_that_says_why():
    with pytest.raises(DataError, match="no number"):
        extract(Dataset([Capture("b", toy.HEADER + b"x")], Counted()))


def test_what_was_measured_before_an_error_is_kept():
    store = MemoryFeatureStore()

    def fails(sample):
        if sample.name == "c2":
            raise RuntimeError("a fault of the extractor")
        return b"row"

    with pytest.raises(RuntimeError):
        extract(numbers(4), store, {"x": Column("x", fails)})
    assert len(store.kept) == 2


def test_fingerprints_may_be_missing():
    column = Column.of_fingerprints("f", lambda s: None if s.name == "c1" else np.array([1, 2], np.uint64))
    first, second = extract(numbers(2), columns={"f": column}).fingerprints("f")
    assert (first.tolist(), second) == ([1, 2], None)


def test_the_digest_knows_content_label_group_and_split_but_not_names_or_order():
    data = numbers(3, group="g")
    shuffled = data.with_captures([replace(c, name="x" + c.name) for c in reversed(data.captures)])
    assert data.digest == shuffled.digest
    for change in ({"label": "wild"}, {"group": "h"}, {"split": "test"}, {"content": b"numbers:9"}):
        assert data.with_captures([replace(data.captures[0], **change), *data.captures[1:]]).digest != data.digest


def test_sizes_and_what_a_sample_knows_of_itself_are_kept():
    data = Dataset([toy.capture("a", [1]), Capture("b", toy.HEADER + b"x"), toy.capture("c", [3, 4])], Counted())
    found = extract(data, columns={"i": Column.of_info("i")})
    assert found.sizes == (len(data.captures[0].content), len(data.captures[2].content))
    assert found.infos("i") == [{}, {}]
