"""The people of a plan, as a table has them: CSV or XLSX, with positions or with names of towns.

A row is good or bad by itself: every bad one is told with its line and why, all others are kept.
Homes are private, so no message holds a cell; line numbers and ids are enough to mend a file.
Nothing read here is stored.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from geo.errors import BadCoordinates, BadTable
from geo.gazetteer import Gazetteer
from geo.model import Point
from geo.network import CONDITIONS, Conditions
from geo.rows import Row, Table, read_rows
from geo.sheets import read_sheet

_WHERE = ("address", "town", "postcode")
_SWITCHES = ("no-ferries", "no-tolls", "paved", "daylight")
_MOST_WEIGHT = 1000.0
_LONGEST_ID = 80


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is to be placed.

    Attributes
    ----------
    id
        What the plan calls them.
    point
        Where they start.
    weight
        How much their drive counts.
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
    people
        The good rows, in their order.
    problems
        One sentence for each bad row, with its line.
    duplicates
        One sentence for each set of rows that may be one person; they are kept.
    """

    people: tuple[Person, ...]
    problems: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()


def read_roster(path: Table, gazetteer: Gazetteer) -> Roster:
    """Read a roster: ``id``, and ``lat,lon`` or ``address``, ``town``, ``postcode``.

    Further columns may be ``team``, ``weight`` and ``conditions``: one of the names of conditions,
    and any of ``no-ferries``, ``no-tolls``, ``paved`` and ``daylight``, divided by blanks. A row
    with a position needs no address; one without is looked up in the gazetteer.

    Parameters
    ----------
    path
        A CSV file, or an XLSX workbook whose first sheet is read; on disk or in memory.
    gazetteer
        What knows the region's names.

    Raises
    ------
    InputError
        The file cannot be read.
    BadTable
        It has no ``id``, or no column that says where people start.
    """
    rows = table_rows(path)
    columns = set(rows[0].values) if rows else {"id", "lat", "lon"}
    if not {"lat", "lon"} <= columns and not columns & set(_WHERE):
        raise BadTable([f"{path.name} says nowhere where people start; add lat,lon or a town."])
    people: list[Person] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    for row in rows:
        try:
            person = _person(row, gazetteer)
            if person.id in seen:
                raise ValueError(f"the id stands already on line {seen[person.id]}")
        except ValueError as error:
            problems.append(f"{path.name}, line {row.line}: {error}.")
            continue
        seen[person.id] = row.line
        people.append(person)
    twins = _twins(rows, [person.line for person in people])
    return Roster(tuple(people), tuple(problems), tuple(twins))


def table_rows(path: Table) -> list[Row]:
    """Read the rows of a CSV file or of an XLSX workbook's first sheet; one column is ``id``.

    Raises
    ------
    InputError
        The file cannot be read.
    BadTable
        There is no column ``id``.
    """
    if path.suffix.casefold() not in {".xlsx", ".xlsm"}:
        return read_rows(path, ("id",))
    return read_sheet(path, "id")


def row_point(row: Row) -> Point | None:
    """Return the position of a row; None where its cells are empty.

    Raises
    ------
    ValueError
        They are no position; the text holds no number, for it may be somebody's home.
    """
    lat, lon = row.values.get("lat", ""), row.values.get("lon", "")
    if not lat and not lon:
        return None
    try:
        return Point(lon=row.number("lon"), lat=row.number("lat"))
    except BadCoordinates:
        raise ValueError("lat and lon are no position on Earth; are they swapped?") from None
    except (ValueError, KeyError):
        raise ValueError("lat or lon is not a number") from None


def row_place(row: Row, gazetteer: Gazetteer) -> Point:
    """Return where a row is: its position, or what its address, town or postcode stands for.

    Raises
    ------
    ValueError
        It says nothing, or nothing that the region knows.
    """
    point = row_point(row)
    if point is not None:
        return point
    given = [row.values.get(name, "") for name in _WHERE]
    if not any(given):
        raise ValueError("there is no position and no address, town or postcode")
    address, town, postcode = given
    tries = [(address, town, postcode), (address, town), (town, postcode), (town,), (postcode,)]
    for parts in dict.fromkeys(tuple(filter(None, one)) for one in tries):
        matches = gazetteer.search(", ".join(parts), limit=1) if parts else []
        if matches:
            return matches[0].point
    raise ValueError("the region knows no such address, town or postcode")


def _person(row: Row, gazetteer: Gazetteer) -> Person:
    row.check()
    identity = row.values["id"]
    if not identity:
        raise ValueError("the id is empty")
    if len(identity) > _LONGEST_ID:
        raise ValueError(f"the id is longer than {_LONGEST_ID} characters")
    person = Person(
        id=identity,
        point=row_place(row, gazetteer),
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
    if not 0 < weight <= _MOST_WEIGHT:
        raise ValueError(f"the weight is no number above 0 and up to {_MOST_WEIGHT:g}")
    return weight


def _with_conditions(person: Person, text: str) -> Person:
    words = re.split(r"[\s;,+]+", text.strip().casefold()) if text.strip() else []
    unknown = [word for word in words if word not in (*CONDITIONS, *_SWITCHES)]
    if unknown:
        raise ValueError(
            f"the conditions are not known; use any of {', '.join((*CONDITIONS, *_SWITCHES))}"
        )
    named = [word for word in words if word in CONDITIONS]
    if not set(words) - {"daylight"}:
        return replace(person, daylight="daylight" in words)
    conditions = Conditions(
        named[0] if named else "mud" if "paved" in words else "dry",
        ferries="no-ferries" not in words,
        tolls="no-tolls" not in words,
    )
    return replace(person, conditions=conditions, daylight="daylight" in words)


def _twins(rows: Iterable[Row], kept: Sequence[int]) -> Iterable[str]:
    """Tell which rows agree in everything but the id."""
    lines = defaultdict(list)
    for row in rows:
        if row.line in kept:
            rest = tuple(sorted((k, v.casefold()) for k, v in row.values.items() if k != "id"))
            lines[rest].append(row.line)
    for same in lines.values():
        if len(same) > 1:
            yield f"lines {', '.join(map(str, same))} differ in nothing but the id; all are kept."
