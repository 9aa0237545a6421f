"""``crossroads db``: upgrade, backup, restore."""

from __future__ import annotations

from pathlib import Path

import click

from geo.cli import arguments
from geo.cli.store import open_store
from geo.settings import read_settings


@click.group(epilog=arguments.example("crossroads db backup crossroads-backup.zip"))
def db() -> None:
    """Look after the database of people and plans."""


@db.command(epilog=arguments.example("crossroads db upgrade"))
@click.option(
    "--unused-areas",
    type=click.Choice(["delete", "keep"]),
    help="Whether to delete or keep the unused home areas that await a decision.",
)
def upgrade(unused_areas: str | None) -> None:
    """Update the database's tables, and delete what has expired.

    The app does the same when it starts. If unusually many home areas have expired at
    once, or the clock has jumped, none is deleted until you decide with --unused-areas.
    """
    from geo.people import OPERATOR_ID, purge, settle_unused_areas
    from geo.store import migrate

    days = read_settings().area_days
    with open_store() as store:
        gone = purge(store, area_days=days)
        settled = 0
        if unused_areas:
            keep = unused_areas == "keep"
            settled = settle_unused_areas(store, OPERATOR_ID, area_days=days, keep=keep)
    arguments.tell(f"The database is at revision {migrate.HEAD}.")
    deleted = gone.areas + (settled if unused_areas == "delete" else 0)
    if deleted:
        arguments.tell(f"Deleted {_areas(deleted)} not used for {days} days.")
    if unused_areas == "keep":
        arguments.tell(f"Kept {_areas(settled)} for another {days} days.")
    elif gone.waiting and not unused_areas:
        arguments.tell(
            f"{_areas(gone.waiting)} not used for {days} days, according to this computer's clock;"
            " nothing was deleted. Check the clock, then run 'crossroads db upgrade"
            " --unused-areas delete' or '--unused-areas keep'."
        )


def _areas(count: int) -> str:
    return f"{count:,} home area{'' if count == 1 else 's'}"


@db.command(epilog=arguments.example("crossroads db backup crossroads-backup.zip"))
@click.argument("file", metavar="FILE")
def backup(file: str) -> None:
    """Write people, plans and the audit into one file, while the app runs.

    Only its owner may read the file. It can be restored into SQLite and PostgreSQL.
    """
    from geo.store.backup import back_up

    with open_store() as store:
        counts = back_up(store, Path(file))
    arguments.tell(f"Wrote {sum(counts.values()):,} rows, {counts['people']:,} of them people.")


@db.command(epilog=arguments.example("crossroads db restore crossroads-backup.zip"))
@click.argument("file", metavar="FILE")
@click.option(
    "--replace", "--yes", is_flag=True, help="Do not ask whether to replace what is there."
)
def restore(file: str, replace: bool) -> None:
    """Put a backup in place of what is in the database; all of it or nothing.

    Invitations that were sent before stop working. Stop the app first. A damaged SQLite file is
    kept under another name.
    """
    from geo.store.backup import OCCUPIED, is_filled
    from geo.store.backup import restore as put_back

    path = arguments.existing_file(file)
    with open_store(upgrade=False) as store:
        if not replace and not store.is_damaged() and is_filled(store):
            arguments.ask_first(
                "Put the backup in place of the people, plans and venues that are there?",
                otherwise=OCCUPIED,
            )
            replace = True
        done = put_back(store, path, replace=replace)
    total, people = sum(done.rows.values()), done.rows["people"]
    arguments.tell(f"Restored {total:,} rows, {people:,} of them people.")
    if done.damaged:
        arguments.tell(f"The damaged database is kept as {done.damaged}.")
