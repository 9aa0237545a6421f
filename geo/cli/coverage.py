"""``crossroads coverage``."""

from __future__ import annotations

import json

import click

from geo.cli import arguments
from geo.cli.listing import format_option
from geo.cli.plan import staff_of
from geo.cli.venues import region_with, venues_option
from geo.meetup.coverage import Coverage, measure_coverage
from geo.region import Region

_USUAL_MIN = (30.0, 45.0, 60.0)


@click.command(
    epilog=arguments.example(
        "crossroads coverage --region andorra --staff staff.csv --minutes 30 --kind coworking"
    )
)
@arguments.region_option
@click.option(
    "--staff", required=True, metavar="STAFF", help="CSV or XLSX: id, and lat,lon or a town."
)
@arguments.column_option
@click.option(
    "--minutes",
    type=float,
    multiple=True,
    help="The longest drive; can be repeated. [30, 45 and 60]",
)
@click.option(
    "--kind", "kinds", multiple=True, metavar="KIND", help="Only this kind; can be repeated."
)
@click.option(
    "--new", type=click.IntRange(min=0, max=500), default=0, metavar="K",
    help="Suggest K coworking memberships that reach most people.",
)  # fmt: skip
@venues_option
@arguments.condition_options
@format_option
def coverage(  # noqa: PLR0913 - one parameter for each option
    *,
    region_name: str | None,
    staff: str,
    columns: tuple[str, ...],
    minutes: tuple[float, ...],
    kinds: tuple[str, ...],
    new: int,
    venues: str | None,
    output: str,
    **options: str,
) -> None:
    """List who has a place to work within a drive, who has none, and what is nearest to them."""
    from geo.export.coverage import coverage_csv, coverage_geojson, coverage_values

    cutoffs_s = [arguments.seconds_of(one) for one in minutes or _USUAL_MIN]
    conditions = arguments.conditions_of(
        options["conditions"],
        no_ferries=bool(options["no_ferries"]),
        no_tolls=bool(options["no_tolls"]),
    )
    region = region_with(arguments.open_region(region_name), venues)
    found = measure_coverage(
        region,
        staff_of(staff, region, columns).people,
        cutoffs_s=cutoffs_s,
        kinds=kinds or None,
        conditions=conditions,
        new_memberships=new,
    )
    if output == "json":
        click.echo(json.dumps(coverage_values(found, region), ensure_ascii=False, indent=1))
    elif output == "geojson":
        click.echo(json.dumps(coverage_geojson(found, region), ensure_ascii=False))
    elif output == "csv":
        click.echo(coverage_csv(found, region), nl=False)
    else:
        _print(found, region)


def _print(found: Coverage, region: Region) -> None:
    from geo.cli.table import print_table
    from geo.export.listing import Source
    from geo.places import get_kind, label

    heads = [f"{cutoff / 60:g} min" for cutoff in found.cutoffs_s]
    rows = [["any of these", *map(str, found.covered)]]
    rows += [[get_kind(one.kind).plural, *map(str, one.covered)] for one in found.by_kind]
    print_table(["people within", *heads], rows, right=heads)
    lacking = found.without(found.cutoffs_s[0])
    if lacking:
        ids = {person.id for person in lacking}
        click.echo(f"\nWithout a place within {heads[0]}:")
        print_table(
            ["id", "min", "nearest", "fallback"],
            [
                [
                    one.person.id,
                    f"{one.nearest.travel_time_s / 60:.1f}" if one.nearest else "–",
                    label(one.nearest.place) if one.nearest else "–",
                    label(one.fallback.place) if one.fallback else "–",
                ]
                for one in found.people
                if one.person.id in ids
            ],
            right=["min"],
        )
    for suggestion in found.suggestions:
        click.echo(f"{label(suggestion.place)} would reach {len(suggestion.people)} people.")
    for place in found.unreached:
        click.echo(f"Nobody reaches the membership at {label(place)}.")
    arguments.tell(f"Map data: {Source.of(region.manifest).line}.")
