"""Parser of opening hours: which days each rule covers, at which times, with which state.

The grammar is that of https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification, read as
its evaluation tools read it: blanks and separators may be missing or too many, and the parts of a
rule may stand in any order, each once. Where a text can be meant in two ways, both are returned;
where it can be read in none, it is refused, for no answer is better than a wrong one.

Days stay text, for the engine that knows weeks, years and Easter; holidays are kept apart, for they
depend on the country.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

from geo.places.opening_times import (
    CLOCKS,
    Cursor,
    HoursToken,
    Kind,
    TimeSpan,
    UnreadableHours,
    read_times,
    tokenize,
)

Holiday = Literal["PH", "SH"]

DATES: tuple[Kind, ...] = ("year", "month", "week", "easter")
DAYS_AND_HOLIDAYS: tuple[Kind, ...] = ("day", "holiday")


@dataclass(frozen=True, slots=True)
class DaySelector:
    """Days; both parts must hold where both are there.

    ``text`` is as the specification writes it, as "Jan-Mar Mo-Fr"; empty for every day.
    """

    text: str = ""
    holiday: Holiday | None = None
    shift_days: int = 0

    def within(self, dates: str) -> DaySelector:
        """Return those of these days that lie in a part of the year."""
        return DaySelector(f"{dates} {self.text}".strip(), self.holiday, self.shift_days)


def is_day_of_month(cursor: Cursor) -> bool:
    """Return whether "1 May" comes next."""
    token = cursor.peek()
    if token is None or token.kind != "number" or cursor.kind(1) != "month":
        return False
    return int(token.text) <= 31


def read_dates(cursor: Cursor) -> str:
    """Read years, months, dates, weeks and Easter; return them as the engine reads them."""
    words: list[str] = []
    month = ""
    while not cursor.is_at_end:
        if is_day_of_month(cursor):
            number, month = cursor.next().text, cursor.next().text
            words += [month, number]
        elif cursor.kind() in DATES:
            month = cursor.next().text
            words.append(month)
        elif cursor.kind() == "number" and _is_date(words):
            words.append(cursor.next().text)
        elif _is_nth_in_range(cursor, words):
            words.append(_weekdays(cursor))
        elif _is_shift(cursor):
            words.append(_shift_text(cursor))
        elif cursor.symbol() in ("-", "/", "+"):
            words.append(cursor.next().text)
        elif cursor.symbol() == "," and _continues(cursor, words):
            cursor.next()
            # The engine wants the month again: "Dec 24,31" is "Dec 24,Dec 31".
            repeats_month = cursor.kind() == "number" and not is_day_of_month(cursor)
            words += [",", month] if repeats_month and words[0] != "week" else [","]
        else:
            break
    return _join(words)


def _is_date(words: list[str]) -> bool:
    """Return whether a number is a day or a week, not an hour, by what stands before it."""
    return bool(words) and (words[-1] in ("-", "/", ",") or words[-1].isalpha())


def _continues(cursor: Cursor, words: list[str]) -> bool:
    """Whether days go on behind a comma: those of "Dec 24,31" do, "Dec 24, 9-12" does not."""
    if cursor.kind(1) in DATES:
        return True
    if cursor.kind(1) != "number" or not words:
        return False
    if cursor.kind(2) == "month" or words[0] == "week":
        return True
    is_span = cursor.symbol(2) == "-"
    has_days = any(word.isdigit() and len(word) < 3 for word in words)
    return has_days and not is_span


def _is_nth_in_range(cursor: Cursor, words: list[str]) -> bool:
    """Return whether "Su[-1]" comes next as an end of a range, as in "Mar Su[-1]-Oct Su[-1]"."""
    if cursor.kind() != "day" or cursor.symbol(1) != "[" or not words or not words[-1].isalpha():
        return False
    ahead = 2
    while cursor.symbol(ahead) != "]":
        if cursor.peek(ahead) is None:
            return False
        ahead += 1
    begins_range = cursor.symbol(ahead + 1) == "-" and cursor.kind(ahead + 2) in DATES
    # "Mar-Oct Su[1]" are all first Sundays from March to October.
    return begins_range or (words[-2:-1] == ["-"] and not words[-3].isalpha())


def read_days(cursor: Cursor) -> tuple[DaySelector, ...]:
    """Read weekdays and holidays: "PH,Mo-Fr" is either, "PH Mo-Fr" is both."""
    found: list[DaySelector] = []
    words: list[str] = []
    shared: Holiday | None = None
    while cursor.kind() in DAYS_AND_HOLIDAYS:
        if cursor.kind() == "day":
            words.append(_weekdays(cursor))
        else:
            holiday: Holiday = "PH" if cursor.next().text == "PH" else "SH"
            shift = _shift(cursor) if _is_shift(cursor) else 0
            if cursor.kind() == "day" and not shift:
                shared = holiday
                continue
            found.append(DaySelector("", holiday, shift))
        if not (cursor.symbol() == "," and cursor.kind(1) in DAYS_AND_HOLIDAYS):
            break
        cursor.next()
    if shared is not None and (found or not words):
        raise UnreadableHours("a holiday beside days and others")
    if words:
        found.append(DaySelector(",".join(words), shared))
    return tuple(found)


def _weekdays(cursor: Cursor) -> str:
    text = cursor.next("day").text
    if cursor.accept("["):
        text += "["
        while cursor.kind() == "number" or cursor.symbol() in ("-", ","):
            text += cursor.next().text
        cursor.expect("]")
        return f"{text}] {_shift_text(cursor)}" if _is_shift(cursor) else f"{text}]"
    if cursor.accept("-"):
        text += f"-{cursor.next('day').text}"
    return text


def _is_shift(cursor: Cursor) -> bool:
    """Return whether "+1 day" comes next."""
    return (
        cursor.symbol() in ("+", "-") and cursor.kind(1) == "number" and cursor.kind(2) == "shift"
    )


def _shift(cursor: Cursor) -> int:
    sign, days = cursor.next().text, int(cursor.next().text)
    cursor.next()
    return days if sign == "+" else -days


def _shift_text(cursor: Cursor) -> str:
    days = _shift(cursor)
    return f"{days:+d} day" if abs(days) == 1 else f"{days:+d} days"


def _join(words: list[str]) -> str:
    """Return the words of a date with blanks where the specification has them."""
    text = ""
    for word in words:
        is_joined = not text or text[-1] in "-,/" or word in ("-", ",", "/", "+")
        text += word if is_joined else f" {word}"
    return text


OpenState = Literal["open", "closed", "unknown"]
Relation = Literal["normal", "additional", "fallback"]

_STATES: dict[str, OpenState] = {"open": "open", "off": "closed", "unknown": "unknown"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its days, and its times on them; no days are every day, no times the whole day."""

    days: tuple[DaySelector, ...]
    times: tuple[TimeSpan, ...]
    state: OpenState
    relation: Relation


