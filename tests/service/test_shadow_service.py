"""Challengers watch: what they say is counted, and nobody who waits for an answer notices."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from multimodal.domain.shared.errors import Busy
from multimodal.domain.shared.modality import Limits
from multimodal.domain.shared.recipe import Recipe
from multimodal.service import shadow_service
from multimodal.service.quality_assessment_service import QualityAssessmentService
from multimodal.service.serving import Challengers
from multimodal.service.shadow_service import ShadowService
from tests import toy
from tests.fakes import InlineEngine, MemoryAgreementStore, MemoryModelStore
from tests.patience import eventually
from tests.service.test_serving import BAD, CALM, CATALOG, GOOD, NAME, OTHER

WILD = toy.capture("wild", [-50, 60, 10])


class FailsOnCaptures(toy.CalmRule):
    """A rule that passes its self-test and fails on what is short."""

    def margins(self, table):
        if (table[:, 1] == 3).any():
            raise RuntimeError("three numbers")
        return super().margins(table)


FAILS = {"estimator": {"rule": f"{__name__}:FailsOnCaptures"}}
ALL = replace(
    CATALOG, recipes={**CATALOG.recipes, "clumsy": Recipe.from_dict(toy.RULE | FAILS | {"pipeline": "clumsy"})}
)
CLUMSY = toy.bundle(recipe=Recipe.from_dict(toy.RULE | FAILS))


class House:
    """A service with a shadow, all in memory."""

    def __init__(self) -> None:
        self.models, self.agreements = MemoryModelStore(), MemoryAgreementStore()
        self.shadow = ShadowService(Challengers(ALL, self.models), self.agreements)
        self.assessor = QualityAssessmentService(ALL, self.models, InlineEngine(), Limits(), watch=self.shadow.offer)
        self.quiet = threading.Event()
        self.quiet.set()

    def start(self) -> None:
        self.shadow.start(self.quiet.is_set)
        eventually(lambda: self.shadow.report().watching)

    def assess(self, *captures):
        return [self.assessor.assess(capture, pipelines=[NAME]) for capture in captures]

    def seen(self) -> int:
        return sum(one.seen + one.failed for one in self.agreements.find())


@pytest.fixture
def house(monkeypatch) -> Iterator[House]:
    monkeypatch.setattr(shadow_service, "PERIOD", 0.02)
    house = House()
    yield house
    house.shadow.close()


def test_nothing_is_compared_before_it_is_started(house):
    house.models.save(OTHER)
    house.assess(CALM)
    assert (house.shadow.report().active, house.agreements.kept) == (False, {})


def test_what_both_say_is_counted_by_version(house):
    champion = house.models.save(GOOD)
    house.models.promote(champion)
    challenger = house.models.save(OTHER)
    house.start()
    house.assess(CALM)
    eventually(lambda: house.seen() == 1)
    house.assess(WILD)
    eventually(lambda: house.seen() == 2)
    (info,) = house.shadow.report(NAME).agreements
    assert (info.pipeline, info.champion, info.challenger) == (NAME, champion.version, challenger.version)
    assert (info.same_label, info.same_acceptance, info.rejects_accepted, info.accepts_rejected) == (1, 1, 1, 0)
    assert 0.3 < info.mean_difference < 0.6
    assert house.shadow.report("calm_learned").agreements == ()


def test_only_champions_are_heard(house):
    house.models.save(OTHER)
    alone = house.assess(CALM, WILD)
    house.start()
    beside = house.assess(CALM, WILD)
    assert [a.predictions for a in beside] == [a.predictions for a in alone]
    assert beside[0].predictions[0].model == "calm_rule@rule"


def test_what_finds_no_room_is_dropped_and_counted_and_nobody_waits(house, monkeypatch):
    monkeypatch.setattr(shadow_service, "PATIENCE", 60.0)
    house.models.save(OTHER)
    house.start()
    house.quiet.clear()
    house.assess(CALM)
    eventually(house.shadow._waiting.empty)
    house.assess(*[CALM] * (shadow_service.ROOM + 3))
    house.shadow.close()
    (one,) = house.agreements.find()
    assert (one.seen, one.dropped) == (1, shadow_service.ROOM + 3)


def test_under_endless_load_some_are_compared_all_the_same(house, monkeypatch):
    monkeypatch.setattr(shadow_service, "PATIENCE", 0.01)
    house.models.save(OTHER)
    house.start()
    house.quiet.clear()
    house.assess(CALM)
    eventually(lambda: house.seen() == 1)


def test_a_challenger_that_fails_harms_nobody_is_logged_once_and_counted(house, caplog):
    house.models.save(CLUMSY)
    house.start()
    for number in range(1, 3):
        assert house.assess(CALM)[0].verdict == "good"
        eventually(lambda number=number: house.seen() == number)
    (one,) = house.agreements.find()
    assert (one.seen, one.failed) == (0, 2)
    assert caplog.text.count("the challenger calm_rule@000000000000 failed on calm") == 1


def test_a_refused_challenger_does_not_watch_and_is_shown(house):
    ref = house.models.save(BAD)
    house.shadow.start(house.quiet.is_set)
    eventually(lambda: house.shadow.report().refused)
    assert "fails its self-test" in house.shadow.report().refused[str(ref)]
    assert house.shadow.report().watching == ()


def test_counts_wait_for_a_database_that_is_away(house, caplog):
    house.models.save(OTHER)
    house.start()
    house.agreements.away = True
    house.assess(CALM)
    eventually(lambda: "could not report to the database" in caplog.text)
    house.agreements.away = False
    eventually(lambda: house.seen() == 1)
    assert caplog.text.count("could not report to the database") == 1


def test_a_promoted_challenger_watches_no_more_and_its_agreement_is_kept(house):
    ref = house.models.save(OTHER)
    house.start()
    house.assess(CALM)
    eventually(lambda: house.seen() == 1)
    house.models.promote(ref)
    eventually(lambda: not house.shadow.report().watching)
    house.assessor.serving.refresh()
    house.assess(CALM)
    assert len(house.shadow.report().agreements) == 1


def test_a_store_of_models_that_is_away_at_the_start_is_asked_again(house, monkeypatch, caplog):
    house.models.save(OTHER)
    find, answers = house.models.challenger, [False]
    monkeypatch.setattr(house.models, "challenger", lambda name: find(name) if answers[0] else away())
    house.shadow.start(house.quiet.is_set)
    eventually(lambda: "could not look for challengers" in caplog.text)
    answers[0] = True
    eventually(lambda: house.shadow.report().watching)


def away():
    raise Busy


def test_it_can_be_closed_twice_and_started_again(house):
    house.models.save(replace(OTHER, card="# again"))
    house.start()
    house.shadow.close()
    house.shadow.close()
    house.start()
    house.assess(CALM)
    eventually(lambda: house.seen() == 1)
