"""The report: what models saw beside what they were trained on."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from multimodal.domain.shared.distributions import SCORE_EDGES, Distribution, Reference, quantile_edges
from multimodal.domain.shared.errors import ConfigError, UnknownName
from multimodal.domain.shared.ports import Traffic
from multimodal.domain.shared.recipe import Recipe
from multimodal.service.catalog import Catalog
from multimodal.service.drift_service import DriftService, span
from multimodal.service.references import References
from tests import toy
from tests.fakes import MemoryModelStore, MemoryTrafficStore

TODAY = datetime.now(UTC).date()
RNG = np.random.default_rng(0)
SPREAD, COUNT = RNG.lognormal(size=1000), np.full(1000, 30.0)


def reference(values: np.ndarray = SPREAD) -> Reference:
    groups = np.arange(1000)
    known = {
        name: Distribution.of(column, quantile_edges(column), groups)
        for name, column in (("spread", values), ("count", COUNT))
    }
    return Reference(
        known, Distribution.of(scores(values), SCORE_EDGES, groups), {"wild": 400, "calm": 600, "cannot_tell": 0}
    )


def scores(spread: np.ndarray) -> np.ndarray:
    return 1 / (1 + spread)


class House:
    """A rule with a reference, a learned pipeline that is not trained, and their traffic."""

    def __init__(self) -> None:
        recipes = [Recipe.from_dict(values) for values in (toy.RULE, toy.LEARNED)]
        self.catalog = Catalog(
            {"numbers": toy.MODALITY}, {"numbers/calmness": toy.PROPERTY}, {r.name: r for r in recipes}
        )
        self.models, self.traffic = MemoryModelStore(), MemoryTrafficStore()
        self.service = DriftService(self.catalog, self.models, References(self.models), self.traffic)

    def serve(self, known: Reference | None) -> str:
        ref = self.models.save(toy.bundle(distributions=known.to_dict() if known else {}, model=str(known).encode()))
        self.models.promote(ref)
        return ref.version

    def saw(self, version: str, spread: Sequence[float], day: date = TODAY) -> None:
        known = reference()
        counted = {
            "feature/spread": np.histogram(spread, [-np.inf, *known.features["spread"].histogram.edges, np.inf])[0],
            "feature/count": (0, len(spread), 0),
            "score": np.histogram(scores(np.array(spread)), [-np.inf, *SCORE_EDGES, np.inf])[0],
            "labels": (0, len(spread), 0),
        }
        self.traffic.add([Traffic("calm_rule", version, what, day, tuple(map(int, c))) for what, c in counted.items()])


@pytest.fixture
def house() -> House:
    return House()


def test_a_pipeline_that_sees_what_it_learned_from_is_steady(house):
    house.saw(house.serve(reference()), RNG.lognormal(size=400))
    (found,) = house.service.drift()
    assert (found.pipeline, found.status, found.captures, found.moved) == ("calm_rule", "steady", 400, ())
    assert (found.since, found.until) == (TODAY - timedelta(days=6), TODAY)


def test_what_moved_is_named_with_where_it_moved_to(house):
    house.saw(house.serve(reference()), 3 * RNG.lognormal(size=400))
    (found,) = house.service.drift("calm_rule")
    assert found.status == "strongly moved"
    assert [feature.name for feature in found.features] == ["spread", "count"]
    assert found.features[1].status == "steady"
    assert found.features[0].direction.startswith("median 0.9")
    assert " units -> 3." in found.features[0].direction
    assert {moved.name for moved in found.moved} == {"spread", "score"}
    assert [(share.label, share.trained, share.seen) for share in found.labels] == [
        ("wild", 0.4, 0.0),
        ("calm", 0.6, 1.0),
        ("cannot_tell", 0.0, 0.0),
    ]


def test_days_add_up_and_those_outside_do_not_count(house):
    version = house.serve(reference())
    for age in range(10):
        house.saw(version, RNG.lognormal(size=30), TODAY - timedelta(days=age))
    assert house.service.drift()[0].captures == 210
    assert house.service.drift(days=1)[0].status == "too few"
    since, until = TODAY - timedelta(days=9), TODAY - timedelta(days=8)
    assert house.service.drift(since=since, until=until)[0].captures == 60


def test_versions_are_told_apart_and_what_moved_comes_first(house):
    before = house.serve(reference(2 * SPREAD))
    house.saw(before, 40 * RNG.lognormal(size=300))
    after = house.serve(reference())
    house.saw(after, RNG.lognormal(size=300))
    found = house.service.drift()
    assert [(one.model, one.status) for one in found] == [
        (f"calm_rule@{before}", "strongly moved"),
        (f"calm_rule@{after}", "steady"),
    ]


def test_without_captures_there_are_too_few(house):
    house.serve(reference())
    (found,) = house.service.drift()
    assert (found.status, found.captures) == ("too few", 0)


def test_what_has_no_reference_says_so(house):
    (rule,) = house.service.drift()
    assert (rule.model, rule.status, rule.score, rule.features) == ("calm_rule@rule", "no reference", None, ())
    version = house.serve(None)
    (older,) = house.service.drift()
    assert (older.model, older.status) == (f"calm_rule@{version}", "no reference")


def test_counts_of_other_bins_are_left_out(house):
    version = house.serve(reference())
    house.saw(version, RNG.lognormal(size=300))
    house.traffic.kept["calm_rule", version, "feature/spread", TODAY] = (1, 2, 3)
    (found,) = house.service.drift()
    assert {feature.name: feature.status for feature in found.features} == {"count": "steady", "spread": "too few"}


def test_an_unknown_pipeline_is_named(house):
    with pytest.raises(UnknownName, match="Did you mean 'calm_rule'"):
        house.service.drift("calm_role")


@pytest.mark.parametrize(("days", "since"), [(0, None), (-3, None), (10**9, None), (7, date.max)])
def test_a_period_without_days_is_refused(days, since):
    with pytest.raises(ConfigError, match="A period"):
        span(days, since, TODAY)
