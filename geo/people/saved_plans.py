"""Saved plans and their meetups: kept, changed, moved to another place, and who came."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.model import HomeArea, Place
from geo.network import CONDITIONS, Conditions
from geo.people.authorised import (
    AuditedRead,
    AuthorisedWrite,
    audited_read,
    authorised_write,
    subject_of,
)
from geo.people.preferences import Preferences
from geo.places import capacity, hosts_groups, opening
from geo.privacy import Action, may_see
from geo.region import Region
from geo.store import Store
from geo.store.database import Reader
from geo.store.people import PersonRow, areas_of, find_preferences, people_by_id
from geo.store.plans import (
    Plan,
    PlannedMeetup,
    Seat,
    delete_plan,
    list_plans,
    load_plan,
    save_plan,
)

Floats = npt.NDArray[np.float64]

_MOST_ALTERNATIVES = 20


@dataclass(frozen=True, slots=True)
class AlternativePlace:
    """Another place for a meetup, and who comes, with their drives there.

    ``worst_s`` and ``total_s`` are the longest of the drives that are known, and all of them
    together; 0.0 where none is.
    """

    place: Place
    seats: tuple[Seat, ...]
    worst_s: float
    total_s: float


def alternative_places(
    store: Store, actor_id: str, region: Region, plan: Plan, meetup: PlannedMeetup
) -> list[AlternativePlace]:
    """Return other places for a meetup, the least driving in all first.

    They can host so many, nobody of those with a name rules them out, and none is known to be
    closed then. Drives are those of people who allow planning and have an area in this region;
    of nobody else is anything shown.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    """
    with authorised_write(store, actor_id, Action.PLAN) as write:
        shown = list(_named_people(write, [meetup]))
        wanted = {key: Preferences.from_json(find_preferences(write.db, key)) for key in shown}
        areas = {
            key: one.area
            for key, one in areas_of(write.db, shown).items()
            if one.region == region.name
        }
        write.record(looked_elsewhere=plan.id)
    rows = [row for row in region.places.rows().tolist() if _can_host(region.places[row], meetup)]
    constraints = [one for one in wanted.values() if one.kinds or one.step_free]
    rows = [
        row for row in rows if not any(one.rules_out(region.places[row]) for one in constraints)
    ]
    seconds = _drives(region, plan, areas, wanted, rows)
    ids = list(areas)
    order = np.argsort(seconds.sum(axis=0), kind="stable").tolist() if rows else []
    return list(_alternatives(region, meetup, rows, (ids, seconds), order))


def move_meetup(meetup: PlannedMeetup, other: AlternativePlace) -> PlannedMeetup:
    """Return a meetup at another place."""
    place = other.place
    where = {
        "osm_id": place.osm_id,
        "name": place.name,
        "kind": place.kind,
        "lat": place.point.lat,
        "lon": place.point.lon,
    }
    return replace(meetup, place=where, seats=other.seats, status="changed")


def _can_host(place: Place, meetup: PlannedMeetup) -> bool:
    room = capacity(place)
    if not place.name or place.osm_id == meetup.place.get("osm_id"):
        return False
    return hosts_groups(place) and (room is None or room >= len(meetup.seats))


def _drives(
    region: Region,
    plan: Plan,
    areas: Mapping[str, HomeArea],
    wanted: Mapping[str, Preferences],
    rows: Sequence[int],
) -> Floats:
    """Return (people, places) drives, each person's on the roads as they take them."""
    road_name = str(plan.request.get("roads", ""))
    usual_conditions = Conditions(road_name if road_name in CONDITIONS else "dry")
    seconds = np.zeros((len(areas), len(rows)))
    by_roads: dict[Conditions, list[int]] = defaultdict(list)
    for number, key in enumerate(areas):
        by_roads[Conditions("mud") if wanted[key].avoids_unpaved else usual_conditions].append(
            number
        )
    points = [area.point for area in areas.values()]
    for roads, numbers in by_roads.items():
        starts = region.network.snap(
            [points[number].lon for number in numbers], [points[number].lat for number in numbers]
        )
        ends = region.place_snaps[np.array(rows, np.intp)]
        seconds[numbers] = region.network.matrix(starts, ends, conditions=roads).seconds
    return seconds


