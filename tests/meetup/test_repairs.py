"""Repairs: applying one places those it names; and what one far person is offered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from geo.meetup import MeetupPlan, PlanRequest, plan_meetups
from geo.meetup.repairs import Repair, find_alternatives, find_repairs
from geo.model import Point
from geo.region import Region
from geo.roster import Person

MakeRegion = Callable[..., Region]
At = Callable[..., tuple[Point, ...]]
Roads = list[tuple[int, int, float]]


def persons(points: Sequence[Point]) -> list[Person]:
    return [Person(f"p{i}", point) for i, point in enumerate(points)]


def repaired(repair: Repair, plan: MeetupPlan, region: Region, people: list[Person]) -> MeetupPlan:
    return plan_meetups(repair.request(plan.request), region=region, people=repair.people(people))


CASES = {
    "far": (PlanRequest(meetups=1, cutoff_s=400), (0, 1, 4), {"minutes", "meetups", "video"}),
    "small groups": (
        PlanRequest(meetups=2, max_size=2), (0, 0, 1, 3, 4), {"meetups", "max_size", "video"},
    ),
    "large groups": (
        PlanRequest(meetups=2, min_size=3, cutoff_s=300),
        (0, 0, 0, 3, 4),
        {"minutes", "min_size", "video"},
    ),
    "apart": (PlanRequest(meetups=1, apart=(("p0", "p1"),)), (0, 0, 1), {"meetups", "video"}),
    "apart, and far": (
        PlanRequest(meetups=2, cutoff_s=300, apart=(("p0", "p1", "p2"),)),
        (0, 0, 0, 3),
        {"minutes", "video"},
    ),
    "more than there are": (PlanRequest(meetups=1, min_size=9), (0, 1), {"min_size", "video"}),
    "no place at all": (PlanRequest(meetups=1, cutoff_s=60), (1, 3), {"minutes", "video"}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_repair_places_those_it_names(
    make_region: MakeRegion, at: At, five_minutes: Roads, case: str
) -> None:
    request, starts, sorts = CASES[case]
    region = make_region(5, five_minutes, [0, 2, 4])
    people = persons(at(*starts))
    plan = plan_meetups(request, region=region, people=people)
    repairs = find_repairs(plan, region=region, people=people)
    assert {repair.kind for repair in repairs} == sorts
    for repair in repairs:
        after = repaired(repair, plan, region, people)
        placed = {one.person.id for meetup in after.meetups for one in meetup.attendees}
        if repair.kind == "video":
            assert not after.unplaced
        else:
            assert set(repair.ids) <= placed, repair
            assert repair.smallest


def test_who_is_kept_apart_is_told_so_and_offered_no_company(
    make_region: MakeRegion, at: At, five_minutes: Roads
) -> None:
    region = make_region(5, five_minutes, [0, 2, 4])
    people = persons(at(0, 0, 1))
    request = PlanRequest(meetups=1, apart=(("p0", "p1"),))
    plan = plan_meetups(request, region=region, people=people)
    (left_out,) = plan.unplaced
    assert left_out.rule == "company"
    (offer,) = find_alternatives(plan, region=region, people=people)
    assert (offer.id, offer.join, offer.pair_id) == (left_out.person.id, None, None)


def test_the_smallest_repair_is_the_smallest(
    make_region: MakeRegion, at: At, five_minutes: Roads
) -> None:
    region = make_region(5, five_minutes, [0, 2, 4])
    people = persons(at(0, 1, 4))
    plan = plan_meetups(PlanRequest(meetups=1, cutoff_s=400), region=region, people=people)
    found = {
        repair.kind: repair.value for repair in find_repairs(plan, region=region, people=people)
    }
    assert found == {"minutes": 10.0, "meetups": 2.0, "video": 1}
    less = Repair("minutes", 9.0, True, ())
    assert repaired(less, plan, region, people).unplaced


def test_nothing_is_repaired_where_all_are_placed(
    make_region: MakeRegion, at: At, five_minutes: Roads
) -> None:
    region = make_region(5, five_minutes, [0])
    people = persons(at(0, 1))
    plan = plan_meetups(PlanRequest(meetups=1), region=region, people=people)
    assert find_repairs(plan, region=region, people=people) == []
    assert find_alternatives(plan, region=region, people=people) == []


def test_one_far_person_is_offered_something(
    make_region: MakeRegion, at: At, five_minutes: Roads
) -> None:
    region = make_region(5, five_minutes, [0, 4])
    people = [*persons(at(0, 0, 3)), Person("island", Point(30.0, 30.0))]
    plan = plan_meetups(PlanRequest(meetups=1, cutoff_s=600), region=region, people=people)
    near, island = find_alternatives(plan, region=region, people=people)
    assert (near.id, near.join, near.join_s, near.beyond_s) == ("p2", 1, 900.0, 300.0)
    assert near.pair_id is None
    assert (island.id, island.join, island.pair_id) == ("island", None, None)


def test_a_pair_nearby_is_found(make_region: MakeRegion, at: At, five_minutes: Roads) -> None:
    region = make_region(5, five_minutes, [0, 4])
    people = persons(at(0, 0, 0, 3, 4))
    plan = plan_meetups(PlanRequest(meetups=1, cutoff_s=600), region=region, people=people)
    offers = find_alternatives(plan, region=region, people=people)
    assert [(one.id, one.pair_id, one.pair_s) for one in offers] == [
        ("p3", "p4", 300.0),
        ("p4", "p3", 300.0),
    ]
    assert offers[0].pair_place is not None
    assert offers[0].pair_place.osm_id == "n4"
