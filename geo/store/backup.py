"""Backups: one zip of JSON lines that either database writes and either restores.

It is read in one view of the database, so what belongs together is together, while others go on
writing. Restoring replaces everything in one transaction: the tables are made as of the backup's
revision, filled, and then brought forward, so that old backups stay good. Only tables that
Crossroads made are read or dropped, whatever else a PostgreSQL database holds. A damaged file of
SQLite is set aside, and the backup restored into a new one. The key of invitations is not in a
backup: links that were sent before stop working.
"""

from __future__ import annotations

import io
import json
import os
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

from sqlalchemy import Connection, Integer, MetaData, Table, func, insert, select, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError, StatementError

from geo.errors import CrossroadsError, InputError, SetupError
from geo.store import engine
from geo.store.database import Store, Writer

FORMAT = 1
OCCUPIED = (
    "there are people, plans or venues in the database; add --replace to put the backup in their"
    " place."
)
_MANIFEST = "crossroads.json"
_EXCLUDED_TABLES = frozenset({"secrets"})
_CONTENT_TABLES = frozenset({"people", "plans", "venues"})
_PART_SUFFIX = ".crossroads-part"
_JOURNAL_SUFFIXES = ("-wal", "-shm")
_DAY_S = 86_400.0
_READ_ERRORS = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    EOFError,
    RecursionError,
    NotImplementedError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What reading a damaged zip or its JSON ends in; one with a password is a RuntimeError."""

_ROW_ERRORS = (IntegrityError, DataError, ProgrammingError)
"""What a database makes of rows that break its rules, or are of other types."""

_BATCH_SIZE = 1000
_LARGEST_LINE = 1 << 20
_LARGEST_BACKUP = 4 << 30
"""Bytes that a backup may unpack to."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore has done, and where a damaged file of SQLite is now; None if it was sound."""

    rows: dict[str, int]
    damaged: Path | None = None


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
    temporary = path.with_name(f".{path.name}{_PART_SUFFIX}")
    try:
        _delete_unfinished(path.parent)
        with (
            _open_private(temporary) as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            counts = _write(store, archive)
        temporary.replace(path)
    except OSError as error:
        raise SetupError(f"cannot write {path.name}: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return counts


def restore(store: Store, path: Path, *, replace: bool = False) -> Restored:
    """Put a backup in place of what is there.

    The store is opened without upgrading, so that a damaged database can be replaced too.
    ``replace`` allows to replace people, plans and venues that are there; a damaged file is set
    aside.

    Raises
    ------
    InputError
        The file is no backup, or there is something that was not to be replaced.
    SetupError
        The database cannot be written, or has tables of others under our names; it is as it was.
    """
    if not path.is_file():  # a device or a pipe may never end
        raise InputError(
            f"{path.name} is not a file; give a backup that 'crossroads db backup' wrote."
        )
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = _read_manifest(archive)
            if store.is_damaged():
                return _restore_into_new_file(store, archive, manifest)
            with store.atomic() as db:
                if not replace and _is_filled(db.connection):
                    raise InputError(OCCUPIED)
                counts = _fill(db, archive, manifest)
    except _READ_ERRORS as error:
        if isinstance(error, CrossroadsError):
            raise
        raise InputError(f"{path.name} is no backup of Crossroads, or is damaged.") from error
    store.scrub()
    return Restored(counts)


def is_filled(store: Store) -> bool:
    """Return whether there is anything that a backup would replace."""
    with store.read() as db:
        return _is_filled(db.connection)


def _restore_into_new_file(
    store: Store, archive: zipfile.ZipFile, manifest: dict[str, Any]
) -> Restored:
    """Fill a new file, and let it take the place of a damaged one, which is kept."""
    path = store.path
    new = path.with_name(f".{path.name}.restored")
    damaged = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
    _delete_sqlite(new)
    new_store = Store.open(f"sqlite:///{new}", upgrade=False)
    try:
        with new_store.atomic() as db:
            counts = _fill(db, archive, manifest)
        new_store.scrub()
        new_store.close()
        store.close()
        path.replace(damaged)
        for suffix in _JOURNAL_SUFFIXES:  # a journal would damage another database than its own
            with suppress(FileNotFoundError):
                path.with_name(path.name + suffix).replace(damaged.with_name(damaged.name + suffix))
        new.replace(path)
    finally:
        new_store.close()
        _delete_sqlite(new)
    return Restored(counts, damaged)


def _delete_sqlite(path: Path) -> None:
    for suffix in ("", ".lock", *_JOURNAL_SUFFIXES):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _delete_unfinished(folder: Path) -> None:
    """Delete what backups left that were killed; none takes as long as a day."""
    for part in folder.glob(f".*{_PART_SUFFIX}"):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > _DAY_S:
                part.unlink()


def _open_private(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb")


def _write(store: Store, archive: zipfile.ZipFile) -> dict[str, int]:
    counts = {}
    with store.read() as db:
        found = engine.check_tables(db.connection)
        if found is None:
            raise InputError("the database has no tables yet; there is nothing to back up.")
        tables = _tables(db.connection, found)
        for table in tables:
            with archive.open(f"{table.name}.jsonl", "w") as file:
                counts[table.name] = 0
                for row in db.connection.execute(select(table).order_by(*table.primary_key)):
                    file.write(json.dumps(list(row), ensure_ascii=False).encode() + b"\n")
                    counts[table.name] += 1
    manifest = {
        "format": FORMAT,
        "revision": found,
        "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "tables": {table.name: [column.name for column in table.columns] for table in tables},
        "rows": counts,
    }
    archive.writestr(_MANIFEST, json.dumps(manifest, indent=1))
    return counts


def _tables(connection: Connection, revision: str) -> list[Table]:
    """Return our tables as they are at a revision, those that others point to first."""
    found = MetaData()
    found.reflect(connection, only=sorted(engine.tables_at(revision)), resolve_fks=False)
    return [table for table in found.sorted_tables if table.name not in _EXCLUDED_TABLES]


def _read_manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    if sum(one.file_size for one in archive.infolist()) > _LARGEST_BACKUP:
        raise ValueError("it unpacks to more than any backup")
    manifest = json.loads(archive.read(_MANIFEST))
    if manifest["format"] != FORMAT or manifest["revision"] not in engine.revisions():
        raise InputError("the backup is of a newer version of Crossroads; install that one.")
    return dict(manifest)


def _is_filled(connection: Connection) -> bool:
    found = engine.check_tables(connection)
    existing = _CONTENT_TABLES & engine.tables_at(found).keys() if found else set()
    first = (text(f"SELECT 1 FROM {name} LIMIT 1") for name in sorted(existing))  # noqa: S608
    return any(connection.execute(one).first() is not None for one in first)


def _fill(db: Writer, archive: zipfile.ZipFile, manifest: dict[str, Any]) -> dict[str, int]:
    connection = db.connection
    found = engine.check_tables(connection)
    if found is not None:
        _drop_tables(connection, found)
    revision = manifest["revision"]
    engine.upgrade(connection, revision)
    counts = {}
    for table in _tables(connection, revision):
        columns = manifest["tables"][table.name]
        if set(columns) != {column.name for column in table.columns}:
            raise ValueError("its columns are not those of its revision")
        counts[table.name] = 0
        for rows in _batches(archive, table.name, columns):
            _insert(db, table, rows)
            counts[table.name] += len(rows)
        if counts[table.name] != manifest["rows"][table.name]:
            raise ValueError("rows are missing")
        _advance_sequence(connection, table)
    engine.upgrade(connection)
    return counts


def _insert(db: Writer, table: Table, rows: list[dict[str, Any]]) -> None:
    try:
        db.execute(insert(table), rows)
    except StatementError as error:
        if isinstance(error, DBAPIError) and not isinstance(error, _ROW_ERRORS):
            raise
        raise ValueError("its rows do not fit its tables") from None  # the error repeats them


def _batches(
    archive: zipfile.ZipFile, table: str, columns: list[str]
) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    with (
        archive.open(f"{table}.jsonl") as raw,
        io.BufferedReader(cast("io.RawIOBase", raw)) as lines,
    ):
        while line := lines.readline(_LARGEST_LINE):
            rows.append(dict(zip(columns, json.loads(line), strict=True)))
            if len(rows) == _BATCH_SIZE:
                yield rows
                rows = []
    yield rows


def _drop_tables(connection: Connection, revision: str) -> None:
    """Drop our tables with their triggers; what depends on one from outside stops it."""
    names = [*engine.tables_at(revision), engine.VERSION_TABLE]
    own = MetaData()
    own.reflect(connection, only=sorted(names), resolve_fks=False)
    own.drop_all(connection, checkfirst=False)
    if connection.dialect.name == "postgresql":
        connection.execute(text("DROP FUNCTION IF EXISTS audit_is_append_only()"))


def _advance_sequence(connection: Connection, table: Table) -> None:
    """Let PostgreSQL number new rows after those that were put in."""
    key = list(table.primary_key)
    if connection.dialect.name == "sqlite" or len(key) > 1 or not isinstance(key[0].type, Integer):
        return
    last = connection.execute(select(func.max(key[0]))).scalar()
    sequence = func.pg_get_serial_sequence(table.name, key[0].name)
    connection.execute(select(func.setval(sequence, last or 1, last is not None)))
