"""Every released schema comes forward, and the tables are those that the code expects."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select, text

from geo.errors import SetupError
from geo.people.admission import new_person
from geo.store import Store, engine, schema
from geo.store.audit import AuditEntry, add_entry, list_consents, list_entries
from geo.store.backup import restore
from geo.store.people import add_people, find_area, find_preferences, list_areas, list_people
from geo.store.plans import list_plans, load_plan
from geo.store.venues import list_venues

HERE = Path(__file__).parent
FIRST = HERE / "first_schema.zip"
"""A backup of revision 0001; like the files of 0.1.0 (revision 0003) it is never written anew."""


def test_the_newest_revision_is_the_last_migration() -> None:
    assert engine.revisions()[-1] == engine.HEAD


def test_the_tables_are_those_of_the_code(store: Store) -> None:
    with store.read() as db:
        found = inspect(db.connection)
        assert set(found.get_table_names()) == {*schema.metadata.tables, "alembic_version"}
        for name, table in schema.metadata.tables.items():
            columns = {one["name"]: one for one in found.get_columns(name)}
            assert set(columns) == {column.name for column in table.columns}
            for column in table.columns:
                assert columns[column.name]["nullable"] == column.nullable, (name, column.name)
            keys = found.get_pk_constraint(name)["constrained_columns"]
            assert keys == [column.name for column in table.primary_key]
            indexes = {one["name"] for one in found.get_indexes(name)}
            assert {index.name for index in table.indexes} <= indexes


def test_a_database_of_the_first_schema_comes_forward(store: Store) -> None:
    restore(store, FIRST)
    with store.read() as db:
        assert engine.revision(db.connection) == engine.HEAD
        (wren,) = list_people(db)
        assert (wren.name, wren.email, wren.planning) == ("Wren", "wren@example.org", True)
        assert [one.text_version for one in list_consents(db, wren.id)] == ["2026-11"]


def check_0_1_0(store: Store) -> None:
    """Assert that every table that 0.1.0 filled holds what it held."""
    with store.read() as db:
        assert engine.revision(db.connection) == engine.HEAD
        kit, wren = sorted(list_people(db), key=lambda one: one.id)
        assert (kit.email, wren.name) == ("kit@example.org", "Zoë 😀")
        area = find_area(db, "wren")
        assert area is not None
        assert (area.area.id, area.area.label, area.area.homes) == ("n1", "Exton", 46)
        assert [one.audience for one in list_consents(db, "wren")] == ["team"]
        assert find_preferences(db, "wren") == {"mood": "quiet"}
        (plan,) = (load_plan(db, one.id) for one in list_plans(db))
        assert plan is not None
        assert [seat.travel_time_s for seat in plan.meetups[0].seats] == [61.5, None]
        assert [(one.action, one.detail) for one in list_entries(db)] == [("plan", {"people": 2})]
        assert [one.cells["name"] for one in list_venues(db)] == ["Guild Room"]
        left = {"invitations": 1, "queries": 1, "sessions": 1, "sign_ins": 1}
        for name, count in left.items():
            rows = select(func.count()).select_from(schema.metadata.tables[name])
            assert db.scalar(rows) == count, name
    with store.atomic() as db:  # the audit still takes entries, and still lets none be changed
        add_entry(db, AuditEntry(datetime(2026, 5, 5, tzinfo=UTC), None, "more"))
    with pytest.raises(SetupError, match="append-only"), store.atomic() as db:
        db.execute(text("DELETE FROM audit"))


def test_a_file_of_0_1_0_comes_forward(tmp_path: Path) -> None:
    with zipfile.ZipFile(HERE / "database_0_1_0.zip") as box:
        box.extractall(tmp_path)
    opened = Store.open(f"sqlite:///{tmp_path / 'crossroads.sqlite'}")
    check_0_1_0(opened)
    opened.close()


def test_a_backup_of_0_1_0_comes_forward(store: Store) -> None:
    restore(store, HERE / "backup_0_1_0.zip")
    check_0_1_0(store)


def test_each_revision_has_the_tables_of_the_one_before() -> None:
    before: set[str] = set()
    for revision in engine.revisions():
        tables = set(engine.tables_at(revision))
        assert before <= tables
        before = tables
    assert before == set(schema.metadata.tables)


def test_of_an_area_of_an_earlier_schema_no_source_is_known(sqlite_store: Store) -> None:
    """So that any table may replace it."""
    columns = ("person_id, region, area_id, label, kind, lon, lat, radius_m, homes,"
               " set_at, used_at")  # fmt: skip
    with sqlite_store.atomic() as db:
        db.execute(text("ALTER TABLE home_areas DROP COLUMN source"))
        db.execute(text("UPDATE alembic_version SET version_num = '0003'"))
        add_people(db, [replace(new_person("Wren"), id="wren")])
        now = "2026-05-04T10:00:00.000000+00:00"
        db.execute(
            text(
                f"INSERT INTO home_areas ({columns}) VALUES"  # noqa: S608 - ours
                f" ('wren', 'r', 'a', 'A', 'cell', 1.0, 2.0, 3.0, 4, '{now}', '{now}')"
            )
        )
        engine.upgrade(db.connection)
    with sqlite_store.read() as db:
        assert engine.revision(db.connection) == engine.HEAD
        assert list_areas(db)["wren"].source == ""


def test_a_newer_database_is_refused(store: Store, store_url: str) -> None:
    with store.atomic() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SetupError, match="revision 9999"):
        Store.open(store_url)
