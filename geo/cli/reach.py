"""``crossroads reach``."""

from __future__ import annotations

import json

import click

from geo.cli import arguments


@click.command(
    epilog=arguments.example(
        "crossroads reach 42.5069,1.5218 --region andorra --minutes 15 --minutes 30"
    )
)
@click.argument("origin", metavar="LAT,LON|ADDRESS")
@arguments.region_option
@click.option(
    "--minutes",
    type=float,
    multiple=True,
    default=(15, 30),
    show_default=True,
    help="A longest drive; repeatable, each gives one area.",
)
@click.option("--homeward", is_flag=True, help="From where ORIGIN can be reached, not from it.")
@arguments.condition_options
def reach(
    origin: str,
    region_name: str | None,
    minutes: tuple[float, ...],
    homeward: bool,
    **options: str,
) -> None:
    """Print the area within a drive as GeoJSON.

    Each --minutes gives one feature, and each area is whole: that of 30 minutes contains that
    of 15.
    """
    from geo.export.areas import areas_geojson
    from geo.isochrone import isochrones

    cutoffs_s = sorted({arguments.seconds_of(value) for value in minutes})
    conditions = arguments.conditions_of(
        options["conditions"],
        no_ferries=bool(options["no_ferries"]),
        no_tolls=bool(options["no_tolls"]),
    )
    region = arguments.open_region(region_name)
    start = region.network.snap_point(arguments.find_origin(origin, region).point)
    found = region.network.reach(
        start, cutoff_s=cutoffs_s[-1], conditions=conditions, homeward=homeward
    )
    areas = isochrones(found, cutoffs_s, water=region.water, places=region.place_snaps)
    click.echo(json.dumps(areas_geojson(areas, region.manifest), ensure_ascii=False))
