"""Create, read, update, delete and list for any entity, on SQLite and on PostgreSQL; engines and transactions."""

import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from multimodal.adapters.assessment_store import SqlAssessmentStore
from multimodal.adapters.db import DatabaseAway, Repository, connect, insert_all, reading, writing
from multimodal.adapters.db_engine import parsed
from multimodal.adapters.db_tables import LONGEST_KEY, Key, Utc, key
from multimodal.domain.shared.errors import Busy, ConfigError, Conflict, MissingExtra, NotFound, UnknownName

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
METADATA = sa.MetaData()
ROOMS = sa.Table(
    "rooms",
    METADATA,
    sa.Column("house", Key, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seen", Utc, nullable=False),
    sa.Column("area", sa.Float),
    sa.Column("photo", sa.LargeBinary),
)
DOORS = sa.Table(
    "doors",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("house", Key, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.ForeignKeyConstraint(["house", "number"], ["rooms.house", "rooms.number"], ondelete="CASCADE"),
)


@dataclass(frozen=True)
class Room:
    house: str
    number: int
    seen: datetime = NOON
    area: float | None = None
    photo: bytes | None = None


@dataclass(frozen=True)
class Door:
    id: int
    house: str
    number: int


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    engine = connect(database_url)
    with writing(engine) as connection:
        METADATA.create_all(connection)
    yield engine
    engine.dispose()


@pytest.fixture
def rooms(engine: sa.Engine) -> Repository[Room]:
    return Repository(engine, ROOMS, Room)


class TestRepository:
    def test_what_is_created_can_be_read(self, rooms: Repository[Room]) -> None:
        room = Room("Elm 1", 7, NOON, 12.5, b"\0png")
        rooms.create(room)
        assert rooms.read("Elm 1", 7) == room

    def test_nothing_can_be_created(self, rooms: Repository[Room]) -> None:
        rooms.create()
        assert rooms.list() == ()

    def test_many_are_created_or_none(self, rooms: Repository[Room]) -> None:
        rooms.create(Room("Elm 1", 1))
        with pytest.raises(Conflict, match="stored already"):
            rooms.create(Room("Elm 1", 2), Room("Elm 1", 1))
        assert rooms.list() == (Room("Elm 1", 1),)

    def test_an_update_changes_one_entity(self, rooms: Repository[Room]) -> None:
        rooms.create(Room("Elm 1", 1), Room("Elm 1", 2))
        rooms.update(Room("Elm 1", 1, area=3.0))
        assert rooms.list() == (Room("Elm 1", 1, area=3.0), Room("Elm 1", 2))

    def test_an_update_of_nothing_is_not_found(self, rooms: Repository[Room]) -> None:
        with pytest.raises(NotFound, match="Nothing in rooms has the key 'Elm 1, 1'"):
            rooms.update(Room("Elm 1", 1))

    def test_an_update_of_what_it_was_succeeds(self, rooms: Repository[Room]) -> None:
        before = Room("Elm 1", 1)
        rooms.create(before)
        rooms.update(replace(before, area=3.0), was=before)
        assert rooms.read("Elm 1", 1).area == 3.0

    def test_an_update_of_what_changed_meanwhile_is_a_conflict(self, rooms: Repository[Room]) -> None:
        before = Room("Elm 1", 1)
        rooms.create(before)
        rooms.update(replace(before, area=2.0))
        with pytest.raises(Conflict, match="changed meanwhile"):
            rooms.update(replace(before, area=3.0), was=before)
        assert rooms.read("Elm 1", 1).area == 2.0

    def test_what_is_deleted_is_not_found(self, rooms: Repository[Room]) -> None:
        rooms.create(Room("Elm 1", 1), Room("Elm 1", 2))
        rooms.delete("Elm 1", 1)
        with pytest.raises(NotFound):
            rooms.read("Elm 1", 1)
        with pytest.raises(NotFound):
            rooms.delete("Elm 1", 1)
        assert rooms.list() == (Room("Elm 1", 2),)

    def test_a_list_has_a_stable_order_and_goes_on_after_a_key(self, rooms: Repository[Room]) -> None:
        every = [Room(house, number) for house in ("Ash", "Birch", "Zelkova", "ash") for number in (1, 2, 10)]
        rooms.create(*reversed(every))
        pages, after = [], ()
        while page := rooms.list(after=after, limit=5):
            pages.append(page)
            after = (page[-1].house, page[-1].number)
        assert [room for page in pages for room in page] == every
        assert [len(page) for page in pages] == [5, 5, 2]

    def test_a_list_may_ask_for_values(self, rooms: Repository[Room]) -> None:
        rooms.create(Room("Elm 1", 1, area=1.0), Room("Elm 1", 2), Room("Ash", 2))
        assert rooms.list(number=2, house="Elm 1") == (Room("Elm 1", 2),)
        assert rooms.list(area=None) == (Room("Ash", 2), Room("Elm 1", 2))

    def test_an_unknown_field_names_the_nearest(self, rooms: Repository[Room]) -> None:
        with pytest.raises(UnknownName, match="Did you mean 'number'"):
            rooms.list(nummer=2)

    def test_who_refers_to_nothing_is_told_so(self, rooms: Repository[Room], engine: sa.Engine) -> None:
        doors = Repository(engine, DOORS, Door)
        with pytest.raises(NotFound, match="refers to"):
            doors.create(Door(1, "Elm 1", 1))
        rooms.create(Room("Elm 1", 1))
        doors.create(Door(1, "Elm 1", 1))
        rooms.delete("Elm 1", 1)
        assert doors.list() == ()


class TestTransactions:
    def test_a_failure_undoes_all(self, engine: sa.Engine, rooms: Repository[Room]) -> None:
        row = {"house": "Elm", "number": 1, "seen": NOON}
        with pytest.raises(Conflict), writing(engine) as connection:
            connection.execute(sa.insert(ROOMS), [row, row])
        assert rooms.list() == ()

    def test_a_reader_sees_one_state(self, engine: sa.Engine, rooms: Repository[Room]) -> None:
        engine.update_execution_options(
            isolation_level="REPEATABLE READ" if engine.name == "postgresql" else "SERIALIZABLE"
        )
        count = sa.select(sa.func.count()).select_from(ROOMS)
        with reading(engine) as connection:
            assert connection.scalar(count) == 0
            rooms.create(Room("Elm 1", 1))
            assert connection.scalar(count) == 0

    @pytest.mark.parametrize("photo", [b"png", None], ids=["bytes", "none"])
    def test_many_rows_go_in_at_once(self, engine: sa.Engine, rooms: Repository[Room], photo: bytes | None) -> None:
        every = [Room(f"Elm \0 {number}", number, NOON, number / 7, photo) for number in range(3)]
        insert_all(engine, [(ROOMS, []), (ROOMS, [vars(room) for room in every])])
        assert [(room.number, room.area, room.seen, room.photo) for room in rooms.list()] == [
            (room.number, room.area, NOON, photo) for room in every
        ]

    def test_many_rows_go_in_together_or_not_at_all(self, engine: sa.Engine, rooms: Repository[Room]) -> None:
        fresh, known = vars(Room("Elm 1", 1)), vars(Room("Elm 2", 2))
        insert_all(engine, [(ROOMS, [known])])
        with pytest.raises(Conflict):
            insert_all(engine, [(ROOMS, [fresh]), (ROOMS, [known])])
        assert [room.number for room in rooms.list()] == [2]

    def test_a_mistake_of_ours_is_no_absence_of_the_database(self, engine: sa.Engine) -> None:
        with pytest.raises(sa.exc.SQLAlchemyError), reading(engine) as connection:
            connection.execute(sa.select(sa.column("x")).select_from(sa.text("rooms WHERE number = 'x' || 1 / 0 + y")))


class TestUrls:
    @pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+pg8000"])
    def test_any_spelling_of_postgresql_uses_our_driver(self, scheme: str) -> None:
        engine = connect(f"{scheme}://me:secret@db.example:5433/results")
        assert engine.driver == "pg8000"

    @pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+pg8000"])
    def test_any_spelling_reaches_the_server(self, scheme: str, postgres_url: str) -> None:
        url = sa.make_url(postgres_url).set(drivername=scheme).render_as_string(hide_password=False)
        engine = connect(f"{url}?sslmode=disable")
        with reading(engine) as connection:
            assert connection.scalar(sa.text("SELECT 1")) == 1
        engine.dispose()

    @pytest.mark.parametrize(
        ("url", "message"),
        [
            ("", "cannot be read"),
            ("results.db", "cannot be read"),
            ("postgresql://db:port/x", "cannot be read"),
            ("mysql://db/x", "names 'mysql'; sqlite and postgresql are known"),
            ("postgresql+nope://db/x", "names a driver that is not known"),
            ("sqlite://", "needs a file"),
            ("sqlite:///:memory:", "needs a file"),
            ("sqlite:///file:x?mode=memory&uri=true", "needs a file"),
        ],
    )
    def test_a_url_that_cannot_be_used_is_explained(self, url: str, message: str) -> None:
        with pytest.raises(ConfigError, match=message):
            connect(url)

    def test_an_unknown_sslmode_names_the_nearest(self) -> None:
        with pytest.raises(UnknownName, match="Did you mean 'require'"):
            connect("postgresql://db/x?sslmode=requier")

    def test_a_server_without_encryption_is_refused_when_it_is_required(self, postgres_url: str) -> None:
        with pytest.raises(DatabaseAway), reading(connect(f"{postgres_url}?sslmode=require")):
            pass

    def test_a_missing_driver_names_the_extra(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "pg8000", None)
        with pytest.raises(MissingExtra, match="multimodal\\[postgres\\]"):
            connect("postgresql://db/x")

    def test_other_drivers_may_be_named(self) -> None:
        assert parsed("postgresql+psycopg://db/x").drivername == "postgresql+psycopg"


class TestAway:
    def test_a_server_that_does_not_answer_is_away(self, caplog: pytest.LogCaptureFixture) -> None:
        with pytest.raises(Busy, match="cannot be used now") as caught:
            SqlAssessmentStore.opened("postgresql://me:secret@127.0.0.1:1/results")
        assert caught.value.retry_after == 5
        assert "secret" not in caplog.text + str(caught.value)

    def test_a_wrong_password_is_told_in_the_log_only(
        self, postgres_url: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        url = sa.make_url(postgres_url).set(password="wrong")
        with caplog.at_level(logging.ERROR), pytest.raises(DatabaseAway):
            SqlAssessmentStore.opened(url.render_as_string(hide_password=False))
        assert "password" in caplog.text

    def test_a_connection_that_the_server_ended_is_replaced(self, postgres_url: str) -> None:
        store = SqlAssessmentStore.opened(postgres_url)
        with pytest.raises(DatabaseAway), writing(store.engine) as connection:
            connection.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))
        store.add([])
        store.close()

    def test_a_file_that_is_no_database_is_left_alone(self, tmp_path: Path) -> None:
        photo = b"a photo, not a database " * 100
        (tmp_path / "results.db").write_bytes(photo)
        with pytest.raises(DatabaseAway):
            SqlAssessmentStore.opened(f"sqlite:///{tmp_path / 'results.db'}")
        assert (tmp_path / "results.db").read_bytes() == photo

    def test_a_folder_that_cannot_be_made_is_explained(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(ConfigError, match="folder cannot be made"):
            connect(f"sqlite:///{tmp_path / 'file' / 'results.db'}")

    def test_a_folder_in_place_of_the_file_is_away(self, tmp_path: Path) -> None:
        with pytest.raises(DatabaseAway):
            SqlAssessmentStore.opened(f"sqlite:///{tmp_path}")


def test_a_sqlite_file_is_in_wal_mode_and_minds_foreign_keys(sqlite_url: str) -> None:
    engine = connect(sqlite_url)
    with reading(engine) as connection:
        asked = {
            name: connection.scalar(sa.text(f"PRAGMA {name}"))
            for name in ("journal_mode", "foreign_keys", "synchronous")
        }
    assert asked == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 1}
    engine.dispose()


def test_keys_stay_different_when_they_are_shortened() -> None:
    long = "x" * 5_000
    assert len(key(long)) == LONGEST_KEY
    assert key(long) != key(f"{long}x")
    assert key("photo.jpg") == "photo.jpg"
    assert key(os.fsdecode(b"\xff.jpg")) == "\\udcff.jpg"
