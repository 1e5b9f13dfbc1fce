"""The models that serve follow the store: whole, tested, and only from one answer to the next."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multimodal.domain.shared.bundle import Bundle, ModelRef
from multimodal.domain.shared.calibration import Thresholds
from multimodal.domain.shared.errors import ArtifactError, Busy, NotFound
from multimodal.domain.shared.modality import Limits
from multimodal.domain.shared.pipelines import InferencePipeline
from multimodal.domain.shared.recipe import Recipe
from multimodal.domain.shared.selftest import selftest_of
from multimodal.service import serving
from multimodal.service.catalog import Catalog
from multimodal.service.quality_assessment_service import QualityAssessmentService
from multimodal.service.serving import Challengers, ServingModels
from tests import toy
from tests.domain.shared.test_selftest import TABLE
from tests.fakes import InlineEngine, MemoryModelStore

NAME = "calm_rule"
CALM = toy.capture("calm", [1, 1.1, 0.9])
RECIPES = [Recipe.from_dict(values) for values in (toy.RULE, toy.LEARNED)]
CATALOG = Catalog({"numbers": toy.MODALITY}, {"numbers/calmness": toy.PROPERTY}, {r.name: r for r in RECIPES})


class MoodyStore(MemoryModelStore):
    """A store that can be away."""

    error: Exception | None = None

    def champion(self, name: str) -> ModelRef | None:
        if self.error:
            raise self.error
        return super().champion(name)


def version(threshold: float, **changes) -> Bundle:
    """A rule with another threshold, as training would keep it."""
    values = toy.RULE | {"estimator": {"rule": "tests.toy:CalmRule", "threshold": threshold}}
    bundle = toy.bundle(recipe=Recipe.from_dict(values))
    pipeline = InferencePipeline.from_bundle(bundle, toy.PROPERTY, toy.resolve)
    return replace(bundle, **{"selftest": selftest_of(pipeline, TABLE)} | changes)


GOOD, OTHER = version(1.0), version(1e-3)
BAD = version(2.0, selftest=OTHER.selftest)
FOREIGN = toy.bundle(recipe=Recipe.from_dict(toy.RULE | {"estimator": {"rule": "os:system"}}))
STRANGE = version(3.0, data={"features": ["something", "else"]})


@pytest.fixture
def store() -> MoodyStore:
    return MoodyStore()


@pytest.fixture
def models(store) -> ServingModels:
    return ServingModels(CATALOG, store)


def promoted(store: MemoryModelStore, bundle: Bundle) -> ModelRef:
    ref = store.save(bundle)
    store.promote(ref)
    return ref


def answering(models: ServingModels) -> str:
    return models.get(NAME).pipeline.model


def test_a_rule_serves_as_its_recipe_states_it_and_a_learned_one_waits(models):
    snapshot = models.snapshot()
    assert snapshot[NAME].pipeline.model == "calm_rule@rule"
    assert snapshot["calm_learned"].pipeline is None


def test_what_nobody_asked_for_is_not_loaded(models):
    models.get(NAME)
    assert set(models.loaded) == {NAME}


def test_an_unchanged_store_changes_nothing(store, models):
    promoted(store, GOOD)
    before = models.snapshot()
    models.refresh()
    assert models.snapshot() is before


def test_a_promoted_version_serves_after_the_next_look_and_a_kept_snapshot_stays(store, models):
    first = promoted(store, GOOD)
    kept = models.snapshot()
    second = promoted(store, OTHER)
    assert answering(models) == str(first)
    models.refresh()
    assert answering(models) == str(second)
    assert kept[NAME].pipeline.model == str(first)


@pytest.mark.parametrize("bad", [BAD, FOREIGN, STRANGE], ids=["fails its self-test", "foreign name", "other features"])
def test_a_refused_version_leaves_the_old_one_serving_is_logged_once_and_cleared_by_a_good_one(
    store, models, caplog, bad
):
    good = promoted(store, GOOD)
    models.snapshot()
    refused = promoted(store, bad)
    for _ in range(3):
        models.refresh()
    served = models.get(NAME)
    assert (served.ref, served.pipeline.model) == (refused, str(good))
    assert served.refused
    assert caplog.text.count("is refused") == 1
    store.promote(good)
    models.refresh()
    assert models.get(NAME).refused == ""
    assert answering(models) == str(good)


def test_a_service_that_starts_with_a_refused_version_answers_with_the_one_before(store, models):
    good = promoted(store, GOOD)
    promoted(store, FOREIGN)
    promoted(store, BAD)
    assert models.get(NAME).refused
    assert answering(models) == str(good)


def test_a_refused_rule_without_a_past_answers_as_its_recipe_states_it(store, models):
    promoted(store, BAD)
    assert answering(models) == "calm_rule@rule"


def test_a_version_whose_files_come_late_is_tried_again_after_a_while(store, models, monkeypatch):
    promoted(store, GOOD)
    models.snapshot()
    late = promoted(store, OTHER)
    complete, store.kept = store.kept, store.kept[:1]
    models.refresh()
    assert "There is no model" in models.get(NAME).refused
    store.kept = complete
    models.refresh()
    assert models.get(NAME).refused
    monkeypatch.setattr(serving, "PATIENCE", -1.0)
    models.refresh()
    assert answering(models) == str(late)


@pytest.mark.parametrize("error", [OSError("no route to host"), Busy()], ids=["network", "database"])
def test_a_store_that_is_away_changes_nothing_and_is_logged_once(store, models, caplog, error):
    promoted(store, GOOD)
    before = models.snapshot()
    store.error = error
    for _ in range(3):
        models.refresh()
    assert models.snapshot() is before
    assert caplog.text.count("is away") == 1
    store.error = None
    second = promoted(store, OTHER)
    models.refresh()
    assert answering(models) == str(second)


def test_a_store_that_has_lost_what_serves_changes_nothing(store, models, caplog):
    good = promoted(store, GOOD)
    models.snapshot()
    store.kept, store.promotions = [], {}
    models.refresh()
    promoted(store, OTHER)  # what the package carries, say, while the user's folder is not mounted
    models.refresh()
    assert answering(models) == str(good)
    assert "does not know" in caplog.text


def test_a_run_can_be_pinned_to_versions_whatever_serves_now(store, models):
    first = promoted(store, GOOD)
    promoted(store, OTHER)
    assert [p.model for p in models.pin([str(first)])] == [str(first)] == [answering(models)]
    assert [p.model for p in models.pin(["calm_rule@rule"])] == ["calm_rule@rule"]
    for unknown in ("calm_rule@ffffff", "calm_learned@rule", "calm_rule@"):
        with pytest.raises(NotFound):
            models.pin([unknown])


def test_challengers_come_and_go(store):
    models = Challengers(CATALOG, store)
    assert models.snapshot()[NAME].pipeline is None
    challenger = store.save(GOOD)
    models.refresh()
    assert answering(models) == str(challenger)
    store.save(BAD)
    models.refresh()
    assert (models.get(NAME).pipeline, bool(models.get(NAME).refused)) == (None, True)
    store.promote(store.save(BAD))
    models.refresh()
    assert models.get(NAME) == serving.NOTHING


def assessor_of(store) -> QualityAssessmentService:
    return QualityAssessmentService(CATALOG, store, InlineEngine(), Limits())


def test_a_refused_version_is_shown_with_its_reason(store):
    assessor = assessor_of(store)
    good = promoted(store, GOOD)
    assessor.warm_up()
    promoted(store, BAD)
    assessor.serving.refresh()
    info = {info.name: info for info in assessor.pipelines()}[NAME]
    assert (info.status, info.model) == ("refused", str(good))
    assert "fails its self-test" in info.reason


def test_a_pipeline_with_nothing_but_a_refused_version_says_why(store):
    promoted(store, replace(toy.bundle(recipe=RECIPES[1]), model=b"no graph"))
    with pytest.raises(ArtifactError, match="cannot be loaded"):
        assessor_of(store).pipeline("calm_learned")


def test_what_began_with_a_model_ends_with_it(store):
    assessor = assessor_of(store)
    first = promoted(store, GOOD)
    chosen = assessor.chosen()
    answers = assessor.assess_many([CALM] * 4)
    models = [next(answers).predictions[0].model]
    promoted(store, OTHER)
    assessor.serving.refresh()
    models += [assessment.predictions[0].model for assessment in answers]
    models.append(assessor.examine(CALM, chosen)[0].predictions[0].model)
    assert set(models) == {str(first)}
    assert assessor.assess(CALM).predictions[0].model != str(first)


@settings(max_examples=10, deadline=None)
@given(
    changes=st.lists(st.sampled_from([0, 1, 2]), min_size=1, max_size=12),
    narrow=st.floats(0.2, 0.45),
)
def test_readers_never_see_half_of_a_model(changes, narrow):
    """Four threads assess while versions, a bad one among them, are promoted; each answer is that of its version."""
    store = MemoryModelStore()
    bundles = [GOOD, replace(OTHER, thresholds=Thresholds(narrow, 1 - narrow)), BAD]
    refs = [store.save(bundle) for bundle in bundles]
    store.promote(refs[0])
    assessor = assessor_of(store)
    expected = {
        str(ref): (p.label, p.score)
        for ref, bundle in zip(refs[:2], bundles, strict=False)
        for p in [
            InferencePipeline.from_bundle(replace(bundle, version=ref.version), toy.PROPERTY, toy.resolve).predict(
                [toy.decode(CALM.read())]
            )[0]
        ]
    }
    ended = threading.Event()

    def read() -> set[tuple[str, str, float]]:
        seen = set()
        while not ended.is_set() or not seen:
            (p,) = assessor.assess(CALM, pipelines=[NAME]).predictions
            seen.add((p.model, p.label, p.score))
        return seen

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read) for _ in range(4)]
        for change in changes:
            store.promote(refs[change])
            assessor.serving.refresh()
        ended.set()
        for model, label, score in set().union(*[reader.result() for reader in readers]):
            assert expected[model] == (label, score)
    good = [change for change in [0, *changes] if change < 2]
    assert assessor.pipeline(NAME).model == str(refs[good[-1]])
