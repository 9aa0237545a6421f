"""``crossroads near``."""

from __future__ import annotations

import json
from datetime import datetime

import click

from geo.cli import arguments
from geo.proximity import Nearby, near_me
from geo.region import Region


@click.command(
    epilog='Example: crossroads near "Station Road, Oakham" --region rutland --minutes 30 --kind cafe'
)
@click.argument("origin", metavar="LAT,LON|ADDRESS")
@arguments.region_option
@click.option("--minutes", type=float, default=30, show_default=True, help="The longest drive.")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only this kind; repeatable.")
@click.option(
    "--open-at", metavar="ISO", help="When it should be open, in the place's own time. [now]"
)
@click.option("--open-only", is_flag=True, help="Leave out what is known to be closed then.")
@arguments.condition_options
@click.option(
    "--format",
    "output",
    type=click.Choice(["table", "json", "geojson", "csv"]),
    default="table",
    show_default=True,
)
def near(
    origin: str, region_name: str | None, minutes: float, kinds: tuple[str, ...], **options: str
) -> None:
    """List places to work or meet within a drive, nearest first.

    ORIGIN is a position such as 42.5069,1.5218 or a name or address of the region.
    """
    cutoff_s = arguments.seconds_of(minutes)
    at = arguments.time_of(options["open_at"])
    conditions = arguments.conditions_of(
        options["conditions"],
        no_ferries=bool(options["no_ferries"]),
        no_tolls=bool(options["no_tolls"]),
    )
    region = arguments.open_region(region_name)
    nearby = near_me(
        region,
        arguments.find_point(origin, region),
        cutoff_s=cutoff_s,
        kinds=kinds or None,
        conditions=conditions,
    )
    if options["open_only"]:
        nearby = nearby.without_closed(at)
    _print(nearby, region, at, options["output"])
    if not nearby.places:
        click.echo(
            f"Nothing within {minutes:g} min; try more minutes or other kinds.", err=True
        )


def _print(nearby: Nearby, region: Region, at: datetime, output: str) -> None:
    from geo.export import near as export

    if output == "json":
        values = export.near_values(nearby, region.manifest, at=at)
        click.echo(json.dumps(values, ensure_ascii=False, indent=1))
    elif output == "geojson":
        values = export.near_geojson(nearby, region.manifest, at=at)
        click.echo(json.dumps(values, ensure_ascii=False))
    elif output == "csv":
        click.echo(export.near_csv(nearby, at=at), nl=False)
    elif nearby.places:
        _print_table(nearby, region, at)


def _print_table(nearby: Nearby, region: Region, at: datetime) -> None:
    from geo.cli.table import print_table
    from geo.places import display_name, kind_label, opening

    print_table(
        ("min", "km", "open", "kind", "name"),
        [
            (
                f"{found.minutes:.1f}",
                f"{found.km:.1f}",
                opening.state(found.place, at),
                kind_label(found.place.kind),
                display_name(found.place),
            )
            for found in nearby.places
        ],
        right=("min", "km"),
    )
    click.echo(region.manifest.attribution_line, err=True)
