"""Who goes elsewhere under another plan.

Offices: what meeting there, or not, costs those who are remote; counted on five junctions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from geo.meetup import Attendee, Meetup, MeetupPlan, PlanRequest, Unplaced
from geo.meetup.compare import changes, office_options
from geo.model import Place, Point
from geo.region import Region
from geo.roster import Person
from geo.venues import Venue, with_venues

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


def test_each_way_has_its_price(
    make_region: Callable[..., Region],
    at: Callable[..., tuple[Point, ...]],
    five_minutes: list[tuple[int, int, float]],
) -> None:
    office = Venue(Place("own:hq", "Office", "coworking", at(0)[0]), "office", staff=3)
    region = with_venues(make_region(5, five_minutes, [1, 3, 4]), [office])
    people = [Person(f"p{i}", point) for i, point in enumerate(at(3, 4))]
    choices = office_options(PlanRequest(meetups=1), office, region=region, people=people)
    assert [
        (one.kind, one.remote_placed, one.remote_total_s, one.remote_worst_s, one.staff_total_s)
        for one in choices
    ] == [
        ("at the office", 2, 2100.0, 1200.0, 0.0),
        ("apart", 2, 300.0, 300.0, 0.0),
        ("everyone remote", 2, 1500.0, 900.0, 900.0),
    ]
