"""``crossroads near``."""

from __future__ import annotations

import click

from geo.cli import arguments
from geo.cli.listing import format_option, print_listing
from geo.cli.venues import region_with, venues_option
from geo.proximity import near_me


@click.command(
    epilog=arguments.example(
        'crossroads near "Station Road, Oakham" --region rutland --minutes 30 --kind cafe'
    )
)
@click.argument("origin", metavar="LAT,LON|ADDRESS")
@arguments.region_option
@click.option("--minutes", type=float, default=30, show_default=True, help="The longest drive.")
@click.option(
    "--kind", "kinds", multiple=True, metavar="KIND", help="Only this kind; can be repeated."
)
@click.option(
    "--open-at", metavar="ISO", help="When it should be open, in the place's own time. [now]"
)
@click.option("--open-only", is_flag=True, help="Leave out what is known to be closed then.")
@venues_option
@arguments.condition_options
@format_option
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
    region = region_with(arguments.open_region(region_name), options["venues"])
    start = arguments.find_origin(origin, region)
    nearby = near_me(
        region,
        start.point,
        cutoff_s=cutoff_s,
        kinds=kinds or None,
        conditions=conditions,
    )
    if options["open_only"]:
        nearby = nearby.without_closed(at)
    from geo.export.near import near_listing

    listing = near_listing(nearby, region.manifest, at=at, start=start.shown())
    print_listing(listing, options["output"])
    if not nearby.places:
        arguments.tell(f"Nothing within {minutes:g} min; try more minutes or other kinds.")
