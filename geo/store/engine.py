"""Engines of databases: their addresses, connections, translated errors and migrations.

Migrations go forward only, by Alembic. A database that is there already is asked for its revision
in one query; only where it lacks one is Alembic imported. Who migrates holds a lock, so that
replicas that start together do it once.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from geo.errors import InputError, SetupError

_BUSY_TIMEOUT_S = 30.0
"""How long a writer waits for another process before it gives up."""


_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",
    "cache_size = -32000",  # kB: what a large import changes is not written out half-way
    "temp_store = MEMORY",  # what is staged or sorted is of people, too
)


def parsed_url(url: str) -> URL:
    """Return the address of a database.

    Raises
    ------
    InputError
        It is none of ours.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise _invalid_url() from error
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "postgresql+psycopg"} or not parsed.database:
        raise _invalid_url()
    return parsed


def _invalid_url() -> InputError:
    return InputError(
        "that is no address of a database; write it like postgresql://user@host/crossroads or"
        " sqlite:////srv/crossroads.sqlite."
    )


def make_engine(url: URL) -> Engine:
    """Return what connects to a database.

    Raises
    ------
    SetupError
        Its file cannot be made, or its driver is missing.
    """
    sqlite = url.drivername == "sqlite"
    if sqlite:
        _create_private_file(Path(str(url.database)))
    try:
        engine = create_engine(
            url,
            hide_parameters=True,  # they are names and areas, and errors end in logs
            pool_size=8,
            max_overflow=56,
            pool_pre_ping=not sqlite,
            connect_args={"timeout": _BUSY_TIMEOUT_S} if sqlite else {"connect_timeout": 10},
        )
    except (NoSuchModuleError, ImportError) as error:
        raise SetupError(
            "the driver for PostgreSQL is missing; install it with"
            " 'pip install crossroads[postgres]'."
        ) from error
    if sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _create_private_file(path: Path) -> None:
    """Create the file so that nobody else on this computer can read it.

    It appears under its name as a whole, in WAL mode already: several processes that start at once
    would be refused while one of them changes the mode, and a file of no bytes would mean either a
    first start that was ended or a roster that was lost.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            with FileLock(f"{path}.lock"):
                if not path.exists():
                    _create_database(path)
        os.close(os.open(path, os.O_RDWR))
    except OSError as error:
        raise SetupError(
            f"cannot open the database {path}: {error.strerror}; change its rights, or set"
            " CROSSROADS_DATA_DIR."
        ) from error


def _create_database(path: Path) -> None:
    new = path.with_name(f".{path.name}.new")
    os.close(os.open(new, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600))
    with closing(sqlite3.connect(new, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    new.replace(path)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin as `_begin_sqlite` says, nowhere else
    try:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()
    except sqlite3.Error:
        connection.close()  # of a file that is no database; nobody else would
        raise


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("crossroads_writes"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # may wait, and fail as SQLAlchemy has it
    else:
        run_in_sqlite(connection, "BEGIN")


def run_in_sqlite(connection: Connection, statement: str) -> None:
    """Run a statement without an answer past SQLAlchemy, which takes ten times as long as it."""
    raw: Any = connection.connection.driver_connection
    raw.execute(statement).close()


@contextmanager
def translate_db_errors() -> Iterator[None]:
    """Translate errors of a database into what somebody can do about them.

    The message of the database is not handed on: it repeats rows, and errors end in logs.
    """
    try:
        yield
    except DBAPIError as error:
        raise SetupError(_reason(error)) from None
    except SQLAlchemyError as error:
        raise SetupError(
            f"the database cannot be used ({type(error).__name__}); look at its log."
        ) from None


def _reason(error: DBAPIError) -> str:
    message = str(error.orig).lower()
    for pattern, reason in _REASONS.items():
        if pattern in message:
            return reason
    return f"the database refused ({type(error).__name__}); look at its log."


_REASONS = {
    "append-only": "the audit is append-only; nothing in it can be changed or deleted.",
    "locked": "another process keeps the database busy; try again when it has finished.",
    "full": "the disk of the database is full; make room.",
    "readonly": "the database may not be written; change the rights of its file and folder.",
    "read-only": "the database may not be written from here.",
    "not a database": "the database file is damaged or not a database; restore a backup with"
    " 'crossroads db restore'.",
    "depend on it": "other tables or views use tables of Crossroads; give it a database or a"
    " schema of its own.",
    "malformed": "the database is damaged; restore a backup with 'crossroads db restore'.",
    "connection": "the database cannot be reached; check it, and CROSSROADS_DATABASE_URL.",
    "no such table": "the database has no tables yet; run 'crossroads db upgrade'.",
    "does not exist": "the database has no tables yet; run 'crossroads db upgrade'.",
}

HEAD = "0004"
"""The newest revision; a test holds it to the folder of migrations."""

VERSION_TABLE = "alembic_version"

_MIGRATIONS = Path(__file__).resolve().parent / "migrations"


def revision(connection: Connection) -> str | None:
    """Return the revision that a database is at; None where it has no tables of ours."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found: str | None = connection.execute(
        text("SELECT version_num FROM alembic_version")
    ).scalar_one_or_none()
    return found


def check_tables(connection: Connection) -> str | None:
    """Return the revision of a database whose tables are all as its migrations made them.

    None where there are no tables of our names. A PostgreSQL database may hold other applications'
    tables beside ours, and their ``alembic_version`` or a table of one of our names; none of those
    may be read or dropped.

    Raises
    ------
    SetupError
        A table of one of our names is not ours, or the database is of a newer version.
    """
    inspector = inspect(connection)
    existing = set(inspector.get_table_names())
    found = revision(connection) if VERSION_TABLE in existing else None
    if found is not None and found not in revisions():
        raise _newer_revision(found)
    expected = tables_at(found) if found else {}
    names = expected or tables_at(HEAD)
    for name in sorted(existing & set(names)):
        columns = frozenset(column["name"] for column in inspector.get_columns(name))
        if columns != expected.get(name):
            raise SetupError(
                f"the database has a table {name!r} that is not Crossroads' own; give Crossroads"
                " a database or a schema of its own."
            )
    if missing := sorted(set(expected) - existing):
        raise SetupError(
            f"the database lacks the table {missing[0]!r}; restore a backup into an empty database."
        )
    return found


@cache
def tables_at(revision: str) -> Mapping[str, frozenset[str]]:
    """Return the columns of each table that a database of a revision has, ours alone."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    try:
        with engine.begin() as connection:
            upgrade(connection, revision)
            inspector = inspect(connection)
            return {
                name: frozenset(column["name"] for column in inspector.get_columns(name))
                for name in inspector.get_table_names()
                if name != VERSION_TABLE
            }
    finally:
        engine.dispose()


def upgrade(connection: Connection, target: str = HEAD) -> None:
    """Bring a database forward, within the transaction of its connection.

    Raises
    ------
    SetupError
        It is of a newer version than this code.
    """
    found = revision(connection)
    if found == target:
        return
    if found is not None and found not in revisions():
        raise _newer_revision(found)
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, target)


def revisions() -> list[str]:
    """Return all revisions, the oldest first."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(_MIGRATIONS)).walk_revisions()
    return [script.revision for script in scripts][::-1]


def _newer_revision(found: str) -> SetupError:
    return SetupError(
        f"the database is at revision {found}, which this version of Crossroads does not know;"
        " install the version that wrote it, or a newer one."
    )
