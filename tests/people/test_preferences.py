"""What somebody's wishes make of places, company and time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from geo.model import Place, Point
from geo.people.plan_inputs import demand_for_plan
from geo.people.preferences import (
    REST_DAYS,
    Preferences,
    is_resting,
    match_preferences,
    places_against_mood,
    rank_by_preferences,
    set_preferences,
    suggest_company,
)
from geo.people.saved_plans import save_meetup_plan
from geo.region import Region
from geo.store import Store
from geo.store.plans import Plan, PlannedMeetup, Seat


def place(osm_id: str, kind: str, lon: float = 0.0, **tags: str) -> Place:
    return Place(osm_id, osm_id, kind, Point(lon, 52.0), tags)


PUB, CAFE = place("pub", "pub"), place("cafe", "cafe")
LIBRARY, STEPS = place("library", "library"), place("steps", "library", wheelchair="no")
RAMP = place("ramp", "library", wheelchair="yes")


def order(wanted: Preferences, *places: Place) -> tuple[list[str], int]:
    found, left_out = rank_by_preferences(places, wanted, lambda one: one)
    return [one.osm_id for one in found], left_out


@pytest.mark.parametrize(
    ("wanted", "first"),
    [
        (Preferences(), ["pub", "cafe", "library"]),
        (Preferences(mood="quiet"), ["library", "pub", "cafe"]),
        (Preferences(mood="lively"), ["pub", "cafe", "library"]),
        (Preferences(kinds=("cafe",)), ["cafe", "pub", "library"]),
        (Preferences(kinds=("cafe", "pub"), mood="quiet"), ["pub", "cafe", "library"]),
    ],
)
def test_kinds_go_first_then_the_mood_then_what_came_first(
    wanted: Preferences, first: list[str]
) -> None:
    assert order(wanted, PUB, CAFE, LIBRARY) == (first, 0)


def test_known_steps_rule_out_and_unknown_ones_do_not() -> None:
    wanted = Preferences(step_free=True)
    assert order(wanted, LIBRARY, STEPS, RAMP) == (["library", "ramp"], 1)
    assert match_preferences(LIBRARY, wanted).reasons == ("steps: not known",)
    assert match_preferences(RAMP, wanted).reasons == ("step-free",)


def test_tags_change_the_mood_and_say_why() -> None:
    loud = place("hotel", "hotel", live_music="yes")
    assert order(Preferences(mood="lively"), place("plain", "hotel"), loud)[0][0] == "hotel"
    assert match_preferences(loud, Preferences(mood="quiet")).reasons == (
        "rather lively: live music",
    )


def test_of_two_a_walk_apart_the_one_that_suits_and_has_room_is_taken() -> None:
    near, far = 0.01, 0.1  # 700 m and 7 km
    places = [PUB, place("near", "library", near, capacity="40")]
    assert places_against_mood(places, "quiet") == ("pub",)
    assert places_against_mood(places, "any") == ()
    assert places_against_mood([PUB, place("far", "library", far, capacity="40")], "quiet") == ()
    assert places_against_mood([PUB, place("tiny", "library", near, capacity="4")], "quiet") == ()
    assert places_against_mood([], "quiet") == ()


@pytest.mark.parametrize("often", ["weekly", "monthly", "quarterly", "rarely"])
def test_rests_until_as_many_days_have_passed(often: str) -> None:
    last = date(2026, 5, 4)
    free = date.fromordinal(last.toordinal() + REST_DAYS[often])  # type: ignore[index]
    assert is_resting(often, last, date.fromordinal(free.toordinal() - 1))  # type: ignore[arg-type]
    assert not is_resting(often, last, free)  # type: ignore[arg-type]
    assert not is_resting(often, None, free)  # type: ignore[arg-type]


def test_company_is_as_large_as_one_likes_it() -> None:
    near = [f"c{number}" for number in range(20)]
    sizes = {size: len(suggest_company(near, size)) for size in ("any", "one to one", "small")}
    assert sizes == {"any": 0, "one to one": 1, "small": 4}
    assert len(suggest_company(near, "large")) + 1 >= 6


def test_who_met_too_recently_rests_and_can_be_taken_in(crew: Store, county: Region) -> None:
    set_preferences(crew, "wren", Preferences(often="monthly"))
    set_preferences(crew, "sol", Preferences(often="weekly"))
    meetup = PlannedMeetup(
        {"osm_id": "n1"}, (Seat("wren", 60.0), Seat("sol", 60.0)), "2026-05-04T10:00"
    )
    kept = save_meetup_plan(crew, "pat", Plan("county", "Spring", {}, (meetup,)))

    def resting(day: date, **how: bool) -> tuple[int, bool]:
        demand = demand_for_plan(crew, "pat", county, day=day, **how)
        return demand.resting, "wren" in demand.names

    assert resting(date(2026, 5, 18)) == (1, False)
    assert resting(date(2026, 5, 18), with_resting=True) == (1, True)
    assert resting(date(2026, 5, 10)) == (2, False)
    assert resting(date(2026, 5, 4)) == (0, True)  # the plan of that very day is made again
    assert demand_for_plan(crew, "pat", county).resting == 0
    off = replace(kept.meetups[0], status="called off")
    kept = save_meetup_plan(crew, "pat", replace(kept, meetups=(off,)))
    assert resting(date(2026, 5, 18)) == (0, True)
    absent = replace(meetup, seats=(Seat("wren", 60.0, attended=False),))
    save_meetup_plan(crew, "pat", replace(kept, meetups=(absent,)))
    assert resting(date(2026, 5, 18)) == (0, True)


def test_groups_are_as_most_with_a_name_like_them(local_crew: Store, county: Region) -> None:
    pair = Preferences(group_size="one to one", mood="quiet")
    set_preferences(local_crew, "sol", pair)
    demand = demand_for_plan(local_crew, "pat", county)
    assert (demand.usual_sizes(), demand.agreed_sizes()) == ((2, 2), None)
    set_preferences(local_crew, "wren", pair)  # two of the four with a name
    set_preferences(local_crew, "kit", Preferences(mood="lively"))  # allows no planning: unheard
    demand = demand_for_plan(local_crew, "pat", county)
    assert (demand.agreed_sizes(), demand.usual_mood()) == ((2, 2), "quiet")
    assert demand.count_satisfied([["sol", "ada"], ["wren", "pat", "ada"]]) == (1, 2)
