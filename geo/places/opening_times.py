"""Tokens of opening hours, and the times of a rule in minutes.

The words of https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification stand for those
that people write in several languages (``data/opening_words.toml``). It knows the clock of 24 hours
alone: "9am-5pm" is read by its letters; "11-8" and "7-9pm" can be meant in two ways, and are read
as the specification says or as people may mean them, whichever is asked for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from geo.files import read_table

Kind = Literal[
    "day", "month", "holiday", "week", "easter", "shift", "always", "state", "comment",
    "sun", "time", "number", "year", "symbol",
]  # fmt: skip

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_MONTHS = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(DAYS, "day"),
    **dict.fromkeys(_MONTHS, "month"),
    **dict.fromkeys(("PH", "SH"), "holiday"),
    **dict.fromkeys(("open", "off", "unknown"), "state"),
    **dict.fromkeys(("dawn", "sunrise", "sunset", "dusk"), "sun"),
    "week": "week",
    "easter": "easter",
    "day": "shift",
    "24/7": "always",
}
_COMMENT = re.compile(r'("[^"]*")')
_DASHES = re.compile(r"[‐‑‒–—―−~～→]")
_HALVES = re.compile(r"(?<![^\W\d_])([ap])\.\s?m\.?(?![^\W_])", re.IGNORECASE)
_TO_SATURDAY = re.compile(r"[a-z]\s*-\s*sa", re.IGNORECASE)
_WEEKEND_WORDS = frozenset({"sa", "sab", "sáb"})
"""With no other day but these, "Do" is Sunday as likely as Thursday: "Sa-Do", "Sa,Di"."""

_QUOTES = re.compile(r"[„“”«»‚‘’「」『』']")
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<time>(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2})(?!\d)(?:\s*h(?![^\W_]))?
        |\s*(?P<h>h)(?![^\W_])|(?=\s*[ap]\.?m\b))(?:\s*(?P<half>[ap])\.?m\b\.?)?)
    | (?P<comment>"[^"]*")
    | (?P<word>24/7|[A-Za-z]+)
    | (?P<year>(?:19|20|21)\d\d)(?!\d)
    | (?P<number>\d{1,3})(?:st|nd|rd|th)?(?![^\W_])
    | (?P<symbol>\|\||[-;,:+/()\[\]])
    )""",
    re.VERBOSE | re.IGNORECASE,
)


class UnreadableHours(ValueError):
    """Opening hours whose meaning is not certain; the state they give is unknown."""


@dataclass(frozen=True, slots=True)
class HoursToken:
    """One word, number, time or symbol.

    Attributes
    ----------
    text
        As the specification writes it.
    minutes
        Of a time: since midnight; of a number: the same if it were an hour.
    half
        "a" or "p" of a time with a.m. or p.m.
    is_24h
        Whether a time must be written by the clock of 24 hours, as "09:00" and "14:30" are.
    """

    kind: Kind
    text: str
    minutes: int = 0
    half: str = ""
    is_24h: bool = False


class Cursor:
    """Tokens, read once from left to right."""

    def __init__(self, tokens: list[HoursToken]) -> None:
        self.tokens = tokens
        self._at = 0

    @property
    def is_at_end(self) -> bool:
        """Whether all are read."""
        return self._at == len(self.tokens)

    def peek(self, ahead: int = 0) -> HoursToken | None:
        """Return a token that comes, the next one first; None behind the last."""
        at = self._at + ahead
        return self.tokens[at] if 0 <= at < len(self.tokens) else None

    def kind(self, ahead: int = 0) -> Kind | None:
        """Return the kind of a token that comes."""
        token = self.peek(ahead)
        return None if token is None else token.kind

    def symbol(self, ahead: int = 0) -> str:
        """Return a symbol that comes; empty where something else does."""
        token = self.peek(ahead)
        return token.text if token is not None and token.kind == "symbol" else ""

    def next(self, *kinds: Kind) -> HoursToken:
        """Take a token; `UnreadableHours` where there is none, or none of these kinds."""
        token = self.peek()
        if token is None or (kinds and token.kind not in kinds):
            raise UnreadableHours("an end" if token is None else token.text)
        self._at += 1
        return token

    def accept(self, symbol: str) -> bool:
        """Take a symbol if it comes next."""
        if self.symbol() != symbol:
            return False
        self._at += 1
        return True

    def expect(self, symbol: str) -> None:
        """Take a symbol; `UnreadableHours` where it does not come next."""
        if not self.accept(symbol):
            raise UnreadableHours(f"{symbol} is expected")


def tokenize(text: str) -> list[HoursToken]:
    """Return the tokens of opening hours.

    Raises
    ------
    UnreadableHours
        There is something that no word or number of the specification stands for.
    """
    text = _DASHES.sub("-", unicodedata.normalize("NFKC", _DASHES.sub("-", text)))
    if '"' not in text or text.count('"') % 2:
        text = _QUOTES.sub('"', text)
    tokens: list[HoursToken] = []
    for part in _COMMENT.split(text):
        if part.startswith('"') and part.endswith('"') and len(part) > 1:
            tokens.append(HoursToken("comment", part))
        else:
            tokens += _tokens(_standard_words(part))
    return tokens


def _tokens(text: str) -> list[HoursToken]:
    tokens = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise UnreadableHours(text[at : at + 20])
        tokens.append(_token(match))
        at = match.end()
    return tokens


