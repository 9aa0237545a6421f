"""What opening hours make of one day: its states from midnight to midnight.

Which days a rule covers and when the sun rises is asked of ``opening-hours-py``, whose calendars
are those of whole countries; ``data/holidays.toml`` lists the days that are holidays in a part of
one. How rules act together is settled here, to the letter of
https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification:

- a rule replaces all earlier ones on the days that it covers, the end of the night before included,
  unless a comma or ``||`` joins it, or it closes;
- a rule that closes, or is joined by a comma, is laid over the earlier ones;
- a rule behind ``||`` fills what is closed;
- hours beyond midnight belong to the day on which they begin;
- an open end is unknown for as long as the place may be open;
- where every rule closes, as in "PH off", the times that none covers are unknown: nobody writes
  when a place is closed that is never open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, State

from geo.files import read_table
from geo.model import Point
from geo.places.opening_rules import DaySelector, OpenState, Rule, Rules
from geo.places.opening_times import DAY, TimeOfDay, TimeSpan, UnreadableHours

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

    Raises
    ------
    UnreadableHours
        The engine cannot read a selector.
    """
    return any(_is_open(parse_selector(selector), day) for selector in selectors)


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
    change = _sun_hours(event, point).next_change(datetime.combine(day, time()))
    if change is None or change.date() != day:
        return None
    return change.hour * 60 + change.minute


@lru_cache(maxsize=4_096)
def parse_selector(selector: str) -> OpeningHours:
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
    """Let the engine read the days of all rules.

    Raises
    ------
    UnreadableHours
        It cannot.
    """
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
