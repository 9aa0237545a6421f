"""Drives over a region: ``crossroads near``, ``reach`` and ``matrix``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import numpy as np

from geo.cli import options as cli_options
from geo.cli.options import venues_option, with_own_venues
from geo.cli.output import format_option, output_path, print_listing, write_lines
from geo.errors import BadTable
from geo.network import MAX_SNAP_M, Conditions, SnappedPoints
from geo.proximity import near_me
from geo.region import Region
from geo.tabular import IdentifiedPoint, read_points

_ROWS_AT_ONCE = 512
"""Origins; bounds the memory of a large matrix."""


@click.command(
    epilog=cli_options.example(
        "crossroads matrix --region andorra --origins homes.csv"
        " --destinations venues.csv --out drives.csv"
    )
)
@cli_options.region_option
@click.option("--origins", required=True, metavar="A.csv", help="Columns id,lat,lon.")
@click.option("--destinations", required=True, metavar="B.csv", help="Columns id,lat,lon.")
@click.option("--out", required=True, metavar="M.csv", help="Is given origin,destination,minutes.")
@click.option("--skip-bad-rows", is_flag=True, help="Report bad rows and continue without them.")
@cli_options.condition_options
def matrix(
    region_name: str | None,
    origins: str,
    destinations: str,
    out: str,
    skip_bad_rows: bool,
    conditions: Conditions,
) -> None:
    """Write the drives between two lists of points.

    Every origin meets every destination; "inf" stands where there is no way.

    With bad rows in a file nothing is written, unless --skip-bad-rows is given.
    """
    inputs = [cli_options.existing_file(path) for path in (origins, destinations)]
    target = output_path(out, inputs)
    region = cli_options.open_region(region_name)
    sides = [_read(path, region) for path in inputs]
    problems = [problem for _, _, bad in sides for problem in bad]
    if problems and not skip_bad_rows:
        raise BadTable([*problems, "Nothing was written; mend the rows, or add --skip-bad-rows."])
    for problem in problems:
        cli_options.print_message(f"crossroads: {problem}")
    (from_points, from_snaps, _), (to_points, to_snaps, _) = sides
    lines = _lines(region, (from_points, from_snaps), (to_points, to_snaps), conditions)
    write_lines(target, lines)
    cli_options.print_message(f"Wrote {len(from_points)} x {len(to_points)} drives to {out}.")


def _read(path: Path, region: Region) -> tuple[list[IdentifiedPoint], SnappedPoints, list[str]]:
    points, problems = read_points(path)
    if not points and not problems:
        raise BadTable([f"{path.name} has no rows below its first line."])
    snaps = region.network.snap(
        np.array([row.point.lon for row in points]), np.array([row.point.lat for row in points])
    )
    across = ~snaps.found & (snaps.snap_m <= MAX_SNAP_M)
    for i in np.flatnonzero(across):
        cli_options.print_message(
            f"{path.name}, line {points[i].line}: water separates the position from every"
            " nearby road; its drives are 'inf'."
        )
    inside = snaps.found | across
    problems += [
        f"{path.name}, line {points[i].line}: the nearest road of region {region.name!r}"
        f" is {snaps.snap_m[i] / 1000:.1f} km away."
        for i in np.flatnonzero(~inside)
    ]
    return [row for row, good in zip(points, inside, strict=True) if good], snaps[inside], problems


def _lines(
    region: Region,
    origins: tuple[Sequence[IdentifiedPoint], SnappedPoints],
    destinations: tuple[Sequence[IdentifiedPoint], SnappedPoints],
    conditions: Conditions,
) -> Iterator[str]:
    from geo.export.tables import csv_lines

    yield "origin,destination,minutes\n"
    from_points, from_snaps = origins
    to_points, to_snaps = destinations
    for start in range(0, len(from_points), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        seconds = region.network.matrix(from_snaps[rows], to_snaps, conditions=conditions).seconds
        for origin, times in zip(from_points[rows], seconds / 60, strict=True):
            cells = (
                (origin.id, destination.id, f"{minutes:.3f}")
                for destination, minutes in zip(to_points, times, strict=True)
            )
            yield csv_lines(cells)


@click.command(
    epilog=cli_options.example(
        'crossroads near "Station Road, Oakham" --region rutland --minutes 30 --kind cafe'
    )
)
@click.argument("origin", metavar="LAT,LON|ADDRESS")
@cli_options.region_option
@click.option("--minutes", type=float, default=30, show_default=True, help="The longest drive.")
@click.option(
    "--kind", "kinds", multiple=True, metavar="KIND", help="Only this kind; can be repeated."
)
@click.option(
    "--open-at", metavar="ISO", help="When it should be open, in the place's own time. [now]"
)
@click.option("--open-only", is_flag=True, help="Leave out what is known to be closed then.")
@venues_option
@cli_options.condition_options
@format_option
def near(  # noqa: PLR0913 - one parameter for each option
    *,
    origin: str,
    region_name: str | None,
    minutes: float,
    kinds: tuple[str, ...],
    open_at: str | None,
    open_only: bool,
    venues: str | None,
    conditions: Conditions,
    output: str,
) -> None:
    """List places to work or meet within a drive, nearest first.

    ORIGIN is a position such as 42.5069,1.5218 or a name or address of the region.
    """
    cutoff_s = cli_options.parse_minutes(minutes)
    at = cli_options.parse_time(open_at)
    region = with_own_venues(cli_options.open_region(region_name, compiled=False), venues)
    start = cli_options.find_origin(origin, region)
    nearby = near_me(
        region,
        start.point,
        cutoff_s=cutoff_s,
        kinds=kinds or None,
        conditions=conditions,
    )
    if open_only:
        nearby = nearby.without_closed(at)
    from geo.export.results import near_listing

    listing = near_listing(nearby, region.manifest, at=at, start=start.shown())
    print_listing(listing, output)
    if not nearby.places:
        cli_options.print_message(
            f"Nothing within {minutes:g} min; try more minutes or other kinds."
        )


@click.command(
    epilog=cli_options.example(
        "crossroads reach 42.5069,1.5218 --region andorra --minutes 15 --minutes 30"
    )
)
@click.argument("origin", metavar="LAT,LON|ADDRESS")
@cli_options.region_option
@click.option(
    "--minutes",
    type=float,
    multiple=True,
    default=(15, 30),
    show_default=True,
    help="A longest drive; repeatable, each gives one area.",
)
@click.option("--homeward", is_flag=True, help="From where ORIGIN can be reached, not from it.")
@cli_options.condition_options
def reach(
    origin: str,
    region_name: str | None,
    minutes: tuple[float, ...],
    homeward: bool,
    conditions: Conditions,
) -> None:
    """Print the area within a drive as GeoJSON.

    Each --minutes gives one feature, and each area is whole: that of 30 minutes contains that
    of 15.
    """
    from geo.export.results import areas_geojson
    from geo.isochrone import isochrones

    cutoffs_s = sorted({cli_options.parse_minutes(value) for value in minutes})
    region = cli_options.open_region(region_name, compiled=False)
    start = region.network.snap_point(cli_options.find_origin(origin, region).point)
    found = region.network.reach(
        start, cutoff_s=cutoffs_s[-1], conditions=conditions, homeward=homeward
    )
    areas = isochrones(found, cutoffs_s, water=region.water, places=region.place_snaps)
    click.echo(json.dumps(areas_geojson(areas, region.manifest), ensure_ascii=False))
