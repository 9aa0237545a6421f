"""Backups: one zip of JSON lines that either database writes and either restores.

It is read in one view of the database, so what belongs together is together, while others go on
writing. Restoring replaces everything in one transaction: the tables are made as of the backup's
revision, filled, and then brought forward, so that old backups stay good. The key of invitations
is not in it: links that were sent before stop working.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

from sqlalchemy import Connection, Integer, MetaData, Table, func, insert, inspect, select, text

from geo.errors import InputError, SetupError
from geo.store import migrate
from geo.store.database import Store, Writer

FORMAT = 1
OCCUPIED = (
    "there are people, plans or venues in the database; add --replace to put the backup in their"
    " place."
)
_ABOUT = "crossroads.json"
_LEFT_OUT = frozenset({"secrets", "alembic_version"})
_PRECIOUS = frozenset({"people", "plans", "venues"})
_AT_ONCE = 1000
_LARGEST_LINE = 1 << 20
_LARGEST = 4 << 30
"""Bytes that a backup may unpack to."""


def back_up(store: Store, path: Path) -> dict[str, int]:
    """Write everything into a file that only its owner may read, and return rows by table.

    Raises
    ------
    InputError
        There is a file already.
    SetupError
        The file cannot be written, or the database not be read.
    """
    if path.exists():
        raise InputError(f"{path.name} is there already; name a new file.")
    temporary = path.with_name(f".{path.name}.part")
    try:
        with _private(temporary) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as box:
            counts = _write(store, box)
        temporary.replace(path)
    except OSError as error:
        raise SetupError(f"cannot write {path.name}: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return counts


def restore(store: Store, path: Path, *, replace: bool = False) -> dict[str, int]:
    """Put a backup in place of what is there, and return rows by table.

    Parameters
    ----------
    store
        Opened without upgrading, so that a damaged or newer database can be replaced too.
    replace
        Whether people, plans and venues that are there may be replaced.

    Raises
    ------
    InputError
        The file is no backup, or there is something that was not to be replaced.
    SetupError
        The database cannot be written; it is as it was.
    """
    try:
        with zipfile.ZipFile(path) as box:
            about = _about(box)
            with store.atomic() as db:
                if not replace and _is_filled(db.connection):
                    raise InputError(OCCUPIED)
                counts = _fill(db, box, about)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path.name} is no backup of Crossroads, or is damaged.") from error
    store.scrub()
    return counts


def is_filled(store: Store) -> bool:
    """Return whether there is anything that a backup would replace."""
    with store.read() as db:
        return _is_filled(db.connection)


def _private(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb")


def _write(store: Store, box: zipfile.ZipFile) -> dict[str, int]:
    counts = {}
    with store.read() as db:
        found = migrate.revision(db.connection)
        if found is None:
            raise InputError("the database has no tables yet; there is nothing to back up.")
        tables = _tables(db.connection)
        for table in tables:
            with box.open(f"{table.name}.jsonl", "w") as file:
                counts[table.name] = 0
                for row in db.connection.execute(select(table).order_by(*table.primary_key)):
                    file.write(json.dumps(list(row), ensure_ascii=False).encode() + b"\n")
                    counts[table.name] += 1
    about = {
        "format": FORMAT,
        "revision": found,
        "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "tables": {table.name: [column.name for column in table.columns] for table in tables},
        "rows": counts,
    }
    box.writestr(_ABOUT, json.dumps(about, indent=1))
    return counts


def _tables(connection: Connection) -> list[Table]:
    """Return the tables as they are, those that others point to first."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name not in _LEFT_OUT]


def _about(box: zipfile.ZipFile) -> dict[str, Any]:
    if sum(one.file_size for one in box.infolist()) > _LARGEST:
        raise ValueError("it unpacks to more than any backup")
    about = json.loads(box.read(_ABOUT))
    if about["format"] != FORMAT:
        raise InputError("the backup is of a newer version of Crossroads; install that one.")
    if about["revision"] not in migrate.revisions():
        raise InputError("the backup is of a newer version of Crossroads; install that one.")
    return dict(about)


def _is_filled(connection: Connection) -> bool:
    there = _PRECIOUS & set(inspect(connection).get_table_names())
    first = (text(f"SELECT 1 FROM {name} LIMIT 1") for name in sorted(there))  # noqa: S608
    return any(connection.execute(one).first() is not None for one in first)


def _fill(db: Writer, box: zipfile.ZipFile, about: dict[str, Any]) -> dict[str, int]:
    connection = db.connection
    _drop_all(connection)
    migrate.upgrade(connection, about["revision"])
    counts = {}
    for table in _tables(connection):
        columns = about["tables"][table.name]
        if set(columns) != {column.name for column in table.columns}:
            raise ValueError("its columns are not those of its revision")
        counts[table.name] = 0
        for rows in _portions(box, table.name, columns):
            db.run(insert(table), rows)
            counts[table.name] += len(rows)
        if counts[table.name] != about["rows"][table.name]:
            raise ValueError("rows are missing")
        _count_on(connection, table)
    migrate.upgrade(connection)
    return counts


def _portions(
    box: zipfile.ZipFile, table: str, columns: list[str]
) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    with box.open(f"{table}.jsonl") as raw, io.BufferedReader(cast("io.RawIOBase", raw)) as lines:
        while line := lines.readline(_LARGEST_LINE):
            rows.append(dict(zip(columns, json.loads(line), strict=True)))
            if len(rows) == _AT_ONCE:
                yield rows
                rows = []
    yield rows


def _drop_all(connection: Connection) -> None:
    """Drop every table of ours, with its triggers."""
    names = set(inspect(connection).get_table_names())
    ours = MetaData()
    ours.reflect(connection, only=sorted(names))
    ours.drop_all(connection)
    if connection.dialect.name == "postgresql":
        connection.execute(text("DROP FUNCTION IF EXISTS audit_is_append_only() CASCADE"))


def _count_on(connection: Connection, table: Table) -> None:
    """Let PostgreSQL number new rows after those that were put in."""
    key = list(table.primary_key)
    if connection.dialect.name == "sqlite" or len(key) > 1 or not isinstance(key[0].type, Integer):
        return
    last = connection.execute(select(func.max(key[0]))).scalar()
    sequence = func.pg_get_serial_sequence(table.name, key[0].name)
    connection.execute(select(func.setval(sequence, last or 1, last is not None)))
