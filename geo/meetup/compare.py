"""Plans compared: two plans of the same people, and the options of a team with an office.

An office is an own venue with people in it. Three options are planned: to meet at the office, where
its staff need not drive; to let its staff meet there while those who are remote meet elsewhere;
and, "if one person is remote, everyone is remote", to meet elsewhere all together, the staff of the
office counted as people who drive from there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from geo.facility_location import SolveProgress
from geo.meetup.plan import MeetupPlan, plan_meetups
from geo.meetup.request import PlanRequest
from geo.model import Place
from geo.region import Region
from geo.roster import Person
from geo.venues import Venue


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody whom two plans send to different places; None, and ``inf`` seconds, for nowhere."""

    id: str
    before: Place | None
    after: Place | None
    before_s: float
    after_s: float

    @property
    def longer_s(self) -> float:
        """How much longer the drive gets; ``nan`` where one of the two is none."""
        both = math.isfinite(self.before_s) and math.isfinite(self.after_s)
        return self.after_s - self.before_s if both else math.nan


def changes(before: MeetupPlan, after: MeetupPlan) -> list[Change]:
    """Return who goes elsewhere under the second plan, in the order of its meetups.

    People whom only one of the plans knows are passed over.
    """
    was, becomes = _places(before), _places(after)
    return [
        Change(identity, was[identity][0], place, was[identity][1], seconds)
        for identity, (place, seconds) in becomes.items()
        if identity in was and _id(was[identity][0]) != _id(place)
    ]


def _places(plan: MeetupPlan) -> dict[str, tuple[Place | None, float]]:
    found: dict[str, tuple[Place | None, float]] = {}
    for meetup in plan.meetups:
        for one in meetup.attendees:
            found[one.person.id] = (meetup.place, one.travel_time_s)
    for left in plan.unplaced:
        found[left.person.id] = (None, math.inf)
    return found


def _id(place: Place | None) -> str:
    return place.osm_id if place else ""


OfficeOptionKind = Literal["at the office", "apart", "everyone remote"]


@dataclass(frozen=True, slots=True)
class OfficeOption:
    """One option of meeting, and what it costs.

    ``remote_placed``, ``remote_total_s`` and ``remote_worst_s`` are how many of those who are
    remote go somewhere, their drives there together, and the longest; ``staff_total_s`` are the
    drives of the office's staff together.
    """

    kind: OfficeOptionKind
    plan: MeetupPlan
    remote_placed: int
    remote_total_s: float
    remote_worst_s: float
    staff_total_s: float


def office_options(
    request: PlanRequest,
    office: Venue,
    *,
    region: Region,
    people: Sequence[Person],
    progress: SolveProgress | None = None,
) -> list[OfficeOption]:
    """Plan the three options of meeting around an office, which the region has (`with_venues`).

    ``progress`` is as for `geo.meetup.plan_meetups`, for each option in turn.
    """
    identity = office.place.osm_id
    staff = [
        Person(f"{identity}#{number}", office.place.point) for number in range(1, office.staff + 1)
    ]
    used = replace(request, forced=tuple({*request.forced, identity}))
    unused = replace(
        request,
        forced=tuple(one for one in request.forced if one != identity),
        banned=tuple({*request.banned, identity}),
    )
    options: list[tuple[OfficeOptionKind, PlanRequest, list[Person]]] = [
        ("at the office", used, [*people, *staff]),
        ("apart", unused, list(people)),
        ("everyone remote", unused, [*people, *staff]),
    ]
    remote = {person.id for person in people}
    return [
        _option(kind, plan_meetups(asked, region=region, people=who, progress=progress), remote)
        for kind, asked, who in options
    ]


def _option(kind: OfficeOptionKind, plan: MeetupPlan, remote: set[str]) -> OfficeOption:
    drives = [
        (one.person.id in remote, one.travel_time_s)
        for meetup in plan.meetups
        for one in meetup.attendees
    ]
    theirs = [seconds for is_remote, seconds in drives if is_remote]
    return OfficeOption(
        kind=kind,
        plan=plan,
        remote_placed=len(theirs),
        remote_total_s=math.fsum(theirs),
        remote_worst_s=max(theirs, default=0.0),
        staff_total_s=math.fsum(seconds for is_remote, seconds in drives if not is_remote),
    )
