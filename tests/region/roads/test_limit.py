from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.region.roads.limit import limits_of, parse_maxspeed


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
    assert limits_of(tags) == (30.0, pytest.approx(64.37376))


@pytest.mark.parametrize("key", ["maxspeed:type", "source:maxspeed", "zone:maxspeed"])
def test_a_zone_stands_beside_the_limit_and_gives_way_to_it(key: str) -> None:
    assert limits_of({key: "IT:urban"}) == (50.0, 50.0)
    assert limits_of({key: "IT:urban", "maxspeed": "30"}) == (30.0, 30.0)


def test_an_advised_speed_lowers_the_limit() -> None:
    assert limits_of({"maxspeed": "80", "maxspeed:advisory": "40"}) == (40.0, 40.0)
