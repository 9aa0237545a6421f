"""Writing and reading: in one piece, by many at once, and after a sudden end."""

from __future__ import annotations

import ast
import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from geo.errors import InputError, SetupError
from geo.store import Store, engine, schema
from geo.store.audit import AuditEntry, add_entry, increase_query_count, list_entries, query_count
from geo.store.people import (
    PersonRow,
    add_people,
    count_people,
    find_person,
    find_person_by,
    forget_person,
    list_people,
)

NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)
GEO = Path(__file__).resolve().parents[2] / "geo"


def person(id_: str, **values: object) -> PersonRow:
    """Return somebody whose name is their id, unless told otherwise."""
    usual: dict[str, object] = {
        "id": id_, "reference": None, "name": id_, "email": None, "subject": None,
        "role": "employee", "team": "", "status": "active", "weight": 1.0, "audience": "nobody",
        "planning": False, "paused": False, "created_at": NOW, "seen_at": None,
    }  # fmt: skip
    return PersonRow(**{**usual, **values})  # type: ignore[arg-type]


def test_what_is_written_is_read(store: Store) -> None:
    wren = person("wren", email="wren@example.org", seen_at=NOW)
    with store.atomic() as db:
        add_people(db, [wren])
    with store.read() as db:
        assert find_person(db, "wren") == wren
        assert find_person_by(db, "email", "WREN@example.org") == wren
        assert find_person(db, "nobody") is None


def test_a_write_that_fails_leaves_nothing(store: Store) -> None:
    twice = [person("wren"), person("wren")]
    with pytest.raises(SetupError, match="refused"), store.atomic() as db:
        add_people(db, [*twice, person("kit")])
    with store.read() as db:
        assert count_people(db) == 0


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(SetupError, match="may not be written"), store.read() as db:
        db.connection.execute(insert(schema.secrets).values(name="x", value="y"))
    with store.atomic() as db:
        add_people(db, [person("wren")])  # the next one can


def test_a_reader_sees_one_state_while_others_write(store: Store) -> None:
    with store.read() as before:
        assert count_people(before) == 0
        with store.atomic() as db:
            add_people(db, [person("wren")])
        assert count_people(before) == 0
    with store.read() as after:
        assert count_people(after) == 1


def test_a_write_within_a_write_is_told_at_once(store: Store) -> None:
    with pytest.raises(RuntimeError, match="within a write"), store.atomic(), store.atomic():
        pass


def test_600_reads_that_are_followed_by_a_write_are_600(store: Store, store_url: str) -> None:
    with store.atomic() as db:
        add_people(db, [person("wren")])
    second = Store.open(store_url)  # as another process would, without the first one's lock

    def ask(through: Store) -> None:
        for _ in range(50):
            with through.atomic() as db:
                increase_query_count(db, "wren", "colleagues", date(2026, 5, 4))

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(ask, [store, second] * 6))
    second.close()
    with store.read() as reader:
        assert query_count(reader, "wren", "colleagues", date(2026, 5, 4)) == 600


_WRITER = """
import sys
sys.path.insert(0, sys.argv[2])
from tests.store.test_database import person
from geo.store import Store
from geo.store.people import add_people
store = Store.open(sys.argv[1])
for number in range(100_000):
    with store.atomic() as db:
        add_people(db, [person(f"p{number:06d}a"), person(f"p{number:06d}b")])
    print(number, flush=True)
"""


def test_killed_while_writing_nothing_acknowledged_is_lost_and_nothing_is_half(
    store: Store, store_url: str
) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, store_url, str(GEO.parent)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    committed = [int(writer.stdout.readline()) for _ in range(20)]
    os.kill(writer.pid, signal.SIGKILL)
    committed += [int(line) for line in writer.stdout.read().splitlines()]
    writer.wait()
    writer.stdout.close()
    with store.read() as db:
        kept = {one.id for one in list_people(db)}
    assert {f"p{number:06d}{half}" for number in committed for half in "ab"} <= kept
    assert len(kept) in (2 * len(committed), 2 * len(committed) + 2)


def test_many_threads_open_a_new_database_at_once(empty_url: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: Store.open(empty_url).close(), range(6)))
    store = Store.open(empty_url)
    with store.read() as db:
        assert engine.revision(db.connection) == engine.HEAD
    store.close()


