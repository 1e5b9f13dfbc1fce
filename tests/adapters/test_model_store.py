"""One contract for every store of models."""

import pytest

from multimodal.adapters.model_store import LayeredStore, LocalModelStore
from multimodal.domain.shared.bundle import ModelRef
from multimodal.domain.shared.calibration import Thresholds
from multimodal.domain.shared.errors import NotFound
from multimodal.domain.shared.promotion import Check, Promotion, before
from tests import toy
from tests.fakes import MemoryModelStore

OTHER = {"thresholds": Thresholds(0.1, 0.9)}


class ModelStoreContract:
    def test_an_empty_store_has_nothing(self, store):
        assert (store.names(), store.versions("calm_rule"), store.history("calm_rule")) == ((), (), ())
        assert (store.champion("calm_rule"), store.challenger("calm_rule")) == (None, None)

    def test_what_is_saved_can_be_loaded(self, store):
        ref = store.save(toy.bundle())
        loaded = store.load(ref)
        assert (loaded.recipe, loaded.thresholds, loaded.ref) == (toy.bundle().recipe, toy.bundle().thresholds, ref)

    def test_the_same_bundle_is_kept_once(self, store):
        assert store.save(toy.bundle()) == store.save(toy.bundle())
        assert len(store.versions("calm_rule")) == 1

    def test_nothing_serves_until_it_is_promoted(self, store):
        first, second = store.save(toy.bundle()), store.save(toy.bundle(**OTHER))
        assert store.champion("calm_rule") is None
        store.promote(first)
        assert store.champion("calm_rule") == first
        store.promote(second)
        assert store.champion("calm_rule") == second

    def test_names_and_versions_are_listed(self, store):
        refs = [store.save(toy.bundle()), store.save(toy.bundle(**OTHER))]
        assert store.names() == ("calm_rule",)
        assert sorted(store.versions("calm_rule")) == sorted(refs)
        assert store.versions("unknown") == ()

    def test_the_newest_version_is_the_challenger_until_it_serves(self, store):
        assert store.challenger("calm_rule") is None
        first = store.save(toy.bundle())
        assert store.challenger("calm_rule") == first
        store.promote(first)
        assert store.challenger("calm_rule") is None
        second = store.save(toy.bundle(**OTHER))
        assert store.challenger("calm_rule") == second

    def test_what_served_once_is_no_challenger(self, store):
        first, second = store.save(toy.bundle()), store.save(toy.bundle(**OTHER))
        store.promote(second)
        store.promote(first)
        assert store.challenger("calm_rule") is None
        assert store.champion("calm_rule") == first

    def test_promotions_are_remembered_with_their_reasons(self, store):
        first, second = store.save(toy.bundle()), store.save(toy.bundle(**OTHER))
        why = Promotion.now(
            second.version, reason="sharper", checks=(Check("figures", True, "0.9 > 0.8"),), forced=True
        )
        store.promote(first)
        store.promote(second, why)
        before, after = store.history("calm_rule")
        assert (before.version, before.reason, before.checks, before.forced) == (first.version, "", (), False)
        assert after == why
        assert store.history("unknown") == ()

    @pytest.mark.parametrize("ref", [ModelRef("calm_rule", "abcdef123456"), ModelRef("unknown", "abcdef123456")])
    def test_what_is_not_there_is_not_found(self, store, ref):
        store.save(toy.bundle())
        for action in (store.load, store.promote):
            with pytest.raises(NotFound):
                action(ref)


class TestLocalModelStore(ModelStoreContract):
    @pytest.fixture
    def store(self, tmp_path):
        return LocalModelStore(tmp_path / "models")

    @pytest.mark.parametrize(
        ("name", "version"), [("../x", "abcdef"), ("calm_rule", "../../x"), ("", "abcdef"), ("a/b", "c0ffee")]
    )
    def test_a_name_never_leaves_the_folder(self, store, name, version):
        with pytest.raises(NotFound, match="no name of a model"):
            store.load(ModelRef(name, version))


class TestLayeredStore(ModelStoreContract):
    @pytest.fixture
    def store(self, tmp_path):
        return LayeredStore(LocalModelStore(tmp_path / "own"), LocalModelStore(tmp_path / "defaults"))

    def test_the_default_champion_serves_until_the_user_has_one(self, store):
        default = store.defaults.save(toy.bundle())
        store.defaults.promote(default)
        assert store.champion("calm_rule") == default
        own = store.save(toy.bundle(**OTHER))
        store.promote(own)
        assert store.champion("calm_rule") == own

    def test_the_default_is_where_a_rollback_of_the_first_own_version_goes_to(self, store):
        default = store.defaults.save(toy.bundle())
        (store.defaults.folder / "calm_rule" / "champion").write_text(default.version)
        store.promote(store.save(toy.bundle(**OTHER)))
        assert before(store.history("calm_rule")) == default.version

    def test_a_default_can_be_promoted_again(self, store):
        default = store.defaults.save(toy.bundle())
        store.promote(store.save(toy.bundle(**OTHER)))
        store.promote(default)
        assert store.champion("calm_rule") == default


class TestMemoryModelStore(ModelStoreContract):
    @pytest.fixture
    def store(self):
        return MemoryModelStore()
