"""Numbers that differ in few bits are found as by comparing all with all, however they are spread."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multimodal.domain.shared.duplicates import clusters
from multimodal.domain.shared.near import FEW, near_links

SPREADS = ("even", "pairs", "walk", "one", "alike quarters", "equal")


def flipped(numbers, times, rng):
    """Each number with so many random bits turned (some of them twice)."""
    for _ in range(times):
        numbers = numbers ^ (np.uint64(1) << rng.integers(0, 64, len(numbers), np.uint64))
    return numbers


def spread(name, count, seed):
    rng = np.random.default_rng(seed)
    even = rng.integers(0, 2**64, count, np.uint64)
    return {
        "even": even,
        "pairs": np.concatenate([even[: count // 2], flipped(even[: count // 2], 9, rng)]),
        "walk": np.bitwise_xor.accumulate(np.uint64(1) << rng.integers(0, 64, count, np.uint64)),
        "one": flipped(np.repeat(even[:1], count), 14, rng),
        "alike quarters": even & np.uint64(0xFFFF_FFFF_0000),
        "equal": np.repeat(even[:1], count),
    }[name]


def by_all_pairs(versions, distance):
    """What hangs together, by comparing all with all."""
    bits = np.min([np.bitwise_count(versions[:, 0][:, None] ^ column) for column in versions.T], axis=0)
    i, j = np.nonzero(np.triu(np.minimum(bits, bits.T) <= distance, 1))
    return clusters([(int(a), int(b), 0) for a, b in zip(i, j, strict=True)])


@pytest.mark.parametrize("distance", [0, 1, 3, 10, 12])
@pytest.mark.parametrize("name", SPREADS)
def test_what_hangs_together_is_found_whatever_the_spread(name, distance):
    numbers = spread(name, FEW + 200, seed=distance)[:, None]
    links = near_links(numbers, distance)
    assert clusters(links) == by_all_pairs(numbers, distance)
    assert all(i < j and (int(numbers[i, 0]) ^ int(numbers[j, 0])).bit_count() == bits for i, j, bits in links)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), distance=st.integers(0, 20), times=st.integers(0, 24))
def test_versions_are_found_too(seed, distance, times):
    rng = np.random.default_rng(seed)
    own = rng.integers(0, 2**64, FEW + 100, np.uint64)
    own[FEW // 2 : FEW] = flipped(own[: FEW // 2], times, rng)
    versions = np.stack([own, own ^ np.uint64(0xFF00FF00FF00FF00)], axis=1)
    assert clusters(near_links(versions, distance)) == by_all_pairs(versions, distance)


@pytest.mark.parametrize("name", SPREADS)
def test_there_is_one_link_less_than_members(name):
    links = near_links(spread(name, 5000, seed=1)[:, None], 10)
    assert len(links) == sum(len(found) - 1 for found in clusters(links))


def test_nothing_and_one_have_no_links():
    assert near_links(np.zeros((0, 8), np.uint64), 10) == near_links(np.zeros((1, 8), np.uint64), 10) == []
