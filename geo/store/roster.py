"""The roster page by page: searched, counted and cut in the database, whatever its length."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from geo.store import schema
from geo.store.database import Reader
from geo.store.people import PersonRow, Status, portions

_SOUGHT = ("name", "team", "email", "reference")
_LONGEST = 200
"""Letters that are looked for; no name or address that somebody types is longer."""


@dataclass(frozen=True, slots=True)
class RosterQuery:
    """Whom to show; empty and None for everybody.

    Attributes
    ----------
    text
        Stands in the name, team, e-mail address or id, in large letters or small.
    status, team
        As they are kept; an empty team is that of people in none.
    """

    text: str = ""
    status: Status | None = None
    team: str | None = None


EVERYBODY = RosterQuery()
"""Nobody is left out."""


@dataclass(frozen=True, slots=True)
class RosterNumbers:
    """How many people there are.

    Attributes
    ----------
    people, with_area
        In all, and with an area.
    shown, planned
        Who let colleagues see them, and who allow planning; nobody who paused.
    by_status
        By status.
    """

    people: int = 0
    with_area: int = 0
    shown: int = 0
    planned: int = 0
    by_status: Mapping[str, int] = field(default_factory=dict)


def find_members(
    db: Reader, wanted: RosterQuery, *, limit: int | None = None, offset: int = 0
) -> list[PersonRow]:
    """Return people by name, from a place of that order on."""
    table = schema.people
    question = _wanted(select(table), wanted).order_by(func.lower(table.c.name), table.c.id)
    if limit is not None:
        question = question.limit(limit).offset(offset)
    return [PersonRow(**row._mapping) for row in db.all(question)]


def count_members(db: Reader, wanted: RosterQuery) -> int:
    """Return how many people there are of those wanted."""
    return int(db.value(_wanted(select(func.count()).select_from(schema.people), wanted)))


def roster_numbers(db: Reader) -> RosterNumbers:
    """Return how many people there are, and what they agreed to."""
    table = schema.people
    awake = table.c.paused.is_(False)
    by_status = select(table.c.status, func.count().label("people")).group_by(table.c.status)
    counts = {row.status: int(row.people) for row in db.all(by_status)}
    return RosterNumbers(
        people=sum(counts.values()),
        with_area=int(db.value(select(func.count()).select_from(schema.home_areas))),
        shown=_count(db, and_(awake, table.c.audience != "nobody")),
        planned=_count(db, and_(awake, table.c.planning)),
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
    for some in portions(sorted(ids)):
        for row in db.all(select(schema.people).where(schema.people.c.id.in_(some))):
            found[row.id] = PersonRow(**row._mapping)
    return found


def shown_people(db: Reader, *, region: str, team: str) -> list[PersonRow]:
    """Return who lets colleagues of a team see them and has an area in a region, by name.

    Who of them may be seen by whom is not decided here; nobody else need be asked about.
    """
    table, areas = schema.people, schema.home_areas
    to_team = and_(table.c.audience == "team", table.c.team == team)
    question = (
        select(table)
        .join(areas, areas.c.person_id == table.c.id)
        .where(areas.c.region == region, table.c.status != "left", table.c.paused.is_(False))
        .where(or_(table.c.audience == "everyone", to_team))
        .order_by(func.lower(table.c.name), table.c.id)
    )
    return [PersonRow(**row._mapping) for row in db.all(question)]


def _wanted(question: Select[Any], wanted: RosterQuery) -> Select[Any]:
    table = schema.people
    if wanted.status is not None:
        question = question.where(table.c.status == wanted.status)
    if wanted.team is not None:
        question = question.where(table.c.team == wanted.team)
    text = wanted.text.strip()[:_LONGEST]
    if not text:
        return question
    # Databases make letters with accents small or do not; so the text is sought as typed, too.
    return question.where(
        or_(
            *(
                func.lower(table.c[name]).contains(text.lower(), autoescape=True)
                for name in _SOUGHT
            ),
            *(table.c[name].contains(text, autoescape=True) for name in _SOUGHT),
        )
    )


def _count(db: Reader, where: ColumnElement[bool]) -> int:
    return int(db.value(select(func.count()).select_from(schema.people).where(where)))
