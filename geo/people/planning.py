"""Plans and meetups that are kept, through the rights of who asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from geo.people.acting import Act, acting, looking, subject_of
from geo.privacy import Action, may_see
from geo.store import (
    Plan,
    Reader,
    Seat,
    Store,
    delete_plan,
    list_plans,
    load_plan,
    minutes_driven,
    people_by_id,
    save_plan,
)


def save_meetup_plan(store: Store, actor_id: str, plan: Plan) -> Plan:
    """Keep a plan, and return it with its id and new version.

    Seats of people without a name (`geo.people.NAMELESS`), and of people who are not on the roster
    any more, are kept as numbers.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    ConflictError
        Somebody else has saved another version since.
    """
    with acting(store, actor_id, Action.PLAN) as act:
        return _save(act, plan)


def open_plan(store: Store, actor_id: str, plan_id: str) -> Plan:
    """Return a plan that was kept.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    UnknownName
        There is none of that id.
    """
    with looking(store, actor_id, Action.PLAN) as look:
        plan = load_plan(look.db, plan_id)
        look.note(opened=plan.id)
    return plan


def my_plans(store: Store, actor_id: str, *, region: str | None = None) -> list[Plan]:
    """Return the plans that were kept, the last changed first; without their meetups.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    """
    with looking(store, actor_id, Action.PLAN) as look:
        return list_plans(look.db, region=region)


def drop_plan(store: Store, actor_id: str, plan: Plan) -> None:
    """Delete a plan with its meetups.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    ConflictError
        Somebody else has saved another version since.
    """
    with acting(store, actor_id, Action.PLAN) as act:
        delete_plan(act.db, plan)
        act.note(Action.PLAN, deleted=plan.id)


def enter_attendance(
    store: Store, actor_id: str, plan: Plan, meetup_id: str, attended: Mapping[str, bool]
) -> Plan:
    """Enter who came to a meetup, by person, and return the plan's next version.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    ConflictError
        Somebody else has saved another version since.
    """
    meetups = tuple(
        replace(one, seats=_attended(one.seats, attended)) if one.id == meetup_id else one
        for one in plan.meetups
    )
    with acting(store, actor_id, Action.PLAN) as act:
        return _save(act, replace(plan, meetups=meetups), attended=sum(attended.values()))


def ledger(store: Store, actor_id: str) -> dict[str, float]:
    """Return the minutes that people drove to meetups they attended, by person.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    """
    with looking(store, actor_id, Action.PLAN) as look:
        return minutes_driven(look.db)


def names_in_plan(store: Store, actor_id: str, plan: Plan) -> dict[str, str]:
    """Return the names of those in a plan who allow planning, by id; nobody else has one.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    """
    with looking(store, actor_id, Action.PLAN) as look:
        ids = {one for meetup in plan.meetups for seat in meetup.seats if (one := seat.person_id)}
        return {
            key: one.name
            for key, one in people_by_id(look.db, ids).items()
            if may_see(look.viewer, Action.SEE_NAME_IN_PLAN, subject_of(one))
        }


def _save(act: Act, plan: Plan, attended: int | None = None) -> Plan:
    """Keep the next version of a plan, and write down that it was."""
    kept = save_plan(act.db, _with_known_people(act.db, plan), by=act.viewer.id, now=act.now)
    noted: dict[str, Any] = {} if attended is None else {"attended": attended}
    act.note(Action.PLAN, saved=kept.id, version=kept.version, meetups=len(kept.meetups), **noted)
    return kept


def _attended(seats: Sequence[Seat], attended: Mapping[str, bool]) -> tuple[Seat, ...]:
    return tuple(
        replace(one, attended=attended.get(one.person_id or "", one.attended)) for one in seats
    )


def _with_known_people(db: Reader, plan: Plan) -> Plan:
    ids = {one for meetup in plan.meetups for seat in meetup.seats if (one := seat.person_id)}
    known = people_by_id(db, ids)
    meetups = (
        replace(one, seats=tuple(s if s.person_id in known else Seat(None) for s in one.seats))
        for one in plan.meetups
    )
    return replace(plan, meetups=tuple(meetups))
