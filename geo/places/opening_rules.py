"""Opening hours as rules: which days each covers, at which times, and what it makes of them.

The grammar is that of https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification, read as
its evaluation tools read it: blanks and separators may be missing or too many, and the parts of a
rule may stand in any order, each once. Where a text can be meant in two ways, both are returned;
where it can be read in none, it is refused, for no answer is better than a wrong one.

Days stay text of the specification, for the engine that knows weeks, years, Easter and holidays;
times are minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Literal

from geo.places.opening_tokens import Kind, Token, UnreadableHours, tokenize

OpenState = Literal["open", "closed", "unknown"]
Relation = Literal["normal", "additional", "fallback"]
Holiday = Literal["PH", "SH"]

_DAY = 24 * 60
_NOON = 12 * 60
_WIDE: tuple[Kind, ...] = ("year", "month", "week", "easter")
_NARROW: tuple[Kind, ...] = ("day", "holiday")
_TIMES: tuple[Kind, ...] = ("time", "number", "sun")
_STATES: dict[str, OpenState] = {"open": "open", "off": "closed", "unknown": "unknown"}


@dataclass(frozen=True, slots=True)
class Clock:
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

    start: Clock
    end: Clock
    is_open_end: bool = False


@dataclass(frozen=True, slots=True)
class DaySelector:
    """Days of which one is enough; both parts must hold where both are there.

    Attributes
    ----------
    text
        As the specification writes it, as "Jan-Mar Mo-Fr"; empty for every day.
    holiday
        The kind of holiday that it must be, if any.
    shift_days
        How many days after the holiday.
    """

    text: str = ""
    holiday: Holiday | None = None
    shift_days: int = 0


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
class _Draft:
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


class _Parser:
    """Reads tokens once, from left to right."""

    def __init__(self, tokens: list[Token], *, is_12h: bool, keeps_days: bool) -> None:
        self._tokens = tokens
        self._at = 0
        self._keeps_days = keeps_days
        self._is_12h = is_12h

    def rules(self) -> Rules:
        rules: list[Rule] = []
        relation: Relation = "normal"
        while self._at < len(self._tokens):
            draft = self._draft()
            if not draft.is_empty:
                rules.append(self._rule(draft, relation, rules))
            relation = self._separator(relation if draft.is_empty else "normal")
        if not rules or relation == "fallback":
            raise UnreadableHours("a rule is missing")
        return tuple(rules)

    def _separator(self, relation: Relation) -> Relation:
        """Take what stands between two rules; return how the next one joins."""
        if self._at == len(self._tokens):
            return "normal"
        if self._take("||"):
            return "fallback"
        if self._take(","):
            return "additional"
        if self._take(";"):
            return relation if relation == "fallback" else "normal"
        raise UnreadableHours(self._tokens[self._at].text)

    def _draft(self) -> _Draft:
        """Read the parts of a rule, in any order, each once."""
        draft = _Draft()
        while (part := self._next_part()) is not None:
            name, read = part
            if getattr(draft, name):
                raise UnreadableHours(f"two {name} in a rule")
            setattr(draft, name, read())
            self._take(":")
        return draft

    def _next_part(self) -> tuple[str, Callable[[], object]] | None:
        """Return the name of the part that comes next and what reads it; None at a separator."""
        token = self._peek()
        if token is None:
            return None
        if self._is_day_of_month():
            return "wide", self._wide
        if token.text == "(":
            return "times", self._times
        readers: dict[Kind, tuple[str, Callable[[], object]]] = {
            **dict.fromkeys(_WIDE, ("wide", self._wide)),
            **dict.fromkeys(_NARROW, ("days", self._days)),
            **dict.fromkeys(_TIMES, ("times", self._times)),
            "state": ("state", lambda: _STATES[self._next().text]),
            "comment": ("comment", lambda: self._next().text),
            "always": ("is_always", lambda: bool(self._next())),
        }
        return readers.get(token.kind)

    def _rule(self, draft: _Draft, relation: Relation, before: list[Rule]) -> Rule:
        days = draft.days or ()
        if draft.wide is not None:
            days = tuple(
                DaySelector(f"{draft.wide} {day.text}".strip(), day.holiday, day.shift_days)
                for day in days or (DaySelector(),)
            )
        if draft.is_always and draft.times:
            raise UnreadableHours("24/7 beside times")
        if self._keeps_days and before and draft.times and not days and relation == "normal":
            days, relation = before[-1].days, "additional"
        state = draft.state or ("unknown" if draft.comment is not None else "open")
        return Rule(days, draft.times or (), state, relation)

    # Days

    def _wide(self) -> str:
        """Read years, months, dates, weeks and Easter; return them as the engine reads them."""
        words: list[str] = []
        month = ""
        while (token := self._peek()) is not None:
            if token.kind in ("year", "week", "easter", "month"):
                month = token.text if token.kind == "month" else month
                words.append(self._next().text)
            elif self._is_day_of_month():
                number, month = self._next().text, self._next().text
                words += [month, number]
            elif token.kind == "number" and self._continues_date(words):
                words.append(self._next().text)
            elif token.text in ("+", "-") and self._is_shift():
                words.append(self._shift_text())
            elif token.text in ("-", "/", "+"):
                words.append(self._next().text)
            elif token.text == "," and self._continues_wide(month, words):
                self._next()
                following = self._peek(0)
                again = following is not None and following.kind == "number" and month
                words += [",", month] if again and not self._is_day_of_month() else [","]
            else:
                break
        return _joined(words)

    def _continues_date(self, words: list[str]) -> bool:
        """Say whether a number is a day or a week, not an hour, by what stands before it."""
        if not words or (words[-1] == "-" and len(words) < 2):
            return False
        return words[-1][-1] in "-/,k" or words[-1].isalpha()

    def _continues_wide(self, month: str, words: list[str]) -> bool:
        following = self._peek(1)
        if following is None or following.kind not in (
            "year", "month", "week", "easter", "number",
        ):  # fmt: skip
            return False
        if following.kind != "number":
            return True
        # "Dec 24,31" goes on; "Dec 24, 9-12" does not.
        after = self._peek(2)
        is_span = after is not None and after.text == "-"
        return bool(words) and (words[0] == "week" or (bool(month) and not is_span))

    def _is_day_of_month(self) -> bool:
        """Say whether "1 May" comes next."""
        token, following = self._peek(), self._peek(1)
        if token is None or following is None:
            return False
        return token.kind == "number" and following.kind == "month" and int(token.text) <= 31

    def _days(self) -> tuple[DaySelector, ...]:
        """Read weekdays and holidays: "PH,Mo-Fr" is either, "PH Mo-Fr" is both."""
        found: list[DaySelector] = []
        words: list[str] = []
        is_both: Holiday | None = None
        while (token := self._peek()) is not None:
            if token.kind == "day":
                words.append(self._weekdays())
            elif token.kind == "holiday":
                holiday: Holiday = "PH" if self._next().text == "PH" else "SH"
                shift = self._shift() if self._is_shift() else 0
                following = self._peek()
                if following is not None and following.kind == "day":
                    is_both = holiday
                else:
                    found.append(DaySelector("", holiday, shift))
            else:
                break
            if not self._continues_days():
                break
        if is_both is not None and (found or not words):
            raise UnreadableHours("a holiday beside days and others")
        if words:
            found.append(DaySelector(",".join(words), is_both))
        return tuple(found)

    def _continues_days(self) -> bool:
        """Take a comma before one more day; a day may follow a holiday without one."""
        token, following = self._peek(), self._peek(1)
        if token is None:
            return False
        if token.text == "," and following is not None and following.kind in ("day", "holiday"):
            self._next()
            return True
        return token.kind == "day" and self._tokens[self._at - 1].kind == "holiday"

    def _weekdays(self) -> str:
        text = self._next().text
        if self._take("["):
            text += "["
            while (token := self._peek()) is not None and token.text != "]":
                if token.kind != "number" and token.text not in ("-", ","):
                    raise UnreadableHours(token.text)
                text += self._next().text
            self._expect("]")
            text += "]"
            return f"{text} {self._shift_text()}" if self._is_shift() else text
        token, following = self._peek(), self._peek(1)
        if token is not None and token.text == "-":
            if following is None or following.kind != "day":
                raise UnreadableHours("a range of days without an end")
            self._next()
            text += f"-{self._next().text}"
        return text

    def _is_shift(self) -> bool:
        """Say whether "+1 day" comes next."""
        kinds = [token.kind for token in self._tokens[self._at : self._at + 3]]
        return kinds == ["symbol", "number", "shift"] and self._tokens[self._at].text in "+-"

    def _shift(self) -> int:
        sign, days = self._next().text, int(self._next().text)
        self._next()
        return days if sign == "+" else -days

    def _shift_text(self) -> str:
        days = self._shift()
        return f"{days:+d} day" if abs(days) == 1 else f"{days:+d} days"

    # Times

    def _times(self) -> tuple[TimeSpan, ...]:
        spans: list[TimeSpan] = []
        raw: list[tuple[Token | None, Token | None]] = []
        while True:
            start, start_token = self._clock()
            if self._take("+"):
                spans.append(_open_end(start))
                raw.append((start_token, None))
            else:
                self._expect("-")
                end, end_token = self._clock()
                spans.append(TimeSpan(start, end))
                raw.append((start_token, end_token))
                if self._take("+"):
                    spans.append(_open_end(_after(start, end)))
                    raw.append((None, None))
            if not self._continues_times():
                break
        return self._by_clock(tuple(spans), raw)

    def _continues_times(self) -> bool:
        token, following = self._peek(), self._peek(1)
        if token is None or token.text != "," or following is None:
            return False
        if following.kind == "number":
            after = self._peek(2)
            if after is None or after.text not in ("-", "+"):
                return False
        elif following.kind not in ("time", "sun") and following.text != "(":
            return False
        self._next()
        return True

    def _clock(self) -> tuple[Clock, Token | None]:
        if self._take("("):
            event = self._next_of("sun").text
            sign = 1 if self._take("+") else -1
            if sign < 0:
                self._expect("-")
            minutes = self._next_of("time").minutes
            self._expect(")")
            return Clock(sign * minutes, event), None
        token = self._next()
        if token.kind == "sun":
            return Clock(0, token.text), None
        if token.kind not in ("time", "number") or token.minutes > 2 * _DAY:
            raise UnreadableHours(token.text)
        if token.kind == "number" and int(token.text) > 24:
            raise UnreadableHours(token.text)
        return Clock(token.minutes), token

    def _by_clock(
        self, spans: tuple[TimeSpan, ...], raw: list[tuple[Token | None, Token | None]]
    ) -> tuple[TimeSpan, ...]:
        """Return spans with a.m. and p.m. applied, and by a clock of twelve hours if asked."""
        if any(token.half for pair in raw for token in pair if token is not None):
            if any(span.is_open_end for span in spans):
                raise UnreadableHours("an open end beside a.m. or p.m.")
            return tuple(self._by_halves(*pair) for pair in raw)
        if not self._is_12h or not self._may_be_12h(spans):
            return spans
        return tuple(_in_12h(span) for span in spans)

    def _by_halves(self, start: Token | None, end: Token | None) -> TimeSpan:
        if start is None or end is None:
            raise UnreadableHours("a.m. or p.m. beside the sun")
        first, last = _of_half(start), _of_half(end)
        if start.half == end.half == "" or (start.half and end.half):
            return TimeSpan(Clock(first), Clock(last))
        # "7-9pm" begins in the morning or the evening, "9am-5" ends at either; "9-5pm" is sure.
        if self._is_12h and not start.half and start.minutes <= _NOON:
            later = _of_half(start, end.half)
            first = later if later < last else first
        if self._is_12h and not end.half and end.minutes <= _NOON:
            last = _of_half(end, "p")
        return TimeSpan(Clock(first), Clock(last))

    def _may_be_12h(self, spans: tuple[TimeSpan, ...]) -> bool:
        """Say whether all times of the text may lack their p.m., and some look as if they did."""
        times = [token for token in self._tokens if token.kind in ("time", "number")]
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

    # Tokens

    def _peek(self, ahead: int = 0) -> Token | None:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else None

    def _next(self) -> Token:
        token = self._peek()
        if token is None:
            raise UnreadableHours("more is expected")
        self._at += 1
        return token

    def _next_of(self, kind: Kind) -> Token:
        token = self._next()
        if token.kind != kind:
            raise UnreadableHours(token.text)
        return token

    def _take(self, symbol: str) -> bool:
        token = self._peek()
        if token is None or token.kind != "symbol" or token.text != symbol:
            return False
        self._at += 1
        return True

    def _expect(self, symbol: str) -> None:
        if not self._take(symbol):
            raise UnreadableHours(f"{symbol} is expected")


def _open_end(start: Clock) -> TimeSpan:
    """Return the span within which a place with an open end may close.

    How long it lasts is a convention of the evaluation tools: eight hours from 22:00 on, ten from
    17:00 on, else the day's rest.
    """
    sun = {"sunset": 18, "dusk": 18}
    hour = sun.get(start.event, 0) if start.event else start.minutes // 60
    if hour < 17:
        return TimeSpan(start, Clock(_DAY), is_open_end=True)
    length = 8 * 60 if hour >= 22 else 10 * 60
    return TimeSpan(start, Clock(start.minutes + length, start.event), is_open_end=True)


def _after(start: Clock, end: Clock) -> Clock:
    """Return the end of a span, on the next day where the span goes beyond midnight."""
    wraps = not (start.event or end.event) and end.minutes <= start.minutes
    return Clock(end.minutes + _DAY) if wraps else end


def _of_half(token: Token, half: str = "") -> int:
    """Return the minutes of a time with a.m. or p.m."""
    half = token.half or half
    if not half:
        return token.minutes
    if not 60 <= token.minutes < 13 * 60:
        raise UnreadableHours(token.text)
    return token.minutes % _NOON + (_NOON if half == "p" else 0)


def _in_12h(span: TimeSpan) -> TimeSpan:
    """Return a span whose p.m. were left out: no place opens before 7 in the morning so."""
    start, end = span.start.minutes, span.end.minutes
    start += _NOON if start < 7 * 60 else 0
    while end <= start:
        end += _NOON
    return TimeSpan(Clock(start), Clock(end), span.is_open_end)


def _joined(words: list[str]) -> str:
    """Return the words of a date with blanks where the specification has them."""
    text = ""
    for word in words:
        glue = not text or text[-1] in "-,/" or word in ("-", ",", "/", "+")
        text += word if glue else f" {word}"
    return text