def _alternatives(
    region: Region,
    meetup: PlannedMeetup,
    rows: Sequence[int],
    drives: tuple[Sequence[str], Floats],
    order: Sequence[int],
) -> Iterator[AlternativePlace]:
    """Yield the first places of an order that all can reach and that are not known to be closed."""
    ids, seconds = drives
    remaining = _MOST_ALTERNATIVES
    for column in order:
        place, own = region.places[rows[column]], seconds[:, column]
        if not np.isfinite(own).all() or _is_closed(place, meetup):
            continue
        by_id = dict(zip(ids, own.tolist(), strict=True))
        seats = tuple(
            replace(seat, travel_time_s=by_id.get(seat.person_id or "")) for seat in meetup.seats
        )
        yield AlternativePlace(place, seats, float(own.max(initial=0.0)), math.fsum(own.tolist()))
        remaining -= 1
        if not remaining:
            return


def _is_closed(place: Place, meetup: PlannedMeetup) -> bool:
    if meetup.starts_at is None:
        return False
    starts_at = datetime.fromisoformat(meetup.starts_at)
    duration = timedelta(minutes=meetup.minutes)
    return opening.open_throughout(place, starts_at, duration) == "closed"


def save_meetup_plan(store: Store, actor_id: str, plan: Plan) -> Plan:
    """Keep a plan, and return it with its id and new version.

    Seats of people without a name, and of people who are not on the roster any more, are kept as
    numbers.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    ConflictError
        Somebody else has saved another version since.
    """
    with authorised_write(store, actor_id, Action.PLAN) as write:
        return _save(write, plan)


def open_plan(store: Store, actor_id: str, plan_id: str) -> Plan:
    """Return a plan that was kept.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    UnknownName
        There is none of that id.
    """
    with audited_read(store, actor_id, Action.PLAN) as read:
        plan = load_plan(read.db, plan_id)
        read.record(opened=plan.id)
    return plan


def my_plans(store: Store, actor_id: str, *, region: str | None = None) -> list[Plan]:
    """Return the plans that were kept, the last changed first; without their meetups.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    """
    with audited_read(store, actor_id, Action.PLAN) as read:
        return list_plans(read.db, region=region)


def delete_saved_plan(store: Store, actor_id: str, plan: Plan) -> None:
    """Delete a plan with its meetups.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    ConflictError
        Somebody else has saved another version since.
    """
    with authorised_write(store, actor_id, Action.PLAN) as write:
        delete_plan(write.db, plan)
        write.record(deleted=plan.id)


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
    with authorised_write(store, actor_id, Action.PLAN) as write:
        return _save(write, replace(plan, meetups=meetups), attended=sum(attended.values()))


def names_in_plan(store: Store, actor_id: str, plan: Plan) -> dict[str, str]:
    """Return the names of those in a plan who allow planning, by id; nobody else has one.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    """
    with audited_read(store, actor_id, Action.PLAN) as read:
        return {key: one.name for key, one in _named_people(read, plan.meetups).items()}


def _named_people(
    access: AuditedRead | AuthorisedWrite, meetups: Iterable[PlannedMeetup]
) -> dict[str, PersonRow]:
    """Return those of some meetups who allow planning, by id."""
    return {
        key: one
        for key, one in people_by_id(access.db, _person_ids(meetups)).items()
        if may_see(access.viewer, Action.SEE_NAME_IN_PLAN, subject_of(one))
    }


def _person_ids(meetups: Iterable[PlannedMeetup]) -> set[str]:
    return {one for meetup in meetups for seat in meetup.seats if (one := seat.person_id)}


def _save(write: AuthorisedWrite, plan: Plan, **detail: Any) -> Plan:
    """Keep the next version of a plan, and write that to the audit."""
    saved = save_plan(
        write.db, _with_known_people(write.db, plan), by=write.viewer.id, now=write.now
    )
    write.record(saved=saved.id, version=saved.version, meetups=len(saved.meetups), **detail)
    return saved


def _attended(seats: Sequence[Seat], attended: Mapping[str, bool]) -> tuple[Seat, ...]:
    return tuple(
        replace(one, attended=attended.get(one.person_id or "", one.attended)) for one in seats
    )


def _with_known_people(db: Reader, plan: Plan) -> Plan:
    known = people_by_id(db, _person_ids(plan.meetups))
    meetups = (
        replace(one, seats=tuple(s if s.person_id in known else Seat(None) for s in one.seats))
        for one in plan.meetups
    )
    return replace(plan, meetups=tuple(meetups))
