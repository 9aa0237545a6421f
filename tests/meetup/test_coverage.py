"""Coverage: who has a place within a drive, counted on a road of five junctions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from geo.errors import InputError
from geo.meetup.coverage import measure_coverage
from geo.model import Place, Point
from geo.region import Region
from geo.roster import Person
from geo.venues import Venue, with_venues

MakeRegion = Callable[..., Region]
At = Callable[..., tuple[Point, ...]]
Roads = list[tuple[int, int, float]]


@pytest.fixture
def region(make_region: MakeRegion, at: At, five_minutes: Roads) -> Region:
    return make_region(
        5,
        five_minutes,
        [
            0,
            Place("n10", "Library", "library", at(2)[0]),
            Place("n11", "Desks", "coworking", at(4)[0]),
            Place("n12", "More desks", "coworking", at(1)[0]),
        ],
    )


@pytest.fixture
def people(at: At) -> list[Person]:
    return [Person(f"p{i}", point) for i, point in enumerate(at(0, 1, 2, 3, 4))]


def test_people_are_counted_by_kind_and_cutoff(region: Region, people: list[Person]) -> None:
    found = measure_coverage(region, people, cutoffs_s=[600, 0, 300], kinds=["cafe", "library"])
    assert list(found.cutoffs_s) == [0, 300, 600]
    assert [(one.kind, one.places, one.covered) for one in found.by_kind] == [
        ("cafe", 1, (1, 2, 3)),
        ("library", 1, (1, 3, 5)),
    ]
    assert found.covered == (2, 4, 5)
    assert [person.id for person in found.without(300)] == ["p4"]


def test_who_has_nothing_gets_a_fallback(region: Region, people: list[Person]) -> None:
    found = measure_coverage(region, people, cutoffs_s=[600], kinds=["cafe"])
    fallbacks = {one.person.id: one.fallback for one in found.people}
    assert fallbacks["p0"] is None
    near = fallbacks["p4"]
    assert near is not None
    assert (near.place.osm_id, near.travel_time_s) == ("n10", 600)


def test_new_memberships_reach_most_people(region: Region, people: list[Person]) -> None:
    found = measure_coverage(region, people, cutoffs_s=[300], kinds=["cafe"], new_memberships=1)
    (best,) = found.suggestions
    assert (best.place.osm_id, best.people) == ("n12", ("p0", "p1", "p2"))
    assert found.suggestions_proven
    two = measure_coverage(region, people, cutoffs_s=[300], kinds=["cafe"], new_memberships=9)
    assert {one.place.osm_id for one in two.suggestions} == {"n11", "n12"}


def test_a_membership_held_is_not_suggested_and_may_be_out_of_reach(
    region: Region, people: list[Person], at: At
) -> None:
    tags = {"crossroads:status": "membership"}
    held = Venue(Place("own:a", "Held", "coworking", at(1)[0], tags), "membership")
    lost = Venue(Place("own:b", "Lost", "coworking", Point(30, 30), tags), "membership")
    own = with_venues(region, [held, lost])
    found = measure_coverage(own, people, cutoffs_s=[300], kinds=["cafe"], new_memberships=1)
    assert [one.place.osm_id for one in found.suggestions] == ["n11"]
    assert [place.osm_id for place in found.unreached] == ["own:b"]


def test_nobody_and_nothing_are_no_errors(region: Region) -> None:
    found = measure_coverage(region, [], cutoffs_s=[300], kinds=["pub"], new_memberships=2)
    assert (found.covered, found.people, found.suggestions) == ((0,), (), ())
    with pytest.raises(InputError, match="one or more"):
        measure_coverage(region, [], cutoffs_s=[])
