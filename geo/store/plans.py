"""Plans and their meetups: who was asked where, what became of it, and who drove how much.

A plan has a version; whoever saves it says which version they changed, and is refused where
somebody else was quicker. Meetups name people only by rows of `schema.attendance`, which lose the
person, and the drive, when somebody is forgotten: a number of people remains.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import delete, func, insert, select, update

from geo.errors import ConflictError, UnknownName
from geo.store import schema
from geo.store.database import Reader, Writer

MeetupStatus = Literal["planned", "changed", "called off"]


@dataclass(frozen=True, slots=True)
class Seat:
    """One person at one meetup; ``person_id`` is None for somebody who is a number only.

    The drive is from their area, None where it is not known any more; ``attended`` is None before
    it is entered.
    """

    person_id: str | None
    travel_time_s: float | None = None
    attended: bool | None = None


@dataclass(frozen=True, slots=True)
class PlannedMeetup:
    """A meetup of a plan.

    Attributes
    ----------
    place
        Where, as JSON values: ``osm_id``, ``name``, ``kind``, ``lat``, ``lon``.
    starts_at
        When, by the clock there, as ISO text without a zone; None where that is open.
    minutes
        How long it lasts.
    id
        Empty before it is saved.
    """

    place: Mapping[str, Any]
    seats: tuple[Seat, ...] = ()
    starts_at: str | None = None
    minutes: int = 120
    status: MeetupStatus = "planned"
    id: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan, as it is kept; its id is empty, and its version 0, before it is saved.

    The request is what was asked for, as JSON values; it names nobody.
    """

    region: str
    name: str
    request: Mapping[str, Any]
    meetups: tuple[PlannedMeetup, ...] = ()
    id: str = ""
    version: int = 0
    created_at: datetime | None = None
    changed_at: datetime | None = None
    changed_by: str | None = None


def save_plan(db: Writer, plan: Plan, *, by: str | None, now: datetime) -> Plan:
    """Keep a plan, new or read before, and return it with its id and its new version.

    Raises
    ------
    ConflictError
        Somebody else has saved another version since, or has deleted it.
    """
    values = {
        "region": plan.region,
        "name": plan.name,
        "request": dict(plan.request),
        "version": plan.version + 1,
        "changed_at": now,
        "changed_by": by,
    }
    if not plan.id:
        plan = replace(plan, id=_new_id())
        db.execute(insert(schema.plans).values(id=plan.id, created_at=now, **values))
    else:
        _check_version(db, plan)
        db.execute(update(schema.plans).where(schema.plans.c.id == plan.id).values(**values))
    _save_meetups(db, plan)
    return load_plan(db, plan.id)


def load_plan(db: Reader, plan_id: str) -> Plan:
    """Return a plan.

    Raises
    ------
    UnknownName
        There is none of that id.
    """
    row = db.first(select(schema.plans).where(schema.plans.c.id == plan_id))
    if row is None:
        raise UnknownName("plan", plan_id, ())
    return Plan(meetups=tuple(_meetups(db, plan_id)), **row._mapping)


def list_plans(db: Reader, *, region: str | None = None) -> list[Plan]:
    """Return all plans, or those of a region, the last changed first; without their meetups."""
    statement = select(schema.plans).order_by(schema.plans.c.changed_at.desc(), schema.plans.c.id)
    if region is not None:
        statement = statement.where(schema.plans.c.region == region)
    return [Plan(**row._mapping) for row in db.all(statement)]


def delete_plan(db: Writer, plan: Plan) -> None:
    """Delete a plan with its meetups.

    Raises
    ------
    ConflictError
        Somebody else has saved another version since, or has deleted it.
    """
    _check_version(db, plan)
    db.execute(delete(schema.plans).where(schema.plans.c.id == plan.id))


