"""Whether a place is open: yes, no, or not known.

`opening_rules` reads opening hours; here they are evaluated with the public holidays of the place's
country and the sun of its position. Three answers are kept apart everywhere: a place
without hours, with hours that nobody can read, or with a condition ("by appointment") is unknown,
never closed. So is a moment at which two meanings of a text differ.

A moment without a time zone means the clock on the place's wall; a moment with one is the same
instant wherever it is read, and is turned into that clock first.

Nobody has a calendar of school holidays (``SH``), and some public holidays are those of a part of
the country (``data/holidays.toml``): such a day is read once as if it were one and once as if not,
and where the two differ the answer is unknown.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache, lru_cache
from operator import itemgetter
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, State

from geo.files import read_table
from geo.model import Place, Point
from geo.places.opening_rules import DaySelector, OpenState, Rule, Rules, parse_rules
from geo.places.opening_times import DAY, DAYS, TimeOfDay, TimeSpan, UnreadableHours

_SCOPES = ("everywhere", "in_parts")


@lru_cache(maxsize=16_384)
def timezone(point: Point) -> tzinfo:
    """Return the time zone of a position; at sea, that of its meridian."""
    moment = datetime(2024, 1, 1)
    hours = OpeningHours("24/7", coords=(point.lat, point.lon), auto_country=False)
    start = next(iter(hours.intervals(moment)))[0]
    return start.tzinfo or ZoneInfo("UTC")


def is_public_holiday(day: date, point: Point) -> bool | None:
    """Whether a day is a public holiday at a position; None where only a part of it may be."""
    country = _country(str(timezone(point)))
    scope = None if country is None else _holiday_scope(country, day)
    return {"everywhere": True, "in_parts": None}.get(scope or "", _is_open(_holidays(point), day))


def matches_any(selectors: Iterable[str], day: date) -> bool:
    """Return whether a day is among those of any selector, as "Jan-Mar Mo-Fr".

    Raises `UnreadableHours` where the engine cannot read one.
    """
    return any(_is_open(parse_selector(selector), day) for selector in selectors)


@lru_cache(maxsize=4_096)
def sun_event(event: str, day: date, point: Point | None) -> int | None:
    """Return the minute of a day at which the sun does something; None where it does not.

    The event is "dawn", "sunrise", "sunset" or "dusk". A point of None stands for the fixed times
    by which the specification reads events anywhere.
    """
    change = _sun_hours(event, point).next_change(datetime.combine(day, time()))
    if change is None or change.date() != day:
        return None
    return change.hour * 60 + change.minute


@lru_cache(maxsize=4_096)
def parse_selector(selector: str) -> OpeningHours:
    """Return what knows the days of a selector; `UnreadableHours` if the engine cannot read it."""
    try:
        return OpeningHours(selector)
    except Exception as error:  # ParserError and its siblings share no parent but this
        raise UnreadableHours(selector) from error


def _is_open(hours: OpeningHours, day: date) -> bool:
    return bool(hours.state(datetime.combine(day, time(12)))[0] == State.OPEN)


@lru_cache(maxsize=8_192)
def _holiday_scope(country: str, day: date) -> str | None:
    """Return the row of a country's table that has a day."""
    rows = read_table("holidays")[country]
    return next((scope for scope in _SCOPES if matches_any(rows.get(scope, ()), day)), None)


@cache
def _country(zone: str) -> str | None:
    for country, scope in read_table("holidays").items():
        names = scope["zones"]
        if zone in names or any(name.endswith("/") and zone.startswith(name) for name in names):
            return country
    return None


@lru_cache(maxsize=4_096)
def _holidays(point: Point) -> OpeningHours:
    return OpeningHours("PH", coords=(point.lat, point.lon), auto_timezone=False)


@lru_cache(maxsize=1_024)
def _sun_hours(event: str, point: Point | None) -> OpeningHours:
    if point is None:
        return OpeningHours(f"{event}-24:00")
    return OpeningHours(f"{event}-24:00", coords=(point.lat, point.lon), auto_country=False)


_MAX_NIGHT_MIN = 18 * 60
"""Minutes of a span beyond midnight that the sun begins or ends; a judgement."""

_CODES: dict[OpenState, bytes] = {"open": b"o", "closed": b"c", "unknown": b"u"}
_STATES: dict[str, OpenState] = {"o": "open", "c": "closed", "u": "unknown"}
_RUNS = re.compile(rb"o+|c+|u+")

DayStates = tuple[tuple[int, OpenState], ...]
"""The states of a day, each with the minute since midnight at which it begins; the first at 0."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Where, and under which assumptions, days are evaluated.

    Attributes
    ----------
    position
        For holidays and the sun; None to ignore them: there are no holidays then, and
        the sun keeps the hours of a day in spring.
    is_school_holiday
        What is assumed of every day: nobody has a calendar of school holidays.
    is_doubtful_holiday
        What is assumed of days that are public holidays in a part of the country.
    """

    position: Point | None = None
    is_school_holiday: bool = False
    is_doubtful_holiday: bool = False


def check_days(rules: Rules) -> None:
    """Let the engine read the days of all rules; `UnreadableHours` if it cannot."""
    for rule in rules:
        for selector in rule.days:
            if selector.text:
                parse_selector(selector.text)


