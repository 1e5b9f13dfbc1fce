"""The observer counts what was seen, in the background, and nothing that goes wrong there reaches anybody."""

import logging
import threading
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from multimodal.domain.shared.bundle import ModelRef
from multimodal.domain.shared.distributions import Distribution, Histogram, Reference
from multimodal.domain.shared.results import Assessment, Prediction
from multimodal.service import observer as module
from multimodal.service.observer import Observer
from multimodal.service.references import References
from tests import toy
from tests.fakes import MemoryModelStore, MemoryTrafficStore

DAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LONG = 60.0
KNOWN = Distribution(Histogram((1.0, 2.0), (10, 20, 10)), 40)
REFERENCE = Reference({"spread": KNOWN, "count": KNOWN}, KNOWN, {"wild": 10, "calm": 30, "cannot_tell": 0})


def seen(model: ModelRef | str, spread: float = 0.5, **changed) -> Assessment:
    given = {"label": "calm", "accepted": True, "score": 0.9, "probabilities": {"wild": 0.1, "calm": 0.9}}
    prediction = Prediction(
        "calm_rule", "numbers/calmness", str(model), measures={"count": 1.5, "spread": spread}, **given
    )
    return Assessment(
        **{"id": "1", "name": "a", "modality": "numbers", "digest": "", "predictions": (prediction,)} | changed
    )


@pytest.fixture
def models():
    return MemoryModelStore()


@pytest.fixture
def model(models) -> ModelRef:
    return models.save(toy.bundle(distributions=REFERENCE.to_dict()))


@pytest.fixture
def store():
    return MemoryTrafficStore()


@pytest.fixture
def observer(models, store):
    return Observer(References(models), store, pause=LONG)


def test_what_was_seen_is_stored_at_the_end_in_the_bins_of_the_training(observer, store, model):
    for spread in (0.5, 1.5, 1.7, 9.0):
        observer.see(seen(model, spread, created=NOON))
    observer.close()
    counts = {traffic.what: traffic.counts for traffic in store.read(DAY, DAY)}
    assert counts == {
        "feature/spread": (1, 2, 1),
        "feature/count": (0, 4, 0),
        "score": (4, 0, 0),
        "labels": (0, 4, 0),
    }
    assert {(t.pipeline, t.version) for t in store.read(DAY, DAY)} == {(model.name, model.version)}


def test_days_are_counted_apart_in_utc(observer, store, model):
    for moment in ("2026-11-23T23:30:00+00:00", "2026-11-24T00:30:00+01:00", "2026-11-23T23:30:00-01:00"):
        observer.see(seen(model, created=datetime.fromisoformat(moment)))
    observer.close()
    totals = {t.day: sum(t.counts) for t in store.read(date.min, date.max) if t.what == "score"}
    assert totals == {DAY: 2, date(2026, 11, 24): 1}


def test_counts_reach_the_store_while_it_goes_on(models, model):
    stored = threading.Event()

    class Telling(MemoryTrafficStore):
        def add(self, traffic):
            super().add(traffic)
            stored.set()

    observer = Observer(References(models), Telling(), pause=0.01)
    observer.see(seen(model))
    assert stored.wait(LONG)
    observer.close()


def test_models_without_a_reference_are_not_counted(observer, store, models):
    older = models.save(toy.bundle())
    for model in (older, "calm_rule@rule", "calm_rule@000000000099"):
        observer.see(seen(model))
    observer.close()
    assert store.kept == {}


def test_a_damaged_reference_costs_one_warning(observer, store, models, model, caplog):
    damaged = models.save(toy.bundle(distributions={"nonsense": 1}, model=b"other"))
    for _ in range(3):
        observer.see(seen(damaged, created=NOON))
    observer.see(seen(model, created=NOON))
    with caplog.at_level(logging.WARNING):
        observer.close()
    assert [record.getMessage()[:30] for record in caplog.records] == ["what calm_rule@000000000001 se"[:30]]
    assert {traffic.version for traffic in store.read(DAY, DAY)} == {model.version}


def test_predictions_of_other_features_cost_a_warning_and_nothing_else(observer, store, model, caplog):
    strange = replace(seen(model).predictions[0], measures={"something": 1.0})
    observer.see(seen(model, predictions=(strange,)))
    observer.close()
    assert store.kept == {}
    assert "1 captures of" in caplog.text


def test_a_database_that_is_away_costs_one_warning_and_no_counts(models, model, caplog):
    store, refused, kept = MemoryTrafficStore(away=True), threading.Semaphore(0), threading.Event()

    class Watched(MemoryTrafficStore):
        def add(self, traffic):
            try:
                store.add(traffic)
            except Exception:
                refused.release()
                raise
            kept.set()

    observer = Observer(References(models), Watched(), pause=0.01)
    observer.see(seen(model, created=NOON))
    for _ in range(3):
        assert refused.acquire(timeout=LONG)
    observer.see(seen(model, created=NOON))
    store.away = False
    assert kept.wait(LONG)
    observer.close()
    assert sum(store.kept["calm_rule", model.version, "score", DAY]) == 2
    assert caplog.text.count("cannot be stored now") == 1


def test_an_observer_that_falls_behind_skips_captures(models, store, model, monkeypatch, caplog):
    gate, begun = threading.Event(), threading.Event()

    class Slow(References):
        def of(self, model):
            begun.set()
            assert gate.wait(LONG)
            return super().of(model)

    monkeypatch.setattr(module, "MOST", 5)
    monkeypatch.setattr(module, "BATCH", 1)
    observer = Observer(Slow(models), store, pause=LONG)
    observer.see(seen(model, created=NOON))
    observer.see(seen(model, created=NOON))
    assert begun.wait(LONG)
    for _ in range(20):
        observer.see(seen(model, created=NOON))
    gate.set()
    observer.close()
    assert sum(store.kept["calm_rule", model.version, "score", DAY]) <= 7
    assert "came too fast" in caplog.text


def test_an_observer_that_saw_nothing_has_no_thread(observer):
    before = threading.active_count()
    observer.close()
    assert threading.active_count() == before


def test_what_comes_after_the_end_is_not_counted(observer, store, model):
    observer.close()
    observer.see(seen(model))
    observer.close()
    assert store.kept == {}