def minutes_driven(db: Reader) -> dict[str, float]:
    """Return the fairness ledger: minutes that people drove to meetups that they attended."""
    table = schema.attendance
    rows = db.all(
        select(table.c.person_id, func.sum(table.c.travel_time_s).label("seconds"))
        .join(schema.meetups, schema.meetups.c.id == table.c.meetup_id)
        .where(table.c.attended, table.c.person_id.is_not(None))
        .where(schema.meetups.c.status != "called off")
        .group_by(table.c.person_id)
    )
    return {row.person_id: float(row.seconds or 0.0) / 60 for row in rows}


def last_meetups(db: Reader, day: date) -> dict[str, date]:
    """Return the day of the last meetup before a day, by person.

    It counts unless it was called off, or it was entered that they did not come.
    """
    table, meetups = schema.attendance, schema.meetups
    rows = db.all(
        select(table.c.person_id, func.max(meetups.c.starts_at).label("last"))
        .join(meetups, meetups.c.id == table.c.meetup_id)
        .where(table.c.person_id.is_not(None), meetups.c.status != "called off")
        .where(table.c.attended.is_(None) | table.c.attended)
        .where(meetups.c.starts_at < day.isoformat())
        .group_by(table.c.person_id)
    )
    return {row.person_id: datetime.fromisoformat(row.last).date() for row in rows}


def meetups_of(db: Reader, person_id: str) -> list[PlannedMeetup]:
    """Return the meetups that somebody is asked to, each with their own seat alone."""
    table = schema.attendance
    statement = (
        select(schema.meetups, table.c.travel_time_s, table.c.attended)
        .join(table, table.c.meetup_id == schema.meetups.c.id)
        .where(table.c.person_id == person_id)
        .order_by(schema.meetups.c.starts_at, schema.meetups.c.id)
    )
    return [
        _meetup(row, [Seat(person_id, row.travel_time_s, row.attended)])
        for row in db.all(statement)
    ]


def _check_version(db: Reader, plan: Plan) -> None:
    stored_version = db.scalar(select(schema.plans.c.version).where(schema.plans.c.id == plan.id))
    if stored_version is None:
        raise ConflictError("this plan was deleted meanwhile; save yours under a new name.")
    if stored_version != plan.version:
        raise ConflictError(
            "somebody else has saved this plan since you opened it; open it again and make your"
            " change there, or save yours under a new name."
        )


def _save_meetups(db: Writer, plan: Plan) -> None:
    db.execute(delete(schema.meetups).where(schema.meetups.c.plan_id == plan.id))
    for position, meetup in enumerate(plan.meetups):
        meetup_id = meetup.id or _new_id()
        values = {
            "id": meetup_id,
            "plan_id": plan.id,
            "position": position,
            "place": dict(meetup.place),
            "starts_at": meetup.starts_at,
            "minutes": meetup.minutes,
            "status": meetup.status,
        }
        db.execute(insert(schema.meetups).values(**values))
        rows = [
            {
                "meetup_id": meetup_id,
                "person_id": seat.person_id,
                "travel_time_s": seat.travel_time_s if seat.person_id else None,
                "attended": seat.attended,
            }
            for seat in meetup.seats
        ]
        db.execute(insert(schema.attendance), rows)


def _meetups(db: Reader, plan_id: str) -> Iterable[PlannedMeetup]:
    rows = db.all(
        select(schema.meetups)
        .where(schema.meetups.c.plan_id == plan_id)
        .order_by(schema.meetups.c.position)
    )
    seats: dict[str, list[Seat]] = {row.id: [] for row in rows}
    table = schema.attendance
    for seat in db.all(
        select(table)
        .join(schema.meetups, schema.meetups.c.id == table.c.meetup_id)
        .where(schema.meetups.c.plan_id == plan_id)
        .order_by(table.c.id)
    ):
        seats[seat.meetup_id].append(Seat(seat.person_id, seat.travel_time_s, seat.attended))
    return [_meetup(row, seats[row.id]) for row in rows]


def _meetup(row: Any, seats: Sequence[Seat]) -> PlannedMeetup:
    return PlannedMeetup(
        place=row.place,
        seats=tuple(seats),
        starts_at=row.starts_at,
        minutes=row.minutes,
        status=row.status,
        id=row.id,
    )


def _new_id() -> str:
    return secrets.token_hex(16)
