"""``crossroads matrix``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import numpy as np

from geo.cli import arguments
from geo.cli.output import output_path, write_lines
from geo.errors import BadTable
from geo.network import MAX_SNAP_M, Conditions, Snaps
from geo.region import Region
from geo.tabular import IdentifiedPoint, read_points

_ROWS_AT_ONCE = 512
"""Origins; bounds the memory of a large matrix."""


@click.command(
    epilog=arguments.example(
        "crossroads matrix --region andorra --origins homes.csv"
        " --destinations venues.csv --out drives.csv"
    )
)
@arguments.region_option
@click.option("--origins", required=True, metavar="A.csv", help="Columns id,lat,lon.")
@click.option("--destinations", required=True, metavar="B.csv", help="Columns id,lat,lon.")
@click.option("--out", required=True, metavar="M.csv", help="Is given origin,destination,minutes.")
@click.option("--skip-bad-rows", is_flag=True, help="Report bad rows and continue without them.")
@arguments.condition_options
def matrix(
    region_name: str | None,
    origins: str,
    destinations: str,
    out: str,
    skip_bad_rows: bool,
    **options: str,
) -> None:
    """Write the drives between two lists of points.

    Every origin meets every destination; "inf" stands where there is no way.

    With bad rows in a file nothing is written, unless --skip-bad-rows is given.
    """
    conditions = arguments.conditions_of(
        options["conditions"],
        no_ferries=bool(options["no_ferries"]),
        no_tolls=bool(options["no_tolls"]),
    )
    inputs = [arguments.existing_file(path) for path in (origins, destinations)]
    target = output_path(out, inputs)
    region = arguments.open_region(region_name)
    sides = [_read(path, region) for path in inputs]
    problems = [problem for _, _, bad in sides for problem in bad]
    if problems and not skip_bad_rows:
        raise BadTable([*problems, "Nothing was written; mend the rows, or add --skip-bad-rows."])
    for problem in problems:
        arguments.tell(f"crossroads: {problem}")
    (from_points, from_snaps, _), (to_points, to_snaps, _) = sides
    lines = _lines(region, (from_points, from_snaps), (to_points, to_snaps), conditions)
    write_lines(target, lines)
    arguments.tell(f"Wrote {len(from_points)} x {len(to_points)} drives to {out}.")


def _read(path: Path, region: Region) -> tuple[list[IdentifiedPoint], Snaps, list[str]]:
    points, problems = read_points(path)
    if not points and not problems:
        raise BadTable([f"{path.name} has no rows below its first line."])
    snaps = region.network.snap(
        np.array([row.point.lon for row in points]), np.array([row.point.lat for row in points])
    )
    across = ~snaps.found & (snaps.snap_m <= MAX_SNAP_M)
    for i in np.flatnonzero(across):
        arguments.tell(
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
    origins: tuple[Sequence[IdentifiedPoint], Snaps],
    destinations: tuple[Sequence[IdentifiedPoint], Snaps],
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
