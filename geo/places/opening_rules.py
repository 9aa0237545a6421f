"""Opening hours as rules: which days each covers, at which times, and what it makes of them.

The grammar is that of https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification, read as
its evaluation tools read it: blanks and separators may be missing or too many, and the parts of a
rule may stand in any order, each once. Where a text can be meant in two ways, both are returned;
where it can be read in none, it is refused, for no answer is better than a wrong one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

from geo.places.opening_days import NARROW, WIDE, DaySelector, is_day_of_month, read_days, read_wide
from geo.places.opening_times import CLOCKS, TimeSpan, read_times
from geo.places.opening_tokens import Cursor, HoursToken, Kind, UnreadableHours, tokenize

OpenState = Literal["open", "closed", "unknown"]
Relation = Literal["normal", "additional", "fallback"]

_STATES: dict[str, OpenState] = {"open": "open", "off": "closed", "unknown": "unknown"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes
    ----------
    days
        Any of these; empty for every day.
    times
        Any of these; empty for the whole day.
    """

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

    wide: str | None = None
    days: tuple[DaySelector, ...] | None = None
    times: tuple[TimeSpan, ...] | None = None
    state: OpenState | None = None
    comment: str | None = None
    is_always: bool = False

    @property
    def is_empty(self) -> bool:
        parts = (self.wide, self.days, self.times, self.state, self.comment)
        return not self.is_always and all(part is None for part in parts)

    @property
    def is_bare(self) -> bool:
        """Whether it gives days alone."""
        parts = (self.times, self.state, self.comment)
        return not self.is_always and all(part is None for part in parts)


class _Parser:
    """Reads the rules of a text."""

    def __init__(self, tokens: list[HoursToken], *, is_12h: bool, keeps_days: bool) -> None:
        self._cursor = Cursor(tokens)
        self._keeps_days = keeps_days
        self._is_12h = is_12h

    def rules(self) -> Rules:
        rules: list[Rule] = []
        bare: set[int] = set()
        relation: Relation = "normal"
        while not self._cursor.is_at_end:
            draft = self._draft()
            if not draft.is_empty:
                bare |= {len(rules)} if draft.is_bare else set()
                rules.append(self._rule(draft, relation, rules))
            relation = self._separator(relation, is_empty=draft.is_empty)
        if not rules or relation == "fallback":
            raise UnreadableHours("a rule is missing")
        if any(rule.times for rule in rules):
            # Days alone beside hours, as in "Mo-Fr 09:00-17:00; Sa": these have hours too.
            rules = [
                replace(rule, state="unknown") if number in bare else rule
                for number, rule in enumerate(rules)
            ]
        return tuple(rules)

    def _separator(self, before: Relation, *, is_empty: bool) -> Relation:
        """Take what stands between two rules; return how the next one joins."""
        if self._cursor.is_at_end:
            return "normal"
        if self._cursor.take("||"):
            return "fallback"
        if self._cursor.take(","):  # what a comma joins to a rule behind "||" is of its kind
            return "fallback" if before == "fallback" else "additional"
        if self._cursor.take(";"):
            return before if is_empty and before == "fallback" else "normal"
        raise UnreadableHours(self._cursor.next().text)

    def _draft(self) -> _RuleDraft:
        """Read the parts of a rule, in any order, each once."""
        draft = _RuleDraft()
        while (part := self._next_part()) is not None:
            name, read = part
            if getattr(draft, name):
                raise UnreadableHours(f"two {name} in a rule")
            setattr(draft, name, read())
            self._cursor.take(":")
        return draft

    def _next_part(self) -> tuple[str, Callable[[], object]] | None:
        """Return the name of the part that comes next and what reads it; None at a separator."""
        cursor = self._cursor
        if is_day_of_month(cursor):
            return "wide", lambda: read_wide(cursor)
        times = ("times", lambda: read_times(cursor, is_12h=self._is_12h))
        if cursor.symbol() == "(":
            return times
        readers: dict[Kind | None, tuple[str, Callable[[], object]]] = {
            **dict.fromkeys(WIDE, ("wide", lambda: read_wide(cursor))),
            **dict.fromkeys(NARROW, ("days", lambda: read_days(cursor))),
            **dict.fromkeys(CLOCKS, times),
            "state": ("state", lambda: _STATES[cursor.next().text]),
            "comment": ("comment", lambda: cursor.next().text),
            "always": ("is_always", lambda: bool(cursor.next())),
        }
        return readers.get(cursor.kind())

    def _rule(self, draft: _RuleDraft, relation: Relation, before: list[Rule]) -> Rule:
        days = draft.days or ()
        if draft.wide is not None:
            days = tuple(day.within(draft.wide) for day in days or (DaySelector(),))
        if draft.is_always and draft.times:
            raise UnreadableHours("24/7 beside times")
        if draft.state == "closed" and _has_span_in_another(draft.times or ()):
            raise UnreadableHours("a break within the hours that it closes")
        state = draft.state or ("unknown" if draft.comment is not None else "open")
        follows_hours = bool(before) and before[-1].state == "open" and bool(before[-1].times)
        if self._keeps_days and follows_hours and draft.times and not days and relation == "normal":
            return Rule(before[-1].days, draft.times, state, "additional")
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
        before[0] <= span[0] and span[1] <= before[1]
        for number, span in enumerate(fixed)
        for before in fixed[:number]
    )
