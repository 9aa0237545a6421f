from __future__ import annotations

import pytest

from geo.region.roads.access import access_of, may_pass

JANUARY, APRIL, JULY = 1, 4, 7


def _open(tags: dict[str, str], month: int = JULY) -> tuple[bool, bool]:
    access = access_of({"highway": "residential"} | tags, month)
    return access.forward, access.backward


@pytest.mark.parametrize(
    "value", ["yes", "permissive", "designated", "destination", "customers", "unheard_of"]
)
def test_open_to_cars(value: str) -> None:
    assert _open({"access": value}) == (True, True)


@pytest.mark.parametrize(
    "value", ["no", "private", "agricultural", "forestry", "delivery", "emergency", "no;yes"]
)
def test_closed_to_cars(value: str) -> None:
    assert _open({"motor_vehicle": value}) == (False, False)


def test_the_most_specific_key_decides() -> None:
    assert _open({"access": "no", "motorcar": "yes"}) == (True, True)
    assert _open({"vehicle": "yes", "motor_vehicle": "no"}) == (False, False)
    assert _open({"access": "private", "vehicle": "destination"}) == (True, True)
    assert _open({"motor_vehicle": "yes", "motorcar": "private"}) == (False, False)


@pytest.mark.parametrize(
    ("value", "guests"), [("destination", True), ("customers", True), ("yes", False)]
)
def test_streets_for_residents_and_guests(value: str, guests: bool) -> None:
    assert access_of({"highway": "residential", "access": value}, JULY).guests_only is guests


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
        ({"winter_service": "no"}, True, True, False),
        ({"snowplowing": "no"}, True, True, False),
        ({"seasonal": "yes"}, True, True, False),
        ({"seasonal": "summer"}, True, False, False),
        ({"seasonal": "spring;summer;autumn"}, True, True, False),
        ({"seasonal": "winter"}, False, False, True),
        ({"seasonal": "no"}, True, True, True),
        ({"highway": "winter_road"}, False, False, True),
        ({"ice_road": "yes"}, False, False, True),
    ],
)
def test_seasons(tags: dict[str, str], july: bool, april: bool, january: bool) -> None:
    seen = tuple(_open(tags, month)[0] for month in (JULY, APRIL, JANUARY))
    assert seen == (july, april, january)


@pytest.mark.parametrize(
    ("tags", "passes"),
    [
        ({"barrier": "bollard"}, False),
        ({"barrier": "block"}, False),
        ({"barrier": "chain"}, False),
        ({"barrier": "unheard_of"}, False),
        ({"barrier": "bollard", "bollard": "rising"}, True),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, True),
        ({"barrier": "gate"}, True),
        ({"barrier": "gate", "access": "private"}, False),
        ({"barrier": "gate", "access": "no", "motorcar": "yes"}, True),
        ({"barrier": "gate", "locked": "yes"}, False),
        ({"barrier": "lift_gate"}, True),
        ({"barrier": "cattle_grid"}, True),
        ({"barrier": "border_control"}, True),
        ({"motor_vehicle": "no"}, False),
        ({"highway": "crossing"}, True),
    ],
)
def test_barriers(tags: dict[str, str], passes: bool) -> None:
    assert may_pass(tags) is passes
