"""Invitations, read back by the icalendar library as a calendar would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from geo.errors import InputError
from geo.export.calendar import CalendarInvitation, Guest, invitation_ics, stable_uid
from geo.export.listing import Attribution
from geo.model import Place
from geo.region import Manifest

STAMP = datetime(2026, 4, 1, 8, tzinfo=UTC)
MakePlace = Callable[..., Place]


@pytest.fixture
def source(manifest: Manifest) -> Attribution:
    return Attribution.of(manifest)


@pytest.fixture
def meeting(make_place: MakePlace) -> CalendarInvitation:
    address = {"addr:street": "Carrer Major", "addr:housenumber": "3", "addr:city": "Encamp"}
    return CalendarInvitation(
        uid=stable_uid("plan", "1"),
        title="Team day",
        place=make_place("Bean", **address),
        starts_at=datetime(2026, 5, 4, 10),
        duration=timedelta(hours=3),
        description="Leave by 09:15.",
        organizer=Guest("hr@example.org", "HR"),
        guests=(Guest("ana@example.org", 'Ana "A" <b>'), Guest("ben@example.org")),
    )


def read(content: bytes) -> tuple[Any, Any]:
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))  # RFC 5545, 3.1
    calendar = Calendar.from_ical(content)
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def test_an_invitation_has_all_that_a_calendar_needs(
    meeting: CalendarInvitation, source: Attribution
) -> None:
    calendar, event = read(invitation_ics(meeting, source, stamp=STAMP))
    assert (calendar["VERSION"], calendar["METHOD"]) == ("2.0", "REQUEST")
    assert event["UID"] == meeting.uid
    assert event["SEQUENCE"] == 0
    assert event["STATUS"] == "CONFIRMED"
    assert event["DTSTAMP"].dt == STAMP
    assert event["LOCATION"] == "Bean, 3 Carrer Major, Encamp"
    assert (event["GEO"].latitude, event["GEO"].longitude) == (42.5, 1.521)
    assert event["ORGANIZER"] == "mailto:hr@example.org"
    assert [str(one) for one in event["ATTENDEE"]] == [
        "mailto:ana@example.org",
        "mailto:ben@example.org",
    ]
    assert "Leave by 09:15." in event["DESCRIPTION"]
    assert "OpenStreetMap contributors, ODbL 1.0, Mon 1 Sep 2025" in event["DESCRIPTION"]


def test_times_are_those_of_the_place(meeting: CalendarInvitation, source: Attribution) -> None:
    calendar, event = read(invitation_ics(meeting, source, stamp=STAMP))
    assert event["DTSTART"].dt == datetime(2026, 5, 4, 10, tzinfo=ZoneInfo("Europe/Andorra"))
    assert event["DTSTART"].params["TZID"] == "Europe/Andorra"
    assert event["DTSTART"].dt.utcoffset() == timedelta(hours=2)
    (zone,) = calendar.walk("VTIMEZONE")
    assert zone["TZID"] == "Europe/Andorra"
    offsets = {one["TZOFFSETTO"].td for one in zone.walk("DAYLIGHT") + zone.walk("STANDARD")}
    assert offsets == {timedelta(hours=1), timedelta(hours=2)}


def test_a_moment_with_a_zone_is_the_same_instant(
    meeting: CalendarInvitation, source: Attribution
) -> None:
    at = datetime(2026, 5, 4, 8, tzinfo=UTC)
    _, event = read(invitation_ics(meeting.moved(starts_at=at), source, stamp=STAMP))
    assert event["DTSTART"].dt == at
    assert event["DTSTART"].params["TZID"] == "Europe/Andorra"


def test_the_end_is_true_across_a_change_of_the_clocks(
    meeting: CalendarInvitation, source: Attribution
) -> None:
    eve = datetime(2026, 3, 28, 23)  # clocks go forward at 02:00
    _, event = read(invitation_ics(meeting.moved(starts_at=eve), source, stamp=STAMP))
    length = event["DTEND"].dt.astimezone(UTC) - event["DTSTART"].dt.astimezone(UTC)
    assert length == timedelta(hours=3)
    assert event["DTEND"].dt.hour == 3


def test_changes_keep_the_uid_and_count_up(
    meeting: CalendarInvitation, source: Attribution, make_place: MakePlace
) -> None:
    moved = meeting.moved(place=make_place("Elsewhere", 9), starts_at=datetime(2026, 5, 5, 9))
    gone = moved.cancelled()
    for one, sequence, method, status in (
        (meeting, 0, "REQUEST", "CONFIRMED"),
        (moved, 1, "REQUEST", "CONFIRMED"),
        (gone, 2, "CANCEL", "CANCELLED"),
    ):
        calendar, event = read(invitation_ics(one, source, stamp=STAMP))
        assert event["UID"] == meeting.uid
        assert event["SEQUENCE"] == sequence
        assert (calendar["METHOD"], event["STATUS"]) == (method, status)
    assert event["SUMMARY"] == "Cancelled: Team day"


@pytest.mark.parametrize("guests", [(), (Guest("ana@example.org"),)])
def test_without_an_organizer_a_file_has_no_method(
    guests: tuple[Guest, ...], source: Attribution, make_place: MakePlace
) -> None:
    """RFC 5546, 3.2: every method needs an ORGANIZER, and there is nobody to answer to."""
    anybody = CalendarInvitation(
        stable_uid("a"),
        "T",
        make_place("B"),
        datetime(2026, 5, 4, 9),
        timedelta(hours=1),
        guests=guests,
    )
    for one, status in ((anybody, "CONFIRMED"), (anybody.cancelled(), "CANCELLED")):
        calendar, event = read(invitation_ics(one, source, stamp=STAMP))
        assert "METHOD" not in calendar
        assert event["STATUS"] == status
        assert not {"ATTENDEE", "ORGANIZER"} & set(event)


def test_an_organizer_without_guests_publishes(
    meeting: CalendarInvitation, source: Attribution
) -> None:
    calendar, event = read(invitation_ics(replace(meeting, guests=()), source, stamp=STAMP))
    assert calendar["METHOD"] == "PUBLISH"
    assert event["ORGANIZER"] == "mailto:hr@example.org"


def test_uids_tell_meetings_apart() -> None:
    assert stable_uid("plan", "1") == stable_uid("plan", "1")
    assert len({stable_uid("plan", "1"), stable_uid("plan", "2"), stable_uid("plan1")}) == 3
    assert stable_uid("a", "b") != stable_uid("ab")


def test_hostile_names_add_no_line(
    make_place: MakePlace, source: Attribution, hostile: str
) -> None:
    place = make_place(hostile, **{"addr:street": hostile})
    guest = Guest("ana@example.org", hostile)
    meeting = CalendarInvitation(
        stable_uid("x"), hostile, place, datetime(2026, 5, 4, 9), timedelta(hours=1), hostile,
        organizer=guest, guests=(guest,),
    )  # fmt: skip
    content = invitation_ics(meeting, source, stamp=STAMP)
    _, event = read(content)
    assert content.count(b"BEGIN:VEVENT\r\n") == 1
    assert event["SEQUENCE"] == 0
    assert event["UID"] == meeting.uid
    assert str(event["ATTENDEE"]) == "mailto:ana@example.org"
    assert {str(name) for name in event} <= {
        "UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "STATUS", "LOCATION", "GEO",
        "URL", "DESCRIPTION", "ORGANIZER", "ATTENDEE",
    }  # fmt: skip


@pytest.mark.parametrize("email", ["", "ana", "a@b\nATTENDEE:x@y", "a b@c", "a@b,c@d", "a@b;X=1"])
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(InputError, match="e-mail"):
        Guest(email)
