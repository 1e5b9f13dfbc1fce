"""What is in a data set and wrong with it; what shows the same stays together in training."""

import io
import logging
from dataclasses import asdict, replace

import numpy as np
import pytest
from PIL import Image

from multimodal.domain.shared.data import Dataset
from multimodal.domain.shared.description import Spread
from multimodal.domain.shared.errors import DataError, UnknownName
from multimodal.domain.shared.modality import Limits
from multimodal.domain.shared.recipe import Recipe
from multimodal.domain.shared.sample import Capture
from multimodal.service.catalog import Catalog
from multimodal.service.dataset_service import DatasetService
from tests import toy
from tests.fakes import InlineEngine, InlineRenderer, MemoryDatasetSource, MemoryFeatureStore

RULE = Recipe.from_dict(toy.RULE)


class Counting(MemoryFeatureStore):
    """Counts rows that are written."""

    written = 0

    def write(self, key, rows):
        self.written += len(rows)
        super().write(key, rows)


def fingerprints(sample):
    """The first number, and itself backwards; a lone number shows nothing."""
    if len(sample.values) < 2:
        return None
    return np.array([int(sample.values[0]), int(sample.values[0]) << 32], np.uint64)


def thumbnail(sample, side):
    return np.full((side // 2, side, 3), int(sample.values[0]) % 256, np.uint8)


def service(*captures, **changes) -> DatasetService:
    given = {"fingerprints": fingerprints, "thumbnail": thumbnail} | changes
    catalog = Catalog(
        {"numbers": replace(toy.MODALITY, **given)}, {"numbers/calmness": toy.PROPERTY}, {RULE.name: RULE}
    )
    data = Dataset(captures, lambda c: toy.decode(c.read(), c.name), name="mine")
    return DatasetService(
        catalog, MemoryDatasetSource(mine=data), Counting(), InlineRenderer(), InlineEngine(), Limits()
    )


A, B, FAR = [0b1, 5], [0b11, 9], [2**30 - 1, 5]


def table(made: DatasetService):
    return made.table(made.measured(made.load("mine"), [RULE]), RULE)


def test_near_duplicates_and_copies_are_one_group_in_training():
    made = service(
        toy.capture("a", A, "calm", group="one"),
        toy.capture("b", B, "calm", group="two"),
        toy.capture("c", FAR, "calm"),
        toy.capture("d", [7], "calm"),
        toy.capture("e", [7], "wild", group="three"),
    )
    assert table(made).groups.tolist() == ["one", "one", "c", "d", "d"]


def test_a_modality_without_fingerprints_still_keeps_copies_together():
    made = service(toy.capture("a", A), toy.capture("b", B), toy.capture("c", A), fingerprints=None)
    assert table(made).groups.tolist() == ["a", "b", "a"]


def test_fingerprints_are_measured_once():
    made = service(toy.capture("a", A), toy.capture("b", B))
    made.describe("mine")
    first = made.features.written
    made.describe("mine")
    made.measured(made.load("mine"), [RULE])
    assert (first, made.features.written) == (4, 6)


def test_training_warns_of_leakage(caplog):
    made = service(toy.capture("a", A, "calm", split="train"), toy.capture("b", B, "calm", split="test"))
    with caplog.at_level(logging.WARNING):
        table(made)
    assert "1 groups of mine lie in more than one split" in caplog.text


def test_a_description_counts():
    found = service(
        toy.capture("a", A, "calm", group="g", split="train"),
        toy.capture("b", [4, 5, 6, 7], "calm", group="g", split="train"),
        toy.capture("c", FAR, "wild", split="test"),
        Capture("d", toy.HEADER + b"x", label="wild"),
    ).describe("mine")
    assert (found.captures, found.labels, found.groups) == (4, {"calm": 2, "wild": 1}, 2)
    assert found.splits == {"train": {"calm": 2}, "test": {"wild": 1}}
    assert (found.group_sizes, found.bytes.most) == (Spread(1, 1.5, 2), 43)
    assert found.broken[0].name == "d"
    assert found.problems == ("1 capture cannot be read, such as 'd': d holds something that is no number.",)


def test_copies_and_near_duplicates_with_different_labels_are_told_apart():
    found = service(
        toy.capture("a", A, "calm"),
        toy.capture("b", A, "wild"),
        toy.capture("c", FAR, "calm"),
        toy.capture("d", [FAR[0], 6], "wild"),
        toy.capture("e", [FAR[0], 7], "wild"),
    ).describe("mine")
    assert [(c.captures, c.groups, c.labels, c.same, c.disagrees) for c in found.clusters] == [
        (3, 3, {"calm": 1, "wild": 2}, False, True),
        (2, 2, {"calm": 1, "wild": 1}, True, True),
    ]
    copies, similar = found.problems
    assert copies.startswith("1 capture more than once with different labels, such as 'a', 'b'")
    assert similar.startswith("1 set of near-duplicates with different labels, such as 'c', 'd', 'e'")


@pytest.mark.parametrize("given", ["same group", "near-duplicates", "copies"])
def test_leakage_is_found_however_it_came_about(given):
    group = "g" if given == "same group" else None
    other = {"same group": FAR, "near-duplicates": B, "copies": A}[given]
    found = service(
        toy.capture("a", A, "calm", split="train", group=group),
        toy.capture("b", other, "calm", split="test", group=group),
        toy.capture("c", [(2**12 - 1) << 18, 5], "calm", split="test"),
    ).describe("mine")
    (leak,) = found.leakage
    assert (leak.counts, leak.examples) == ({"test": 1, "train": 1}, {"test": ("b",), "train": ("a",)})
    assert found.problems[-1].startswith("Leakage: 1 group in more than one split, such as 'b' (test) and 'a' (train).")


def test_captures_without_a_label_among_others_are_told():
    assert service(toy.capture("a", A, "calm"), toy.capture("b", FAR)).describe("mine").problems == (
        "1 capture without a label, among others that have one.",
    )
    assert service(toy.capture("a", A), toy.capture("b", FAR)).describe("mine").problems == ()


def test_a_description_is_plain_values():
    assert asdict(service(toy.capture("a", A, "calm")).describe("mine"))["clusters"] == ()


def test_what_cannot_be_described_says_why():
    with pytest.raises(UnknownName):
        service(toy.capture("a", A)).describe("yours")
    with pytest.raises(DataError, match="no number"):
        service(Capture("d", toy.HEADER + b"x")).describe("mine")


# --- contact sheet ----------------------------------------------------------------------------------------------------


def picture(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "PNG"
        return np.array(image)


def many(count: int, label: str, first: int = 0, **more):
    return [toy.capture(f"{label}-{i}", [first + i, 1], label, **more) for i in range(count)]


def test_a_contact_sheet_shows_a_few_of_each_label_and_always_the_same():
    made = service(*many(30, "calm", 60), *many(2, "wild", 200))
    one = picture(made.contact_sheet(made.load("mine"), 4))
    shown = {int(v) for v in np.unique(one)}
    assert len(shown & set(range(60, 90))) >= 4
    assert shown >= {200, 201}
    again = Dataset(made.load("mine").captures[::-1], made.load("mine").decode, name="mine")
    assert np.array_equal(one, picture(made.contact_sheet(again, 4)))


def test_a_contact_sheet_shows_as_many_groups_as_possible():
    made = service(*many(30, "calm", 60, group="same"), toy.capture("other", [222, 1], "calm", group="rare"))
    assert 222 in np.unique(picture(made.contact_sheet(made.load("mine"), 2)))


def test_broken_captures_and_odd_names_do_not_hinder_a_contact_sheet():
    odd = ["\x1b[31m", "日本語" * 30, "\udcff.txt", "a\nb"]
    made = service(Capture("broken", toy.HEADER + b"x"), *(toy.capture(name, A) for name in odd))
    assert picture(made.contact_sheet(made.load("mine"))).shape[2] == 3


def test_what_has_no_pictures_has_no_contact_sheet():
    made = service(toy.capture("a", A), thumbnail=None)
    with pytest.raises(DataError, match="can be shown"):
        made.contact_sheet(made.load("mine"))


def test_of_very_many_labels_the_first_are_shown(caplog):
    made = service(*(toy.capture(str(i), [i, 1], f"label {i:03}") for i in range(60)))
    assert picture(made.contact_sheet(made.load("mine"))).shape[0] < 8000
    assert "24 of 60 labels" in caplog.text