@pytest.mark.parametrize("statement", ["UPDATE audit SET action = 'x'", "DELETE FROM audit"])
def test_the_database_itself_keeps_the_audit(store: Store, statement: str) -> None:
    with store.atomic() as db:
        add_entry(db, AuditEntry(NOW, "wren", "look", "kit", detail={"rows": 2}))
    with pytest.raises(SetupError, match="append-only"), store.atomic() as db:
        db.execute(text(statement))
    with store.read() as db:
        assert list_entries(db) == [AuditEntry(NOW, "wren", "look", "kit", True, {"rows": 2}, 1)]


def test_text_is_text_whatever_it_says(store: Store) -> None:
    nasty = "Robert'); DROP TABLE people;-- <script>alert(1)</script> \u202e %s :x \\ 😀"
    with store.atomic() as db:
        add_people(db, [person("wren", name=nasty, team=nasty)])
    with store.read() as db:
        (kept,) = list_people(db)
        assert (kept.name, kept.team) == (nasty, nasty)


def test_what_was_deleted_is_nowhere_in_the_files(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'people.sqlite'}")
    with store.atomic() as db:
        add_people(db, [person("wren", email="wren.unmistakable@example.org")])
    assert any(b"unmistakable" in path.read_bytes() for path in tmp_path.iterdir())
    with store.atomic() as db:
        forget_person(db, "wren")
    store.scrub()
    assert not any(b"unmistakable" in path.read_bytes() for path in tmp_path.iterdir())
    store.close()


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'deep' / 'people.sqlite'}")
    with store.atomic() as db:
        add_people(db, [person("wren")])
    for path in (tmp_path / "deep").glob("people.sqlite*"):
        if path.suffix != ".lock":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    store.close()


@pytest.mark.parametrize(
    "url",
    ["", "x", "mysql://u:secret@h/d", "postgresql://u:secret@h", "sqlite://", "http://h/secret"],
)
def test_an_address_that_is_none_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(InputError, match="no address of a database") as refused:
        Store.open(url)
    assert "secret" not in str(refused.value)


def test_a_database_that_cannot_be_reached_is_told_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be reached") as refused:
        Store.open(f"postgresql://u:secret@/nowhere?host={tmp_path}")
    assert "secret" not in str(refused.value)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "people.sqlite"
    path.write_bytes(b"not a database at all, but long enough to look like one" * 20)
    with pytest.raises(SetupError, match="damaged or not a database"):
        Store.open(f"sqlite:///{path}")


def test_errors_hold_nothing_of_what_was_written(store: Store) -> None:
    with store.atomic() as db:
        add_people(db, [person("wren", email="wren@example.org")])
    with pytest.raises(SetupError) as refused, store.atomic() as db:
        add_people(db, [person("kit", email="wren@example.org")])
    assert "wren" not in "".join(traceback.format_exception(refused.value)[-1:])
    assert refused.value.__cause__ is None  # which would stand in a log, with the row
    assert refused.value.__suppress_context__


def test_atomic_is_the_only_way_to_write() -> None:
    """Nothing but the store speaks SQL, only `atomic` makes a `Writer`, and no module begins."""
    guilty = []
    for path in GEO.rglob("*.py"):
        source = path.read_text("utf-8")
        own = path.is_relative_to(GEO / "store")
        if re.search(r"^\s*(?:import|from) sqlalchemy", source, re.MULTILINE) and not own:
            guilty.append(f"{path} speaks SQL")
        if "geo.store" in source and path.name != "database.py":
            for node in ast.walk(ast.parse(source)):
                if not isinstance(node, ast.Call):
                    continue
                called = node.func
                if isinstance(called, ast.Name) and called.id == "Writer":
                    guilty.append(f"{path}:{node.lineno} makes a Writer")
                begins = isinstance(called, ast.Attribute) and called.attr in {"begin", "commit"}
                if begins and ast.unparse(called) != "page.begin":
                    guilty.append(f"{path}:{node.lineno} begins or commits by itself")
    assert guilty == []


def test_a_connection_that_is_in_use_when_the_store_closes_is_closed_afterwards(
    sqlite_store: Store,
) -> None:
    with sqlite_store.read() as db:
        raw: object = db.connection.connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)
        sqlite_store.close()
        assert count_people(db) == 0
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        raw.execute("SELECT 1")
    with sqlite_store.read() as db:
        assert count_people(db) == 0
