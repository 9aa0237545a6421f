"""Every released schema comes forward, and the tables are those that the code expects."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from geo.errors import SetupError
from geo.people.joining import new_person
from geo.store import (
    Store,
    add_people,
    list_areas,
    list_consents,
    list_people,
    migrate,
    schema,
)
from geo.store.backup import restore

FIRST = Path(__file__).parent / "first_schema.zip"
"""A backup of revision 0001, as it was when that was released; never written anew."""


def test_the_newest_revision_is_the_last_migration() -> None:
    assert migrate.revisions()[-1] == migrate.HEAD


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
        assert migrate.revision(db.connection) == migrate.HEAD
        (wren,) = list_people(db)
        assert (wren.name, wren.email, wren.planning) == ("Wren", "wren@example.org", True)
        assert [one.text_version for one in list_consents(db, wren.id)] == ["2026-11"]


def test_of_an_area_of_an_earlier_schema_no_source_is_known(sqlite_store: Store) -> None:
    """So that any table may replace it."""
    columns = ("person_id, region, area_id, label, kind, lon, lat, radius_m, homes,"
               " set_at, used_at")  # fmt: skip
    with sqlite_store.atomic() as db:
        db.run(text("ALTER TABLE home_areas DROP COLUMN source"))
        db.run(text("UPDATE alembic_version SET version_num = '0003'"))
        add_people(db, [replace(new_person("Wren"), id="wren")])
        now = "2026-05-04T10:00:00.000000+00:00"
        db.run(
            text(
                f"INSERT INTO home_areas ({columns}) VALUES"  # noqa: S608 - ours
                f" ('wren', 'r', 'a', 'A', 'cell', 1.0, 2.0, 3.0, 4, '{now}', '{now}')"
            )
        )
        migrate.upgrade(db.connection)
    with sqlite_store.read() as db:
        assert migrate.revision(db.connection) == migrate.HEAD
        assert list_areas(db)["wren"].source == ""


def test_a_newer_database_is_refused(store: Store, store_url: str) -> None:
    with store.atomic() as db:
        db.run(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SetupError, match="revision 9999"):
        Store.open(store_url)
