"""Where else a kept meetup could be: places that its people can drive to, with their new drives."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from geo.model import HomeArea, Place
from geo.network import CONDITIONS, Conditions
from geo.people.acting import acting, subject_of
from geo.people.preferences import Preferences
from geo.places import capacity, hosts_groups, opening
from geo.privacy import Action, may_see
from geo.region import Region
from geo.store import (
    Plan,
    PlannedMeetup,
    Seat,
    Store,
    areas_of,
    find_preferences,
    people_by_id,
)

Floats = npt.NDArray[np.float64]

_OFFERED = 20


@dataclass(frozen=True, slots=True)
class OtherPlace:
    """Another place for a meetup.

    Attributes
    ----------
    place
        Where.
    seats
        Who comes, with their drives there.
    worst_s, total_s
        The longest of the drives that are known, and all of them together; 0.0 where none is.
    """

    place: Place
    seats: tuple[Seat, ...]
    worst_s: float
    total_s: float


def other_places(
    store: Store, actor_id: str, region: Region, plan: Plan, meetup: PlannedMeetup
) -> list[OtherPlace]:
    """Return other places for a meetup, the least driving in all first.

    They can host so many, nobody of those with a name rules them out, and none is known to be
    closed then. Drives are those of people who allow planning and have an area in this region;
    of nobody else is anything told.

    Raises
    ------
    NotAllowed
        The actor is no planner.
    """
    with acting(store, actor_id, Action.PLAN) as act:
        people = people_by_id(act.db, {one for seat in meetup.seats if (one := seat.person_id)})
        shown = [
            key
            for key, one in people.items()
            if may_see(act.viewer, Action.SEE_NAME_IN_PLAN, subject_of(one))
        ]
        wanted = {key: Preferences.from_json(find_preferences(act.db, key)) for key in shown}
        areas = {
            key: one.area
            for key, one in areas_of(act.db, shown).items()
            if one.region == region.name
        }
        act.note(Action.PLAN, looked_elsewhere=plan.id)
    rows = [row for row in region.places.rows().tolist() if _hosts(region.places[row], meetup)]
    bound = [one for one in wanted.values() if one.kinds or one.step_free]
    rows = [row for row in rows if not any(one.rules_out(region.places[row]) for one in bound)]
    seconds = _drives(region, plan, areas, wanted, rows)
    ids = list(areas)
    order = np.argsort(seconds.sum(axis=0), kind="stable").tolist() if rows else []
    return list(_offered(region, meetup, rows, (ids, seconds), order))


def moved(meetup: PlannedMeetup, other: OtherPlace) -> PlannedMeetup:
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


def _hosts(place: Place, meetup: PlannedMeetup) -> bool:
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
    said = str(plan.request.get("roads", ""))
    usual = Conditions(said if said in CONDITIONS else "dry")
    seconds = np.zeros((len(areas), len(rows)))
    by_roads: dict[Conditions, list[int]] = defaultdict(list)
    for number, key in enumerate(areas):
        by_roads[Conditions("mud") if wanted[key].avoids_unpaved else usual].append(number)
    points = [area.point for area in areas.values()]
    for roads, numbers in by_roads.items():
        starts = region.network.snap(
            [points[number].lon for number in numbers], [points[number].lat for number in numbers]
        )
        ends = region.place_snaps[np.array(rows, np.intp)]
        seconds[numbers] = region.network.matrix(starts, ends, conditions=roads).seconds
    return seconds


def _offered(
    region: Region,
    meetup: PlannedMeetup,
    rows: Sequence[int],
    drives: tuple[Sequence[str], Floats],
    order: Sequence[int],
) -> Iterator[OtherPlace]:
    """Yield the first places of an order that all can reach and that are not known to be closed."""
    ids, seconds = drives
    left = _OFFERED
    for column in order:
        place, own = region.places[rows[column]], seconds[:, column]
        if not np.isfinite(own).all() or _is_closed(place, meetup):
            continue
        by_id = dict(zip(ids, own.tolist(), strict=True))
        seats = tuple(
            replace(seat, travel_time_s=by_id.get(seat.person_id or "")) for seat in meetup.seats
        )
        yield OtherPlace(place, seats, float(own.max(initial=0.0)), math.fsum(own.tolist()))
        left -= 1
        if not left:
            return


def _is_closed(place: Place, meetup: PlannedMeetup) -> bool:
    if meetup.starts_at is None:
        return False
    at, long = datetime.fromisoformat(meetup.starts_at), timedelta(minutes=meetup.minutes)
    return opening.open_throughout(place, at, long) == "closed"
