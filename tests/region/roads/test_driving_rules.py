from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.network.graph import CONDITIONS, EdgeFlag
from geo.region.roads.driving_rules import (
    RoadUse,
    class_names,
    parse_duration,
    parse_metres,
    road_use,
)


def _use(**tags: str) -> RoadUse:
    use = road_use(tags)
    assert use is not None
    return use


def _kmh(conditions: str = "dry", **tags: str) -> float:
    return _use(**tags).speed_kmh[0][0][CONDITIONS.index(conditions)]


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "footway"},
        {"highway": "construction", "construction": "primary"},
        {"highway": "proposed"},
        {"highway": "abandoned"},
        {"highway": "pedestrian"},
        {"highway": "ferry"},
        {"highway": "footway", "access": "yes"},
        {"highway": "path", "vehicle": "yes", "motor_vehicle": "no"},
        {"highway": "pedestrian", "motor_vehicle:conditional": "yes @ (20:00-06:00)"},
        {"highway": "pedestrian", "motor_vehicle": "yes", "area": "yes"},
        {"highway": "steps", "motor_vehicle": "yes"},
        {"highway": "residential", "access": "no"},
        {"highway": "residential", "area": "yes"},
        {"highway": "motorway", "hov": "designated"},
        {"highway": "service", "service": "emergency_access"},
        {"highway": "track", "smoothness": "impassable"},
        {"route": "bus"},
        {"route": "ferry", "foot": "yes"},
        {"route": "ferry", "motor_vehicle": "no"},
        {"building": "yes"},
        {},
    ],
)
def test_no_road_for_cars(tags: dict[str, str]) -> None:
    assert road_use(tags) is None


def test_bigger_roads_are_faster_and_go_first() -> None:
    names = ["motorway", "trunk", "primary", "secondary", "tertiary", "residential", "service"]
    uses = [_use(highway=name) for name in names]
    speeds = [use.speed_kmh[0][0][0] for use in uses]
    assert speeds == sorted(speeds, reverse=True)
    assert [use.rank for use in uses] == sorted(use.rank for use in uses)
    assert [use.road_class for use in uses] == [class_names()[name] for name in names]


def test_a_limit_counts_and_no_limit_is_beaten() -> None:
    assert _kmh(highway="secondary", maxspeed="30") < 30
    assert _kmh(highway="secondary", maxspeed="30") > 20
    assert _kmh(highway="residential", maxspeed="none") <= 70


def test_built_up_places_are_slower() -> None:
    open_, dense = _use(highway="secondary").speed_kmh[0]
    assert dense[0] < open_[0]


def test_ground_slows_and_seasons_slow_more() -> None:
    paved = _kmh(highway="unclassified")
    gravel = {"highway": "unclassified", "surface": "gravel"}
    assert _kmh(**gravel) < paved
    assert _kmh("mud", **gravel) < _kmh(**gravel)
    assert _kmh("winter", highway="unclassified") < paved
    assert _kmh("mud", highway="unclassified") == paved


def test_soft_tracks_shut_in_mud_season_and_winter() -> None:
    soft = {"highway": "track", "tracktype": "grade4"}
    assert _kmh(**soft) > 0
    assert _kmh("mud", **soft) == 0
    assert _kmh("winter", **soft) == 0
    assert _kmh("mud", highway="track", tracktype="grade1") > 0


def test_better_tracks_are_faster() -> None:
    speeds = [_kmh(highway="track", tracktype=f"grade{grade}") for grade in range(1, 6)]
    assert speeds == sorted(speeds, reverse=True)


def test_each_direction_has_its_pace() -> None:
    forward, backward = _use(
        highway="primary", **{"maxspeed:forward": "80", "maxspeed:backward": "50"}
    ).speed_kmh
    assert forward[0][0] > backward[0][0]
    assert _use(highway="primary", oneway="-1").speed_kmh[0][0] == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("tags", "flags"),
    [
        ({"highway": "residential"}, EdgeFlag(0)),
        ({"highway": "residential", "surface": "dirt"}, EdgeFlag.UNPAVED),
        ({"highway": "track"}, EdgeFlag.UNPAVED),
        ({"highway": "track", "tracktype": "grade1"}, EdgeFlag(0)),
        ({"highway": "primary", "toll": "yes"}, EdgeFlag.TOLL),
        ({"highway": "primary", "toll": "yes", "toll:motorcar": "no"}, EdgeFlag(0)),
        ({"highway": "primary", "toll:hgv": "yes"}, EdgeFlag(0)),
        ({"highway": "motorway"}, EdgeFlag.NO_SNAP),
        ({"highway": "primary", "tunnel": "yes"}, EdgeFlag.NO_SNAP),
        ({"highway": "service", "tunnel": "building_passage"}, EdgeFlag(0)),
        ({"route": "ferry"}, EdgeFlag.FERRY | EdgeFlag.NO_SNAP),
        (
            {"route": "ferry", "motor_vehicle": "yes", "foot": "yes"},
            EdgeFlag.FERRY | EdgeFlag.NO_SNAP,
        ),
    ],
)
def test_flags(tags: dict[str, str], flags: EdgeFlag) -> None:
    assert _use(**tags).flags == flags


def test_seasons_turn_round_south_of_the_equator() -> None:
    tags = {"highway": "unclassified", "motor_vehicle:conditional": "no @ (Jun-Aug)"}
    north, south = road_use(tags), road_use(tags, south=True)
    assert north is not None
    assert south is not None
    assert [kmh > 0 for kmh in north.speed_kmh[0][0]] == [False, True, True]
    assert [kmh > 0 for kmh in south.speed_kmh[0][0]] == [True, True, False]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("20", 1200.0),
        ("01:30", 5400.0),
        ("00:07:30", 450.0),
        ("PT20M", 1200.0),
        ("PT1H30M", 5400.0),
        ("P1DT2H", 93600.0),
        ("pt5m", 300.0),
        ("0", None),
        ("P", None),
        ("soon", None),
        ("9" * 250, None),
        ("9" * 400, None),
        ("PT" + "9" * 400 + "H", None),
        ("PT999999999H", None),
        ("nan", None),
        ("1e999", None),
        ("²", None),
        ("-00:30", None),
        ("", None),
        (None, None),
    ],
)
def test_durations(text: str | None, seconds: float | None) -> None:
    assert parse_duration(text) == seconds


@given(st.text(max_size=20))
def test_no_text_is_an_error(text: str) -> None:
    assert (parse_duration(text) or 1) > 0
    assert (parse_metres(text) or 0) >= 0


@pytest.mark.parametrize("value", ["9" * 400, "nan", "inf", "-inf", "1e999", "²", "٣٠", "-50", ""])
def test_an_absurd_number_leaves_the_paces_finite(value: str) -> None:
    keys = ("maxspeed", "maxspeed:forward", "maxspeed:advisory", "zone:maxspeed", "width", "lanes")
    numbers = dict.fromkeys((*keys, "duration", "interval"), value)
    for kind in ({"highway": "tertiary"}, {"route": "ferry", "motorcar": "yes"}):
        use = road_use(kind | numbers)
        assert use is not None
        assert all(0 < kmh < 200 for kmh in use.speed_kmh[0][0])
        assert 0 <= use.wait_s < 3600
        assert use.duration_s in (None, 1800.0)


def test_widths() -> None:
    assert parse_metres("3.5 m") == 3.5
    assert parse_metres("10'") == pytest.approx(3.048)
