"""Who goes elsewhere under another plan."""

from __future__ import annotations

import math
from dataclasses import replace

from geo.meetup import Attendee, Meetup, MeetupPlan, PlanRequest, Unplaced
from geo.meetup.comparing import changes
from geo.model import Place, Point
from geo.roster import Person

A, B = (Place(key, key, "cafe", Point(0, 0)) for key in ("n1", "n2"))
ANN, BOB, CY, DEE = (Person(key, Point(0, 0)) for key in ("ann", "bob", "cy", "dee"))


def plan(groups: dict[str, list[tuple[Person, float]]], *left: Person) -> MeetupPlan:
    meetups = tuple(
        Meetup({"n1": A, "n2": B}[key], tuple(Attendee(who, s, s) for who, s in people))
        for key, people in groups.items()
    )
    unplaced = tuple(Unplaced(person, "too_far", math.inf) for person in left)
    return MeetupPlan(PlanRequest(), meetups, unplaced, 0.0, 0.0, True, (), 2, 0.0)


def test_only_those_who_go_elsewhere_are_told() -> None:
    before = plan({"n1": [(ANN, 60), (BOB, 120)]}, CY)
    after = plan({"n1": [(ANN, 60)], "n2": [(BOB, 300), (CY, 90), (DEE, 5)]})
    moved, placed = changes(before, after)
    assert (moved.id, moved.before, moved.after, moved.longer_s) == ("bob", A, B, 180)
    assert (placed.id, placed.before, placed.after) == ("cy", None, B)
    assert math.isnan(placed.longer_s)
    dropped = changes(after, before)[-1]
    assert (dropped.id, dropped.after, dropped.after_s) == ("cy", None, math.inf)


def test_a_plan_changes_nothing_against_itself() -> None:
    same = plan({"n1": [(ANN, 60)]}, BOB)
    assert changes(same, replace(same, proven=False)) == []
