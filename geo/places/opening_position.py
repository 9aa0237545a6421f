"""What opening hours need to know of a position: its time zone, its holidays and its sun.

The calendars of ``opening-hours-py`` are those of whole countries, without the days of states and
nations within them; ``data/holidays.toml`` says on which days that leaves a doubt.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, State

from geo.model import Point
from geo.places.opening_tokens import UnreadableHours
from geo.tables import read_table

_ROWS = ("everywhere", "in_parts")


@lru_cache(maxsize=16_384)
def timezone(point: Point) -> tzinfo:
    """Return the time zone of a position; at sea, that of its meridian."""
    moment = datetime(2024, 1, 1)
    hours = OpeningHours("24/7", coords=(point.lat, point.lon), auto_country=False)
    start = next(iter(hours.intervals(moment)))[0]
    return start.tzinfo or ZoneInfo("UTC")


def is_public_holiday(day: date, point: Point) -> bool | None:
    """Say whether a day is a public holiday at a position; None where only a part of it may be."""
    country = _country(str(timezone(point)))
    row = None if country is None else _row_of_day(country, day)
    return {"everywhere": True, "in_parts": None}.get(row or "", _is_open(_holidays(point), day))


def is_among(selectors: Iterable[str], day: date) -> bool:
    """Say whether a day is among those of any selector, as "Jan-Mar Mo-Fr".

    Raises
    ------
    UnreadableHours
        The engine cannot read a selector.
    """
    return any(_is_open(engine(selector), day) for selector in selectors)


@lru_cache(maxsize=4_096)
def sun_event(event: str, day: date, point: Point | None) -> int | None:
    """Return the minute of a day at which the sun does something; None where it does not.

    Parameters
    ----------
    event
        "dawn", "sunrise", "sunset" or "dusk".
    point
        None for the fixed times by which the specification reads events anywhere.
    """
    change = _sun(event, point).next_change(datetime.combine(day, time()))
    if change is None or change.date() != day:
        return None
    return change.hour * 60 + change.minute


@lru_cache(maxsize=4_096)
def engine(selector: str) -> OpeningHours:
    """Return what knows the days of a selector.

    Raises
    ------
    UnreadableHours
        The engine cannot read it.
    """
    try:
        return OpeningHours(selector)
    except Exception as error:  # ParserError and its siblings share no parent but this
        raise UnreadableHours(selector) from error


def _is_open(hours: OpeningHours, day: date) -> bool:
    return bool(hours.state(datetime.combine(day, time(12)))[0] == State.OPEN)


@lru_cache(maxsize=8_192)
def _row_of_day(country: str, day: date) -> str | None:
    """Return the row of a country's table that has a day."""
    rows = read_table("holidays")[country]
    return next((row for row in _ROWS if is_among(rows.get(row, ()), day)), None)


@cache
def _country(zone: str) -> str | None:
    """Return the country of a time zone, of those that the table knows."""
    for country, row in read_table("holidays").items():
        names = row["zones"]
        if zone in names or any(name.endswith("/") and zone.startswith(name) for name in names):
            return country
    return None


@lru_cache(maxsize=4_096)
def _holidays(point: Point) -> OpeningHours:
    return OpeningHours("PH", coords=(point.lat, point.lon), auto_timezone=False)


@lru_cache(maxsize=1_024)
def _sun(event: str, point: Point | None) -> OpeningHours:
    if point is None:
        return OpeningHours(f"{event}-24:00")
    return OpeningHours(f"{event}-24:00", coords=(point.lat, point.lon), auto_country=False)
