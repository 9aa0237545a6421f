"""Offices: what meeting there, or not, costs those who are remote; counted on five junctions."""

from __future__ import annotations

from collections.abc import Callable

from geo.meetup import PlanRequest
from geo.meetup.offices import weigh_office
from geo.model import Place, Point
from geo.region import Region
from geo.roster import Person
from geo.venues import Venue, with_venues


def test_each_way_has_its_price(
    make_region: Callable[..., Region],
    at: Callable[..., tuple[Point, ...]],
    five_minutes: list[tuple[int, int, float]],
) -> None:
    office = Venue(Place("own:hq", "Office", "coworking", at(0)[0]), "office", staff=3)
    region = with_venues(make_region(5, five_minutes, [1, 3, 4]), [office])
    people = [Person(f"p{i}", point) for i, point in enumerate(at(3, 4))]
    choices = weigh_office(PlanRequest(meetups=1), office, region=region, people=people)
    assert [
        (one.way, one.remote_placed, one.remote_total_s, one.remote_worst_s, one.staff_total_s)
        for one in choices
    ] == [
        ("at the office", 2, 2100.0, 1200.0, 0.0),
        ("apart", 2, 300.0, 300.0, 0.0),
        ("everyone remote", 2, 1500.0, 900.0, 900.0),
    ]
