"""Whether a place is open: yes, no, or not known.

Opening hours are evaluated by ``opening-hours-py``, with the public holidays of the place's country
and the sun of its position. Three answers are kept apart everywhere: a place without hours, with
hours that nobody can read, or with a condition ("by appointment") is unknown, never closed.

A moment without a time zone means the clock on the place's wall; a moment with one is the same
instant wherever it is read, and is turned into that clock first.

Holidays are those of the whole country: the calendars that come with the library have none of a
state or of a nation within one.

Two points of the specification are settled here, before the expression is handed over:

- a comment without a state makes the state unknown
  (https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification, "comment");
- nobody has a calendar of school holidays (``SH``): the expression is read once as if they were
  never and once as if they were always, and where the two differ the answer is unknown.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, State

from geo.model import Place, Point

OpenState = Literal["open", "closed", "unknown"]

_STATES: dict[State, OpenState] = {
    State.OPEN: "open",
    State.CLOSED: "closed",
    State.UNKNOWN: "unknown",
}
_COMMENT = re.compile(r'(\b(?:open|closed|off|unknown)\s*)?("[^"]*")(?!\s*:)', re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')
_DEPENDS_ON_COUNTRY = re.compile(r"\bPH\b")
_DEPENDS_ON_SUN = re.compile(r"\b(?:sunrise|sunset|dawn|dusk)\b")
_SCHOOL_HOLIDAY = re.compile(r"\bSH\b")
_DURING_SCHOOL_HOLIDAY = re.compile(r"\bSH\s+(?=Mo|Tu|We|Th|Fr|Sa|Su)")
_LONGEST = 1_000
"""Characters; OpenStreetMap allows 255 in a tag."""

_WEEK = datetime(2024, 6, 10)
"""A Monday that begins an ordinary week."""

_HORIZON = timedelta(days=366)
"""A change further away than this is none: "closed until 2031" needs no date on a card."""


def state(place: Place, at: datetime) -> OpenState:
    """Return whether a place is open at a moment.

    Parameters
    ----------
    at
        Without a time zone it is the place's own local time.

    Examples
    --------
    >>> cafe = Place("n1", None, "cafe", Point(1.52, 42.51), {"opening_hours": "Mo-Fr 09:00-17:00"})
    >>> state(cafe, datetime(2025, 9, 9, 10)), state(cafe, datetime(2025, 9, 9, 18))
    ('open', 'closed')
    """
    expression = place.tags.get("opening_hours")
    if not expression:
        return "unknown"
    variants = _parse(expression, _position(expression, place.point))
    return _state(variants, _wall_clock(at, place.point))


def next_change(place: Place, at: datetime) -> datetime | None:
    """Return when the answer of `state` changes next; None where it does not within a year.

    Parameters
    ----------
    at
        Without a time zone it is the place's own local time.

    Returns
    -------
    datetime or None
        In the place's local time; with its time zone if ``at`` has one, without if not.
    """
    expression = place.tags.get("opening_hours")
    if not expression:
        return None
    variants = _parse(expression, _position(expression, place.point))
    change = _next_change(variants, _wall_clock(at, place.point))
    if change is not None and at.tzinfo is not None:
        return change.replace(tzinfo=timezone(place.point))
    return change


def open_throughout(place: Place, start: datetime, duration: timedelta) -> OpenState:
    """Return whether a place stays open for the whole of a visit.

    "closed" where it is closed at any moment of it, else "unknown" where any moment is not known.
    A visit that ends when the place closes is within its hours.

    Parameters
    ----------
    start
        Without a time zone it is the place's own local time.
    duration
        How long the visit lasts.
    """
    expression = place.tags.get("opening_hours")
    if not expression:
        return "unknown"
    variants = _parse(expression, _position(expression, place.point))
    end = _wall_clock(start + duration, place.point)
    now: datetime | None = _wall_clock(start, place.point)
    worst: OpenState = "open"
    while now is not None:
        found = _state(variants, now)
        if found == "closed":
            return "closed"
        worst = "unknown" if found == "unknown" else worst
        now = _next_change(variants, now)
        if now is not None and now >= end:
            break
    return worst


def hours_per_week(place: Place) -> float | None:
    """Return how long a place is open in an ordinary week; None where any of it is not known.

    Holidays and the sun of its position are left aside, so that places of equal hours share one
    count.
    """
    expression = place.tags.get("opening_hours")
    return None if not expression else _hours_per_week(expression)


@lru_cache(maxsize=16_384)
def timezone(point: Point) -> tzinfo:
    """Return the time zone of a position; at sea, that of its meridian."""
    moment = datetime(2024, 1, 1)
    hours = OpeningHours("24/7", coords=(point.lat, point.lon), auto_country=False)
    start = next(iter(hours.intervals(moment)))[0]
    return start.tzinfo or ZoneInfo("UTC")


def _wall_clock(at: datetime, point: Point) -> datetime:
    """Return a moment as the clock at a position shows it, without its zone."""
    return at if at.tzinfo is None else at.astimezone(timezone(point)).replace(tzinfo=None)


_Variants = tuple[OpeningHours, ...]
"""The readings of an expression: none where it cannot be read, two where it asks for ``SH``."""


def _position(expression: str, point: Point) -> Point | None:
    """Return the position if the expression depends on it: most do not, and share one parsing."""
    depends = _DEPENDS_ON_COUNTRY.search(expression) or _DEPENDS_ON_SUN.search(expression)
    return point if depends else None


@lru_cache(maxsize=16_384)
def _parse(expression: str, position: Point | None) -> _Variants:
    if len(expression) > _LONGEST:
        return ()
    text = _COMMENT.sub(lambda match: (match[1] or "unknown ") + match[2], expression)
    texts = [text]
    if _SCHOOL_HOLIDAY.search(_QUOTED.sub("", text)):
        never = _DURING_SCHOOL_HOLIDAY.sub("1900 ", text)  # and SH alone never comes true
        always = _SCHOOL_HOLIDAY.sub("Mo-Su", _DURING_SCHOOL_HOLIDAY.sub("", text))
        texts = [never, always]
    try:
        return tuple(_hours(text, position) for text in texts)
    except Exception:  # noqa: BLE001 - ParserError and its siblings share no parent but this
        return ()


def _hours(text: str, position: Point | None) -> OpeningHours:
    if position is None:
        return OpeningHours(text, max_interval_days=_HORIZON.days)
    coords = (position.lat, position.lon)
    # Reading the time zones takes 0.2 s once; only the sun asks for them.
    by_sun = _DEPENDS_ON_SUN.search(text) is not None
    return OpeningHours(text, coords=coords, auto_timezone=by_sun, max_interval_days=_HORIZON.days)


@lru_cache(maxsize=4_096)
def _hours_per_week(expression: str) -> float | None:
    variants = _parse(expression, None)
    total, now, end = timedelta(), _WEEK, _WEEK + timedelta(days=7)
    while now < end:
        found = _state(variants, now)
        if found == "unknown":
            return None
        until = min(_next_change(variants, now) or end, end)
        total += until - now if found == "open" else timedelta()
        now = until
    return total / timedelta(hours=1)


def _state(variants: _Variants, local: datetime) -> OpenState:
    found = {_STATES[hours.state(local)[0]] for hours in variants}
    return found.pop() if len(found) == 1 else "unknown"


def _next_change(variants: _Variants, local: datetime) -> datetime | None:
    """Return when the state changes; a change of comment alone is none."""
    now, before = local, _state(variants, local)
    while True:
        changes = [_naive(hours.next_change(now)) for hours in variants]
        later = [change for change in changes if change is not None and change > now]
        now = min(later, default=datetime.max)
        if now - local > _HORIZON:
            return None
        if _state(variants, now) != before:
            return now


def _naive(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=None)
