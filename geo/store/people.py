"""People and what hangs on them: home areas and preferences, which go when people are forgotten.

Nothing here asks whether somebody may see what it returns; `geo.people` does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple, get_args

from sqlalchemy import ColumnElement, Row, Select, and_, delete, func, insert, or_, select, update

from geo.model import HomeArea, Point
from geo.store import schema
from geo.store.database import Reader, Writer


class ChangeCounter(NamedTuple):
    """How often something was changed, and when last; zero and None for never."""

    number: int = 0
    at: datetime | None = None


def find_change_counter(db: Reader, name: str) -> ChangeCounter:
    """Return how often something of a name was changed, and when last."""
    table = schema.marks
    row = db.first(select(table.c.number, table.c.at).where(table.c.name == name))
    return ChangeCounter() if row is None else ChangeCounter(row.number, row.at)


def increase_change_counter(db: Writer, name: str, now: datetime) -> None:
    """Note that something of a name was changed."""
    table = schema.marks
    values = {"number": find_change_counter(db, name).number + 1, "at": now}
    if not db.execute(update(table).where(table.c.name == name).values(**values)):
        db.execute(insert(table).values(name=name, **values))


Status = Literal["listed", "invited", "active", "left"]
"""On the roster alone; asked to join; has signed in; may not sign in any more."""

AreaSource = Literal["own", "position", "address", "town", "postcode", ""]
"""Said by the person, or read from a table, by what it was known; empty where nobody knows."""

AREA_SOURCES: tuple[AreaSource, ...] = get_args(AreaSource)
"""The best first."""

_BATCH_SIZE = 500
"""Ids in one question; SQLite allows some thousands."""

_ROSTER = "roster"
_IDENTIFYING = frozenset({"reference", "email", "subject", "role"})
_TOUCH_INTERVAL = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody, as they are kept.

    Attributes
    ----------
    id
        Random; says nothing of the person.
    reference
        What the organisation's own list calls them; None where it does not.
    email
        In small letters; None for none.
    subject
        Who they are at the sign-in provider; None before they have signed in.
    role, team, status
        As texts; an empty team is none.
    weight
        How much their drive counts in a plan.
    audience, planning, paused
        What they agreed to last; `geo.store.audit` keeps when and to which text.
    """

    id: str
    reference: str | None
    name: str
    email: str | None
    subject: str | None
    role: str
    team: str
    status: Status
    weight: float
    audience: str
    planning: bool
    paused: bool
    created_at: datetime
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredArea:
    """The home area of somebody, and what it was made from.

    ``set_at`` and ``used_at`` are when it was entered, and when it was last of use to anybody.
    """

    person_id: str
    region: str
    area: HomeArea
    set_at: datetime
    used_at: datetime
    source: AreaSource = ""


@dataclass(frozen=True, slots=True)
class SourcedArea:
    """A home area that is to be kept, and what it was made from."""

    area: HomeArea
    source: AreaSource


def add_people(db: Writer, people: Iterable[PersonRow]) -> None:
    """Enter people."""
    db.execute(insert(schema.people), [row_values(person) for person in people])
    increase_roster_counter(db)


def row_values(one: Any) -> dict[str, Any]:
    """Return a slotted dataclass as the values of a row, ten times sooner than ``asdict``."""
    return {name: getattr(one, name) for name in one.__slots__}


def change_person(db: Writer, person_id: str, **values: Any) -> None:
    """Change columns of somebody."""
    if identifying := _IDENTIFYING & values.keys():
        known = find_person(db, person_id)
        if known and any(getattr(known, name) != values[name] for name in identifying):
            increase_roster_counter(db)
    where = schema.people.c.id == person_id
    db.execute(update(schema.people).where(where).values(**values))


def roster_change_counter(db: Reader) -> ChangeCounter:
    """Return what changes whenever people come or go, or an identifying column changes."""
    return find_change_counter(db, _ROSTER)


def increase_roster_counter(db: Writer) -> None:
    """Note that the roster's mark is another now."""
    increase_change_counter(db, _ROSTER, datetime.now(UTC))


def find_person(db: Reader, person_id: str) -> PersonRow | None:
    """Return somebody by their id; None for nobody."""
    row = db.first(select(schema.people).where(schema.people.c.id == person_id))
    return None if row is None else _person(row)


def find_person_by(
    db: Reader, column: Literal["email", "subject", "reference"], value: str
) -> PersonRow | None:
    """Return the person with a value that only one can have; None for nobody."""
    where = schema.people.c[column] == (value.casefold() if column == "email" else value)
    row = db.first(select(schema.people).where(where))
    return None if row is None else _person(row)


def list_people(db: Reader) -> list[PersonRow]:
    """Return everybody, by name."""
    return [_person(row) for row in db.all(_by_name(select(schema.people)))]


