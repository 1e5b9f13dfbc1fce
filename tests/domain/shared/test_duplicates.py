"""What shows the same is found, kept together, and told where a split has torn it apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multimodal.domain.shared.duplicates import clusters, joined, near_duplicates, same_content, torn


def fingerprint(*versions: int):
    return np.array(versions, np.uint64)


def test_near_is_by_bits():
    one, two, far = fingerprint(0b1111), fingerprint(0b1100), fingerprint(2**63 - 1)
    assert near_duplicates([one, far, two], 2) == [(0, 2, 2)]
    assert near_duplicates([one, far, two], 1) == []


def test_any_version_of_either_counts():
    assert near_duplicates([fingerprint(5, 2**60), fingerprint(2**50, 4)], 1) == [(0, 1, 1)]


def test_what_cannot_be_recognised_is_never_linked():
    assert near_duplicates([None, None, fingerprint(0)]) == []
    assert near_duplicates([]) == []


def test_captures_of_several_modalities_may_have_different_numbers_of_versions():
    assert near_duplicates([fingerprint(7), fingerprint(9, 8, 7), fingerprint(7)], 0) == [(0, 1, 0), (0, 2, 0)]


def test_many_pictures_of_one_thing_give_one_link_less_than_there_are():
    links = near_duplicates([fingerprint(0b11)] * 600)
    assert len(links) == 599
    assert clusters(links) == [tuple(range(600))]


@given(st.lists(st.integers(0, 2**12), max_size=24), st.integers(0, 4))
def test_links_connect_exactly_what_hangs_together(values, distance):
    groups = joined(
        [f"{i:02}" for i in range(len(values))], near_duplicates([fingerprint(v) for v in values], distance)
    )
    for i, one in enumerate(values):
        for j, other in enumerate(values[:i]):
            if (one ^ other).bit_count() <= distance:
                assert groups[i] == groups[j]
    alone = [all((one ^ other).bit_count() > distance for k, other in enumerate(values) if k != i)
             for i, one in enumerate(values)]  # fmt: skip
    assert all(groups.count(groups[i]) == 1 for i, is_alone in enumerate(alone) if is_alone)


def test_copies_are_linked_to_the_first():
    assert same_content(["x", "y", "y", "x"]) == [(1, 2, 0), (0, 3, 0)]


@given(st.permutations([(0, 1, 0), (2, 3, 0), (1, 2, 0)]))
def test_joined_groups_are_called_the_same_in_whatever_order_links_come(links):
    assert joined(["d", "b", "c", "a", "e"], links) == ["a", "a", "a", "a", "e"]


def test_clusters_stand_in_the_order_of_their_first_captures():
    assert clusters([(12, 14, 1), (1, 100, 2), (14, 20, 0)]) == [(1, 100), (12, 14, 20)]
    assert clusters([]) == []


def test_a_group_in_two_splits_is_torn():
    (found,) = torn(["s1", "s1", "s2", "s1"], ["test", "train", "train", "test"])
    assert (found.group, found.counts, found.rows["test"]) == ("s1", {"test": 2, "train": 1}, (0, 3))


@pytest.mark.parametrize(
    ("splits", "counts"),
    [
        pytest.param(["", ""], None, id="no-split-named"),
        pytest.param(["test", "test"], None, id="in-one-split"),
        pytest.param(["test", ""], {"test": 1, "train": 1}, id="the-rest-is-learned-from"),
        pytest.param(["train", ""], {"": 1, "train": 1}, id="the-rest-may-become-a-test"),
    ],
)
def test_captures_without_a_split_are_where_training_would_put_them(splits, counts):
    found = torn(["s", "s"], splits)
    assert [t.counts for t in found] == ([counts] if counts else [])


def test_the_rest_is_no_leak_where_others_are_named():
    assert torn(["s", "s", "t"], ["train", "", "test"]) == ()
