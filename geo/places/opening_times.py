"""The times of a rule of opening hours, in minutes, with open ends and clocks of twelve hours.

https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification knows the clock of 24 hours
alone. "9am-5pm" is read by its letters; "11-8" and "7-9pm" can be meant in two ways, and are read
as the specification says or as people may mean them, whichever is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from geo.places.opening_tokens import Cursor, HoursToken, Kind, UnreadableHours

DAY = 24 * 60
"""Minutes."""

_NOON = 12 * 60
_FIRST_OPENING = 7 * 60
"""No place that leaves out its p.m. opens earlier in the morning; a judgement."""

CLOCKS: tuple[Kind, ...] = ("time", "number", "sun")


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A time of day: minutes since midnight, or before or after an event of the sun.

    Attributes
    ----------
    minutes
        Up to 48 hours: what is beyond 24 is on the next day.
    event
        "dawn", "sunrise", "sunset" or "dusk"; empty for a fixed time.
    """

    minutes: int
    event: str = ""


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """From one time to another, the next day's where it is not later.

    Attributes
    ----------
    is_open_end
        Whether the end is a guess, so that nobody knows the state within.
    """

    start: TimeOfDay
    end: TimeOfDay
    is_open_end: bool = False


_Pair = tuple[HoursToken | None, HoursToken | None]
"""What a span was written as; None for the sun and for what was not written."""


def read_times(cursor: Cursor, *, is_12h: bool) -> tuple[TimeSpan, ...]:
    """Read spans of time.

    Parameters
    ----------
    is_12h
        Whether what can be meant by a clock of twelve hours is read so.
    """
    spans: list[TimeSpan] = []
    pairs: list[_Pair] = []
    while True:
        start, first = _clock(cursor)
        if cursor.take("+"):
            spans.append(_open_end(start))
            pairs.append((first, None))
        else:
            cursor.expect("-")
            end, last = _clock(cursor)
            _check_hours(first, last)
            spans.append(TimeSpan(start, end))
            pairs.append((first, last))
            if cursor.take("+"):
                spans.append(_open_end(_after(start, end)))
                pairs.append((None, None))
        if not _goes_on(cursor):
            break
    return _by_clock(cursor, tuple(spans), pairs, is_12h=is_12h)


def _goes_on(cursor: Cursor) -> bool:
    """Take a comma before one more span, which may be missing before a time."""
    comma = int(cursor.symbol() == ",")
    if cursor.kind(comma) == "number":
        goes_on = comma == 1 and cursor.symbol(2) in ("-", "+")
    else:
        goes_on = cursor.kind(comma) in ("time", "sun") or cursor.symbol(comma) == "("
    if goes_on and comma:
        cursor.next()
    return goes_on


def _clock(cursor: Cursor) -> tuple[TimeOfDay, HoursToken | None]:
    if cursor.take("("):
        event = cursor.next("sun").text
        sign = 1 if cursor.take("+") else -1
        if sign < 0:
            cursor.expect("-")
        minutes = cursor.next("time").minutes
        cursor.expect(")")
        return TimeOfDay(sign * minutes, event), None
    token = cursor.next(*CLOCKS)
    if token.kind == "sun":
        return TimeOfDay(0, token.text), None
    if token.minutes > (DAY if token.kind == "number" else 2 * DAY):
        raise UnreadableHours(token.text)
    return TimeOfDay(token.minutes), token


def _check_hours(first: HoursToken | None, last: HoursToken | None) -> None:
    """Refuse "11-11", which may be a day of the year."""
    if first is None or last is None or first.kind != "number" or last.kind != "number":
        return
    if first.minutes == last.minutes:
        raise UnreadableHours(f"{first.text}-{last.text}")


def _by_clock(
    cursor: Cursor, spans: tuple[TimeSpan, ...], pairs: list[_Pair], *, is_12h: bool
) -> tuple[TimeSpan, ...]:
    """Return spans with a.m. and p.m. applied, and by a clock of twelve hours if asked."""
    if any(token.half for pair in pairs for token in pair if token is not None):
        return tuple(
            _by_halves(span, *pair, is_12h=is_12h) for span, pair in zip(spans, pairs, strict=True)
        )
    if is_12h and _may_be_12h(cursor.tokens, spans):
        return tuple(_in_12h(span) for span in spans)
    return spans


def _by_halves(
    span: TimeSpan, start: HoursToken | None, end: HoursToken | None, *, is_12h: bool
) -> TimeSpan:
    if span.is_open_end:
        if start is None:
            raise UnreadableHours("an open end behind a.m. or p.m.")
        return _open_end(TimeOfDay(_minutes(start, start.half)))
    if start is None or end is None:  # the sun at one end or both
        first_clock = span.start if start is None else TimeOfDay(_minutes(start, start.half))
        return TimeSpan(
            first_clock, span.end if end is None else TimeOfDay(_minutes(end, end.half))
        )
    first, last = _minutes(start, start.half), _minutes(end, end.half)
    # "7-9pm" begins in the morning or the evening, "9am-5" ends at either; "9-5pm" is sure.
    if is_12h and end.half and not start.half and start.minutes < 13 * 60:
        later = _minutes(start, end.half)
        first = later if later < last else first
    if is_12h and start.half and not end.half and end.minutes < 13 * 60:
        last = _minutes(end, "p")
    return TimeSpan(TimeOfDay(first), TimeOfDay(last))


def _may_be_12h(tokens: Iterable[HoursToken], spans: Iterable[TimeSpan]) -> bool:
    """Say whether all times of a text may lack their p.m., and some look as if they did."""
    times = [token for token in tokens if token.kind in ("time", "number")]
    if any(token.is_24h or token.half for token in times):
        return False
    last = 0
    for span in spans:
        if span.start.event or span.end.event:
            return False
        if span.end.minutes <= span.start.minutes or span.start.minutes < last:
            return True
        last = span.end.minutes
    return False


def _open_end(start: TimeOfDay) -> TimeSpan:
    """Return the span within which a place with an open end may close.

    How long it lasts is a convention of the evaluation tools: eight hours from 22:00 on, ten from
    17:00 on, else the day's rest.
    """
    sun = {"sunset": 18, "dusk": 18}
    hour = sun.get(start.event, 0) if start.event else start.minutes // 60
    if hour < 17:
        return TimeSpan(start, TimeOfDay(DAY), is_open_end=True)
    length = 8 * 60 if hour >= 22 else 10 * 60
    return TimeSpan(start, TimeOfDay(start.minutes + length, start.event), is_open_end=True)


def _after(start: TimeOfDay, end: TimeOfDay) -> TimeOfDay:
    """Return the end of a span, on the next day where the span goes beyond midnight."""
    wraps = not (start.event or end.event) and end.minutes <= start.minutes
    return TimeOfDay(end.minutes + DAY) if wraps else end


def _minutes(token: HoursToken, half: str) -> int:
    """Return the minutes of a time in a half of the day, "a", "p" or unsaid."""
    if not half:
        return token.minutes
    if not 60 <= token.minutes < 13 * 60:
        raise UnreadableHours(token.text)
    return token.minutes % _NOON + (_NOON if half == "p" else 0)


def _in_12h(span: TimeSpan) -> TimeSpan:
    """Return a span whose p.m. were left out."""
    start, end = span.start.minutes, span.end.minutes
    start += _NOON if start < _FIRST_OPENING else 0
    while end <= start:
        end += _NOON
    return TimeSpan(TimeOfDay(start), TimeOfDay(end), span.is_open_end)
