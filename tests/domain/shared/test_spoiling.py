"""Training without labels: known sets first, then what must hold for any folder, then what is refused."""

import pickle
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multimodal.domain.image.blur import PROPERTY as BLUR
from multimodal.domain.image.brightness import PROPERTY as BRIGHTNESS
from multimodal.domain.shared.data import Dataset
from multimodal.domain.shared.errors import BrokenCapture, ConfigError, DataError
from multimodal.domain.shared.extraction import table_of
from multimodal.domain.shared.modality import Degradation
from multimodal.domain.shared.pipelines import TrainingPipeline
from multimodal.domain.shared.recipe import Recipe
from multimodal.domain.shared.sample import Capture
from multimodal.domain.shared.spoiling import BEYOND, Latest, copies_for, kind_of, spoiled
from tests import toy
from tests.fakes import GridTuner

read = toy.decode_capture


def calm(count=8, seed=0, **more):
    rng = np.random.default_rng(seed)
    captures = [toy.capture(f"calm {i}.txt", 0.5 * rng.normal(size=30), **more) for i in range(count)]
    return Dataset(captures, read, name="mine")


def made(good=None, property=toy.PROPERTY, seed=0, **more):
    return spoiled(good or calm(), property, toy.MODALITY, seed=seed, **more)


def copies_of(data, name):
    return [c for c in data.captures if c.facts.get("copy_of") == name]


def test_each_good_capture_is_there_as_it_is():
    good = calm()
    there = {c.name: c for c in made(good).captures}
    for capture in good.captures:
        assert there[capture.name].read() == capture.read()
        assert there[capture.name].label == "calm"
        assert there[capture.name].facts["fault"] == "none"


def test_labels_are_about_balanced():
    counts = Counter(made(copies=3).labels)
    assert counts["calm"] == counts["wild"] == 8 * 2 * 3
    assert counts[None] == 8  # one degradation says what goes unnoticed


def test_three_labels_are_balanced_too():
    sides = (
        Degradation("less", "low", "x", (2.0, 4.0), toy.wilder),
        Degradation("more", "high", "x", (2.0, 4.0), toy.wilder),
    )
    three = replace(toy.PROPERTY, labels=("low", "calm", "high"), kinds={}, degradations=sides)
    assert set(Counter(made(property=three, copies=4).labels).values()) == {8 * 4}


def test_strengths_go_from_the_weakest_to_a_little_past_the_strongest():
    drawn = [c.facts["strength"] for c in made(calm(40), copies=6).captures if c.label == "wild"]
    shaky = [s for s in drawn if s < 15]
    assert min(shaky) == pytest.approx(4.0, rel=0.02)
    assert max(shaky) == pytest.approx(12.0 * 3**BEYOND, rel=0.02)
    assert np.median(shaky) == pytest.approx(np.sqrt(4 * 12), rel=0.1)


def test_what_lies_between_unnoticed_and_a_fault_has_no_label():
    for capture in made(copies=4).captures:
        facts = capture.facts
        assert facts["borderline"] == (capture.label is None)
        if capture.label is None:
            assert 1.5 <= facts["strength"] <= 4.0
        if capture.label == "calm":
            assert facts["strength"] <= 1.5


def test_what_has_no_label_is_in_no_training():
    data = made(copies=3)
    table = table_of(data, np.zeros((len(data), 2), np.float32), ("spread", "count"), "fine_label")
    training = TrainingPipeline(Recipe.from_dict(toy.RULE), toy.PROPERTY, toy.resolve, GridTuner())
    usable = training.usable(table)
    assert not any(facts["borderline"] for facts in usable.facts)
    assert len(usable) == len(table) - 8


def test_finer_labels_are_those_that_the_property_knows():
    fine = {(c.facts["fault"], c.facts["fine_label"]) for c in made().captures if c.label == "wild"}
    assert fine == {("shaky", "shaky"), ("blast", "explosive")}
    assert kind_of(Degradation("new", "wild", "x", (1.0, 2.0), toy.wilder), toy.PROPERTY) == "wild"


def test_the_copies_of_a_capture_share_its_group_and_split():
    captures = [
        *calm(4).captures,
        toy.capture("last.txt", [1.0, 2.0], group="scene 9", split="test", facts={"who": "me"}),
    ]
    data = made(Dataset(captures, read))
    assert {(c.group, c.split, c.facts["who"]) for c in copies_of(data, "last.txt")} == {("scene 9", "test", "me")}
    assert {c.group for c in copies_of(data, "calm 0.txt")} == {"calm 0.txt"}


