"""One contract for every feature store: a cache that may lose everything, and never gives what was not put in."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from multimodal.adapters.feature_store import MANY, SqliteFeatureStore
from tests.fakes import MemoryFeatureStore


class FeatureStoreContract:
    def test_what_is_written_is_read_back(self, store):
        store.write("key", {"a": b"1", "b": b""})
        assert store.read("key", ["a", "b", "c"]) == {"a": b"1", "b": b""}

    def test_another_key_knows_nothing(self, store):
        store.write("key", {"a": b"1"})
        assert store.read("other", ["a"]) == {}

    def test_the_newest_row_counts(self, store):
        store.write("key", {"a": b"1"})
        store.write("key", {"a": b"2"})
        assert store.read("key", ["a"]) == {"a": b"2"}

    def test_many_rows_are_read_at_once(self, store):
        rows = {str(i): str(i).encode() for i in range(2 * MANY + 3)}
        store.write("key", rows)
        assert store.read("key", list(rows)) == rows
        assert store.read("key", []) == {}


class TestMemoryFeatureStore(FeatureStoreContract):
    @pytest.fixture
    def store(self):
        return MemoryFeatureStore()


class TestSqliteFeatureStore(FeatureStoreContract):
    @pytest.fixture
    def store(self, tmp_path):
        store = SqliteFeatureStore(tmp_path / "made" / "features.db")
        yield store
        store.close()

    def test_rows_survive_the_process(self, store):
        store.write("key", {"a": b"1"})
        again = SqliteFeatureStore(store.path)
        assert again.read("key", ["a"]) == {"a": b"1"}
        again.close()

    def test_threads_share_it(self, store):
        def turn(number):
            store.write("key", {str(number): b"x"})
            return len(store.read("key", [str(number)]))

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(turn, range(100))) == {1}

    def test_a_file_that_is_no_database_only_costs_time(self, tmp_path, caplog):
        (tmp_path / "features.db").write_bytes(b"this is no database at all" * 100)
        store = SqliteFeatureStore(tmp_path / "features.db")
        store.write("key", {"a": b"1"})
        assert store.read("key", ["a"]) == {}
        assert "measured again" in caplog.text
        store.close()

    def test_a_folder_that_cannot_be_made_only_costs_time(self, tmp_path, caplog):
        (tmp_path / "file").write_text("no folder")
        store = SqliteFeatureStore(tmp_path / "file" / "features.db")
        store.write("key", {"a": b"1"})
        assert "cannot be written" in caplog.text
