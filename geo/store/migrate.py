"""Bringing a database to this version's tables, forward only, by Alembic.

A database that is there already is asked for its revision in one query; only where it lacks one is
Alembic imported. Who migrates holds a lock, so that replicas that start together do it once.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.pool import StaticPool

from geo.errors import SetupError

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


def check_own(connection: Connection) -> str | None:
    """Return the revision of a database whose tables are all as its migrations made them.

    A PostgreSQL database may hold other applications' tables beside ours, and their
    ``alembic_version`` or a table of one of our names; none of those may be read or dropped.

    Returns
    -------
    str or None
        None where there are no tables of our names.

    Raises
    ------
    SetupError
        A table of one of our names is not ours, or the database is of a newer version.
    """
    inspector = inspect(connection)
    there = set(inspector.get_table_names())
    found = revision(connection) if VERSION_TABLE in there else None
    if found is not None and found not in revisions():
        raise _newer(found)
    expected = tables_at(found) if found else {}
    names = expected or tables_at(HEAD)
    for name in sorted(there & set(names)):
        columns = frozenset(column["name"] for column in inspector.get_columns(name))
        if columns != expected.get(name):
            raise SetupError(
                f"the database has a table {name!r} that is not Crossroads' own; give Crossroads"
                " a database or a schema of its own."
            )
    if missing := sorted(set(expected) - there):
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
        raise _newer(found)
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


def _newer(found: str) -> SetupError:
    return SetupError(
        f"the database is at revision {found}, which this version of Crossroads does not know;"
        " install the version that wrote it, or a newer one."
    )
