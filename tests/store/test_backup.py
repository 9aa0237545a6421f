"""Backups: from either database into either, whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import stat
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from geo.errors import InputError, SetupError
from geo.model import HomeArea, Point
from geo.store import Store
from geo.store.audit import (
    AuditEntry,
    Consent,
    add_entry,
    count_entries,
    give_consent,
    list_consents,
    list_entries,
)
from geo.store.backup import back_up, restore
from geo.store.people import (
    add_people,
    count_people,
    find_area,
    list_people,
    set_areas,
    set_preferences,
)
from geo.store.plans import Plan, PlannedMeetup, Seat, list_plans, load_plan, save_plan
from geo.store.sign_ins import signing_key
from tests.store.test_database import person

OLD = Path(__file__).parent / "backup_0_1_0.zip"
NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)
AREA = HomeArea("n1", "Exton", "settlement", Point(-0.63, 52.69), 1200.0, 46)


def fill(store: Store) -> None:
    """Put something into every table."""
    with store.atomic() as db:
        add_people(db, [person("wren", name="Zoë 😀"), person("kit", email="kit@example.org")])
        set_areas(db, {"wren": AREA}, region="rutland", now=NOW)
        set_preferences(db, "wren", {"mood": "quiet"}, NOW)
        give_consent(db, Consent("wren", NOW, "2026-11", "team", True, False, "person"))
        seats = (Seat("wren", 61.5), Seat(None))
        plan = Plan("rutland", "Spring", {}, (PlannedMeetup({"osm_id": "n1"}, seats),))
        save_plan(db, plan, by="kit", now=NOW)
        add_entry(db, AuditEntry(NOW, "kit", "plan", detail={"people": 2}))
        signing_key(db, "audit")


def contents(store: Store) -> list[object]:
    with store.read() as db:
        plans = [load_plan(db, one.id) for one in list_plans(db)]
        return [
            list_people(db), find_area(db, "wren"), list_consents(db, "wren"), plans,
            list_entries(db),
        ]  # fmt: skip


def test_a_backup_restores_into_either_database(store: Store, tmp_path: Path) -> None:
    fill(store)
    path = tmp_path / "backup.zip"
    counts = back_up(store, path)
    assert (counts["people"], counts["attendance"], counts["audit"]) == (2, 2, 1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    other = Store.open(f"sqlite:///{tmp_path / 'other.sqlite'}")
    assert restore(other, path).rows == counts
    assert contents(other) == contents(store)
    again = tmp_path / "again.zip"
    back_up(other, again)
    before = contents(store)
    with store.atomic() as db:
        add_people(db, [person("late")])
    restore(store, again, replace=True)
    assert contents(store) == before
    with store.atomic() as db:  # numbers go on where they were, and the audit is still sealed
        add_entry(db, AuditEntry(NOW, None, "more"))
        assert [one.id for one in list_entries(db)] == [2, 1]
    other.close()


def test_the_key_of_invitations_is_not_in_it(store: Store, tmp_path: Path) -> None:
    fill(store)
    with store.atomic() as db:
        key = signing_key(db, "audit").hex()
    path = tmp_path / "backup.zip"
    back_up(store, path)
    with zipfile.ZipFile(path) as box:
        assert not any(key.encode() in box.read(name) for name in box.namelist())


def test_people_are_not_replaced_unless_told(store: Store, tmp_path: Path) -> None:
    fill(store)
    path = tmp_path / "backup.zip"
    back_up(store, path)
    with pytest.raises(InputError, match="--replace"):
        restore(store, path)
    with pytest.raises(InputError, match="there already"):
        back_up(store, path)


def damage(path: Path, how: str) -> None:
    with zipfile.ZipFile(path) as box:
        files = {name: box.read(name) for name in box.namelist()}
    about = json.loads(files["crossroads.json"])
    if how == "rows are missing":
        files["people.jsonl"] = files["people.jsonl"].splitlines(keepends=True)[0]
    elif how == "a line is cut off":
        files["people.jsonl"] = files["people.jsonl"][:-9]
    elif how == "a table is missing":
        del files["people.jsonl"]
    elif how == "another format":
        about["format"] = 2
    elif how == "another revision":
        about["revision"] = "9999"
    elif how == "a row twice":
        files["people.jsonl"] = files["people.jsonl"].splitlines(keepends=True)[0] * 2
    elif how == "nested without end":
        files["people.jsonl"] = b"[" * 100_000
    elif how == "other columns":
        about["tables"]["people"][0] = "identity"
    files["crossroads.json"] = json.dumps(about).encode()
    with zipfile.ZipFile(path, "w") as box:
        for name, data in files.items():
            box.writestr(name, data)


@pytest.mark.parametrize(
    "how",
    ["rows are missing", "a line is cut off", "a table is missing", "another format",
     "another revision", "other columns", "a row twice", "nested without end"],
)  # fmt: skip
def test_a_damaged_backup_changes_nothing(sqlite_store: Store, tmp_path: Path, how: str) -> None:
    store = sqlite_store
    fill(store)
    path = tmp_path / "backup.zip"
    back_up(store, path)
    damage(path, how)
    before = contents(store)
    with pytest.raises(InputError, match="backup"):
        restore(store, path, replace=True)
    assert contents(store) == before


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no", b"id,name\n1,x\n"])
def test_what_is_no_backup_is_refused(sqlite_store: Store, tmp_path: Path, content: bytes) -> None:
    store = sqlite_store
    path = tmp_path / "backup.zip"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"backup\.zip is no backup"):
        restore(store, path)
    with store.read() as db:
        assert (count_people(db), count_entries(db)) == (0, 0)


@pytest.mark.parametrize("at", [40, 200, -400, -60])
def test_a_backup_with_broken_bytes_is_told_as_damaged(
    sqlite_store: Store, tmp_path: Path, at: int
) -> None:
    fill(sqlite_store)
    path = tmp_path / "backup.zip"
    back_up(sqlite_store, path)
    data = bytearray(path.read_bytes())
    data[at : at + 12 or None] = b"\xff" * 12
    path.write_bytes(data)
    before = contents(sqlite_store)
    with pytest.raises(InputError, match=r"backup\.zip is no backup of Crossroads, or is damaged"):
        restore(sqlite_store, path, replace=True)
    assert contents(sqlite_store) == before


def test_what_never_ends_is_refused_before_it_is_read(sqlite_store: Store, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (Path("/dev/zero"), pipe, tmp_path):
        with pytest.raises(InputError, match="is not a file"):
            restore(sqlite_store, path)


def test_what_a_killed_backup_left_goes_with_a_later_one(
    sqlite_store: Store, tmp_path: Path
) -> None:
    fill(sqlite_store)
    left, running = (tmp_path / f".{name}.zip.crossroads-part" for name in ("old", "now"))
    left.touch()
    running.touch()
    yesterday = time.time() - 90_000
    os.utime(left, (yesterday, yesterday))
    back_up(sqlite_store, tmp_path / "backup.zip")
    assert sorted(path.name for path in tmp_path.iterdir() if "zip" in path.name) == [
        ".now.zip.crossroads-part",
        "backup.zip",
    ]


OTHERS = (
    "CREATE TABLE invoices (id INTEGER PRIMARY KEY, amount INTEGER)",
    "INSERT INTO invoices VALUES (1, 250)",
    "CREATE VIEW large_invoices AS SELECT * FROM invoices WHERE amount > 100",
)


def run_all(store: Store, *statements: str) -> None:
    with store.atomic() as db:
        for statement in statements:
            db.execute(text(statement))


def test_tables_of_others_are_neither_in_a_backup_nor_touched_by_one(
    store: Store, tmp_path: Path
) -> None:
    run_all(store, *OTHERS)
    fill(store)
    path = tmp_path / "backup.zip"
    assert "invoices" not in back_up(store, path)
    restore(store, path, replace=True)
    with store.read() as db:
        assert db.all(text("SELECT amount FROM large_invoices")) == [(250,)]


def test_a_restore_stops_at_tables_of_others_under_our_names(
    empty_url: str, tmp_path: Path
) -> None:
    other = Store.open(empty_url, upgrade=False)
    run_all(
        other,
        "CREATE TABLE people (id TEXT PRIMARY KEY, shoe_size INTEGER)",
        "INSERT INTO people VALUES ('ana', 38)",
    )
    for act in (
        lambda: restore(other, OLD, replace=True),
        other.upgrade,
        lambda: back_up(other, tmp_path / "theirs.zip"),
    ):
        with pytest.raises(SetupError, match="'people' that is not Crossroads' own"):
            act()
    with other.read() as db:
        assert db.all(text("SELECT * FROM people")) == [("ana", 38)]
        assert inspect(db.connection).get_table_names() == ["people"]
    other.close()


def test_a_restore_stops_at_migrations_of_another_application(
    empty_url: str, tmp_path: Path
) -> None:
    """Alembic calls its table the same everywhere, and many begin to count at 0001."""
    other = Store.open(empty_url, upgrade=False)
    for revision, reason in (("0001", "lacks the table"), ("f00d", "revision f00d")):
        run_all(
            other,
            "DROP TABLE IF EXISTS alembic_version",
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)",
            f"INSERT INTO alembic_version VALUES ('{revision}')",  # noqa: S608
        )
        with pytest.raises(SetupError, match=reason):
            restore(other, OLD, replace=True)
        with other.read() as db:
            assert inspect(db.connection).get_table_names() == ["alembic_version"]
    other.close()


def test_a_view_of_others_on_our_tables_stops_a_restore_on_postgresql(
    store: Store, tmp_path: Path
) -> None:
    if store.is_sqlite:
        pytest.skip("a view of SQLite does not depend on its tables")
    fill(store)
    path = tmp_path / "backup.zip"
    back_up(store, path)
    run_all(store, "CREATE VIEW phone_book AS SELECT name FROM people")
    before = contents(store)
    with pytest.raises(SetupError, match="other tables or views use tables of Crossroads"):
        restore(store, path, replace=True)
    assert contents(store) == before


@pytest.mark.parametrize("how", ["no header", "a torn page", "cut off", "empty"])
def test_a_damaged_file_is_set_aside_by_a_restore(
    sqlite_store: Store, tmp_path: Path, how: str
) -> None:
    fill(sqlite_store)
    backup = tmp_path / "backup.zip"
    back_up(sqlite_store, backup)
    before = contents(sqlite_store)
    sqlite_store.scrub()
    path = tmp_path / "lost" / "crossroads.sqlite"
    path.parent.mkdir()
    shutil.copy(sqlite_store.path, path)
    data = bytearray(path.read_bytes())
    if how == "no header":
        data[:16] = b"\0" * 16
    elif how == "a torn page":
        data[4096:] = b"\xa5" * (len(data) - 4096)
    elif how == "cut off":
        data = data[: len(data) // 2]
    else:
        data.clear()
    path.write_bytes(data)
    lost = Store.open(f"sqlite:///{path}", upgrade=False)
    done = restore(lost, backup)
    assert done.damaged is not None
    assert done.damaged.read_bytes() == data
    assert contents(lost) == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lost.close()
    assert {one.name for one in path.parent.iterdir()} <= {
        path.name, f"{path.name}.lock", done.damaged.name,
        f"{done.damaged.name}-shm", f"{done.damaged.name}-wal",
    }  # fmt: skip


def test_a_damaged_file_stays_where_the_backup_is_damaged_too(tmp_path: Path) -> None:
    path = tmp_path / "crossroads.sqlite"
    path.write_bytes(b"\xa5" * 8192)
    backup = tmp_path / "backup.zip"
    backup.write_bytes(b"PK")
    lost = Store.open(f"sqlite:///{path}", upgrade=False)
    with pytest.raises(InputError, match="is damaged"):
        restore(lost, backup)
    lost.close()
    assert path.read_bytes() == b"\xa5" * 8192


def test_an_empty_file_is_no_empty_roster(tmp_path: Path) -> None:
    path = tmp_path / "crossroads.sqlite"
    path.touch()
    with pytest.raises(SetupError, match="is empty and has lost its contents"):
        Store.open(f"sqlite:///{path}")
    path.unlink()
    Store.open(f"sqlite:///{path}").close()
