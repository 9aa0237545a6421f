"""Whether a place is open: yes, no, or not known.

`opening_rules` reads opening hours, `opening_schedule` evaluates them with the public holidays of
the place's country and the sun of its position. Three answers are kept apart everywhere: a place
without hours, with hours that nobody can read, or with a condition ("by appointment") is unknown,
never closed. So is a moment at which two meanings of a text differ.

A moment without a time zone means the clock on the place's wall; a moment with one is the same
instant wherever it is read, and is turned into that clock first.

Nobody has a calendar of school holidays (``SH``), and some public holidays are those of a part of
the country (``data/holidays.toml``): such a day is read once as if it were one and once as if not,
and where the two differ the answer is unknown.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from operator import itemgetter

from geo.model import Place, Point
from geo.places.opening_rules import OpenState, Rules, parse_rules
from geo.places.opening_schedule import (
    Calendar,
    DayStates,
    check_days,
    combine,
    day_states,
    timezone,
)
from geo.places.opening_times import DAY, DAYS, UnreadableHours

__all__ = [
    "OpenState", "hours_per_week", "next_change", "open_throughout", "state", "timezone",
]  # fmt: skip

_MAX_LENGTH = 1_000  # characters; OpenStreetMap allows 255 in a tag
_WEEK = date(2024, 6, 10)  # a Monday that begins an ordinary week
_HORIZON = timedelta(days=366)
"""A change further away than this is none: "closed until 2031" needs no date on a card."""

_MAX_CACHED_DAYS = 800
"""Days that are kept of one expression, a little more than `next_change` walks through."""

_UNKNOWN: DayStates = ((0, "unknown"),)


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
    return _state(_hours_at(expression, place.point), _wall_clock(at, place.point))


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
    change = _next_change(_hours_at(expression, place.point), _wall_clock(at, place.point))
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
    """
    expression = place.tags.get("opening_hours")
    if not expression:
        return "unknown"
    hours = _hours_at(expression, place.point)
    end = _wall_clock(start + duration, place.point)
    now: datetime | None = _wall_clock(start, place.point)
    result: OpenState = "open"
    while now is not None:
        state_found = _state(hours, now)
        if state_found == "closed":
            return "closed"
        result = "unknown" if state_found == "unknown" else result
        now = _next_change(hours, now)
        if now is not None and now >= end:
            break
    return result


def hours_per_week(place: Place) -> float | None:
    """Return how long a place is open in an ordinary week; None where any of it is not known.

    Holidays and the sun are ignored, so that places of equal hours share one
    count.
    """
    expression = place.tags.get("opening_hours")
    return None if not expression else _count_hours_per_week(expression)


def _wall_clock(at: datetime, point: Point) -> datetime:
    """Return a moment as the clock at a position shows it, without its zone."""
    return at if at.tzinfo is None else at.astimezone(timezone(point)).replace(tzinfo=None)


class _Hours:
    """Opening hours at a position, or anywhere where it does not matter; days are kept."""

    __slots__ = ("_calendars", "_days", "_meanings", "is_same_every_week")

    def __init__(self, meanings: tuple[Rules, ...], position: Point | None) -> None:
        selectors = [day for rules in meanings for rule in rules for day in rule.days]
        holidays = {day.holiday for day in selectors}
        self._meanings = meanings
        self._calendars = [
            Calendar(position, is_school_holiday, is_doubtful_holiday)
            for is_school_holiday in _both_if("SH" in holidays)
            for is_doubtful_holiday in _both_if("PH" in holidays and position is not None)
        ]
        self._days: dict[date, DayStates] = {}
        self.is_same_every_week = not _needs_position(meanings) and all(
            day.holiday is None and _is_weekly(day.text) for day in selectors
        )

    def states_on(self, day: date) -> DayStates:
        """Return the states of a day."""
        key = _WEEK + timedelta(days=day.weekday()) if self.is_same_every_week else day
        state_found = self._days.get(key)
        if state_found is None:
            if len(self._days) >= _MAX_CACHED_DAYS:
                self._days.clear()
            state_found = self._days[key] = self._evaluate(key)
        return state_found

    def _evaluate(self, day: date) -> DayStates:
        day_variants = [
            day_states(rules, day, calendar)
            for rules in self._meanings
            for calendar in self._calendars
        ]
        return combine(day_variants) if day_variants else _UNKNOWN


def _both_if(condition: bool) -> tuple[bool, ...]:
    return (False, True) if condition else (False,)


def _is_weekly(text: str) -> bool:
    """Return whether a selector of days knows weekdays alone, and not which of a month."""
    return all(part in DAYS for span in text.split(",") if span for part in span.split("-"))


def _needs_position(meanings: tuple[Rules, ...]) -> bool:
    """Return whether hours depend on where they hold: most do not, and share one evaluation."""
    rules = [rule for meaning in meanings for rule in meaning]
    clocks = [clock for rule in rules for span in rule.times for clock in (span.start, span.end)]
    has_sun = any(clock.event for clock in clocks)
    return has_sun or any(day.holiday == "PH" for rule in rules for day in rule.days)


def _hours_at(expression: str, point: Point) -> _Hours:
    return _hours(expression, point if _depends_on_position(expression) else None)


@lru_cache(maxsize=16_384)
def _parse(expression: str) -> tuple[Rules, ...]:
    """Return what hours can mean; nothing where nobody can read them."""
    if len(expression) > _MAX_LENGTH:
        return ()
    try:
        meanings = parse_rules(expression)
        for rules in meanings:
            check_days(rules)
    except UnreadableHours:
        return ()
    return meanings


@lru_cache(maxsize=16_384)
def _depends_on_position(expression: str) -> bool:
    return _needs_position(_parse(expression))


@lru_cache(maxsize=16_384)
def _hours(expression: str, position: Point | None) -> _Hours:
    return _Hours(_parse(expression), position)


@lru_cache(maxsize=4_096)
def _count_hours_per_week(expression: str) -> float | None:
    hours = _hours(expression, None)
    minutes = 0
    for number in range(7):
        states = hours.states_on(_WEEK + timedelta(days=number))
        ends = [*(start for start, _ in states[1:]), DAY]
        for (start, state_found), end in zip(states, ends, strict=True):
            if state_found == "unknown":
                return None
            minutes += end - start if state_found == "open" else 0
    return minutes / 60


def _state(hours: _Hours, local: datetime) -> OpenState:
    states = hours.states_on(local.date())
    if len(states) == 1:
        return states[0][1]
    minute = local.hour * 60 + local.minute
    return states[bisect_right(states, minute, key=itemgetter(0)) - 1][1]


def _next_change(hours: _Hours, local: datetime) -> datetime | None:
    current = _state(hours, local)
    days = 8 if hours.is_same_every_week else _HORIZON.days
    for number in range(days + 1):
        if date.max - local.date() < timedelta(days=number):
            return None
        day = local.date() + timedelta(days=number)
        for start, state_found in hours.states_on(day):
            change = datetime.combine(day, time(start // 60, start % 60))
            if state_found != current and change > local:
                return change if change - local <= _HORIZON else None
    return None
