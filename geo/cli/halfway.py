"""Places between several people: ``crossroads halfway``."""

from __future__ import annotations

import math
from dataclasses import replace

import click

from geo.cli import options as cli_options
from geo.cli.options import venues_option, with_own_venues
from geo.cli.output import format_option, print_listing
from geo.coordinates import parse_coordinates
from geo.export.results import halfway_listing
from geo.meetup import OBJECTIVES, HalfwayRequest, Objective, meet_halfway
from geo.network import Conditions
from geo.texts import exports

_TABLE_ROWS = 20


@click.command(
    epilog=cli_options.example(
        "crossroads halfway --region andorra --person 42.5069,1.5218"
        ' --person "Canillo" --kind cafe --objective total'
    )
)
@cli_options.region_option
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
@cli_options.condition_options
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
    objective: Objective,
    open_at: str | None,
    venues: str | None,
    conditions: Conditions,
    output: str,
) -> None:
    """Rank the places where people who start here and there can meet.

    In the output, "minutes" and "km" hold one number for each --person, in their order.
    """
    at = cli_options.parse_time(open_at)
    cutoff_s = math.inf if minutes is None else cli_options.parse_minutes(minutes)
    region = with_own_venues(cli_options.open_region(region_name, compiled=False), venues)
    starts = [cli_options.find_origin(person, region) for person in people]
    request = HalfwayRequest(
        origins=tuple(start.point for start in starts),
        objective=objective,
        cutoff_s=cutoff_s,
        kinds=kinds or None,
        open_at=at if open_only else None,
        conditions=conditions,
        with_return=with_return,
    )
    found = meet_halfway(region, request)
    shown = limit or (_TABLE_ROWS if output == "table" else len(found.places))
    listing = halfway_listing(
        replace(found, places=found.places[:shown]),
        region.manifest,
        at=at,
        starts=[
            start.shown(_label(text, number))
            for number, (text, start) in enumerate(zip(people, starts, strict=True), 1)
        ],
    )
    print_listing(listing, output)
    if not found.places:
        cli_options.print_message("No places found; try other kinds or starting points.")


def _label(text: str, number: int) -> str:
    return exports.person(number) if parse_coordinates(text) else text.strip()
