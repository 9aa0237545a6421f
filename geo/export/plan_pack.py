"""A plan as a pack of files: for those who plan, and for each who comes.

What is for everybody holds everybody's drives, but nobody's home. An attendee's own files hold
their own drive and nobody else's name.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from geo.export.calendar import CalendarInvitation, invitation_ics, stable_uid
from geo.export.charts import attendee_lines
from geo.export.geo_formats import listing_geojson_text, listing_kml
from geo.export.html import attendee_html, meetup_html, plan_html
from geo.export.listing import Attribution, Listing
from geo.export.plan import PEOPLE_COLUMNS, Remedies, people_rows, plan_csv, plan_json, plan_listing
from geo.export.svg_map import backdrop, listing_frame
from geo.export.tables import listing_xlsx, write_cell
from geo.meetup import Attendee, Meetup, MeetupPlan
from geo.places import label, opening
from geo.region import Manifest, Region
from geo.texts import exported_plan, exports
from geo.units import Measures

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_PLACED_COLUMNS = PEOPLE_COLUMNS[:-1]
_LEFT_OUT_COLUMNS = ("id", "reason")
_WIDTHS = {"name": 36, "reason": 60, "osm_id": 16, "id": 16}


def plan_xlsx(plan: MeetupPlan, listing: Listing, *, made_at: datetime) -> bytes:
    """Return a plan as a workbook.

    Parameters
    ----------
    plan
        The plan.
    listing
        Its meetups.
    made_at
        What the file says of when it was made.
    """
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(listing_xlsx(listing, made_at=made_at)))
    book.worksheets[0].title = exported_plan.PLACES
    rows = people_rows(plan)
    placed = [row[: len(_PLACED_COLUMNS)] for row in rows if row[1] != ""]
    left_out = [[row[0], row[-1]] for row in rows if row[1] == ""]
    _fill_sheet(book.create_sheet(exported_plan.PEOPLE, 1), _PLACED_COLUMNS, placed)
    if left_out:
        _fill_sheet(book.create_sheet(exported_plan.UNPLACED, 2), _LEFT_OUT_COLUMNS, left_out)
    book.properties.created = book.properties.modified = made_at.replace(tzinfo=None)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill_sheet(sheet: Worksheet, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    titles = {**exports.TITLES, **exported_plan.TITLES}
    for number, key in enumerate(columns, start=1):
        write_cell(sheet.cell(1, number), titles[key])
        sheet.cell(1, number).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTHS.get(key, 13)
        for line, row in enumerate(rows, start=2):
            cell = sheet.cell(line, number)
            write_cell(cell, None if row[number - 1] == "" else row[number - 1])
            if key.endswith("minutes"):
                cell.number_format = '0.0" min"'
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions


_DEPARTURE_MARGIN_S = 300.0
"""Added to every drive for parking and the door."""

_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)

_RESERVED_NAME = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9]", re.IGNORECASE)
"""Names that Windows keeps for devices, whatever the ending."""
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


def plan_pack(
    plan: MeetupPlan,
    region: Region,
    *,
    name: str = "plan",
    made_at: datetime | None = None,
    measures: Measures | None = None,
    remedies: Remedies | None = None,
) -> dict[str, bytes]:
    """Return the files of a plan by their path in the pack.

    Parameters
    ----------
    plan
        The plan.
    region
        Where it is.
    name
        What the plan is known by; the same name gives the same calendar ids, so that a later pack
        moves the meetings of an earlier one.
    made_at
        When the files were made; now if None.
    measures
        How the reader measures.
    remedies
        What would help those who are left out.
    """
    made_at = made_at or datetime.now(UTC)
    measures = measures or Measures()
    listing = plan_listing(plan, region.manifest, measures=measures)
    lines = attendee_lines(plan, region)
    ground = backdrop(
        region,
        listing_frame(listing, [line.start for line in lines]).shown,
        [meetup.place.point for meetup in plan.meetups],
    )
    files: dict[str, str | bytes] = {
        "plan.json": plan_json(plan, region.manifest, remedies),
        "plan.csv": "\ufeff" + plan_csv(plan, region.manifest),
        "plan.xlsx": plan_xlsx(plan, listing, made_at=made_at),
        "plan.geojson": listing_geojson_text(listing),
        "plan.kml": listing_kml(listing),
        "summary.html": plan_html(
            plan, listing, ground=ground, attendee_lines=lines, remedies=remedies
        ),
    }
    source = Attribution.of(region.manifest)
    files.update(_meetup_files(plan, source, name, made_at, measures))
    return {
        path: text.encode("utf-8", "replace") if isinstance(text, str) else text
        for path, text in files.items()
    }


def zip_pack(pack: Mapping[str, bytes]) -> bytes:
    """Return the files of a pack as one zip archive; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in pack.items():
            archive.writestr(zipfile.ZipInfo(path, _ZIP_EPOCH), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def plan_calendar(
    plan: MeetupPlan, manifest: Manifest, *, stamp: datetime, name: str = "plan"
) -> bytes:
    """Return all meetups of a plan as one calendar; with the ids of the pack of that name.

    Raises
    ------
    ValueError
        The plan has no date.
    """
    from icalendar import Calendar

    source = Attribution.of(manifest)
    whole: Calendar | None = None
    for number, meetup in enumerate(plan.meetups, start=1):
        title = exported_plan.MEETUP_TITLE.format(number=number, place=label(meetup.place))
        uid = stable_uid(name, str(number))
        one = Calendar.from_ical(_ics(plan, meetup, title, uid, (source, stamp)))
        if whole is None:
            whole = one
            continue
        known = {str(zone["TZID"]) for zone in whole.walk("VTIMEZONE")}
        for part in one.subcomponents:
            if part.name == "VEVENT" or str(part.get("TZID")) not in known:
                whole.add_component(part)
    return b"" if whole is None else bytes(whole.to_ical())


def departure_time(plan: MeetupPlan, meetup: Meetup, one: Attendee) -> datetime | None:
    """Return when somebody should leave, by the clock of the place; None where no time is set.

    Some minutes for parking and the door are put on top of the drive.
    """
    at = plan.request.starts_at
    if at is None:
        return None
    zone = opening.timezone(meetup.place.point)
    local = at.replace(tzinfo=zone) if at.tzinfo is None else at.astimezone(zone)
    early = local.astimezone(UTC) - timedelta(seconds=one.travel_time_s + _DEPARTURE_MARGIN_S)
    return early.astimezone(zone).replace(second=0, microsecond=0)


def _meetup_files(
    plan: MeetupPlan, source: Attribution, name: str, made_at: datetime, measures: Measures
) -> Iterator[tuple[str, str | bytes]]:
    used: set[str] = set()
    for number, meetup in enumerate(plan.meetups, start=1):
        title = exported_plan.MEETUP_TITLE.format(number=number, place=label(meetup.place))
        invited = exported_plan.INVITATION.format(place=label(meetup.place))
        uid = stable_uid(name, str(number))
        stem = f"meetups/{number:02d}"
        if plan.request.starts_at is not None:
            yield f"{stem}.ics", _ics(plan, meetup, title, uid, (source, made_at))
        yield f"{stem}.html", meetup_html(plan, meetup, title, source, measures)
        for one in meetup.attendees:
            at = departure_time(plan, meetup, one)
            lines = [exported_plan.own_drive(one.travel_time_s, one.return_time_s)]
            if at is not None:
                lines.insert(0, exported_plan.LEAVE_AT.format(clock=measures.clock(at)))
            own = f"attendees/{_file_name(one.person.id, used)}"
            if at is not None:
                text = "\n".join(lines)
                yield f"{own}.ics", _ics(plan, meetup, invited, uid, (source, made_at), text)
            yield f"{own}.html", attendee_html(plan, meetup, lines, source, measures)


def _ics(
    plan: MeetupPlan,
    meetup: Meetup,
    title: str,
    uid: str,
    stamp: tuple[Attribution, datetime],
    description: str = "",
) -> bytes:
    starts_at = plan.request.starts_at
    if starts_at is None:
        raise ValueError("a meetup without a time is no calendar entry")
    invitation = CalendarInvitation(
        uid=uid,
        title=title,
        place=meetup.place,
        starts_at=starts_at,
        duration=plan.request.duration,
        description=description,
    )
    return invitation_ics(invitation, stamp[0], stamp=stamp[1])


def _file_name(identity: str, used: set[str]) -> str:
    """Return a name that every file system takes, different from all before."""
    stem = _UNSAFE.sub("-", identity).strip("-")[:60] or "person"
    stem = f"{stem}-1" if _RESERVED_NAME.fullmatch(stem) else stem
    name, number = stem, 2
    while name.casefold() in used:
        name, number = f"{stem}-{number}", number + 1
    used.add(name.casefold())
    return name
