"""Backups: from either database into either, whole or not at all."""

from __future__ import annotations

import json
import stat
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from geo.errors import InputError
from geo.model import HomeArea, Point
from geo.store import (
    AuditEntry,
    Consent,
    Plan,
    PlannedMeetup,
    Seat,
    Store,
    add_entry,
    add_people,
    count_entries,
    count_people,
    find_area,
    give_consent,
    list_consents,
    list_entries,
    list_people,
    list_plans,
    load_plan,
    save_plan,
    set_areas,
    set_preferences,
    signing_key,
)
from geo.store.backup import back_up, restore
from tests.store.test_database import person

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
        signing_key(db)


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
    assert restore(other, path) == counts
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
        key = signing_key(db).hex()
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
    elif how == "other columns":
        about["tables"]["people"][0] = "identity"
    files["crossroads.json"] = json.dumps(about).encode()
    with zipfile.ZipFile(path, "w") as box:
        for name, data in files.items():
            box.writestr(name, data)


@pytest.mark.parametrize(
    "how",
    ["rows are missing", "a line is cut off", "a table is missing", "another format",
     "another revision", "other columns"],
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
