""""""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.region.roads.conditional import Admission, SeasonMoment, season_moments
from geo.region.roads.tags import (
    Access,
    access_of,
    node_admission,
    node_rule,
    parse_maxspeed,
    speed_limits,
)

JULY, APRIL, JANUARY = season_moments(date(2025, 5, 1), south=False)
SOUTHERN = season_moments(date(2025, 5, 1), south=True)
NOBODY, DESTINATION, EVERYBODY = Admission


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
    assert _access({"access": value}) == Access(DESTINATION, DESTINATION)


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
    assert _access({"motor_vehicle": "yes", "motorcar": "private"}) == Access(
        DESTINATION, DESTINATION
    )
    assert _access({"access": "no", "motor_vehicle": "private"}) == Access(DESTINATION, DESTINATION)


def test_each_direction_has_its_own_rule() -> None:
    assert _access({"motor_vehicle:backward": "destination"}) == Access(EVERYBODY, DESTINATION)
    assert _access({"access:forward": "private", "access": "no"}) == Access(DESTINATION, NOBODY)


@pytest.mark.parametrize(
    ("tags", "admitted"),
    [
        ({"highway": "pedestrian", "vehicle": "yes"}, EVERYBODY),
        ({"highway": "pedestrian", "motor_vehicle": "destination"}, DESTINATION),
        ({"highway": "footway", "motorcar": "yes", "access": "no"}, EVERYBODY),
        ({"highway": "path", "motor_vehicle": "private"}, DESTINATION),
        ({"highway": "cycleway", "vehicle": "yes", "motor_vehicle": "no"}, NOBODY),
        ({"highway": "pedestrian", "motor_vehicle:conditional": "yes @ (06:00-11:00)"}, EVERYBODY),
        ({"highway": "pedestrian", "motor_vehicle:conditional": "yes @ (18:00-23:00)"}, NOBODY),
        (
            {"highway": "pedestrian", "vehicle:conditional": "delivery @ (Mo-Fr 8:00-12:00)"},
            DESTINATION,
        ),
        ({"highway": "track"}, EVERYBODY),
        ({"highway": "track", "4wd_only": "yes"}, DESTINATION),
        ({"highway": "track", "4wd_only": "yes", "motor_vehicle": "yes"}, DESTINATION),
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
        ({"barrier": "bollard", "access": "private"}, DESTINATION),
        ({"barrier": "gate"}, EVERYBODY),
        ({"barrier": "gate", "access": "private"}, DESTINATION),
        ({"barrier": "gate", "access": "no"}, NOBODY),
        ({"barrier": "gate", "access": "no", "motorcar": "yes"}, EVERYBODY),
        ({"barrier": "gate", "locked": "yes"}, DESTINATION),
        ({"barrier": "gate", "locked": "yes", "access": "no"}, NOBODY),
        ({"barrier": "gate", "opening_hours": "07:00-19:00"}, EVERYBODY),
        ({"barrier": "gate", "opening_hours": "Nov-Mar"}, NOBODY),
        ({"barrier": "gate", "opening_hours": "when the warden is there"}, EVERYBODY),
        ({"barrier": "gate", "access:conditional": "no @ (18:00-08:00)"}, EVERYBODY),
        ({"barrier": "gate", "motor_vehicle:conditional": "no @ (Jun-Aug)"}, NOBODY),
        ({"barrier": "lift_gate"}, EVERYBODY),
        ({"barrier": "lift_gate", "access": "residents"}, DESTINATION),
        ({"barrier": "cattle_grid"}, EVERYBODY),
        ({"barrier": "border_control"}, EVERYBODY),
        ({"motor_vehicle": "no"}, NOBODY),
        ({"motor_vehicle": "destination"}, DESTINATION),
        ({"highway": "crossing"}, EVERYBODY),
    ],
)
def test_barriers(tags: dict[str, str], admitted: Admission) -> None:
    assert node_admission(tags, JULY) == admitted


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "bus_stop"},
        {"highway": "bus_stop", "access": "no"},
        {"natural": "tree"},
        {"amenity": "cafe"},
        {"barrier": "entrance"},
    ],
)
def test_most_nodes_do_nothing(tags: dict[str, str]) -> None:
    assert node_rule(tags) is None


