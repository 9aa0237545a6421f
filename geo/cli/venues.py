"""Own venues, which several commands take."""

from __future__ import annotations

import click

from geo.cli import arguments
from geo.region import Region
from geo.venues import Venue, read_venues, with_venues


def venues_option(command: arguments.Command) -> arguments.Command:
    """Add ``--venues``."""
    return click.option(
        "--venues", metavar="VENUES", help="CSV or XLSX of own venues: id, name, lat,lon, kind."
    )(command)


def read_own(path: str | None, region: Region) -> list[Venue]:
    """Return the venues of a file; bad rows are told on stderr. [] where none is given.

    Raises
    ------
    InputError
        There is no such file.
    """
    if path is None:
        return []
    venues, problems = read_venues(arguments.existing_file(path), region.gazetteer)
    for problem in problems:
        arguments.tell(f"crossroads: {problem}")
    return venues


def region_with(region: Region, path: str | None) -> Region:
    """Return the region as if its map knew the venues of a file.

    Raises
    ------
    InputError
        There is no such file.
    """
    return with_venues(region, read_own(path, region))