Rules = tuple[Rule, ...]


def parse_rules(text: str) -> tuple[Rules, ...]:
    """Return what opening hours can mean: one meaning, seldom several.

    They can mean several where times may be those of a clock of twelve hours, as in "11-8", and
    where a rule of times alone follows one with days, as in "Mo-Fr 08:00-12:00; 13:30-18:00".

    Raises
    ------
    UnreadableHours
        They can mean nothing.
    """
    tokens = tokenize(text)
    meanings = [
        _Parser(tokens, is_12h=is_12h, keeps_days=keeps_days).rules()
        for is_12h, keeps_days in product((False, True), repeat=2)
    ]
    return tuple(dict.fromkeys(meanings))


@dataclass(slots=True)
class _RuleDraft:
    """A rule while it is read: None for what has not been met yet."""

    dates: str | None = None
    days: tuple[DaySelector, ...] | None = None
    times: tuple[TimeSpan, ...] | None = None
    state: OpenState | None = None
    comment: str | None = None
    is_always: bool = False

    @property
    def is_empty(self) -> bool:
        parts = (self.dates, self.days, self.times, self.state, self.comment)
        return not self.is_always and all(part is None for part in parts)

    @property
    def has_days_only(self) -> bool:
        """Whether it gives days alone."""
        parts = (self.times, self.state, self.comment)
        return not self.is_always and all(part is None for part in parts)


