"""One contract for every store of agreements: SQLite, PostgreSQL, the fake in memory."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from multimodal.adapters.agreement_store import SqlAgreementStore
from multimodal.adapters.db import DatabaseAway
from multimodal.domain.shared.agreement import Agreement
from multimodal.domain.shared.ports import AgreementStore
from tests.fakes import MemoryAgreementStore

ONE = Agreement("blur", "aaaaaa", "bbbbbb", 3, 2, 1, 1, 0, 0.5, 4, 5)
OTHER = Agreement("light", "rule", "cccccc", seen=7, difference=0.25)


class AgreementStoreContract:
    def test_nothing_is_kept_at_first(self, store: AgreementStore) -> None:
        assert tuple(store.find()) == ()
        store.add([])
        assert tuple(store.find()) == ()

    def test_what_is_added_is_summed_by_versions(self, store: AgreementStore) -> None:
        store.add([OTHER, ONE])
        store.add([ONE])
        assert tuple(store.find()) == (ONE + ONE, OTHER)

    def test_one_addition_may_name_the_same_versions_twice(self, store: AgreementStore) -> None:
        store.add([ONE, ONE])
        assert tuple(store.find()) == (ONE + ONE,)

    def test_one_pipeline_can_be_asked_for(self, store: AgreementStore) -> None:
        store.add([OTHER, ONE])
        assert tuple(store.find("light")) == (OTHER,)
        assert tuple(store.find("li%' OR 1=1 --\0")) == ()

    def test_large_counts_are_kept(self, store: AgreementStore) -> None:
        many = Agreement("blur", "aaaaaa", "bbbbbb", seen=2**40, difference=2.0**41)
        store.add([many])
        assert tuple(store.find()) == (many,)

    def test_nothing_is_lost_when_many_add_at_once(self, store: AgreementStore) -> None:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(store.add, [[ONE, OTHER], [OTHER, ONE]] * 10))
        assert [one.seen for one in store.find()] == [60, 140]


class TestSqlAgreementStore(AgreementStoreContract):
    @pytest.fixture
    def store(self, database_url: str) -> Iterator[AgreementStore]:
        store = SqlAgreementStore(database_url)
        yield store
        store.close()

    def test_two_processes_share_the_counts_and_they_survive(self, database_url: str) -> None:
        for _ in range(2):
            store = SqlAgreementStore(database_url)
            store.add([ONE])
            store.close()
        again = SqlAgreementStore(database_url)
        assert tuple(again.find()) == (ONE + ONE,)
        again.close()


class TestMemoryAgreementStore(AgreementStoreContract):
    @pytest.fixture
    def store(self) -> AgreementStore:
        return MemoryAgreementStore()


def test_a_database_that_cannot_be_opened_is_away_and_may_come_back(tmp_path: Path) -> None:
    file = tmp_path / "results.db"
    file.mkdir()
    store = SqlAgreementStore(f"sqlite:///{file}")
    with pytest.raises(DatabaseAway):
        store.add([ONE])
    file.rmdir()
    store.add([ONE])
    assert tuple(store.find()) == (ONE,)
    store.close()