def count_people(db: Reader) -> int:
    """Return how many people there are."""
    return db.count(schema.people)


def forget_person(db: Writer, person_id: str) -> None:
    """Delete somebody and all that hangs on them; past meetups keep a number only."""
    of_person = schema.attendance.c.person_id == person_id
    db.execute(update(schema.attendance).where(of_person).values(travel_time_s=None))
    increase_roster_counter(db)
    db.execute(delete(schema.people).where(schema.people.c.id == person_id))


def set_areas(
    db: Writer,
    areas: Mapping[str, HomeArea],
    *,
    region: str,
    now: datetime,
    source: AreaSource = "",
) -> None:
    """Set the home areas of people, by their ids, in place of those that they had."""
    for ids in batches(list(areas)):
        db.execute(delete(schema.home_areas).where(schema.home_areas.c.person_id.in_(ids)))
    rows = [area_values(key, SourcedArea(one, source), region, now) for key, one in areas.items()]
    db.execute(insert(schema.home_areas), rows)


def area_values(person_id: str, sourced: SourcedArea, region: str, now: datetime) -> dict[str, Any]:
    """Return the home area of somebody as the values of a row."""
    area = sourced.area
    return {
        "person_id": person_id,
        "region": region,
        "area_id": area.id,
        "label": area.label,
        "kind": area.kind,
        "lon": area.point.lon,
        "lat": area.point.lat,
        "radius_m": area.radius_m,
        "homes": area.homes,
        "source": sourced.source,
        "set_at": now,
        "used_at": now,
    }


def find_area(db: Reader, person_id: str) -> StoredArea | None:
    """Return somebody's home area; None where there is none."""
    where = schema.home_areas.c.person_id == person_id
    row = db.first(select(schema.home_areas).where(where))
    return None if row is None else _area(row)


def areas_of(db: Reader, person_ids: Collection[str]) -> dict[str, StoredArea]:
    """Return the home areas of some people by person; who has none is left out."""
    table, found = schema.home_areas, {}
    for ids in batches(sorted(person_ids)):
        for row in db.all(select(table).where(table.c.person_id.in_(ids))):
            found[row.person_id] = _area(row)
    return found


def list_areas(db: Reader) -> dict[str, StoredArea]:
    """Return the home areas by person."""
    statement = select(schema.home_areas).order_by(schema.home_areas.c.person_id)
    return {row.person_id: _area(row) for row in db.all(statement)}


def delete_area(db: Writer, person_id: str) -> None:
    """Delete somebody's home area."""
    db.execute(delete(schema.home_areas).where(schema.home_areas.c.person_id == person_id))


def touch_areas(db: Writer, person_ids: Sequence[str], now: datetime) -> None:
    """Note that areas were of use, once an hour: they are kept for days."""
    table = schema.home_areas
    for ids in batches(person_ids):
        where = table.c.person_id.in_(ids) & (table.c.used_at < now - _TOUCH_INTERVAL)
        db.execute(update(table).where(where).values(used_at=now))


def purge_areas(db: Writer, unused_since: datetime) -> int:
    """Delete areas that were of no use since a moment; return how many."""
    return db.execute(delete(schema.home_areas).where(schema.home_areas.c.used_at < unused_since))


def count_areas(db: Reader, *, unused_since: datetime | None = None) -> int:
    """Return how many areas there are; with a moment, those of no use since then."""
    table = schema.home_areas
    return db.count(table, *(() if unused_since is None else (table.c.used_at < unused_since,)))


def keep_areas(db: Writer, unused_since: datetime, now: datetime) -> int:
    """Note areas of no use since a moment as used now; return how many."""
    table = schema.home_areas
    return db.execute(update(table).where(table.c.used_at < unused_since).values(used_at=now))


def set_preferences(db: Writer, person_id: str, document: Mapping[str, Any], now: datetime) -> None:
    """Set somebody's preferences in place of those that they had."""
    table = schema.preferences
    db.execute(delete(table).where(table.c.person_id == person_id))
    db.execute(insert(table).values(person_id=person_id, document=dict(document), changed_at=now))


def find_preferences(db: Reader, person_id: str) -> dict[str, Any]:
    """Return somebody's preferences; {} where they said none."""
    where = schema.preferences.c.person_id == person_id
    found = db.scalar(select(schema.preferences.c.document).where(where))
    return dict(found or {})


def list_preferences(db: Reader) -> dict[str, dict[str, Any]]:
    """Return the preferences of everybody who said some, by person."""
    rows = db.all(select(schema.preferences.c.person_id, schema.preferences.c.document))
    return {row.person_id: row.document for row in rows}


def _person(row: Row[Any]) -> PersonRow:
    return PersonRow(**row._mapping)


