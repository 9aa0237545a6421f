"""Calendar invitations (RFC 5545, RFC 5546): a file that a calendar puts in, moves and takes out.

A calendar tells by the UID that two files speak of one meeting, and by the SEQUENCE which of them
is newer. So the UID comes from the meeting's own identity, never from its place or time, and every
change counts the SEQUENCE up.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from geo.errors import InputError
from geo.export.links import map_links
from geo.export.listing import Attribution
from geo.model import Place
from geo.places import label, opening
from geo.text import strip_controls
from geo.texts import exports

if TYPE_CHECKING:
    from icalendar import Event

_UID_NAMESPACE = uuid.UUID("6f0f5b52-6f0c-4d0e-9a55-1c2a6c1f7e0b")
"""The namespace of our UIDs, drawn once."""

_EMAIL = re.compile(r"[^\s@<>\"',;:\x00-\x1f]+@[^\s@<>\"',;:\x00-\x1f]+")
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who calls or joins a meeting.

    Raises
    ------
    InputError
        The address is no e-mail address.
    """

    email: str
    name: str = ""

    def __post_init__(self) -> None:
        if not _EMAIL.fullmatch(self.email):
            raise InputError("an e-mail address is written like name@example.org; mend it.")


@dataclass(frozen=True, slots=True)
class CalendarInvitation:
    """A meeting at a place.

    Attributes
    ----------
    uid
        From `stable_uid`; the same for as long as the meeting exists.
    title
        What the calendar shows.
    place
        Where; its position, name and address are put in.
    starts_at
        Without a time zone it is the place's local time.
    duration
        How long.
    description
        What else the invited should know, as when to leave.
    organizer, guests
        Who calls it and who is asked to come. Guests are written only where there is an organizer
        whom they can answer; without one the file is for anybody.
    sequence
        How often it was changed.
    called_off
        Whether it will not take place.
    """

    uid: str
    title: str
    place: Place
    starts_at: datetime
    duration: timedelta
    description: str = ""
    organizer: Guest | None = None
    guests: tuple[Guest, ...] = ()
    sequence: int = 0
    called_off: bool = False

    def moved(
        self,
        *,
        place: Place | None = None,
        starts_at: datetime | None = None,
        duration: timedelta | None = None,
    ) -> CalendarInvitation:
        """Return the same meeting at another place or time, one change later."""
        return replace(
            self,
            place=place or self.place,
            starts_at=starts_at or self.starts_at,
            duration=duration or self.duration,
            sequence=self.sequence + 1,
        )

    def cancelled(self) -> CalendarInvitation:
        """Return the same meeting called off, one change later."""
        return replace(self, called_off=True, sequence=self.sequence + 1)

    @property
    def method(self) -> str | None:
        """What the calendar should do, by RFC 5546; None for a file that is no message.

        Every method needs an organizer (RFC 5546, 3.2.1 to 3.2.5), and readers refuse a file that
        has the one without the other.
        """
        if self.organizer is None:
            return None
        if self.called_off:
            return "CANCEL"
        return "REQUEST" if self.guests else "PUBLISH"


def stable_uid(*identity: str) -> str:
    """Return the UID of a meeting that is known by some names, as a plan's and its own.

    Examples
    --------
    >>> stable_uid("spring plan", "2") == stable_uid("spring plan", "2")
    True
    """
    return f"{uuid.uuid5(_UID_NAMESPACE, chr(31).join(identity))}@crossroads"


def invitation_ics(
    invitation: CalendarInvitation, source: Attribution, *, stamp: datetime
) -> bytes:
    """Return an invitation as an iCalendar file.

    Parameters
    ----------
    invitation
        The meeting.
    source
        Whose data the place comes from.
    stamp
        When the file was made, with a time zone.
    """
    from icalendar import Calendar, Event

    starts_at = _local_start(invitation)
    calendar = Calendar()
    calendar.add("prodid", f"-//{exports.PRODUCT}//EN")
    calendar.add("version", "2.0")
    if invitation.method is not None:
        calendar.add("method", invitation.method)
    event = Event()
    event.add("uid", invitation.uid)
    event.add("sequence", invitation.sequence)
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("dtstart", starts_at)
    event.add("dtend", _add_duration(starts_at, invitation.duration))
    event.add("summary", _title(invitation))
    event.add("status", "CANCELLED" if invitation.called_off else "CONFIRMED")
    _add_place(event, invitation, source)
    _add_people(event, invitation)
    calendar.add_component(event)
    day, year = starts_at.date(), timedelta(days=366)
    calendar.add_missing_timezones(first_date=day - year, last_date=day + year)
    return bytes(calendar.to_ical())


def _local_start(invitation: CalendarInvitation) -> datetime:
    """Return the beginning on the clock of the place."""
    zone = opening.timezone(invitation.place.point)
    at = invitation.starts_at
    return at.replace(tzinfo=zone) if at.tzinfo is None else at.astimezone(zone)


def _add_duration(at: datetime, duration: timedelta) -> datetime:
    """Return a moment later, true across a change of the clocks."""
    return (at.astimezone(UTC) + duration).astimezone(at.tzinfo)


def _title(invitation: CalendarInvitation) -> str:
    title = strip_controls(invitation.title, longest=_LONGEST)
    return f"{exports.CANCELLED}: {title}" if invitation.called_off else title


def _add_place(event: Event, invitation: CalendarInvitation, source: Attribution) -> None:
    place = invitation.place
    links = map_links(place)
    event.add("location", strip_controls(", ".join(_address(place)), longest=_LONGEST))
    event.add("geo", (place.point.lat, place.point.lon))
    event.add("url", links["osm"])
    lines = [*invitation.description.splitlines(), links["google"], f"Map data: {source.line}."]
    event.add("description", "\n".join(filter(None, (strip_controls(line) for line in lines))))


def _address(place: Place) -> list[str]:
    """Return the name and what is known of the address, from OpenStreetMap's ``addr`` tags."""
    tags = place.tags
    street = " ".join(
        filter(
            None, (tags.get("addr:housenumber"), tags.get("addr:street") or tags.get("addr:place"))
        )
    )
    town = " ".join(filter(None, (tags.get("addr:postcode"), tags.get("addr:city"))))
    return [part for part in (label(place), street, town) if part]


def _add_people(event: Event, invitation: CalendarInvitation) -> None:
    from icalendar import vCalAddress

    def address(guest: Guest) -> vCalAddress:
        calendar_address = vCalAddress(f"mailto:{guest.email}")
        if name := strip_controls(guest.name, longest=80).replace('"', "'"):
            calendar_address.params["CN"] = name
        return calendar_address

    if invitation.organizer:
        event.add("organizer", address(invitation.organizer))
    for guest in invitation.guests if invitation.organizer else ():
        attendee = address(guest)
        attendee.params["ROLE"] = "REQ-PARTICIPANT"
        attendee.params["PARTSTAT"] = "NEEDS-ACTION"
        attendee.params["RSVP"] = "TRUE"
        event.add("attendee", attendee, encode=False)
