from __future__ import annotations

from datetime import date

import pytest

from geo.region.roads.access import Access, Admission, access_of, node_admission
from geo.region.roads.conditional import SeasonMoment, season_moments

JULY, APRIL, JANUARY = season_moments(date(2025, 5, 1), south=False)
SOUTHERN = season_moments(date(2025, 5, 1), south=True)
NOBODY, GUESTS, EVERYBODY = Admission


def _access(tags: dict[str, str]) -> Access:
    return access_of({"highway": "residential"} | tags, JULY)


def _open(tags: dict[str, str], moment: SeasonMoment = JULY) -> tuple[bool, bool]:
    access = access_of({"highway": "residential"} | tags, moment)
    return access.forward > NOBODY, access.backward > NOBODY


@pytest.mark.parametrize("value", ["yes", "permissive", "designated", "unheard_of", "yes;no"])
def test_open_to_everybody(value: str) -> None:
    assert _access({"access": value}) == Access(EVERYBODY, EVERYBODY)


@pytest.mark.parametrize(
    "value",
    [
        "destination", "private", "customers", "delivery", "permit", "residents", "employees",
        "forestry;destination", "agricultural;private",
    ],
)  # fmt: skip
def test_open_to_those_who_live_or_are_expected_there(value: str) -> None:
    assert _access({"access": value}) == Access(GUESTS, GUESTS)


@pytest.mark.parametrize(
    "value",
    ["no", "agricultural", "forestry", "agricultural;forestry", "emergency", "military", "no;yes"],
)
def test_closed_to_cars(value: str) -> None:
    assert _access({"motor_vehicle": value}) == Access(NOBODY, NOBODY)


def test_the_most_specific_key_decides() -> None:
    assert _access({"access": "no", "motorcar": "yes"}) == Access(EVERYBODY, EVERYBODY)
    assert _access({"vehicle": "yes", "motor_vehicle": "no"}) == Access(NOBODY, NOBODY)
    assert _access({"access": "private", "vehicle": "yes"}) == Access(EVERYBODY, EVERYBODY)
    assert _access({"motor_vehicle": "yes", "motorcar": "private"}) == Access(GUESTS, GUESTS)
    assert _access({"access": "no", "motor_vehicle": "private"}) == Access(GUESTS, GUESTS)


def test_each_direction_has_its_own_rule() -> None:
    assert _access({"motor_vehicle:backward": "destination"}) == Access(EVERYBODY, GUESTS)
    assert _access({"access:forward": "private", "access": "no"}) == Access(GUESTS, NOBODY)


@pytest.mark.parametrize(
    ("tags", "admitted"),
    [
        ({"highway": "pedestrian", "vehicle": "yes"}, EVERYBODY),
        ({"highway": "pedestrian", "motor_vehicle": "destination"}, GUESTS),
        ({"highway": "footway", "motorcar": "yes", "access": "no"}, EVERYBODY),
        ({"highway": "path", "motor_vehicle": "private"}, GUESTS),
        ({"highway": "cycleway", "vehicle": "yes", "motor_vehicle": "no"}, NOBODY),
        ({"highway": "pedestrian", "motor_vehicle:conditional": "yes @ (06:00-11:00)"}, EVERYBODY),
        ({"highway": "pedestrian", "motor_vehicle:conditional": "yes @ (18:00-23:00)"}, NOBODY),
        ({"highway": "pedestrian", "vehicle:conditional": "delivery @ (Mo-Fr 8:00-12:00)"}, GUESTS),
        ({"highway": "track"}, EVERYBODY),
        ({"highway": "track", "4wd_only": "yes"}, GUESTS),
        ({"highway": "track", "4wd_only": "yes", "motor_vehicle": "yes"}, GUESTS),
        ({"highway": "track", "4wd_only": "no"}, EVERYBODY),
        ({"highway": "track", "4wd_only": "yes", "motor_vehicle": "no"}, NOBODY),
    ],
)
def test_tags_of_motor_vehicles_go_before_the_class(
    tags: dict[str, str], admitted: Admission
) -> None:
    assert _access(tags).forward == admitted


@pytest.mark.parametrize(
    ("tags", "directions"),
    [
        ({"oneway": "yes"}, (True, False)),
        ({"oneway": "true"}, (True, False)),
        ({"oneway": "1"}, (True, False)),
        ({"oneway": "-1"}, (False, True)),
        ({"oneway": "reverse"}, (False, True)),
        ({"oneway": "no"}, (True, True)),
        ({"oneway": "reversible"}, (False, False)),
        ({"junction": "roundabout"}, (True, False)),
        ({"junction": "circular"}, (True, False)),
        ({"highway": "motorway"}, (True, False)),
        ({"highway": "motorway_link"}, (True, False)),
        ({"highway": "motorway_link", "oneway": "no"}, (True, True)),
        ({"highway": "trunk"}, (True, True)),
        ({"motor_vehicle:backward": "no"}, (True, False)),
        ({"vehicle:forward": "no"}, (False, True)),
    ],
)
def test_directions(tags: dict[str, str], directions: tuple[bool, bool]) -> None:
    assert _open(tags) == directions


