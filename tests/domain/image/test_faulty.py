"""Photographs with the faults of any property: the same for the same recipe, labelled as they were made."""

from collections import Counter

import numpy as np
import pytest

from multimodal.domain.image.blur import PROPERTY
from multimodal.domain.image.faulty import FaultyPhoto, captures
from multimodal.domain.image.sample import decode
from multimodal.domain.image.synthetic import Mix

SMALL = Mix(sides=((300, 320, 1.0),), real=0.0, variants=4)


def test_each_scene_is_seen_twice_sound_and_twice_spoiled():
    made = captures("blur", 80)
    scenes = {capture.group for capture in made}
    for scene in scenes:
        spoiled = [c for c in made if c.group == scene and abs(c.facts["strength"]) > 3.5]
        assert len(spoiled) <= sum(c.group == scene for c in made) / 2
    assert {c.facts["fault"] for c in made} == {"none", *(fault.name for fault in PROPERTY.degradations)}


def test_labels_follow_from_the_strength():
    weakest = {fault.name: fault for fault in PROPERTY.degradations}
    for capture in captures("blur", 200):
        fault = weakest.get(capture.facts["fault"])
        if fault and capture.facts["strength"] >= fault.strengths[0]:
            assert capture.label == "blurred"
        if fault is None or capture.facts["strength"] <= fault.unnoticed:
            assert capture.label == "sharp"


def test_about_half_is_sound():
    counts = Counter(capture.label for capture in captures("blur", 400))
    assert 0.45 < counts["sharp"] / 400 < 0.6


def test_the_same_recipe_gives_the_same_bytes():
    first, again = (FaultyPhoto("blur", 5, seed=3, mix=SMALL).read() for _ in range(2))
    assert first == again != FaultyPhoto("blur", 5, seed=4, mix=SMALL).read()


@pytest.mark.parametrize("index", range(4))
def test_what_is_made_can_be_decoded(index):
    sample = decode(FaultyPhoto("brightness", index, mix=SMALL).read())
    assert max(sample.size) in range(300, 321)


def test_a_spoiled_photograph_differs_from_its_sound_self():
    photos = [FaultyPhoto("brightness", index, mix=SMALL) for index in range(40)]
    spoiled = next(photo for photo in photos if abs(photo.facts["strength"]) > 2)
    difference = np.abs(decode(spoiled.read()).pixels.astype(int) - spoiled.sound()).mean()
    assert difference > 10
