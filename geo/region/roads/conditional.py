"""Conditional restrictions: what a tag such as ``access:conditional`` says at a moment.

A value is a list of ``value @ (condition)``, parted by semicolons, of which the last one whose
condition holds counts; the parts of a condition that ``AND`` joins must all hold
(https://wiki.openstreetmap.org/wiki/Conditional_restrictions). Days, hours, months, dates and years
are read by ``opening-hours-py``.

A region has no clock, so a moment stands for each season: an ordinary working day at ten in the
morning. What shuts a road at other times, or lorries, or in a flood, does not shut it then.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from functools import lru_cache
from operator import ge, gt, le, lt

from opening_hours import OpeningHours

from geo.files import read_table
from geo.network.graph import CONDITIONS

_WEDNESDAY = 2
_STILL_D = timedelta(days=60)
"""How long after its moment a season is not over yet."""

_COMPARISON = re.compile(r"([a-z_]+)\s*(<=|>=|=<|=>|==|=|<|>)\s*(\d+(?:[.,]\d+)?)\s*([a-z'\"]*)")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lt, ">": gt, "<=": le, "=<": le, ">=": ge, "=>": ge, "=": float.__eq__, "==": float.__eq__,
}  # fmt: skip
_UNITS = {"lb": 0.000454, "lbs": 0.000454, "kg": 0.001, "st": 0.907, "ft": 0.3048, "'": 0.3048}

_MONTHS = [calendar.month_abbr[month] for month in range(1, 13)]
_MONTH = "(?:" + "|".join(_MONTHS) + ")"
_WORD_OF_MONTH = re.compile(rf"\b({_MONTH})[a-z]*\.?(?=[^a-z]|$)", re.IGNORECASE)
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})\.?\s*({_MONTH})\b(?!\s*\d{{1,2}}\b(?!:))")
_YEAR_LAST = re.compile(rf"\b({_MONTH}(?:\s+\d{{1,2}})?),?\s+(\d{{4}})\b(?!\s*{_MONTH})")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")
_ISO_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_HALF_DATED = re.compile(
    rf"\b({_MONTH})(?:\s+(\d{{1,2}}))?\s*-\s*((?:\d{{4}}\s+)?)({_MONTH})(?:\s+(\d{{1,2}})\b(?!:))?"
)


@dataclass(frozen=True, slots=True)
class SeasonMoment:
    """The moment that stands for a season, on the clocks of the place.

    South of the equator ``northern_month``, 1 to 12, is half a year away: January is winter.
    """

    at: datetime
    northern_month: int


class Admission(IntEnum):
    """Who may pass, or for whom a condition holds, from the fewest."""

    NOBODY = 0
    DESTINATION = 1
    """Those whose trip starts or ends there."""
    EVERYBODY = 2


@lru_cache(maxsize=64)
def season_moments(on: date, *, south: bool) -> tuple[SeasonMoment, ...]:
    """Return the moment that stands for each of `CONDITIONS`.

    It is the third Wednesday of the month that ``data/speeds.toml`` gives, of the first such season
    that is not over on ``on``, the day that the map shows.
    """
    months = read_table("speeds")["season"]["month"]
    moments = []
    for condition in CONDITIONS:
        month = (months[condition] + (5 if south else -1)) % 12 + 1
        days = (_third_wednesday(year, month) for year in (on.year - 1, on.year, on.year + 1))
        day = next(day for day in days if day >= on - _STILL_D)
        moments.append(SeasonMoment(datetime.combine(day, time(10)), months[condition]))
    return tuple(moments)


def _third_wednesday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(_WEDNESDAY - first.weekday()) % 7 + 14)


def value_at(conditional: str, moment: SeasonMoment, otherwise: str) -> str:
    """Return what a conditional tag says at a moment; ``otherwise`` where no condition holds.

    A value that holds for destination traffic alone, as ``"yes @ residents"``, stands as
    ``"destination"`` where that one shuts it out.

    Examples
    --------
    >>> july, _, january = season_moments(date(2025, 5, 1), south=False)
    >>> value_at("no @ (Nov 15-Apr 30)", january, "yes"), value_at("no @ (Sa,Su)", july, "yes")
    ('no', 'yes')
    """
    value = otherwise
    for stated, condition in _clauses(conditional):
        hold = holds(condition, moment)
        if hold == Admission.EVERYBODY:
            value = stated
        elif hold == Admission.DESTINATION and stated in (
            "yes",
            "destination",
            "permissive",
            "designated",
        ):
            value = "destination" if value in ("no", "private") else value
    return value


def _clauses(conditional: str) -> Iterator[tuple[str, str]]:
    """Yield the values and conditions; a part without ``@`` goes on the condition before it."""
    value, condition = "", ""
    for part in _outside_brackets(conditional, ";"):
        stated, at, rest = part.partition("@")
        if not at:
            condition += f"; {part}" if part.strip() else ""
            continue
        if value:
            yield value, condition
        value, condition = stated.strip().lower(), rest
    if value:
        yield value, condition


def _outside_brackets(text: str, mark: str) -> list[str]:
    """Split a text at a mark, but not within brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth = max(0, depth + (letter == "(") - (letter == ")"))
        if letter == mark and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def holds(condition: str, moment: SeasonMoment) -> Admission:
    """Return for whom a condition holds; nobody where it cannot be read."""
    text = re.sub(r"[()]|\"[^\"]*\"", " ", condition).replace("_", " ").strip()
    if not text:
        return Admission.NOBODY
    parts = re.split(r"\s+AND\s+|\s*&&?\s*", text, flags=re.IGNORECASE)
    return min(_part_holds(part.strip(), moment) for part in parts)