class _Parser:
    def __init__(self, tokens: list[HoursToken], *, is_12h: bool, keeps_days: bool) -> None:
        self._cursor = Cursor(tokens)
        self._keeps_days = keeps_days
        self._is_12h = is_12h

    def rules(self) -> Rules:
        rules: list[Rule] = []
        days_only: set[int] = set()
        relation: Relation = "normal"
        while not self._cursor.is_at_end:
            draft = self._draft()
            if not draft.is_empty:
                days_only |= {len(rules)} if draft.has_days_only else set()
                rules.append(self._rule(draft, relation, rules))
            relation = self._separator(relation, is_empty=draft.is_empty)
        if not rules or relation == "fallback":
            raise UnreadableHours("a rule is missing")
        if any(rule.times for rule in rules):
            # Days alone beside hours, as in "Mo-Fr 09:00-17:00; Sa": these have hours too.
            rules = [
                replace(rule, state="unknown") if number in days_only else rule
                for number, rule in enumerate(rules)
            ]
        return tuple(rules)

    def _separator(self, previous: Relation, *, is_empty: bool) -> Relation:
        """Take what stands between two rules; return how the next one joins."""
        if self._cursor.is_at_end:
            return "normal"
        if self._cursor.accept("||"):
            return "fallback"
        if self._cursor.accept(","):  # what a comma joins to a rule behind "||" is of its kind
            return "fallback" if previous == "fallback" else "additional"
        if self._cursor.accept(";"):
            return previous if is_empty and previous == "fallback" else "normal"
        raise UnreadableHours(self._cursor.next().text)

    def _draft(self) -> _RuleDraft:
        """Read the parts of a rule, in any order, each once."""
        draft = _RuleDraft()
        while (part := self._next_part()) is not None:
            name, read = part
            if getattr(draft, name):
                raise UnreadableHours(f"two {name} in a rule")
            setattr(draft, name, read())
            self._cursor.accept(":")
        return draft

    def _next_part(self) -> tuple[str, Callable[[], object]] | None:
        """Return the name of the part that comes next and what reads it; None at a separator."""
        cursor = self._cursor
        if is_day_of_month(cursor):
            return "dates", lambda: read_dates(cursor)
        times = ("times", lambda: read_times(cursor, is_12h=self._is_12h))
        if cursor.symbol() == "(":
            return times
        readers: dict[Kind | None, tuple[str, Callable[[], object]]] = {
            **dict.fromkeys(DATES, ("dates", lambda: read_dates(cursor))),
            **dict.fromkeys(DAYS_AND_HOLIDAYS, ("days", lambda: read_days(cursor))),
            **dict.fromkeys(CLOCKS, times),
            "state": ("state", lambda: _STATES[cursor.next().text]),
            "comment": ("comment", lambda: cursor.next().text),
            "always": ("is_always", lambda: bool(cursor.next())),
        }
        return readers.get(cursor.kind())

    def _rule(self, draft: _RuleDraft, relation: Relation, previous: list[Rule]) -> Rule:
        days = draft.days or ()
        if draft.dates is not None:
            days = tuple(day.within(draft.dates) for day in days or (DaySelector(),))
        if draft.is_always and draft.times:
            raise UnreadableHours("24/7 beside times")
        if draft.state == "closed" and _has_span_in_another(draft.times or ()):
            raise UnreadableHours("a break within the hours that it closes")
        state = draft.state or ("unknown" if draft.comment is not None else "open")
        follows_hours = bool(previous) and previous[-1].state == "open" and bool(previous[-1].times)
        if self._keeps_days and follows_hours and draft.times and not days and relation == "normal":
            return Rule(previous[-1].days, draft.times, state, "additional")
        return Rule(days, draft.times or (), state, relation)


def _has_span_in_another(times: tuple[TimeSpan, ...]) -> bool:
    """Whether a span lies in an earlier one, as in "09:00-17:00, 12:00-13:00 off".

    The grammar closes both; meant is a break at noon.
    """
    fixed = [
        (one.start.minutes, one.end.minutes)
        for one in times
        if not (one.start.event or one.end.event)
    ]
    return any(
        previous[0] <= span[0] and span[1] <= previous[1]
        for number, span in enumerate(fixed)
        for previous in fixed[:number]
    )
