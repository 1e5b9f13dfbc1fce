"""MLflow's registry as a store of models: the contract on a SQLite file and over HTTP, and what happens without it."""

import shutil

import pytest

from multimodal.adapters.mlflow_place import CHALLENGER, CHAMPION, VERSION, Place
from multimodal.adapters.mlflow_store import PROMOTION, MlflowModelStore
from multimodal.adapters.model_store import LocalModelStore
from multimodal.bootstrap import bootstrap
from multimodal.config.config import Settings
from multimodal.domain.shared.errors import ArtifactError, Unreachable
from multimodal.domain.shared.promotion import Promotion
from tests import toy
from tests.adapters.test_model_store import OTHER, ModelStoreContract
from tests.postgres import free_port

pytestmark = [
    pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy:sqlalchemy.exc.SADeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*Any type hint is inferred as AnyType:UserWarning"),
    pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning"),
]


def elsewhere(store, folder):
    """The same registry as another machine sees it, which has nothing yet."""
    return MlflowModelStore(store.place, LocalModelStore(folder), pause=0)


class RegistryContract(ModelStoreContract):
    """What a registry can do beyond a folder."""

    def test_another_machine_finds_the_same(self, store, tmp_path):
        ref = store.save(toy.bundle())
        store.promote(ref, Promotion.now(ref.version, reason="the first"))
        other = elsewhere(store, tmp_path / "other")
        assert (other.champion("calm_rule"), other.names()) == (ref, ("calm_rule",))
        assert [promotion.reason for promotion in other.history("calm_rule")] == ["the first"]
        assert other.load(ref).recipe == toy.bundle().recipe
        assert other.save(toy.bundle()) == ref
        assert len(store.client.search_model_versions("name = 'calm_rule'")) == 1

    def test_people_see_aliases_and_tags(self, store):
        ref = store.save(toy.bundle())
        version = store.client.get_model_version_by_alias("calm_rule", CHALLENGER)
        assert version.tags == {VERSION: ref.version}
        store.promote(ref)
        assert list(store.client.get_registered_model("calm_rule").aliases) == [CHAMPION]


class TestOnSqlite(RegistryContract):
    @pytest.fixture
    def store(self, mlflow_place, tmp_path):
        return MlflowModelStore(mlflow_place, LocalModelStore(tmp_path / "cache"), pause=0)

    def test_versions_and_promotions_of_others_are_left_alone(self, store):
        ref = store.save(toy.bundle())
        store.client.create_model_version("calm_rule", "file:///nowhere")
        store.client.set_model_version_tag("calm_rule", "1", f"{PROMOTION}0", "no promotion")
        assert store.versions("calm_rule") == (ref,)
        assert store.history("calm_rule") == ()

    def test_a_bundle_that_was_changed_in_the_registry_is_refused(self, store, tmp_path):
        ref = store.save(toy.bundle())
        (card,) = store.place.artifacts.rglob("card.md")
        card.write_text("# another\n")
        with pytest.raises(ArtifactError, match="tampered"):
            elsewhere(store, tmp_path / "other").load(ref)

    def test_another_bundle_under_a_known_name_is_refused(self, store, tmp_path):
        first, second = store.save(toy.bundle()), store.save(toy.bundle(**OTHER))
        places = {path.parent.name: path.parent for path in store.place.artifacts.rglob("card.md")}
        shutil.rmtree(places[first.version])
        shutil.copytree(places[second.version], places[first.version])
        with pytest.raises(ArtifactError, match="something else"):
            elsewhere(store, tmp_path / "other").load(first)

    def test_the_application_serves_from_it_by_one_setting(self, store, tmp_path, monkeypatch):
        monkeypatch.setenv("MLFLOW_TRACKING_URI", store.place.uri)
        app = bootstrap(Settings(home=tmp_path / "home", model_store="mlflow", tracking="local"))
        default = app.models.champion("blur_laplacian")
        assert store.champion("blur_laplacian") is None
        app.models.promote(default)
        assert store.champion("blur_laplacian") == default


class TestOverHttp(RegistryContract):
    @pytest.fixture
    def store(self, mlflow_server, tmp_path):
        store = MlflowModelStore(
            Place(mlflow_server, tmp_path / "unused"), LocalModelStore(tmp_path / "cache"), pause=0
        )
        for model in store.client.search_registered_models():
            store.client.delete_registered_model(model.name)
        return store


class TestWhenNobodyAnswers:
    @pytest.fixture
    def cache(self, tmp_path):
        return LocalModelStore(tmp_path / "cache")

    @pytest.fixture
    def store(self, tmp_path, cache):
        return MlflowModelStore(Place(f"http://127.0.0.1:{free_port()}", tmp_path / "unused"), cache)

    def test_a_bundle_is_kept_and_registered_when_it_is_promoted(self, store, cache, mlflow_place, caplog):
        ref = store.save(toy.bundle())
        assert "is kept here, but not registered" in caplog.text
        assert store.load(ref).ref == ref
        back = MlflowModelStore(mlflow_place, cache)
        back.promote(ref)
        assert (back.versions("calm_rule"), back.champion("calm_rule")) == ((ref,), ref)

    def test_the_last_known_champion_serves_on(self, store, cache, mlflow_place, caplog):
        registry = MlflowModelStore(mlflow_place, cache)
        ref = registry.save(toy.bundle())
        registry.promote(ref)
        assert (store.champion("calm_rule"), store.names()) == (ref, ("calm_rule",))
        assert len([r for r in caplog.records if "What is known here counts" in r.getMessage()]) == 1

    def test_a_promotion_is_refused(self, store, cache):
        ref = cache.save(toy.bundle())
        with pytest.raises(Unreachable, match="does not answer"):
            store.promote(ref)
        assert cache.champion("calm_rule") is None