@pytest.mark.parametrize(
    ("tags", "july", "april", "january"),
    [
        ({"motor_vehicle:conditional": "no @ (Nov-Apr)"}, True, False, False),
        ({"motor_vehicle:conditional": "no @ (Dec 15-Mar 15)"}, True, True, False),
        ({"access:conditional": "no @ winter"}, True, True, False),
        ({"access:conditional": "no @ (snow)"}, True, True, False),
        ({"access": "no", "access:conditional": "yes @ (May-Oct)"}, True, False, False),
        ({"access:conditional": "no @ (07:00-09:00)"}, True, True, True),
        ({"access:conditional": "no @ (weight>7.5)"}, True, True, True),
        ({"access:conditional": "destination @ (Nov-Apr); no @ (Jan)"}, True, True, False),
        ({"motorcar:conditional": "no @ winter", "motor_vehicle": "yes"}, True, True, False),
        ({"motor_vehicle:conditional": "no @ winter", "motorcar": "yes"}, True, True, True),
        ({"motor_vehicle:forward:conditional": "no @ (Apr)"}, True, False, True),
        ({"winter_service": "no"}, True, True, False),
        ({"snowplowing": "no"}, True, True, False),
        ({"seasonal": "yes"}, True, True, False),
        ({"seasonal": "summer"}, True, False, False),
        ({"seasonal": "spring;summer;autumn"}, True, True, False),
        ({"seasonal": "May-Oct"}, True, False, False),
        ({"seasonal": "winter"}, False, False, True),
        ({"seasonal": "no"}, True, True, True),
        ({"seasonal": "unheard_of"}, True, True, True),
        ({"highway": "winter_road"}, False, False, True),
        ({"ice_road": "yes"}, False, False, True),
    ],
)
def test_seasons(tags: dict[str, str], july: bool, april: bool, january: bool) -> None:
    seen = tuple(_open(tags, moment)[0] for moment in (JULY, APRIL, JANUARY))
    assert seen == (july, april, january)


@pytest.mark.parametrize(
    ("tags", "dry", "mud", "winter"),
    [
        ({"winter_service": "no"}, True, True, False),
        ({"seasonal": "yes"}, True, True, False),
        ({"seasonal": "summer"}, True, False, False),
        ({"access:conditional": "no @ winter"}, True, True, False),
        ({"access:conditional": "no @ (Jun-Aug)"}, True, True, False),
        ({"access:conditional": "no @ (Dec-Feb)"}, False, True, True),
        ({"access:conditional": "no @ (Oct)"}, True, False, True),
        ({"highway": "ice_road"}, False, False, True),
    ],
)
def test_seasons_south_of_the_equator(
    tags: dict[str, str], dry: bool, mud: bool, winter: bool
) -> None:
    assert tuple(_open(tags, moment)[0] for moment in SOUTHERN) == (dry, mud, winter)


def test_a_one_way_that_holds_at_times() -> None:
    assert _open({"oneway:conditional": "yes @ (Mo-Fr 07:00-12:00)"}) == (True, False)
    assert _open({"oneway:conditional": "yes @ (Mo-Fr 16:00-19:00)"}) == (True, True)
    assert _open({"oneway": "yes", "oneway:conditional": "no @ (Jul)"}) == (True, True)


@pytest.mark.parametrize(
    ("tags", "admitted"),
    [
        ({"barrier": "bollard"}, NOBODY),
        ({"barrier": "block"}, NOBODY),
        ({"barrier": "chain"}, NOBODY),
        ({"barrier": "unheard_of"}, NOBODY),
        ({"barrier": "bollard", "locked": "yes"}, NOBODY),
        ({"barrier": "bollard", "bollard": "rising"}, EVERYBODY),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, EVERYBODY),
        ({"barrier": "bollard", "access": "private"}, GUESTS),
        ({"barrier": "gate"}, EVERYBODY),
        ({"barrier": "gate", "access": "private"}, GUESTS),
        ({"barrier": "gate", "access": "no"}, NOBODY),
        ({"barrier": "gate", "access": "no", "motorcar": "yes"}, EVERYBODY),
        ({"barrier": "gate", "locked": "yes"}, GUESTS),
        ({"barrier": "gate", "locked": "yes", "access": "no"}, NOBODY),
        ({"barrier": "gate", "opening_hours": "07:00-19:00"}, EVERYBODY),
        ({"barrier": "gate", "opening_hours": "Nov-Mar"}, NOBODY),
        ({"barrier": "gate", "opening_hours": "when the warden is there"}, EVERYBODY),
        ({"barrier": "gate", "access:conditional": "no @ (18:00-08:00)"}, EVERYBODY),
        ({"barrier": "gate", "motor_vehicle:conditional": "no @ (Jun-Aug)"}, NOBODY),
        ({"barrier": "lift_gate"}, EVERYBODY),
        ({"barrier": "lift_gate", "access": "residents"}, GUESTS),
        ({"barrier": "cattle_grid"}, EVERYBODY),
        ({"barrier": "border_control"}, EVERYBODY),
        ({"motor_vehicle": "no"}, NOBODY),
        ({"motor_vehicle": "destination"}, GUESTS),
        ({"highway": "crossing"}, EVERYBODY),
    ],
)
def test_barriers(tags: dict[str, str], admitted: Admission) -> None:
    assert node_admission(tags, JULY) == admitted