def is_time(text: str) -> bool:
    """Return whether a text names seasons, dates or hours that can be read."""
    words = [word.strip().lower() for word in re.split("[;,]", text.replace("_", " "))]
    if any(word in read_table("speeds")["conditional"]["season"] for word in words):
        return True
    return _hours(text) is not None


def _part_holds(part: str, moment: SeasonMoment) -> Admission:
    """Return for whom one part of a condition holds; of several alternatives the widest counts."""
    hours = _hours(part)
    if hours is not None:
        return _as_hold(hours.is_open(moment.at))
    alternatives = [one.strip() for one in re.split(r"[;,]|\bor\b", part)]
    return max(_one_holds(one, moment) for one in alternatives)


def _one_holds(text: str, moment: SeasonMoment) -> Admission:
    """Return for whom a season, a group of drivers, a measure of cars or a time holds."""
    table = read_table("speeds")["conditional"]
    word = text.lower()
    if word in table["season"]:
        return _as_hold(moment.northern_month in table["season"][word])
    if word in table["destination"]:
        return Admission.DESTINATION
    if word in table["cars"]:
        return Admission.EVERYBODY
    comparison = _COMPARISON.fullmatch(word.replace(" ", ""))
    if comparison:
        car = table["car"].get(comparison[1])
        value = float(comparison[3].replace(",", ".")) * _UNITS.get(comparison[4], 1.0)
        return _as_hold(car is not None and _COMPARE[comparison[2]](float(car), value))
    hours = _hours(text)
    return _as_hold(hours is not None and hours.is_open(moment.at))


def _as_hold(true: bool) -> Admission:
    return Admission.EVERYBODY if true else Admission.NOBODY


@lru_cache(maxsize=4096)
def _hours(text: str) -> OpeningHours | None:
    """Return a time, however it is spelt; None where it is none."""
    for spelling in (text, _normalised(text)):
        with suppress(Exception):  # the library's errors share no parent but this
            return OpeningHours(spelling)
    return None


def _normalised(text: str) -> str:
    """Return a time as the specification of opening hours spells it.

    Examples
    --------
    >>> [_normalised(text) for text in ("15 November to 30 April", "Oct-May 15", "2019-06-01")]
    ['Nov 15-Apr 30', 'Oct 01-May 15', '2019 Jun 01']
    """
    text = re.sub(r"\s+(?:to|until|till|through)\s+|\s*[\u2010-\u2015]\s*", "-", text)
    text = _ISO_DATE.sub(lambda at: f"{at[1]} {_MONTHS[(int(at[2]) - 1) % 12]} {at[3]}", text)
    text = _WORD_OF_MONTH.sub(lambda at: at[1].capitalize(), text)
    text = _ORDINAL.sub("", text)
    text = _DAY_FIRST.sub(r"\2 \1", text)
    text = _YEAR_LAST.sub(r"\2 \1", text)
    return _HALF_DATED.sub(_with_days, text)


def _with_days(match: re.Match[str]) -> str:
    """Give both ends of a range of dates a day, if one has, or has a year."""
    start, first, year, end, last = match.groups()
    if not (first or last or year):
        return match[0]
    longest = calendar.monthrange(2024, _MONTHS.index(end) + 1)[1]
    until = min(int(last or longest), longest)
    return f"{start} {int(first or 1):02d}-{year}{end} {until:02d}"
