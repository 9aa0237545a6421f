"""The people of a plan, as a table has them: CSV or XLSX, with positions or with names of towns.

A row is good or bad by itself: every bad one is reported with its line and why, others are kept.
Homes are private, so no message holds a cell; line numbers and ids are enough to mend a file.
Nothing read here is stored.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from geo.gazetteer import Gazetteer
from geo.geocoding import (
    RegionExtent,
    RowProblems,
    has_location_columns,
    has_position,
    row_location,
)
from geo.model import Point
from geo.network import CONDITIONS, Conditions
from geo.records import Table
from geo.tabular import Row, parse_table

_CONDITION_FLAGS = ("no-ferries", "no-tolls", "paved", "daylight")
_LARGEST_WEIGHT = 1000.0
_LONGEST_ID = 80


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is to be placed.

    Attributes
    ----------
    team
        A name to group by; empty for none.
    conditions
        The state of the roads for them; None for what the plan says. Who avoids unpaved roads has
        those of the mud season, when such roads are slow or shut.
    daylight
        Whether they cannot drive after dark.
    longest_s, longest_dark_s
        The longest drive there that they are ready for, and the longest of those that are not
        there and back by daylight; ``inf`` for any.
    priority
        How many times more their drive counts for what they drove to past meetups; a plan keeps
        what that costs within a limit.
    line
        Where they stand in the file; 0 where there is none.
    """

    id: str
    point: Point
    weight: float = 1.0
    team: str = ""
    conditions: Conditions | None = None
    daylight: bool = False
    longest_s: float = math.inf
    longest_dark_s: float = math.inf
    line: int = 0
    priority: float = 1.0


@dataclass(frozen=True, slots=True)
class Roster:
    """What a table of people holds.

    Attributes
    ----------
    problems
        One sentence for each bad row, with its line.
    duplicates
        One sentence for each set of rows that may be one person; they are kept.
    notes
        One sentence for each column that several columns of the file could be.
    elsewhere
        How many of the bad rows are of people who live in another region.
    uncertain
        The lines of people whose address was found in part only, as its town.
    columns
        What the file calls each of our columns that it has.
    """

    people: tuple[Person, ...]
    problems: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    elsewhere: int = 0
    uncertain: tuple[int, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)


def read_roster(
    path: Table,
    gazetteer: Gazetteer,
    *,
    region: RegionExtent = RegionExtent(),  # noqa: B008 - frozen
    columns: Mapping[str, str] | None = None,
) -> Roster:
    """Read a roster: ``id``, and ``lat,lon`` or an address.

    An address is any of ``address``, ``town``, ``county``, ``state``, ``postcode``, ``country``.
    Further columns may be ``team``, ``weight`` and ``conditions``: one of the names of conditions,
    and any of ``no-ferries``, ``no-tolls``, ``paved`` and ``daylight``, divided by blanks. A row
    with a position needs no address; one without is looked up in the gazetteer.

    Parameters
    ----------
    columns
        What the file calls some of the columns, where it is not what `geo.columns` knows.

    Raises
    ------
    InputError
        The file cannot be read.
    UnmappedColumns
        It has no ``id``, or no column that says where people start.
    """
    parsed = parse_table(path, columns)
    parsed.columns.require(("id",), path.name)
    if not has_location_columns(parsed.columns.positions):
        raise parsed.columns.lacking(f"{path.name} has no column that says where people live")
    people: list[Person] = []
    uncertain: list[int] = []
    problems = RowProblems(path.name, region)
    seen: dict[str, int] = {}
    for row in parsed.rows:
        try:
            identity = _row_id(row)
            location = row_location(row, gazetteer, region)
            person = _person(row, identity, location.point)
            if identity in seen:
                raise ValueError(f"duplicate of the id on line {seen[identity]}")
        except ValueError as error:
            problems.add(row.line, error)
            continue
        seen[identity] = row.line
        people.append(person)
        if not location.certain:
            uncertain.append(row.line)
    duplicates = _likely_duplicates(parsed.rows, {person.line for person in people})
    return Roster(
        people=tuple(people),
        problems=tuple(problems.sentences(positions=sum(map(has_position, parsed.rows)))),
        duplicates=tuple(duplicates),
        notes=parsed.columns.notes,
        elsewhere=problems.elsewhere,
        uncertain=tuple(uncertain),
        columns=parsed.columns.used,
    )


def _row_id(row: Row) -> str:
    row.check()
    identity = row.values["id"]
    if not identity:
        raise ValueError("the id is empty")
    if len(identity) > _LONGEST_ID:
        raise ValueError(f"the id is longer than {_LONGEST_ID} characters")
    return identity


def _person(row: Row, identity: str, point: Point) -> Person:
    person = Person(
        id=identity,
        point=point,
        weight=row_weight(row),
        team=row.values.get("team", ""),
        line=row.line,
    )
    return _with_conditions(person, row.values.get("conditions", ""))


def row_weight(row: Row) -> float:
    """Return how much a row's person counts; 1.0 where it does not say.

    Raises
    ------
    ValueError
        It is no weight.
    """
    if not row.values.get("weight"):
        return 1.0
    try:
        weight = row.number("weight")
    except ValueError:
        weight = math.nan
    if not 0 < weight <= _LARGEST_WEIGHT:
        raise ValueError(f"the weight is no number above 0 and up to {_LARGEST_WEIGHT:g}")
    return weight


def _with_conditions(person: Person, text: str) -> Person:
    words = re.split(r"[\s;,+]+", text.strip().casefold()) if text.strip() else []
    unknown = [word for word in words if word not in (*CONDITIONS, *_CONDITION_FLAGS)]
    if unknown:
        known = ", ".join((*CONDITIONS, *_CONDITION_FLAGS))
        raise ValueError(f"the conditions are not known; use any of {known}")
    named = [word for word in words if word in CONDITIONS]
    if not set(words) - {"daylight"}:
        return replace(person, daylight="daylight" in words)
    conditions = Conditions(
        named[0] if named else "mud" if "paved" in words else "dry",
        ferries="no-ferries" not in words,
        tolls="no-tolls" not in words,
    )
    return replace(person, conditions=conditions, daylight="daylight" in words)


def _likely_duplicates(rows: Iterable[Row], kept: Collection[int]) -> Iterable[str]:
    """Tell which rows agree in everything but the id."""
    lines = defaultdict(list)
    for row in rows:
        if row.line in kept:
            rest = tuple(sorted((k, v.casefold()) for k, v in row.values.items() if k != "id"))
            lines[rest].append(row.line)
    for same in lines.values():
        if len(same) > 1:
            yield f"lines {', '.join(map(str, same))} differ in nothing but the id; all are kept."