@pytest.mark.parametrize("tags", [{"barrier": "bollard"}, {"vehicle": "no"}])
def test_some_nodes_shut_the_road(tags: dict[str, str]) -> None:
    rule = node_rule(tags)
    assert rule is not None
    assert rule.shut


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "traffic_signals"},
        {"highway": "crossing;traffic_signals"},
        {"highway": "stop"},
        {"highway": "give_way"},
        {"highway": "mini_roundabout"},
        {"highway": "crossing"},
        {"traffic_calming": "bump"},
        {"barrier": "gate"},
        {"barrier": "toll_booth"},
    ],
)
def test_some_nodes_cost_time(tags: dict[str, str]) -> None:
    rule = node_rule(tags)
    assert rule is not None
    assert not rule.shut
    assert rule.delay_s > 0


def test_signs_face_one_way() -> None:
    directions = [
        node_rule({"highway": "stop"}),
        node_rule({"highway": "stop", "direction": "forward"}),
        node_rule({"highway": "traffic_signals", "traffic_signals:direction": "backward"}),
        node_rule({"highway": "traffic_signals"}),
    ]
    assert [rule.direction for rule in directions if rule] == [3, 1, 2, 0]


def test_some_nodes_stop_some_cars_or_at_some_times() -> None:
    private = node_rule({"barrier": "gate", "access": "private"})
    assert private is not None
    assert (private.shut, private.limited) == (False, True)
    assert private.delay_s > 0
    winter = {"barrier": "gate", "motor_vehicle:conditional": "no @ (Nov-May)"}
    pass_gate = node_rule(winter, on=date(2026, 5, 1))
    assert pass_gate is not None
    assert pass_gate.admitted == (Admission.EVERYBODY, Admission.NOBODY, Admission.NOBODY)
    south = node_rule(winter, south=True, on=date(2026, 5, 1))
    assert south is not None
    assert south.admitted == (Admission.NOBODY, Admission.EVERYBODY, Admission.EVERYBODY)
    alone = node_rule({"access:conditional": "no @ winter"})
    assert alone is not None
    assert alone.limited


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("50", 50.0),
        ("50 km/h", 50.0),
        ("30 mph", 48.28032),
        ("30mph", 48.28032),
        ("10 knots", 18.52),
        ("none", 140.0),
        ("walk", 7.0),
        ("50;30", 30.0),
        ("80|100|120", 80.0),
        ("62,5", 62.5),
        ("DE:urban", 50.0),
        ("de:urban", 50.0),
        ("DE:rural", 100.0),
        ("FR:rural", 80.0),
        ("XX:urban", 50.0),
        ("BE-VLG:rural", 70.0),
        ("GB:nsl_single", 96.56),
        ("UK:nsl_dual", 112.65),
        ("DE:zone:30", 30.0),
        ("FR:zone30", 30.0),
        ("GB:zone20", 32.18688),
        ("DE:living_street", 7.0),
    ],
)
def test_a_limit_is_read_in_every_unit_and_zone(text: str, kmh: float) -> None:
    assert parse_maxspeed(text) == pytest.approx(kmh)


@pytest.mark.parametrize(
    "text", ["", "signals", "variable", "fast", "0", "1", "1000", "-50", "50 furlongs", "DE:", None]
)
def test_what_is_no_limit_is_none(text: str | None) -> None:
    assert parse_maxspeed(text) is None


@given(st.text(max_size=30))
def test_no_text_is_an_error_and_every_limit_is_plausible(text: str) -> None:
    kmh = parse_maxspeed(text)
    assert kmh is None or 5 <= kmh <= 160


@given(st.integers(5, 99))
def test_miles_are_longer_than_kilometres(number: int) -> None:
    miles, kilometres = parse_maxspeed(f"{number} mph"), parse_maxspeed(str(number))
    assert miles is not None
    assert kilometres is not None
    assert miles == pytest.approx(kilometres * 1.609344)


def test_each_direction_has_its_limit() -> None:
    tags = {"maxspeed": "50", "maxspeed:forward": "30", "maxspeed:backward": "40 mph"}
    assert speed_limits(tags) == (30.0, pytest.approx(64.37376))


@pytest.mark.parametrize("key", ["maxspeed:type", "source:maxspeed", "zone:maxspeed"])
def test_a_zone_stands_beside_the_limit_and_gives_way_to_it(key: str) -> None:
    assert speed_limits({key: "IT:urban"}) == (50.0, 50.0)
    assert speed_limits({key: "IT:urban", "maxspeed": "30"}) == (30.0, 30.0)


def test_an_advised_speed_lowers_the_limit() -> None:
    assert speed_limits({"maxspeed": "80", "maxspeed:advisory": "40"}) == (40.0, 40.0)
