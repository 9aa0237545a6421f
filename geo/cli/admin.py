"""Running an installation: ``crossroads db``, ``serve`` and ``warm``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from subprocess import DEVNULL, Popen

import click

from geo.cli import options
from geo.cli.options import current_settings, example, open_store
from geo.errors import SetupError
from geo.files import app_path
from geo.oidc import read_sign_in, require_sign_in_when_public


@click.group(epilog=options.example("crossroads db backup crossroads-backup.zip"))
def db() -> None:
    """Look after the database of people and plans."""


@db.command(epilog=options.example("crossroads db upgrade"))
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
    from geo.people.authorised import OPERATOR_ID
    from geo.people.roster import purge, resolve_unused_areas
    from geo.store import engine

    days = current_settings().area_days
    with open_store() as store:
        gone = purge(store, area_days=days)
        settled = 0
        if unused_areas:
            keep = unused_areas == "keep"
            settled = resolve_unused_areas(store, OPERATOR_ID, area_days=days, keep=keep)
    options.print_message(f"The database is at revision {engine.HEAD}.")
    deleted = gone.areas + (settled if unused_areas == "delete" else 0)
    if deleted:
        options.print_message(f"Deleted {_areas(deleted)} not used for {days} days.")
    if unused_areas == "keep":
        options.print_message(f"Kept {_areas(settled)} for another {days} days.")
    elif gone.waiting and not unused_areas:
        options.print_message(
            f"{_areas(gone.waiting)} not used for {days} days, according to this computer's clock;"
            " nothing was deleted. Check the clock, then run 'crossroads db upgrade"
            " --unused-areas delete' or '--unused-areas keep'."
        )


def _areas(count: int) -> str:
    return f"{count:,} home area{'' if count == 1 else 's'}"


@db.command(epilog=options.example("crossroads db backup crossroads-backup.zip"))
@click.argument("file", metavar="FILE")
def backup(file: str) -> None:
    """Write people, plans and the audit into one file, while the app runs.

    Only its owner may read the file. It can be restored into SQLite and PostgreSQL.
    """
    from geo.store.backup import back_up

    with open_store() as store:
        counts = back_up(store, Path(file))
    options.print_message(
        f"Wrote {sum(counts.values()):,} rows, {counts['people']:,} of them people."
    )


@db.command(epilog=options.example("crossroads db restore crossroads-backup.zip"))
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

    path = options.existing_file(file)
    with open_store(upgrade=False) as store:
        if not replace and not store.is_damaged() and is_filled(store):
            options.ask_before(
                "Put the backup in place of the people, plans and venues that are there?",
                otherwise=OCCUPIED,
            )
            replace = True
        done = put_back(store, path, replace=replace)
    total, people = sum(done.rows.values()), done.rows["people"]
    options.print_message(f"Restored {total:,} rows, {people:,} of them people.")
    if done.damaged:
        options.print_message(f"The damaged database is kept as {done.damaged}.")


@click.command(epilog=example("crossroads serve --port 8600"))
@click.option("--address", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
def serve(address: str, port: int) -> None:
    """Start the app.

    Open it with a browser at the address that is printed. Without sign-in it answers this computer
    alone; docs/hosting.md says how to open it to a team.
    """
    settings = current_settings()
    sign_in = read_sign_in(settings)
    require_sign_in_when_public(sign_in, address, settings.hosts)
    options = [f"--server.address={address}", f"--server.port={port}", "--server.headless=true"]
    if sign_in:
        # Read before the app can hand it over itself; replicas must seal alike.
        os.environ.setdefault("STREAMLIT_SERVER_COOKIE_SECRET", sign_in.cookie_secret)
        # Or Streamlit would ask a server elsewhere what this one is called.
        options.append(f"--browser.serverAddress={sign_in.host}")
    app = app_path()
    # The app is started in its own folder, where its configuration lies; the data stay where the
    # caller's folder and settings put them.
    os.environ["CROSSROADS_DATA_DIR"] = str(settings.data_dir.resolve())
    os.chdir(app.parent)
    command = [sys.executable, "-m", "streamlit", "run", app.name]
    try:
        os.execv(command[0], [*command, *options])  # noqa: S606 - no shell, and our own arguments
    except OSError as error:
        raise SetupError(f"cannot start the app: {error.strerror}.") from error


@click.command(epilog=example("crossroads warm"))
def warm() -> None:
    """Compile now what would make the first user wait.

    Where there is no region yet, the fictional sample county is built too, and its staff entered
    where there is nobody.
    """
    from geo.cli.output import progress_bar
    from geo.region.build import ensure_sample

    with progress_bar("Building the sample county") as progress:
        ensure_sample(current_settings().regions_dir, progress=progress)
    _enter_sample_staff()
    with progress_bar("Compiling the solvers, once for this computer") as progress:
        progress("", 0.0)
        compile_all()


def compile_all() -> None:
    """Compile every inner loop, about half of them in a process beside.

    They meet on disk: what the other process could not do is done here after all.
    """
    from geo import facility_location, network

    half = [sys.executable, "-c", f"import {facility_location.__name__} as f; f.warm_groups()"]
    with Popen(half, stdout=DEVNULL, stderr=DEVNULL):  # noqa: S603 - Python itself, and no shell
        network.warm()
        facility_location.warm_medians()
    facility_location.warm()


def _enter_sample_staff() -> None:
    """Enter the fictional staff on an own computer that has the fictional county alone."""
    from geo.cli.options import open_store
    from geo.files import table_path
    from geo.oidc import read_sign_in
    from geo.people.sample import ensure_sample_people
    from geo.region import list_regions, load_region
    from geo.region.build import SAMPLE_NAME

    settings = current_settings()
    if settings.database_url or read_sign_in(settings) is not None:
        return
    if list_regions(settings.regions_dir) != [SAMPLE_NAME]:
        return
    region = load_region(SAMPLE_NAME, regions_dir=settings.regions_dir)
    with open_store() as store:
        roster = table_path("sample") / "roster.csv"
        ensure_sample_people(store, region, roster, k=settings.homes_per_area)
