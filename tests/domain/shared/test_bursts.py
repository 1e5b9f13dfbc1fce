"""Shots of one scene within moments are a burst, and its best shot is named; what only looks alike is none."""

import numpy as np
import pytest

from multimodal.domain.shared.collection import Gathered, collection_of


def shot(name, own, taken="", *, score=0.9, size=(640, 480), verdict="good"):
    info = {"width": size[0], "height": size[1], "fingerprint": f"{own:016x}"} | ({"taken": taken} if taken else {})
    answer = {"pipeline": "p", "property": "image/blur", "unit": "", "decides": True, "label": "sharp"}
    return {
        "name": name,
        "digest": name,
        "info": info,
        "modality": "image",
        "failures": [],
        "verdict": verdict,
        "predictions": [answer | {"score": score, "value": None}],
    }


def found(*shots, **options):
    gathered = Gathered()
    for each in shots:
        gathered.add(each)
    return collection_of(gathered, **options)


NOW, SOON, LATER = "2026-11-01T12:00:00", "2026-11-01T12:00:09.500", "2026-11-01T12:01:00"
A, B, FAR = 0, 0xFFF, 0xFFFF_FFFF


def test_shots_within_moments_are_a_burst_and_the_best_is_named():
    (burst,) = found(shot("b", A, NOW, score=0.7), shot("x", B, SOON, score=0.95)).bursts
    assert (burst.members, burst.best) == ((0, 1), 1)
    assert burst.why == "the highest score of 2 shots: 0.95, the next has 0.70"


def test_a_better_verdict_goes_before_a_higher_score():
    (burst,) = found(shot("b", A, NOW, score=0.5), shot("x", B, SOON, score=0.99, verdict="bad")).bursts
    assert (burst.best, burst.why) == (0, "the only one of 2 shots that is good")


def test_of_equal_shots_the_first_is_kept():
    assert [burst.best for burst in found(shot("b", A, NOW), shot("x", B, SOON)).bursts] == [0]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(shot("x", B, LATER), id="later"),
        pytest.param(shot("x", FAR, SOON), id="another-scene"),
        pytest.param(shot("x", B, SOON, size=(320, 240)), id="another-size"),
        pytest.param(shot("x", B, SOON) | {"digest": "b 1"}, id="a-copy"),
        pytest.param(shot("b 2", B), id="nobody-knows-when"),
    ],
)
def test_others_are_no_burst(other):
    assert found(shot("b 1", A, NOW), other).bursts == ()


@pytest.mark.parametrize(
    ("names", "is_burst"),
    [
        (("d/IMG_0009.jpg", "d/IMG_0010.jpg"), True),
        (("d/IMG_0009.jpg", "d/IMG_0011.jpg"), True),
        (("d/IMG_0009.jpg", "d/IMG_0012.jpg"), False),
        (("d/IMG_0009.jpg", "e/IMG_0010.jpg"), False),
        (("a.jpg", "b.jpg"), False),
    ],
)
def test_without_times_shots_are_numbered_one_after_the_other(names, is_burst):
    assert bool(found(*(shot(name, own) for name, own in zip(names, (A, B), strict=True))).bursts) is is_burst


def test_copies_and_near_duplicates_of_a_shot_are_members_too():
    collection = found(shot("b", A, NOW), shot("x", B, SOON), shot("small", 1, size=(64, 48)))
    assert [burst.members for burst in collection.bursts] == [(0, 1, 2)]
    assert [each.members for each in collection.similar] == [(0, 2)]
    assert collection.similar[0].bits == 1


def test_turned_captures_are_recognised_on_demand():
    def versions(own):
        return np.stack([own, own ^ np.uint64(FAR)], axis=1)

    shots = (shot("b", A), shot("x", FAR))
    assert found(*shots).similar == ()
    assert [each.members for each in found(*shots, versions={"image": versions}).similar] == [(0, 1)]
    other = shots[1] | {"modality": "model3d"}
    assert found(shots[0], other, versions={"image": versions, "model3d": versions}).similar == ()
