"""Bringing a database to this version's tables, forward only, by Alembic.

A database that is there already is asked for its revision in one query; only where it lacks one is
Alembic imported. Who migrates holds a lock, so that replicas that start together do it once.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from geo.errors import SetupError

HEAD = "0004"
"""The newest revision; a test holds it to the folder of migrations."""

_MIGRATIONS = Path(__file__).resolve().parent / "migrations"


def revision(connection: Connection) -> str | None:
    """Return the revision that a database is at; None where it has no tables of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(
        text("SELECT version_num FROM alembic_version")
    ).scalar_one_or_none()
    return found


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
        raise SetupError(
            f"the database is of revision {found}, which this version of Crossroads does not know;"
            " install the version that wrote it, or a newer one."
        )
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
