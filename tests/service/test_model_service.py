"""Versions are listed, promoted through the gate, and rolled back."""

from dataclasses import replace

import pytest

from multimodal.domain.shared.bundle import ModelRef
from multimodal.domain.shared.calibration import Thresholds
from multimodal.domain.shared.errors import Conflict, NotFound, UnknownName
from multimodal.domain.shared.gate import Difference, Findings
from multimodal.domain.shared.recipe import Recipe
from multimodal.service.catalog import Catalog
from multimodal.service.model_service import ModelService, Refused
from tests import toy
from tests.fakes import MemoryModelStore

GOOD = Findings(200, 50, (Difference("roc_auc", 0.95, 0.95, 0.0, 0.5),), 0.02, 0.02, 3.0)
BAD = replace(GOOD, differences=(Difference("roc_auc", 0.85, 0.95, 0.1, 0.001),))


class Shop:
    """A store with a few versions of one rule, and what is measured of them."""

    def __init__(self) -> None:
        self.store, self.found, self.asked = MemoryModelStore(), GOOD, []
        recipe = Recipe.from_dict(toy.RULE)
        catalog = Catalog({"numbers": toy.MODALITY}, {"numbers/calmness": toy.PROPERTY}, {recipe.name: recipe})
        self.service = ModelService(catalog, self.store, self.measure)

    def measure(self, challenger, champion, dataset, progress):
        self.asked.append((challenger, champion, dataset))
        return self.found

    def train(self, accept: float) -> ModelRef:
        return self.store.save(toy.bundle(thresholds=Thresholds(0.1, accept)))


@pytest.fixture
def shop():
    return Shop()


def test_a_challenger_that_passes_serves_and_its_checks_are_remembered(shop):
    ref = shop.train(0.5)
    promotion = shop.service.promote("calm_rule", reason="the first one")
    assert shop.store.champion("calm_rule") == ref
    assert shop.service.history("calm_rule") == (promotion,)
    assert all(check.passed for check in promotion.checks)
    assert (promotion.reason, promotion.forced) == ("the first one", False)


def test_a_worse_challenger_is_refused_with_the_figures_and_the_champion_stays(shop):
    first = shop.train(0.5)
    shop.service.promote("calm_rule")
    second, shop.found = shop.train(0.6), BAD
    with pytest.raises(Refused, match=r"0\.850, champion 0\.950") as caught:
        shop.service.promote("calm_rule", dataset="other")
    assert shop.store.champion("calm_rule") == first
    assert [check.name for check in caught.value.promotion.checks if not check.passed] == [
        "no worse roc_auc than the champion"
    ]
    assert shop.asked[-1] == (second, first, "other")


def test_the_gate_is_overridden_only_with_a_reason_which_is_remembered(shop):
    ref, shop.found = shop.train(0.5), BAD
    with pytest.raises(Conflict, match="takes a reason"):
        shop.service.promote("calm_rule", force=True, reason="  ")
    promotion = shop.service.promote("calm_rule", force=True, reason="the old one fails at night")
    assert shop.store.champion("calm_rule") == ref
    assert (promotion.forced, promotion.reason) == (True, "the old one fails at night")


def test_what_passes_is_not_called_forced(shop):
    shop.train(0.5)
    assert not shop.service.promote("calm_rule", force=True, reason="to be sure").forced


def test_nothing_is_promoted_twice_or_without_a_challenger(shop):
    with pytest.raises(NotFound, match="no challenger"):
        shop.service.promote("calm_rule")
    ref = shop.train(0.5)
    shop.service.promote("calm_rule")
    with pytest.raises(Conflict, match="serves already"):
        shop.service.promote("calm_rule", ref.version)


def test_rollbacks_go_back_one_version_each_and_stop_at_the_first(shop):
    refs = []
    for accept in (0.5, 0.6, 0.7):
        refs.append(shop.train(accept))
        shop.service.promote("calm_rule")
    assert shop.service.rollback("calm_rule").version == refs[1].version
    assert shop.service.rollback("calm_rule", reason="even earlier").version == refs[0].version
    assert shop.store.champion("calm_rule") == refs[0]
    with pytest.raises(NotFound, match="has served before"):
        shop.service.rollback("calm_rule")


def test_versions_are_listed_with_what_they_are(shop):
    for accept in (0.5, 0.6):
        shop.train(accept)
        shop.service.promote("calm_rule")
    shop.train(0.7)
    assert [info.status for info in shop.service.all("calm_rule")] == ["earlier", "champion", "challenger"]
    assert shop.service.all() == shop.service.all("calm_rule")


def test_a_version_is_found_by_its_beginning_or_by_what_it_is(shop):
    first = shop.train(0.5)
    assert shop.service.find("calm_rule") == first == shop.service.find("calm_rule", first.version)
    shop.service.promote("calm_rule")
    shop.train(0.6)
    assert shop.service.find("calm_rule", "champion") == first
    with pytest.raises(NotFound, match="several versions"):
        shop.service.find("calm_rule", "0")
    with pytest.raises(NotFound, match="is no version"):
        shop.service.find("calm_rule", "f00")
    with pytest.raises(UnknownName, match="Did you mean 'calm_rule'"):
        shop.service.find("calm_role")
