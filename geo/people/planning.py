"""Plans and meetups that are kept, through the rights of who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from geo.people.acting import acting, subject_of
from geo.privacy import Action, may_see
from geo.store import (
    Plan,
    PlannedMeetup,
    Reader,
    Seat,
    Store,
    delete_plan,
    find_person,
    list_people,
    list_plans,
    load_plan,
    minutes_driven,
    save_plan,
    set_attended,
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
        kept = save_plan(act.db, _with_known_people(act.db, plan), by=actor_id, now=act.now)
        act.note(Action.PLAN, saved=kept.id, version=kept.version, meetups=len(kept.meetups))
    return kept


def open_plan(store: Store, actor_id: str, plan_id: str) -> Plan:
    """Return a plan that was kept.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    UnknownName
        There is none of that id.
    """
    with acting(store, actor_id, Action.PLAN) as act:
        plan = load_plan(act.db, plan_id)
        act.note(Action.PLAN, opened=plan.id)
    return plan


def my_plans(store: Store, actor_id: str, *, region: str | None = None) -> list[Plan]:
    """Return the plans that were kept, the last changed first; without their meetups.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    """
    with acting(store, actor_id, Action.PLAN) as act:
        return list_plans(act.db, region=region)


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
    store: Store, actor_id: str, meetup_id: str, attended: Mapping[str, bool]
) -> int:
    """Enter who came to a meetup, by person; return how many of them it knows.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    """
    with acting(store, actor_id, Action.PLAN) as act:
        count = set_attended(act.db, meetup_id, attended)
        act.note(Action.PLAN, attended=count)
    return count


def ledger(store: Store, actor_id: str) -> dict[str, float]:
    """Return the minutes that people drove to meetups they attended, by person.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    """
    with acting(store, actor_id, Action.PLAN) as act:
        return minutes_driven(act.db)


def names_in_plan(store: Store, actor_id: str, plan: Plan) -> dict[str, str]:
    """Return the names of those in a plan who allow planning, by id; nobody else has one.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    """
    with acting(store, actor_id, Action.PLAN) as act:
        ids = {seat.person_id for meetup in plan.meetups for seat in meetup.seats}
        return {
            one.id: one.name
            for one in list_people(act.db)
            if one.id in ids and may_see(act.viewer, Action.SEE_NAME_IN_PLAN, subject_of(one))
        }


def _with_known_people(db: Reader, plan: Plan) -> Plan:
    return replace(plan, meetups=tuple(_seated(db, meetup) for meetup in plan.meetups))


def _seated(db: Reader, meetup: PlannedMeetup) -> PlannedMeetup:
    seats = (
        seat if seat.person_id and find_person(db, seat.person_id) else Seat(None)
        for seat in meetup.seats
    )
    return replace(meetup, seats=tuple(seats))
