"""What is unlike the rest is found, and a collection of usual captures is left in peace."""

import numpy as np
import pytest

from multimodal.domain.shared.gathered import Gathered
from multimodal.domain.shared.oddities import odd, unusual

SPREADS = {
    "normal": lambda rng, n: rng.normal(10, 2, n),
    "skewed": lambda rng, n: rng.lognormal(0, 0.8, n),
    "exponential": lambda rng, n: rng.exponential(1, n),
    "even": lambda rng, n: rng.uniform(0, 1, n),
    "near one": lambda rng, n: rng.beta(8, 0.8, n),
    "mostly none": lambda rng, n: np.where(rng.random(n) < 0.7, 0, rng.random(n)),
    "two kinds": lambda rng, n: rng.normal(10, 1, n) + np.where(rng.random(n) < 0.1, 50, 0),
    "all alike": lambda rng, n: np.full(n, 3.0),
}


def far(values):
    return list(unusual(np.asarray(values, float), "noise_rule", "noise", "grey levels"))


def gathered_of(sizes):
    gathered = Gathered()
    for number, (width, height) in enumerate(sizes):
        gathered.add_info(f"{number}.jpg", str(number), {"width": width, "height": height})
    return gathered


@pytest.mark.parametrize("name", SPREADS)
def test_a_collection_of_usual_captures_has_hardly_any_outlier(name):
    """At most one in eight of 40 collections has a single one."""
    found = [far(SPREADS[name](np.random.default_rng(seed), 300)) for seed in range(40)]
    assert sum(map(len, found)) <= 5


def test_a_value_far_from_the_rest_is_told():
    (found,) = far([*np.random.default_rng(0).normal(3, 0.5, 60), 40.0, np.nan])
    assert (found.member, found.measure, found.value) == (60, "noise_rule", 40.0)
    assert found.sentence.startswith("Noise 40 grey levels; ")
    assert found.low < 3 < found.high < 10


def test_what_several_in_a_hundred_have_is_no_exception():
    assert far([*np.random.default_rng(0).normal(3, 0.5, 60), *[40.0] * 4]) == []


def test_among_few_nothing_is_odd():
    assert far([1.0] * 10 + [99.0]) == []
    assert odd(gathered_of([(640, 480)] * 10 + [(16, 16)])) == ()


def test_an_icon_among_photographs_is_odd():
    (found,) = odd(gathered_of([(640, 480)] * 40 + [(64, 48)]))
    assert (found.member, found.measure, found.value) == (40, "size", 48.0)
    assert found.sentence == "Its short side is 48 px; 480 px are usual."


def test_a_strip_among_photographs_is_odd_however_it_is_turned():
    found = odd(gathered_of([(640, 480), (480, 640)] * 20 + [(4000, 480), (480, 4000)][:1]))
    assert [(each.member, each.measure) for each in found] == [(40, "shape")]


@pytest.mark.parametrize("seed", range(5))
def test_several_usual_sizes_and_mixed_ones_are_left_in_peace(seed):
    rng = np.random.default_rng(seed)
    usual = [(640, 480), (4000, 3000), (1080, 1920)]
    assert odd(gathered_of([usual[i] for i in rng.integers(0, 3, 200)])) == ()
    assert odd(gathered_of((2 ** rng.uniform(8, 12, (200, 1)) * (1.4, 1.0)).astype(int).tolist())) == ()


def test_nothing_has_nothing_odd():
    assert odd(Gathered()) == ()
    assert far([]) == []
