"""The days of a rule of opening hours: years, months, dates, weeks, weekdays and holidays.

They stay text of https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification, for the
engine that knows weeks, years and Easter; holidays are kept apart, for they depend on the country.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from geo.places.opening_tokens import Cursor, Kind, UnreadableHours

Holiday = Literal["PH", "SH"]

WIDE: tuple[Kind, ...] = ("year", "month", "week", "easter")
NARROW: tuple[Kind, ...] = ("day", "holiday")


@dataclass(frozen=True, slots=True)
class DaySelector:
    """Days; both parts must hold where both are there.

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

    def within(self, wide: str) -> DaySelector:
        """Return those of these days that lie in a part of the year."""
        return DaySelector(f"{wide} {self.text}".strip(), self.holiday, self.shift_days)


def is_day_of_month(cursor: Cursor) -> bool:
    """Say whether "1 May" comes next."""
    token = cursor.peek()
    if token is None or token.kind != "number" or cursor.kind(1) != "month":
        return False
    return int(token.text) <= 31


def read_wide(cursor: Cursor) -> str:
    """Read years, months, dates, weeks and Easter; return them as the engine reads them."""
    words: list[str] = []
    month = ""
    while not cursor.is_at_end:
        if is_day_of_month(cursor):
            number, month = cursor.next().text, cursor.next().text
            words += [month, number]
        elif cursor.kind() in WIDE:
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
        elif cursor.symbol() == "," and _goes_on(cursor, words):
            cursor.next()
            # The engine wants the month again: "Dec 24,31" is "Dec 24,Dec 31".
            again = cursor.kind() == "number" and not is_day_of_month(cursor)
            words += [",", month] if again and words[0] != "week" else [","]
        else:
            break
    return _joined(words)


def _is_date(words: list[str]) -> bool:
    """Say whether a number is a day or a week, not an hour, by what stands before it."""
    return bool(words) and (words[-1] in ("-", "/", ",") or words[-1].isalpha())


def _goes_on(cursor: Cursor, words: list[str]) -> bool:
    """Say whether days go on behind a comma: those of "Dec 24,31" do, "Dec 24, 9-12" does not."""
    if cursor.kind(1) in WIDE:
        return True
    if cursor.kind(1) != "number" or not words:
        return False
    if cursor.kind(2) == "month" or words[0] == "week":
        return True
    is_span = cursor.symbol(2) == "-"
    has_days = any(word.isdigit() and len(word) < 3 for word in words)
    return has_days and not is_span


def _is_nth_in_range(cursor: Cursor, words: list[str]) -> bool:
    """Say whether "Su[-1]" comes next as an end of a range, as in "Mar Su[-1]-Oct Su[-1]"."""
    if cursor.kind() != "day" or cursor.symbol(1) != "[" or not words or not words[-1].isalpha():
        return False
    ahead = 2
    while cursor.symbol(ahead) != "]":
        if cursor.peek(ahead) is None:
            return False
        ahead += 1
    begins = cursor.symbol(ahead + 1) == "-" and cursor.kind(ahead + 2) in WIDE
    # "Mar-Oct Su[1]" are all first Sundays from March to October.
    return begins or (words[-2:-1] == ["-"] and not words[-3].isalpha())


def read_days(cursor: Cursor) -> tuple[DaySelector, ...]:
    """Read weekdays and holidays: "PH,Mo-Fr" is either, "PH Mo-Fr" is both."""
    found: list[DaySelector] = []
    words: list[str] = []
    both: Holiday | None = None
    while cursor.kind() in NARROW:
        if cursor.kind() == "day":
            words.append(_weekdays(cursor))
        else:
            holiday: Holiday = "PH" if cursor.next().text == "PH" else "SH"
            shift = _shift(cursor) if _is_shift(cursor) else 0
            if cursor.kind() == "day" and not shift:
                both = holiday
                continue
            found.append(DaySelector("", holiday, shift))
        if not (cursor.symbol() == "," and cursor.kind(1) in NARROW):
            break
        cursor.next()
    if both is not None and (found or not words):
        raise UnreadableHours("a holiday beside days and others")
    if words:
        found.append(DaySelector(",".join(words), both))
    return tuple(found)


def _weekdays(cursor: Cursor) -> str:
    text = cursor.next("day").text
    if cursor.take("["):
        text += "["
        while cursor.kind() == "number" or cursor.symbol() in ("-", ","):
            text += cursor.next().text
        cursor.expect("]")
        return f"{text}] {_shift_text(cursor)}" if _is_shift(cursor) else f"{text}]"
    if cursor.take("-"):
        text += f"-{cursor.next('day').text}"
    return text


def _is_shift(cursor: Cursor) -> bool:
    """Say whether "+1 day" comes next."""
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


def _joined(words: list[str]) -> str:
    """Return the words of a date with blanks where the specification has them."""
    text = ""
    for word in words:
        glue = not text or text[-1] in "-,/" or word in ("-", ",", "/", "+")
        text += word if glue else f" {word}"
    return text