def test_a_label_that_is_accepted_stays():
    better = replace(toy.PROPERTY, labels=("wild", "calm", "serene"), accepted=frozenset({"calm", "serene"}))
    captures = [replace(c, label="serene" if i % 2 else None) for i, c in enumerate(calm().captures)]
    data = made(Dataset(captures, read), better)
    assert {c.label for c in copies_of(data, "calm 1.txt")} == {"serene", "wild", None}
    assert {c.label for c in copies_of(data, "calm 0.txt")} == {"calm", "wild", None}


def test_the_same_seed_and_name_give_the_same_copies_whatever_else_is_in_the_folder():
    few, many = made(calm(5), copies=2), made(calm(9), copies=2)
    for one, other in zip(copies_of(few, "calm 3.txt"), copies_of(many, "calm 3.txt"), strict=True):
        assert (one.name, one.label, one.facts) == (other.name, other.label, other.facts)
        assert one.read() == other.read()


def test_another_seed_gives_other_copies():
    one, other = (copies_of(made(seed=seed, copies=2), "calm 0.txt") for seed in (0, 1))
    assert [c.read() for c in one] != [c.read() for c in other]


def test_names_are_unique():
    names = [c.name for c in made().captures]
    assert len(set(names)) == len(names)


def test_another_process_can_make_a_copy():
    capture = copies_of(made(), "calm 0.txt")[0]
    assert pickle.loads(pickle.dumps(capture)).read() == capture.read()


def test_nothing_is_read_before_it_is_asked_for():
    missing = Dataset([Capture(f"{i}", lambda: 1 / 0) for i in range(5)], read)
    assert len(made(missing)) > 5


def test_a_broken_capture_breaks_its_copies_and_no_other():
    data = made(Dataset([*calm().captures, Capture("broken.txt", b"numbers:what")], read), copies=1)
    with pytest.raises(BrokenCapture):
        copies_of(data, "broken.txt")[0].read()
    assert copies_of(data, "calm 0.txt")[0].read()


def test_the_copies_of_a_capture_are_made_from_one_decode():
    seen = []

    def counted(capture):
        seen.append(capture.name)
        return read(capture)

    data = made(Dataset(calm(4).captures, counted), copies=3)
    for capture in data.captures:
        capture.read()
    assert sorted(seen) == [f"calm {i}.txt" for i in range(4)]


def test_only_the_last_samples_are_remembered():
    latest = Latest(read, kept=2)
    captures = calm(5).captures
    assert [latest(c).name for c in captures] == [c.name for c in captures]
    assert set(latest.samples) == set(captures[-2:])


@given(st.integers(1, 5000), st.integers(1, 8))
def test_few_captures_get_more_copies(captures, faults):
    assert 1 <= copies_for(captures + 1, faults) <= copies_for(captures, faults) <= 6


@given(st.integers(4, 12), st.integers(1, 7), st.integers(0, 2**31))
def test_any_set_teaches_every_label(count, copies, seed):
    data = made(calm(count), seed=seed, copies=copies)
    assert {"calm", "wild"} <= set(data.labels)
    assert set(data.class_names) == {"calm", "wild"}


@pytest.mark.parametrize("property", [BLUR, BRIGHTNESS], ids=lambda property: property.name)
def test_what_ships_can_be_spoiled(property):
    rejected = set(property.labels) - property.accepted
    assert {fault.label for fault in property.degradations} == rejected
    for fault in property.degradations:
        assert abs(fault.unnoticed) < abs(fault.strengths[0]) < abs(fault.strengths[-1])
        assert fault.unnoticed * fault.strengths[0] > 0


def test_a_modality_that_cannot_be_spoiled_says_what_is_missing():
    with pytest.raises(ConfigError, match="spoil"):
        spoiled(calm(), toy.PROPERTY, replace(toy.MODALITY, spoil=None), seed=0)


def test_a_property_without_degradations_says_how_to_mend_it():
    with pytest.raises(ConfigError, match="degradations"):
        made(property=replace(toy.PROPERTY, degradations=()))


def test_a_label_that_no_degradation_leads_to_is_named():
    with pytest.raises(ConfigError, match="asleep"):
        made(property=replace(toy.PROPERTY, labels=("wild", "calm", "asleep")))


def test_too_few_captures_are_refused():
    with pytest.raises(DataError, match="at least 4"):
        made(calm(3))


def test_a_degradation_that_leads_to_a_good_label_is_refused():
    with pytest.raises(ValueError, match="shaky"):
        replace(toy.PROPERTY, degradations=(replace(toy.SHAKY, label="calm"),))