def _by_name(statement: Select[Any]) -> Select[Any]:
    return statement.order_by(func.lower(schema.people.c.name), schema.people.c.id)


def _area(row: Row[Any]) -> StoredArea:
    area = HomeArea(
        id=row.area_id,
        label=row.label,
        kind=row.kind,
        point=Point(row.lon, row.lat),
        radius_m=row.radius_m,
        homes=row.homes,
    )
    return StoredArea(row.person_id, row.region, area, row.set_at, row.used_at, row.source)


def batches(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    """Return ids in portions that one question can hold."""
    return (ids[start : start + _BATCH_SIZE] for start in range(0, len(ids), _BATCH_SIZE))


_SEARCHED = ("name", "team", "email", "reference")
_LONGEST_SEARCH = 200
"""Letters that are searched for; no name or address that somebody types is longer."""


@dataclass(frozen=True, slots=True)
class RosterFilter:
    """Whom to show; empty and None for everybody.

    The text stands in the name, team, e-mail address or id, in large letters or small. An empty
    team is that of people in none.
    """

    text: str = ""
    status: Status | None = None
    team: str | None = None


EVERYBODY = RosterFilter()
"""Nobody is left out."""


@dataclass(frozen=True, slots=True)
class RosterNumbers:
    """How many people there are, how many with an area, and what they agreed to.

    ``shown`` let colleagues see them, and ``planned`` allow planning; nobody who paused is among
    them.
    """

    people: int = 0
    with_area: int = 0
    shown: int = 0
    planned: int = 0
    by_status: Mapping[str, int] = field(default_factory=dict)


def find_members(
    db: Reader, filters: RosterFilter, *, limit: int, offset: int = 0
) -> list[PersonRow]:
    """Return people by name, from a place of that order on."""
    statement = _by_name(select(schema.people).where(*_conditions(filters)))
    return [_person(row) for row in db.all(statement.limit(limit).offset(offset))]


def count_members(db: Reader, filters: RosterFilter) -> int:
    """Return how many people there are of those wanted."""
    return db.count(schema.people, *_conditions(filters))


def roster_numbers(db: Reader) -> RosterNumbers:
    """Return how many people there are, and what they agreed to."""
    table = schema.people
    not_paused = table.c.paused.is_(False)
    by_status = select(table.c.status, func.count().label("people")).group_by(table.c.status)
    counts = {row.status: int(row.people) for row in db.all(by_status)}
    return RosterNumbers(
        people=sum(counts.values()),
        with_area=db.count(schema.home_areas),
        shown=db.count(table, not_paused, table.c.audience != "nobody"),
        planned=db.count(table, not_paused, table.c.planning),
        by_status=counts,
    )


def list_teams(db: Reader) -> list[str]:
    """Return the teams that somebody is in, by name."""
    team = schema.people.c.team
    return [row.team for row in db.all(select(team).distinct().where(team != "").order_by(team))]


def list_names(db: Reader) -> list[tuple[str, str]]:
    """Return the id and name of everybody."""
    table = schema.people
    return [(row.id, row.name) for row in db.all(select(table.c.id, table.c.name))]


def people_by_id(db: Reader, ids: Collection[str]) -> dict[str, PersonRow]:
    """Return some people by their ids; who is not there is left out."""
    found = {}
    for some in batches(sorted(ids)):
        for row in db.all(select(schema.people).where(schema.people.c.id.in_(some))):
            found[row.id] = _person(row)
    return found


def visible_people(db: Reader, *, region: str, team: str) -> list[PersonRow]:
    """Return who lets colleagues of a team see them and has an area in a region, by name.

    Who of them may be seen by whom is not decided here; nobody else need be asked about.
    """
    table, areas = schema.people, schema.home_areas
    to_team = and_(table.c.audience == "team", table.c.team == team)
    statement = (
        select(table)
        .join(areas, areas.c.person_id == table.c.id)
        .where(areas.c.region == region, table.c.status != "left", table.c.paused.is_(False))
        .where(or_(table.c.audience == "everyone", to_team))
    )
    return [_person(row) for row in db.all(_by_name(statement))]


def _conditions(filters: RosterFilter) -> Iterator[ColumnElement[bool]]:
    columns = schema.people.c
    if filters.status is not None:
        yield columns.status == filters.status
    if filters.team is not None:
        yield columns.team == filters.team
    if text := filters.text.strip()[:_LONGEST_SEARCH]:
        # Databases make letters with accents small or do not; so the text is sought as typed, too.
        searched = [columns[name] for name in _SEARCHED]
        yield or_(
            *(func.lower(column).contains(text.lower(), autoescape=True) for column in searched),
            *(column.contains(text, autoescape=True) for column in searched),
        )
