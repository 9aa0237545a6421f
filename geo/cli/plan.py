"""Plans for a roster: ``crossroads plan`` and ``crossroads coverage``."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import click

from geo.cli import options as cli_options
from geo.cli.options import read_venue_file, venues_option, with_own_venues
from geo.cli.output import format_option, print_listing
from geo.columns import chosen_columns
from geo.errors import BadTable, InputError, SetupError, UnknownName
from geo.export.coverage import coverage_csv, coverage_geojson, coverage_values
from geo.export.geo_formats import listing_geojson
from geo.export.listing import Attribution, Listing
from geo.export.plan import Remedies, people_rows, plan_csv, plan_listing, plan_values
from geo.export.plan_pack import plan_pack
from geo.geocoding import RegionExtent
from geo.meetup import PLAN_OBJECTIVES, MeetupPlan, PlanObjective, PlanRequest, plan_meetups
from geo.meetup.compare import office_options
from geo.meetup.coverage import Coverage, measure_coverage
from geo.meetup.history import DrivingHistory
from geo.meetup.repairs import find_alternatives, find_repairs
from geo.meetup.request import HISTORY_SHARE
from geo.network import Conditions
from geo.places import get_kind, label
from geo.region import Region
from geo.roster import Person, Roster, read_roster
from geo.texts import exported_plan
from geo.venues import PREFIX, Venue, with_venues

_HOURS = re.compile(r"(\d+(?:\.\d+)?)\s*(h|min|m)?", re.IGNORECASE)
_LONGEST_H = 14 * 24
_LISTED = 20
_PLANNING, _OFFERS, _LEAST_S = 0.85, 0.07, 0.1
"""Of the time limit, for the plan and for offers: the rest finds repairs for whom it leaves out."""


@click.command(
    epilog=cli_options.example(
        "crossroads plan --region andorra --staff staff.csv --meetups auto --max-minutes 45",
        "crossroads plan --region andorra --staff staff.csv --meetups 4 --objective fairest"
        " --at 2026-05-04T10:00 --duration 3 --out spring-plan",
    )
)
@cli_options.region_option
@click.option(
    "--staff", required=True, metavar="STAFF", help="CSV or XLSX: id, and lat,lon or a town."
)
@cli_options.column_option
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
@cli_options.condition_options
@format_option
def plan(  # noqa: PLR0913 - one parameter for each option
    *,
    region_name: str | None,
    staff: str,
    columns: tuple[str, ...],
    meetups: str,
    max_minutes: float,
    objective: PlanObjective,
    min_size: int,
    max_size: int | None,
    starts_at: str | None,
    duration: str,
    kinds: tuple[str, ...],
    force: tuple[str, ...],
    ban: tuple[str, ...],
    together: tuple[str, ...],
    apart: tuple[str, ...],
    veto: tuple[str, ...],
    time_limit: float,
    ledger: str | None,
    history_share: float,
    venues: str | None,
    office: str | None,
    out: str | None,
    conditions: Conditions,
    output: str,
) -> None:
    """Plan meetups for a roster: who goes where, with proven quality.

    As many people as possible are placed first. Who cannot be placed is told with the reason, and
    so is every row of the roster that cannot be used; neither is an error.
    """
    request = PlanRequest(
        meetups=_number(meetups),
        objective=objective,
        cutoff_s=cli_options.parse_minutes(max_minutes),
        min_size=min_size,
        max_size=max_size,
        starts_at=cli_options.parse_time(starts_at) if starts_at else None,
        duration=_duration(duration),
        kinds=kinds or None,
        conditions=conditions,
        forced=force,
        banned=ban,
        together=_groups(together),
        apart=_groups(apart),
        vetoes=_vetoes(veto),
        history_share=history_share / 100,
        time_limit_s=time_limit,
    )
    files = _PlanFiles(staff, columns, ledger, venues, office, out)
    _plan(request, files, region_name, output)


@dataclass(frozen=True, slots=True)
class _PlanFiles:
    """What a plan is made from, and the folder that it is written to."""

    staff: str
    columns: tuple[str, ...]
    ledger: str | None
    venues: str | None
    office: str | None
    out: str | None


def _plan(request: PlanRequest, files: _PlanFiles, region_name: str | None, output: str) -> None:
    began = time.monotonic()
    _warn_of_past(request)
    region = cli_options.open_region(region_name)
    venues = read_venue_file(files.venues, region)
    office = _office(files.office, venues)
    region = with_venues(region, venues)
    people = _weighed(read_staff(files.staff, region, files.columns), files.ledger)
    end = began + request.time_limit_s
    planning_s = max(_LEAST_S, _PLANNING * (end - time.monotonic()))
    found = plan_meetups(replace(request, time_limit_s=planning_s), region=region, people=people)
    left_s = max(0.0, end - _OFFERS * request.time_limit_s - time.monotonic())
    remedies = Remedies(
        tuple(find_repairs(found, region=region, people=people, time_limit_s=left_s)),
        tuple(find_alternatives(found, region=region, people=people)),
    )
    if files.out is not None:
        _write(Path(files.out), found, region, remedies)
    _print(found, region, remedies, output)
    if office is not None:
        for choice in office_options(request, office, region=region, people=people):
            cli_options.print_message(exported_plan.office_choice(choice))


def read_staff(path: str, region: Region, columns: Sequence[str] = ()) -> Roster:
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
    file, chosen = cli_options.existing_file(path), chosen_columns(columns)
    extent = RegionExtent(region.name, region.bbox)
    with cli_options.column_advice():
        roster = read_roster(file, region.gazetteer, region=extent, columns=chosen)
    if read := cli_options.mapped_columns_text(roster.columns):
        cli_options.print_message(read)
    if not roster.people:
        raise BadTable([*roster.problems, f"{Path(path).name} has nobody to plan for."])
    for sentence in (*roster.notes, *roster.problems, *roster.duplicates):
        cli_options.print_message(f"crossroads: {sentence}")
    if roster.uncertain:
        shown = ", ".join(map(str, roster.uncertain[:_LISTED]))
        more = ", …" if len(roster.uncertain) > _LISTED else ""
        cli_options.print_message(
            f"{cli_options.partly_found_text(len(roster.uncertain))}:"
            f" line{'' if len(roster.uncertain) == 1 else 's'} {shown}{more}."
        )
    if roster.elsewhere:
        cli_options.print_message(cli_options.other_region_text(roster.elsewhere))
    return roster


def _weighed(roster: Roster, ledger: str | None) -> Sequence[Person]:
    """Return the people, weighed by what they drove to past meetups."""
    if ledger is None:
        return roster.people
    return DrivingHistory.read(cli_options.existing_file(ledger)).prioritise(roster.people)


def _warn_of_past(request: PlanRequest) -> None:
    """Tell of a day that is over: somebody may have meant another year."""
    at = request.starts_at
    if at is not None and at.date() < datetime.now().date():
        cli_options.print_message(f"{at:%d %b %Y} is over; the plan is made for it all the same.")


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


def _write(folder: Path, found: MeetupPlan, region: Region, remedies: Remedies) -> None:
    try:
        for name, content in plan_pack(found, region, remedies=remedies).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        raise SetupError(f"cannot write into {folder}: {error.strerror}.") from error
    cli_options.print_message(f"Wrote the plan into {folder}.")
    if found.request.starts_at is None:
        cli_options.print_message(
            "Without --at there is no date, so no calendar files were written."
        )


def _print(found: MeetupPlan, region: Region, remedies: Remedies, output: str) -> None:
    if output == "json":
        values = plan_values(found, region.manifest, remedies)
        click.echo(json.dumps(values, ensure_ascii=False, indent=1))
    elif output == "csv":
        click.echo(plan_csv(found, region.manifest), nl=False)
    elif output == "geojson":
        listing = plan_listing(found, region.manifest)
        click.echo(json.dumps(listing_geojson(listing), ensure_ascii=False))
    else:
        _print_tables(found, plan_listing(found, region.manifest), remedies)


def _print_tables(found: MeetupPlan, listing: Listing, remedies: Remedies) -> None:
    print_listing(listing, "table")
    if rows := people_rows(found):
        click.echo()
        cells = [
            [_cell(row[1]), _cell(row[7]), _cell(row[8]), row[0], row[3] or row[9]] for row in rows
        ]
        cli_options.print_table(
            ["No.", "min", "back", "id", "place"], cells, right=["No.", "min", "back"]
        )
    for sentence in (
        *map(exported_plan.repair, remedies.repairs),
        *(exported_plan.alternative(one, found) for one in remedies.offers),
    ):
        cli_options.print_message(sentence)


def _cell(value: object) -> str:
    if value in ("", None):
        return "–"
    return f"{value:.1f}" if isinstance(value, float) else str(value)


_USUAL_MIN = (30.0, 45.0, 60.0)


@click.command(
    epilog=cli_options.example(
        "crossroads coverage --region andorra --staff staff.csv --minutes 30 --kind coworking"
    )
)
@cli_options.region_option
@click.option(
    "--staff", required=True, metavar="STAFF", help="CSV or XLSX: id, and lat,lon or a town."
)
@cli_options.column_option
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
@cli_options.condition_options
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
    conditions: Conditions,
    output: str,
) -> None:
    """List who has a place to work within a drive, who has none, and what is nearest to them."""
    cutoffs_s = [cli_options.parse_minutes(one) for one in minutes or _USUAL_MIN]
    region = with_own_venues(cli_options.open_region(region_name), venues)
    found = measure_coverage(
        region,
        read_staff(staff, region, columns).people,
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
        _print_coverage(found, region)


def _print_coverage(found: Coverage, region: Region) -> None:
    heads = [f"{cutoff / 60:g} min" for cutoff in found.cutoffs_s]
    rows = [["any of these", *map(str, found.covered)]]
    rows += [[get_kind(one.kind).plural, *map(str, one.covered)] for one in found.by_kind]
    cli_options.print_table(["people within", *heads], rows, right=heads)
    lacking = found.without(found.cutoffs_s[0])
    if lacking:
        ids = {person.id for person in lacking}
        click.echo(f"\nWithout a place within {heads[0]}:")
        cli_options.print_table(
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
    cli_options.print_message(f"Map data: {Attribution.of(region.manifest).line}.")