def day_states(rules: Rules, day: date, calendar: Calendar) -> DayStates:
    """Return the states of a day on the clock of the place."""
    closes_alone = all(rule.state == "closed" for rule in rules)
    minutes = bytearray(_CODES["unknown" if closes_alone else "closed"] * DAY)
    for rule, spans in _applicable_rules(rules, day, calendar):
        for first, last, is_open_end in spans:
            state = "unknown" if is_open_end and rule.state != "closed" else rule.state
            _fill(
                minutes, max(0, first), min(last, DAY), state, overwrite=rule.relation != "fallback"
            )
    return _runs(bytes(minutes))


def combine(variants: list[DayStates]) -> DayStates:
    """Return what is sure of a day that may be any of several: where they differ, "unknown"."""
    if len(set(variants)) == 1:
        return variants[0]
    expanded = [b"".join(_expand(states)) for states in variants]
    return _runs(
        b"".join(
            minute[0].to_bytes() if len(set(minute)) == 1 else _CODES["unknown"]
            for minute in zip(*expanded, strict=True)
        )
    )


_Span = tuple[int, int, bool]
"""From minute to minute of a day, and whether its end is open."""


def _applicable_rules(
    rules: Rules, day: date, calendar: Calendar
) -> list[tuple[Rule, list[_Span]]]:
    """Return the rules that count on a day, in order, with what they cover of it."""
    yesterday = day - timedelta(days=1) if day > date.min else day
    applicable: list[tuple[Rule, list[_Span]]] = []
    for number, rule in enumerate(rules):
        if _covers(rule, day, calendar):
            follows_days = number > 0 and bool(rules[number - 1].days)
            replaces = rule.relation == "normal" and rule.state != "closed"
            # Times alone behind a rule with days are read as more of its times.
            if replaces and (rule.days or not follows_days):
                applicable.clear()
            applicable.append((rule, list(_rule_spans(rule, day, calendar))))
        if rule.times and _covers(rule, yesterday, calendar):
            after_midnight = [
                (first - DAY, last - DAY, is_open_end)
                for first, last, is_open_end in _rule_spans(rule, yesterday, calendar)
                if last > DAY
            ]
            if after_midnight:
                applicable.append((rule, after_midnight))
    return applicable


def _covers(rule: Rule, day: date, calendar: Calendar) -> bool:
    return not rule.days or any(_selects(selector, day, calendar) for selector in rule.days)


def _selects(selector: DaySelector, day: date, calendar: Calendar) -> bool:
    if selector.holiday == "SH" and not calendar.is_school_holiday:
        return False
    if selector.holiday == "PH" and not _is_public_holiday(selector, day, calendar):
        return False
    return not selector.text or matches_any((selector.text,), day)


def _is_public_holiday(selector: DaySelector, day: date, calendar: Calendar) -> bool:
    if calendar.position is None:
        return False
    found = is_public_holiday(day - timedelta(days=selector.shift_days), calendar.position)
    return calendar.is_doubtful_holiday if found is None else found


def _rule_spans(rule: Rule, day: date, calendar: Calendar) -> Iterator[_Span]:
    """Give the spans of a rule that covers a day, in its minutes, beyond midnight too."""
    if not rule.times:
        yield 0, DAY, False
    for span in rule.times:
        first = _minutes(span.start, day, calendar)
        last = _minutes(span.end, day, calendar)
        if first is None or last is None:
            yield 0, DAY, True  # the sun does not rise or set: nobody knows what is meant
        elif last <= first and _is_reversed(span, first, last):
            yield last, first, True
        else:
            yield first, last if last > first else last + DAY, span.is_open_end


def _is_reversed(span: TimeSpan, first: int, last: int) -> bool:
    """Whether a span ends before it begins by the season: "16:00-sunset" in winter is no night."""
    by_sun = bool(span.start.event or span.end.event)
    return by_sun and last + DAY - first > _MAX_NIGHT_MIN


def _minutes(clock: TimeOfDay, day: date, calendar: Calendar) -> int | None:
    if not clock.event:
        return clock.minutes
    event = sun_event(clock.event, day, calendar.position)
    return None if event is None else event + clock.minutes


def _fill(minutes: bytearray, first: int, last: int, state: OpenState, *, overwrite: bool) -> None:
    """Set the state of minutes; without ``overwrite``, of those alone that are closed."""
    if last <= first:
        return
    if overwrite:
        minutes[first:last] = _CODES[state] * (last - first)
    else:
        minutes[first:last] = minutes[first:last].replace(_CODES["closed"], _CODES[state])


def _runs(minutes: bytes) -> DayStates:
    return tuple(
        (run.start(), _STATES[chr(minutes[run.start()])]) for run in _RUNS.finditer(minutes)
    )


def _expand(states: DayStates) -> Iterator[bytes]:
    ends = [*(start for start, _ in states[1:]), DAY]
    for (start, state), end in zip(states, ends, strict=True):
        yield _CODES[state] * (end - start)


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
    """Return whether a place is open at a moment; without a time zone, by the place's own clock.

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

    Without a time zone ``at`` is the place's own local time, and so is the answer; with one, the
    answer has the time zone of the place.
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

    "closed" where it is closed at any moment of it, else "unknown" where any moment is not known. A
    visit that ends when the place closes is within its hours. Without a time zone, ``start`` is the
    place's own local time.
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
