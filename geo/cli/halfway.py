"""``crossroads halfway``."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import cast

import click

from geo.cli import arguments
from geo.cli.listing import format_option, print_listing
from geo.cli.venues import region_with, venues_option
from geo.coordinates import parse_coordinates
from geo.meetup import OBJECTIVES, HalfwayRequest, Objective, meet_halfway

_TABLE_ROWS = 20


@click.command(
    epilog=arguments.example(
        "crossroads halfway --region andorra --person 42.5069,1.5218"
        ' --person "Canillo" --kind cafe --objective total'
    )
)
@arguments.region_option
@click.option(
    "--person",
    "people",
    multiple=True,
    required=True,
    metavar="LAT,LON|ADDRESS",
    help="Where somebody starts; give two to thirty.",
)
@click.option(
    "--objective",
    type=click.Choice(OBJECTIVES),
    default="fairest",
    show_default=True,
    help="Rank by the longest drive, by all drives together, or by both.",
)
@click.option("--minutes", type=float, help="The longest drive for anybody. [any]")
@click.option(
    "--kind", "kinds", multiple=True, metavar="KIND", help="Only this kind; can be repeated."
)
@click.option(
    "--open-at", metavar="ISO", help="When it should be open, in the place's own time. [now]"
)
@click.option("--open-only", is_flag=True, help="Leave out what is known to be closed then.")
@click.option("--return", "with_return", is_flag=True, help="Include return drives.")
@click.option("--limit", type=click.IntRange(min=1), help="Maximum number of places. [table: 20]")
@venues_option
@arguments.condition_options
@format_option
def halfway(  # noqa: PLR0913 - one parameter for each option
    *,
    region_name: str | None,
    people: tuple[str, ...],
    minutes: float | None,
    kinds: tuple[str, ...],
    open_only: bool,
    with_return: bool,
    limit: int | None,
    **options: str,
) -> None:
    """Rank the places where people who start here and there can meet.

    In the output, "minutes" and "km" hold one number for each --person, in their order.
    """
    from geo.export.halfway import halfway_listing

    at = arguments.time_of(options["open_at"])
    conditions = arguments.conditions_of(
        options["conditions"],
        no_ferries=bool(options["no_ferries"]),
        no_tolls=bool(options["no_tolls"]),
    )
    cutoff_s = math.inf if minutes is None else arguments.seconds_of(minutes)
    region = region_with(arguments.open_region(region_name), options["venues"])
    starts = [arguments.find_origin(person, region) for person in people]
    request = HalfwayRequest(
        origins=tuple(start.point for start in starts),
        objective=cast("Objective", options["objective"]),
        cutoff_s=cutoff_s,
        kinds=kinds or None,
        open_at=at if open_only else None,
        conditions=conditions,
        with_return=with_return,
    )
    found = meet_halfway(region, request)
    shown = limit or (_TABLE_ROWS if options["output"] == "table" else len(found.places))
    listing = halfway_listing(
        replace(found, places=found.places[:shown]),
        region.manifest,
        at=at,
        starts=[
            start.shown(_label(text, number))
            for number, (text, start) in enumerate(zip(people, starts, strict=True), 1)
        ],
    )
    print_listing(listing, options["output"])
    if not found.places:
        arguments.tell("No place was found; try other kinds or starting points.")


def _label(text: str, number: int) -> str:
    from geo.export import words

    return words.person(number) if parse_coordinates(text) else text.strip()
