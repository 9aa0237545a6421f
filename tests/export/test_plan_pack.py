"""A plan's pack of files: they open in real readers, and tell each attendee only of themselves."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import html5lib
import numpy as np
import pyogrio
import pytest
from icalendar import Calendar
from openpyxl import load_workbook

from geo.export.plan import Remedies, plan_values
from geo.export.plan_pack import departure_time, plan_calendar, plan_pack, zip_pack
from geo.meetup import Attendee, Meetup, MeetupPlan, PlanRequest, Unplaced, plan_meetups
from geo.meetup.repairs import find_alternatives, find_repairs
from geo.model import Place, Point
from geo.region import Region
from geo.roster import Person

MONDAY = datetime(2026, 5, 4, 10)
MADE = datetime(2026, 4, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def people(andorra: Region) -> list[Person]:
    graph, random = andorra.network.graph, np.random.default_rng(7)
    chosen = random.choice(len(graph.junction_lon), 14, replace=False)
    found = [
        Person(f"someone-{i}", Point(float(graph.junction_lon[k]), float(graph.junction_lat[k])))
        for i, k in enumerate(chosen)
    ]
    return [*found, Person("far away", Point(30.0, 30.0))]


@pytest.fixture(scope="module")
def plan(andorra: Region, people: list[Person]) -> MeetupPlan:
    request = PlanRequest(cutoff_s=1500, starts_at=MONDAY, duration=timedelta(hours=3))
    return plan_meetups(request, region=andorra, people=people)


@pytest.fixture(scope="module")
def pack(plan: MeetupPlan, andorra: Region, people: list[Person]) -> dict[str, bytes]:
    remedies = Remedies(
        tuple(find_repairs(plan, region=andorra, people=people)),
        tuple(find_alternatives(plan, region=andorra, people=people)),
    )
    return plan_pack(plan, andorra, made_at=MADE, remedies=remedies)


def test_the_json_is_the_plan(pack: dict[str, bytes], plan: MeetupPlan) -> None:
    values = json.loads(pack["plan.json"])
    drives = {
        one["id"]: one["minutes"] for meetup in values["meetups"] for one in meetup["attendees"]
    }
    assert len(drives) == plan.placed == 14
    assert values["total_minutes"] == pytest.approx(math.fsum(drives.values()), abs=0.02)
    assert values["worst_minutes"] == max(drives.values())
    assert values["lower_bound"] <= values["total_minutes"]
    assert (values["proven"], values["gap"]) == (True, 0)
    assert [one["id"] for one in values["unplaced"]] == ["far away"]
    assert values["unplaced"][0]["reason"].startswith("No road")
    assert [one["sort"] for one in values["repairs"]] == ["video"]
    assert values["offers"][0]["text"] == "far away can take part by video."
    place = values["meetups"][0]["place"]
    assert {"osm_id", "name", "kind", "lat", "lon", "links"} <= set(place)


def test_no_home_is_told(pack: dict[str, bytes], people: list[Person]) -> None:
    for name, content in pack.items():
        if name.endswith(".xlsx"):
            continue
        text = content.decode()
        for person in people:
            assert f"{person.point.lat:.5f}" not in text, name


def test_the_csv_has_a_line_for_everybody(pack: dict[str, bytes], plan: MeetupPlan) -> None:
    rows = list(csv.DictReader(io.StringIO(pack["plan.csv"].decode("utf-8-sig"))))
    assert len(rows) == 15
    first = plan.meetups[0].attendees[0]
    assert rows[0]["id"] == first.person.id
    assert float(rows[0]["minutes"]) == pytest.approx(first.travel_time_s / 60, abs=0.001)
    assert (rows[-1]["id"], rows[-1]["meetup"]) == ("far away", "")
    assert rows[-1]["reason"]


def test_the_workbook_opens(pack: dict[str, bytes], plan: MeetupPlan) -> None:
    book = load_workbook(io.BytesIO(pack["plan.xlsx"]))
    assert book.sheetnames == ["Meetups", "People", "Without a meetup", "About"]
    assert book["Meetups"].max_row == len(plan.meetups) + 1
    assert book["People"].max_row == 15
    assert book["People"]["A2"].value == plan.meetups[0].attendees[0].person.id
    assert book["Without a meetup"]["A2"].value == "far away"


@pytest.mark.parametrize("name", ["plan.geojson", "plan.kml"])
def test_gdal_opens_the_maps(
    pack: dict[str, bytes], plan: MeetupPlan, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(pack[name])
    info = pyogrio.read_info(tmp_path / name)
    assert info["features"] == len(plan.meetups)
    _meta, _fids, geometries, _fields = pyogrio.raw.read(tmp_path / name)
    assert all(geometries)


def test_every_calendar_opens(pack: dict[str, bytes], plan: MeetupPlan) -> None:
    files = [name for name in pack if name.endswith(".ics")]
    assert len(files) == len(plan.meetups) + plan.placed
    for name in files:
        (event,) = Calendar.from_ical(pack[name].decode()).walk("VEVENT")
        start, end = event["DTSTART"].dt, event["DTEND"].dt
        assert isinstance(start, datetime)
        assert isinstance(end, datetime)
        assert start.replace(tzinfo=None) == MONDAY
        assert end - start == timedelta(hours=3)
        assert str(start.tzinfo) == "Europe/Andorra"


def test_an_attendee_sees_only_their_own_drive(pack: dict[str, bytes], plan: MeetupPlan) -> None:
    ids = [one.person.id for meetup in plan.meetups for one in meetup.attendees]
    for meetup in plan.meetups:
        for one in meetup.attendees:
            for ending in ("ics", "html"):
                text = pack[f"attendees/{one.person.id}.{ending}"].decode()
                assert "Leave by" in text
                others = [other for other in ids if other != one.person.id]
                assert not any(re.search(rf"\b{other}\b", text) for other in others)
                assert len(re.findall("Your drive there", text)) == 1
    for name, content in pack.items():
        if name.startswith("meetups/"):
            assert not any(re.search(rf"\b{one}\b", content.decode()) for one in ids)
            assert b"Leave by" not in content


def test_leaving_in_time_gets_there_in_time(plan: MeetupPlan) -> None:
    meetup = plan.meetups[0]
    one = replace(meetup.attendees[0], travel_time_s=25 * 60.0)
    at = departure_time(plan, meetup, one)
    assert at is not None
    assert (at.hour, at.minute) == (9, 30)  # 25 minutes of driving and five for the door
    late = replace(plan, request=replace(plan.request, starts_at=None))
    assert departure_time(late, meetup, one) is None


def test_pages_are_whole_and_have_charts(pack: dict[str, bytes], plan: MeetupPlan) -> None:
    for name in [name for name in pack if name.endswith(".html")]:
        text = pack[name].decode()
        html5lib.HTMLParser(strict=True).parse(text)
        assert "<script" not in text
        assert "default-src 'none'" in text
        assert "OpenStreetMap contributors" in text
    summary = pack["summary.html"].decode()
    assert summary.count("<svg") >= 3 + len(plan.meetups)
    for svg in re.findall(r"<figure>.*?(<svg.*?</svg>)</figure>", summary, re.DOTALL):
        ET.fromstring(svg)  # noqa: S314 - our own text
    assert "see the curve" in summary
    assert "far away" in summary


def test_a_pack_without_a_date_has_no_calendar(plan: MeetupPlan, andorra: Region) -> None:
    undated = replace(plan, request=replace(plan.request, starts_at=None))
    pack = plan_pack(undated, andorra, made_at=MADE)
    assert not any(name.endswith(".ics") for name in pack)
    assert any(name.startswith("attendees/") for name in pack)


def test_the_same_name_moves_the_same_meeting(plan: MeetupPlan, andorra: Region) -> None:
    def uid(pack: dict[str, bytes]) -> Any:
        return Calendar.from_ical(pack["meetups/01.ics"].decode()).walk("VEVENT")[0]["UID"]

    moved = replace(plan, request=replace(plan.request, starts_at=MONDAY + timedelta(days=7)))
    first, later = plan_pack(plan, andorra, made_at=MADE), plan_pack(moved, andorra, made_at=MADE)
    other = plan_pack(plan, andorra, made_at=MADE, name="autumn")
    assert uid(first) == uid(later) != uid(other)


def test_hostile_names_break_no_file(
    hostile: str, andorra: Region, plan: MeetupPlan, make_place: Callable[..., Place]
) -> None:
    person = Person(hostile, Point(1.52, 42.5))
    meetup = Meetup(make_place(hostile), (Attendee(person, 60.0, math.inf),))
    nasty = replace(
        plan, meetups=(meetup,), unplaced=(Unplaced(person, "too_far", math.inf),), curve=()
    )
    pack = plan_pack(nasty, andorra, made_at=MADE)
    for name, content in pack.items():
        assert re.fullmatch(r"(attendees/|meetups/)?[A-Za-z0-9_-]{1,70}\.[a-z]+", name)
        if name.endswith(".html"):
            html5lib.HTMLParser(strict=True).parse(content.decode())
            assert b"<script" not in content
        elif name.endswith(".ics"):
            (event,) = Calendar.from_ical(content.decode()).walk("VEVENT")
            assert "ORGANIZER" not in event
        elif name.endswith(".csv"):
            for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))):
                assert not row[0].startswith(("=", "+", "-", "@", "\t"))
        elif name.endswith(".xlsx"):
            load_workbook(io.BytesIO(content))
    json.dumps(plan_values(nasty, andorra.manifest), allow_nan=False)


def test_the_pack_as_one_archive_holds_every_file(pack: dict[str, bytes]) -> None:
    archive = zipfile.ZipFile(io.BytesIO(zip_pack(pack)))
    assert archive.testzip() is None
    assert {name: archive.read(name) for name in archive.namelist()} == pack
    assert zip_pack(pack) == zip_pack(dict(pack))


def test_one_calendar_holds_every_meetup_with_its_zone_once(
    plan: MeetupPlan, pack: dict[str, bytes], andorra: Region
) -> None:
    whole = Calendar.from_ical(plan_calendar(plan, andorra.manifest, stamp=MADE))
    events, zones = whole.walk("VEVENT"), whole.walk("VTIMEZONE")
    assert len(events) == len(plan.meetups) > 1
    assert len(zones) == 1
    first = Calendar.from_ical(pack["meetups/01.ics"]).walk("VEVENT")[0]
    assert (events[0]["UID"], events[0]["DTSTART"]) == (first["UID"], first["DTSTART"])
    assert len({str(event["UID"]) for event in events}) == len(events)
