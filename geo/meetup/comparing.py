"""Two plans of the same people beside each other: who goes elsewhere, and what it changes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from geo.meetup.plan import MeetupPlan
from geo.model import Place


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody whom two plans send to different places.

    Attributes
    ----------
    id
        Who.
    before, after
        Where to; None for nowhere.
    before_s, after_s
        The drives there; ``inf`` for nowhere.
    """

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
