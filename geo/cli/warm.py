"""``crossroads warm``."""

from __future__ import annotations

import sys
from subprocess import DEVNULL, Popen

import click

from geo.cli.arguments import example
from geo.settings import read_settings


@click.command(epilog=example("crossroads warm"))
def warm() -> None:
    """Compile now what would make the first user wait.

    Where there is no region yet, the fictional sample county is built too, and its staff entered
    where there is nobody.
    """
    from geo.cli.progress import progress_bar
    from geo.region.build import ensure_sample

    with progress_bar("Building the sample county") as progress:
        ensure_sample(read_settings().regions_dir, progress=progress)
    _enter_sample_staff()
    with progress_bar("Compiling the solvers, once for this computer") as progress:
        progress("", 0.0)
        compile_all()


def compile_all() -> None:
    """Compile every inner loop, about half of them in a process beside.

    They meet on disk: what the other process could not do is done here after all.
    """
    from geo import facility_location, network
    from geo.facility_location import warming

    half = [sys.executable, "-c", f"from {warming.__name__} import warm_groups; warm_groups()"]
    with Popen(half, stdout=DEVNULL, stderr=DEVNULL):  # noqa: S603 - Python itself, and no shell
        network.warm()
        warming.warm_medians()
    facility_location.warm()


def _enter_sample_staff() -> None:
    """Enter the fictional staff on an own computer that has the fictional county alone."""
    from geo.cli.store import open_store
    from geo.people import ensure_sample_people
    from geo.region import list_regions, load_region
    from geo.region.build import SAMPLE_NAME
    from geo.signin import read_sign_in
    from geo.tables import table_path

    settings = read_settings()
    if settings.database_url or read_sign_in(settings) is not None:
        return
    if list_regions(settings.regions_dir) != [SAMPLE_NAME]:
        return
    region = load_region(SAMPLE_NAME, regions_dir=settings.regions_dir)
    with open_store() as store:
        roster = table_path("sample") / "roster.csv"
        ensure_sample_people(store, region, roster, k=settings.homes_per_area)
