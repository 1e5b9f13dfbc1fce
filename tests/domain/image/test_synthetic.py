"""Recipes of photographs: same recipe, same bytes; labels as the strengths say; groups that hold together."""

from collections import Counter, defaultdict

import cv2
import numpy as np
import pytest

from multimodal.domain.image import photos, scenes
from multimodal.domain.image.synthetic import LINES, Mix, Slot, SpoiledPhoto, captures

SMALL = Mix(sides=((96, 128, 1.0),), real=0.2)


def decoded(data):
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)


def crispness(pixels):
    """How much a slight blur takes away: detail relative to contrast."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return float(np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 1.5)).mean() / (grey.std() + 1))


def test_the_same_recipe_gives_the_same_bytes_in_any_order():
    forwards = {index: SpoiledPhoto("blur", index, 3, SMALL).read() for index in range(6)}
    backwards = {index: SpoiledPhoto("blur", index, 3, SMALL).read() for index in reversed(range(6))}
    assert forwards == backwards


def test_another_seed_gives_another_photograph():
    assert SpoiledPhoto("blur", 0, 1, SMALL).read() != SpoiledPhoto("blur", 0, 2, SMALL).read()


def test_facts_are_known_before_the_photograph_is_made():
    for index in range(8):
        recipe = SpoiledPhoto("blur", index, 0, SMALL)
        assert max(decoded(recipe.read()).shape) == pytest.approx(recipe.facts["long_side"], abs=1)


@pytest.mark.parametrize("name", ["blur", "brightness"])
def test_labels_follow_the_strength(name):
    for each in captures(name, 400, seed=5):
        facts, label = each.facts, each.label
        if label == "blurred":
            assert facts["strength"] >= LINES[facts["fault"]][1] - 0.01
        if label == "sharp":
            assert facts["strength"] <= LINES["defocus"][0]
        if label == "under_exposed":
            assert facts["strength"] <= -1.8
        if label == "over_exposed":
            assert facts["strength"] >= 1.3


def test_the_classes_are_balanced_well_enough():
    blur = Counter(each.label for each in captures("blur", 2000))
    assert set(blur) == {"sharp", "blurred", "cannot_tell"}
    assert 0.6 < blur["sharp"] / blur["blurred"] < 1.6
    brightness = Counter(each.label for each in captures("brightness", 2000))
    assert set(brightness) == {"under_exposed", "good", "over_exposed"}
    assert min(brightness.values()) > 300


def test_only_scenes_without_texture_cannot_be_told():
    for each in captures("blur", 600, seed=2):
        empty = each.facts["source"] == "scene" and not scenes.KINDS[each.facts["kind"]].textured
        assert (each.label == "cannot_tell") == empty


def test_one_scene_is_one_group_and_so_is_one_real_photograph():
    kinds = defaultdict(set)
    for each in captures("blur", 1200, seed=1):
        kinds[each.group].add(each.facts["kind"])
    assert all(len(found) == 1 for found in kinds.values())
    assert {f"photo-{name}" for name in photos.SHARP} <= set(kinds)


def test_borderline_cases_come_only_when_asked_for():
    assert not any(each.facts["borderline"] for each in captures("blur", 300))
    asked = [each.facts for each in captures("blur", 300, mix=Mix(borderline=1.0))]
    between = [facts for facts in asked if facts["borderline"]]
    assert between
    assert all(LINES[facts["fault"]][0] <= facts["strength"] <= LINES[facts["fault"]][1] for facts in between)


def test_sizes_are_those_of_the_mix():
    sides = [Slot.random(np.random.default_rng(i), Mix(sides=((500, 600, 1.0),), real=0.0)).size for i in range(20)]
    assert all(500 <= max(side) <= 600 for side in sides)


def test_nothing_is_made_before_it_is_read():
    assert len(captures("blur", 300, mix=Mix(sides=((20000, 20001, 1.0),), real=0.0))) == 300


def test_a_property_without_photographs_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="blur, brightness"):
        SpoiledPhoto("beauty", 0)


def test_blurred_photographs_are_less_crisp_than_sharp_ones_of_the_same_scene():
    crisp = defaultdict(lambda: defaultdict(list))
    for each in captures("blur", 80, seed=4, mix=Mix(sides=((200, 300, 1.0),), real=0.3)):
        crisp[each.group][each.label].append(crispness(decoded(each.read())))
    pairs = [(np.mean(c["sharp"]), np.mean(c["blurred"])) for c in crisp.values() if {"sharp", "blurred"} <= set(c)]
    assert np.mean([sharp > blurred for sharp, blurred in pairs]) > 0.8


def test_brightness_follows_the_label_within_one_scene():
    means = defaultdict(lambda: defaultdict(list))
    for each in captures("brightness", 60, seed=4, mix=SMALL):
        means[each.group][each.label].append(decoded(each.read()).mean())
    for found in means.values():
        order = [np.mean(found[label]) for label in ("under_exposed", "good", "over_exposed") if label in found]
        assert order == sorted(order)
