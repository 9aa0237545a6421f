"""``crossroads plan``."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from geo.cli import arguments
from geo.cli.listing import format_option
from geo.cli.venues import read_own, venues_option
from geo.columns import chosen_columns
from geo.errors import BadTable, InputError, SetupError, UnknownName
from geo.geocoding import RegionExtent
from geo.meetup import PLAN_OBJECTIVES, MeetupPlan, PlanObjective, PlanRequest, plan_meetups
from geo.meetup.ledger import Ledger
from geo.meetup.offices import OfficeChoice, weigh_office
from geo.meetup.repairs import find_offers, find_repairs
from geo.meetup.request import HISTORY_SHARE
from geo.region import Region
from geo.roster import Person, Roster, read_roster
from geo.venues import PREFIX, Venue, with_venues

if TYPE_CHECKING:
    from geo.export.listing import Listing
    from geo.export.plan import Help

_HOURS = re.compile(r"(\d+(?:\.\d+)?)\s*(h|min|m)?", re.IGNORECASE)
_LONGEST_H = 14 * 24
_LISTED = 20
_PLANNING, _OFFERS, _LEAST_S = 0.85, 0.07, 0.1
"""Of the time limit, for the plan and for offers: the rest finds repairs for whom it leaves out."""


@click.command(
    epilog=arguments.example(
        "crossroads plan --region andorra --staff staff.csv --meetups auto --max-minutes 45",
        "crossroads plan --region andorra --staff staff.csv --meetups 4 --objective fairest"
        " --at 2026-05-04T10:00 --duration 3 --out spring-plan",
    )
)
@arguments.region_option
@click.option(
    "--staff", required=True, metavar="STAFF", help="CSV or XLSX: id, and lat,lon or a town."
)
@arguments.column_option
@click.option("--meetups", default="auto", show_default=True, metavar="K|auto", help="How many.")
@click.option(
    "--max-minutes", type=float, default=60.0, show_default=True, help="The longest drive there."
)
@click.option(
    "--objective",
    type=click.Choice(PLAN_OBJECTIVES),
    default="total",
    show_default=True,
    help="Least total drive, least longest drive, most people, or fewest meetups.",
)
@click.option("--min-size", type=int, default=0, metavar="A", help="People at each meetup. [any]")
@click.option("--max-size", type=int, metavar="B", help="People at each meetup. [any]")
@click.option("--at", "starts_at", metavar="ISO", help="When it begins, by the places' own clock.")
@click.option("--duration", default="2", show_default=True, metavar="H", help="Hours it lasts.")
@click.option(
    "--kind", "kinds", multiple=True, metavar="KIND", help="Only this kind; can be repeated."
)
@click.option("--force", multiple=True, metavar="OSM_ID", help="Use this place; can be repeated.")
@click.option("--ban", multiple=True, metavar="OSM_ID", help="Never this place; can be repeated.")
@click.option(
    "--together",
    multiple=True,
    metavar="ID,ID",
    help="Keep these people together; can be repeated.",
)
@click.option("--apart", multiple=True, metavar="ID,ID", help="Keep these apart; can be repeated.")
@click.option("--veto", multiple=True, metavar="ID,OSM_ID", help="Not this person there.")
@click.option(
    "--time-limit", type=click.FloatRange(min=0.1, max=3600), default=6.0, show_default=True,
    metavar="S", help="Time limit in seconds, including help for people left out.",
)  # fmt: skip
@click.option(
    "--ledger",
    metavar="LEDGER",
    help="Driving history, CSV id,minutes: people who drove far get closer venues.",
)
@click.option(
    "--history-share", type=click.FloatRange(0, 100), default=100 * HISTORY_SHARE,
    show_default=True, metavar="PERCENT",
    help="Maximum extra total drive to spare people who drove far.",
)  # fmt: skip
@venues_option
@click.option(
    "--office", metavar="ID", help="A venue of yours with staff: what meeting there costs others."
)
@click.option("--out", metavar="DIR", help="Write the whole pack of files there too.")
@arguments.condition_options
@format_option
def plan(
    *, region_name: str | None, staff: str, out: str | None, output: str, **options: object
) -> None:
    """Plan meetups for a roster: who goes where, with proven quality.

    As many people as possible are placed first. Who cannot be placed is told with the reason, and
    so is every row of the roster that cannot be used; neither is an error.
    """
    from geo.export.plan import Help, plan_csv, plan_listing, plan_values
    from geo.export.values import listing_geojson

    began = time.monotonic()
    request = _request(options)
    _tell_past(request)
    region = arguments.open_region(region_name)
    venues = read_own(cast("str | None", options["venues"]), region)
    office = _office(cast("str | None", options["office"]), venues)
    region = with_venues(region, venues)
    roster = staff_of(staff, region, cast("tuple[str, ...]", options["columns"]))
    people = _weighed(roster, cast("str | None", options["ledger"]))
    end = began + request.time_limit_s
    planning_s = max(_LEAST_S, _PLANNING * (end - time.monotonic()))
    found = plan_meetups(replace(request, time_limit_s=planning_s), region=region, people=people)
    left_s = end - _OFFERS * request.time_limit_s - time.monotonic()
    help_ = Help(
        tuple(find_repairs(found, region=region, people=people, time_limit_s=left_s)),
        tuple(find_offers(found, region=region, people=people)),
    )
    if out is not None:
        _write(Path(out), found, region, help_)
    if output == "json":
        values = plan_values(found, region.manifest, help_)
        click.echo(json.dumps(values, ensure_ascii=False, indent=1))
    elif output == "csv":
        click.echo(plan_csv(found, region.manifest), nl=False)
    elif output == "geojson":
        listing = plan_listing(found, region.manifest)
        click.echo(json.dumps(listing_geojson(listing), ensure_ascii=False))
    else:
        _print(found, plan_listing(found, region.manifest), help_)
    if office is not None:
        _tell_choices(weigh_office(request, office, region=region, people=people))


def staff_of(path: str, region: Region, columns: Sequence[str] = ()) -> Roster:
    """Read a roster and tell what cannot be used of it on stderr.

    Parameters
    ----------
    columns
        Texts as ``id=Employee No``: what the file calls some columns.

    Raises
    ------
    InputError
        There is no such file.
    BadTable
        Not one row can be used.
    """
    file, chosen = arguments.existing_file(path), chosen_columns(columns)
    extent = RegionExtent(region.name, region.bbox)
    with arguments.column_advice():
        roster = read_roster(file, region.gazetteer, region=extent, columns=chosen)
    if read := arguments.columns_read(roster.columns):
        arguments.tell(read)
    if not roster.people:
        raise BadTable([*roster.problems, f"{Path(path).name} has nobody to plan for."])
    for sentence in (*roster.notes, *roster.problems, *roster.duplicates):
        arguments.tell(f"crossroads: {sentence}")
    if roster.uncertain:
        shown = ", ".join(map(str, roster.uncertain[:_LISTED]))
        more = ", …" if len(roster.uncertain) > _LISTED else ""
        arguments.tell(
            f"{arguments.partly_found(len(roster.uncertain))}:"
            f" line{'' if len(roster.uncertain) == 1 else 's'} {shown}{more}."
        )
    if roster.elsewhere:
        arguments.tell(arguments.elsewhere(roster.elsewhere))
    return roster


def _weighed(roster: Roster, ledger: str | None) -> Sequence[Person]:
    """Return the people, weighed by what they drove to past meetups."""
    if ledger is None:
        return roster.people
    return Ledger.read(arguments.existing_file(ledger)).weigh(roster.people)


def _request(options: dict[str, object]) -> PlanRequest:
    text = cast("str | None", options["starts_at"])
    return PlanRequest(
        meetups=_number(str(options["meetups"])),
        objective=cast("PlanObjective", options["objective"]),
        cutoff_s=arguments.seconds_of(cast("float", options["max_minutes"])),
        min_size=cast("int", options["min_size"]),
        max_size=cast("int | None", options["max_size"]),
        starts_at=arguments.time_of(text) if text else None,
        duration=_duration(str(options["duration"])),
        kinds=cast("tuple[str, ...]", options["kinds"]) or None,
        conditions=arguments.conditions_of(
            str(options["conditions"]),
            no_ferries=bool(options["no_ferries"]),
            no_tolls=bool(options["no_tolls"]),
        ),
        forced=cast("tuple[str, ...]", options["force"]),
        banned=cast("tuple[str, ...]", options["ban"]),
        together=_groups(cast("tuple[str, ...]", options["together"])),
        apart=_groups(cast("tuple[str, ...]", options["apart"])),
        vetoes=_vetoes(cast("tuple[str, ...]", options["veto"])),
        history_share=cast("float", options["history_share"]) / 100,
        time_limit_s=cast("float", options["time_limit"]),
    )


def _tell_past(request: PlanRequest) -> None:
    """Tell of a day that is over: somebody may have meant another year."""
    at = request.starts_at
    if at is not None and at.date() < datetime.now().date():
        arguments.tell(f"{at:%d %b %Y} is over; the plan is made for it all the same.")


def _office(identity: str | None, venues: Sequence[Venue]) -> Venue | None:
    """Return the office of that id.

    Raises
    ------
    UnknownName
        None of the venues is an office of that id.
    """
    if identity is None:
        return None
    offices = {
        one.place.osm_id.removeprefix(PREFIX): one for one in venues if one.status == "office"
    }
    wanted = identity.removeprefix(PREFIX)
    if wanted not in offices:
        raise UnknownName("office in --venues", wanted, offices)
    return offices[wanted]


def _tell_choices(choices: Sequence[OfficeChoice]) -> None:
    """Tell what each way of meeting around an office costs."""
    from geo.export import plan_words

    for choice in choices:
        arguments.tell(plan_words.office_choice(choice))


def _number(text: str) -> int | None:
    if text.strip().casefold() == "auto":
        return None
    try:
        return int(text)
    except ValueError as error:
        raise InputError(
            f"--meetups {text!r} is no number of meetups; give one, or auto."
        ) from error


def _duration(text: str) -> timedelta:
    match = _HOURS.fullmatch(text.strip())
    hours = float(match[1]) if match else 0.0
    if match and (match[2] or "h").casefold() != "h":
        hours /= 60
    if not 0 < hours <= _LONGEST_H:
        raise InputError(f"--duration {text!r} is no number of hours; write it as 2, 1.5 or 90min.")
    return timedelta(hours=hours)


def _groups(texts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    groups = tuple(tuple(filter(None, map(str.strip, text.split(",")))) for text in texts)
    if any(len(set(group)) < 2 for group in groups):
        raise InputError("--together and --apart take two ids or more, divided by commas.")
    return groups


def _vetoes(texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    pairs = []
    for text in texts:
        identity, comma, osm_id = (part.strip() for part in text.rpartition(","))
        if not (identity and comma and osm_id):
            raise InputError("--veto takes the id of a person and that of a place, as p7,n123.")
        pairs.append((identity, osm_id))
    return tuple(pairs)


def _write(folder: Path, found: MeetupPlan, region: Region, help_: Help) -> None:
    from geo.export.plan_pack import plan_pack

    try:
        for name, content in plan_pack(found, region, help_=help_).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        raise SetupError(f"cannot write into {folder}: {error.strerror}.") from error
    arguments.tell(f"Wrote the plan into {folder}.")
    if found.request.starts_at is None:
        arguments.tell("Without --at there is no date, so no calendar files were written.")


def _print(found: MeetupPlan, listing: Listing, help_: Help) -> None:
    from geo.cli.listing import print_listing
    from geo.cli.table import print_table
    from geo.export import plan_words
    from geo.export.plan import people_rows

    print_listing(listing, "table")
    rows = people_rows(found)
    if rows:
        click.echo()
        cells = [
            [_cell(row[1]), _cell(row[7]), _cell(row[8]), row[0], row[3] or row[9]] for row in rows
        ]
        print_table(["No.", "min", "back", "id", "place"], cells, right=["No.", "min", "back"])
    for sentence in (
        *map(plan_words.repair, help_.repairs),
        *(plan_words.offer(one, found) for one in help_.offers),
    ):
        arguments.tell(sentence)


def _cell(value: object) -> str:
    if value in ("", None):
        return "–"
    return f"{value:.1f}" if isinstance(value, float) else str(value)
