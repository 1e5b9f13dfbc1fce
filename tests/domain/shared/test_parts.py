"""Parts are linked to their wholes after a look, and nothing is looked at without need."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multimodal.domain.shared.duplicates import clusters
from multimodal.domain.shared.near import FEW, near_links
from multimodal.domain.shared.parts import MOST, Views, part_links

FAR = np.uint64(0xFFFF_FFFF)


class Eye:
    """Believes the pairs that it is told to, and remembers what it looked at. What is kept is a capture's number."""

    def __init__(self, believed):
        self.believed = believed
        self.looks = []

    def __call__(self, whole, part, *, window, stretch):
        self.looks.append((int(whole), int(part), window, stretch))
        return self.believed(int(whole), int(part))


def views(own, windows, shapes=None):
    count = len(own)
    return Views(
        np.array(own, np.uint64),
        np.array(windows, np.uint64).reshape(count, -1),
        np.arange(count).astype(np.uint8),
        np.array(shapes or [1.0] * count),
    )


def test_a_part_is_linked_to_its_whole_by_the_nearest_window():
    eye = Eye(lambda whole, part: True)
    seen = views([0, 0x3F0F], [[0, 0x3F00], [0x3F0F, FAR]], [1.5, 1.0])
    assert part_links(seen, eye, 4) == [(0, 1, 4)]
    assert eye.looks == [(0, 1, 1, 1.5)]


def test_what_is_near_as_a_whole_is_linked_elsewhere_and_not_looked_at():
    eye = Eye(lambda whole, part: True)
    assert part_links(views([0, 1, 3], [0, 1, 3]), eye, 2) == []
    assert eye.looks == []


def test_a_refused_pair_is_looked_at_once_each_way_and_hides_no_other_one():
    eye = Eye(lambda whole, part: (whole, part) == (0, 2))
    seen = views([0xFF, 0xFF00, 0xFF0000], [[0xFF00, 0xFF0000], [0xFF, 0xFF0000], [0xFF, 0xFF00]])
    assert part_links(seen, eye, 4) == [(0, 2, 0)]
    assert len(eye.looks) == len(set(eye.looks))
    assert {(0, 1), (1, 0), (1, 2), (2, 1)} <= {look[:2] for look in eye.looks}


def test_either_may_be_the_whole():
    eye = Eye(lambda whole, part: whole == 1)
    assert part_links(views([0xFF, 0xFF00], [[0xFF], [0xFF]]), eye, 4) == [(0, 1, 0)]


def test_who_was_refused_often_is_left_alone():
    own = [1 << i for i in range(40)] * 2
    own = [number if i < 40 else number | 0xF << 60 for i, number in enumerate(own)]
    windows = [[own[(i + 40) % 80], 0] for i in range(80)]
    eye = Eye(lambda whole, part: False)
    seen = Views(
        np.array(own, np.uint64), np.array(windows, np.uint64), np.arange(80, dtype=np.uint8), np.ones(len(own))
    )
    assert part_links(seen, eye, 1) == []
    assert len({tuple(sorted(look[:2])) for look in eye.looks}) <= len(own) * MOST


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([2, 30, FEW + 200]), st.integers(0, 12))
def test_with_an_eye_that_believes_all_nothing_that_is_near_is_missed(seed, count, distance):
    rng = np.random.default_rng(seed)
    own = rng.integers(0, 2**64, count, np.uint64)
    windows = rng.integers(0, 2**64, (count, 3), np.uint64)
    cut = rng.choice(count, count // 3)
    own[: len(cut)] = windows[cut, rng.integers(0, 3, len(cut))] ^ (np.uint64(1) << np.uint64(7))
    seen = Views(own, windows, np.zeros(count, np.uint8), np.ones(count))
    found = part_links(seen, lambda whole, part, *, window, stretch: True, distance)
    plain = near_links(own[:, None], distance)
    assert clusters([*plain, *found]) == clusters(near_links(np.concatenate([own[:, None], windows], axis=1), distance))


@pytest.mark.parametrize("count", [1, 2])
def test_few_captures_have_no_parts(count):
    assert part_links(views([0] * count, [0] * count), Eye(lambda whole, part: True), 10) == []