def _token(match: re.Match[str]) -> HoursToken:
    if match["time"]:
        minutes = int(match["hour"]) * 60 + int(match["minute"] or 0)
        is_certain = match["hour"].startswith("0") or minutes >= 13 * 60 or match["h"] is not None
        if int(match["minute"] or 0) > 59:
            raise UnreadableHours(match["time"])
        return HoursToken(
            "time", match["time"], minutes, (match["half"] or "").casefold(), is_certain
        )
    if comment := match["comment"]:
        return HoursToken("comment", comment)
    if word := match["word"]:
        kind = _KINDS.get(word)
        if kind is None:
            raise UnreadableHours(word)
        return HoursToken(kind, word)
    if number := match["number"]:
        is_certain = number.startswith("0") or int(number) >= 13
        return HoursToken("number", str(int(number)), int(number) * 60, is_24h=is_certain)
    if year := match["year"]:
        return HoursToken("year", year)
    return HoursToken("symbol", match["symbol"])


def _standard_words(text: str) -> str:
    """Return a text with every known word as the specification writes it."""
    text = _HALVES.sub(r"\1m", text)
    words, pattern, ambiguous, others = _words()
    found = {match["word"].casefold() for match in pattern.finditer(text)}
    if found & ambiguous and found & others:
        raise UnreadableHours("days of two languages")
    days = found & ambiguous - {"mar"}
    if len(days) == 1 and found <= {*days, *_WEEKEND_WORDS} and not _TO_SATURDAY.search(text):
        raise UnreadableHours("a day that two languages read differently")
    return pattern.sub(lambda match: f" {words[match['word'].casefold()]} ", text)


@cache
def _words() -> tuple[dict[str, str], re.Pattern[str], frozenset[str], frozenset[str]]:
    """Return the words, a pattern of them, those of two meanings, and those that cast doubt."""
    table = read_table("opening_words")
    ambiguous = {key: row for key, row in table["ambiguous"].items() if key != "other"}
    groups = (table["days"], table["months"], table["others"], ambiguous)
    words = {word: key for group in groups for key, row in group.items() for word in row}
    choices = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    # A word begins where no letter stands before it, and ends where none follows; "24/7" is no
    # word within "week 1-24/7".
    word_start = r"(?<![^\W\d_])(?:(?!\d)|(?<![\d-]))"
    pattern = re.compile(rf"{word_start}(?P<word>{choices})(?![^\W\d_])\.?", re.IGNORECASE)
    return (
        words,
        pattern,
        frozenset(word for row in ambiguous.values() for word in row),
        frozenset(table["ambiguous"]["other"]),
    )


DAY = 24 * 60
"""Minutes."""

_NOON = 12 * 60
_FIRST_OPENING = 7 * 60
"""No place that leaves out its p.m. opens earlier in the morning; a judgement."""

CLOCKS: tuple[Kind, ...] = ("time", "number", "sun")


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A time of day: minutes since midnight, or before or after an event of the sun.

    The event is "dawn", "sunrise", "sunset" or "dusk", or empty for a fixed time. Minutes go up to
    48 hours: what is beyond 24 is on the next day.
    """

    minutes: int
    event: str = ""


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """From one time to another, the next day's where it is not later.

    If the end is open, it is a guess, so that nobody knows the state within.
    """

    start: TimeOfDay
    end: TimeOfDay
    is_open_end: bool = False


_Pair = tuple[HoursToken | None, HoursToken | None]
"""What a span was written as; None for the sun and for what was not written."""


def read_times(cursor: Cursor, *, is_12h: bool) -> tuple[TimeSpan, ...]:
    """Read spans of time.

    If ``is_12h``, what can be meant by a clock of twelve hours is read so.
    """
    spans: list[TimeSpan] = []
    pairs: list[_Pair] = []
    while True:
        start, first = _clock(cursor)
        if cursor.accept("+"):
            spans.append(_open_end(start))
            pairs.append((first, None))
        else:
            cursor.expect("-")
            end, last = _clock(cursor)
            _check_hours(first, last)
            spans.append(TimeSpan(start, end))
            pairs.append((first, last))
            if cursor.accept("+"):
                spans.append(_open_end(_end_of(start, end)))
                pairs.append((None, None))
        if not _continues(cursor):
            break
    return _apply_clock(cursor, tuple(spans), pairs, is_12h=is_12h)


def _continues(cursor: Cursor) -> bool:
    """Take a comma before one more span, which may be missing before a time."""
    comma = int(cursor.symbol() == ",")
    if cursor.kind(comma) == "number":
        continues = comma == 1 and cursor.symbol(2) in ("-", "+")
    else:
        continues = cursor.kind(comma) in ("time", "sun") or cursor.symbol(comma) == "("
    if continues and comma:
        cursor.next()
    return continues


def _clock(cursor: Cursor) -> tuple[TimeOfDay, HoursToken | None]:
    if cursor.accept("("):
        event = cursor.next("sun").text
        sign = 1 if cursor.accept("+") else -1
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


def _apply_clock(
    cursor: Cursor, spans: tuple[TimeSpan, ...], pairs: list[_Pair], *, is_12h: bool
) -> tuple[TimeSpan, ...]:
    """Return spans with a.m. and p.m. applied, and by a clock of twelve hours if asked."""
    if any(token.half for pair in pairs for token in pair if token is not None):
        return tuple(
            _apply_halves(span, *pair, is_12h=is_12h)
            for span, pair in zip(spans, pairs, strict=True)
        )
    if is_12h and _may_be_12h(cursor.tokens, spans):
        return tuple(_in_12h(span) for span in spans)
    return spans


def _apply_halves(
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
    """Return whether all times of a text may lack their p.m., and some look as if they did."""
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


def _end_of(start: TimeOfDay, end: TimeOfDay) -> TimeOfDay:
    """Return the end of a span, on the next day where the span goes beyond midnight."""
    is_next_day = not (start.event or end.event) and end.minutes <= start.minutes
    return TimeOfDay(end.minutes + DAY) if is_next_day else end


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
