"""Homes out of a stream: what people live in, once each."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.gazetteer import Entry
from geo.geometry import distances_m
from geo.region.collect_homes import HomeCollector, is_home
from geo.region.osm_objects import OsmNode, OsmWay

EDITED = datetime(2025, 1, 2, tzinfo=UTC)
SIDE = 1e-4


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"building": "yes"}, True),
        ({"building": "house"}, True),
        ({"building": "apartments", "shop": "bakery"}, True),
        ({"building": "yes", "amenity": "school"}, False),
        ({"building": "barn"}, False),
        ({"building": "church"}, False),
        ({"addr:housenumber": "1"}, False),
    ],
)
def test_what_people_live_in(tags: dict[str, str], expected: bool) -> None:
    assert is_home(tags) == expected


def house(collector: HomeCollector, lon: float, lat: float, **tags: str) -> None:
    box = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    e7 = np.round(np.array([(lon + x * SIDE, lat + y * SIDE) for x, y in box]) * 1e7)
    lon_e7, lat_e7 = e7.astype(np.int32).T
    refs = np.arange(len(box), dtype=np.int64)
    collector.way(OsmWay(1, {"building": "yes", **tags}, EDITED, refs, lon_e7, lat_e7))


def address(collector: HomeCollector, lon: float, lat: float) -> None:
    collector.node(OsmNode(1, {"addr:housenumber": "1"}, EDITED, lon, lat))


def test_an_address_in_a_house_is_not_counted_again() -> None:
    collector = HomeCollector()
    house(collector, -0.5, 52.0)
    house(collector, -0.49, 52.0, amenity="school")
    address(collector, -0.5 + SIDE / 4, 52.0 + SIDE / 4)  # in the house
    address(collector, -0.5 + 2 * SIDE, 52.0)  # beside it
    address(collector, -0.49 + SIDE / 2, 52.0 + SIDE / 2)  # a flat in the school
    address(collector, -0.49 + SIDE / 2, 52.0 + SIDE / 2)  # the same again
    homes = collector.finish([])
    found = sorted(zip(homes.lon_e7.tolist(), homes.lat_e7.tolist(), strict=True))
    assert found == [(-4999500, 520000500), (-4998000, 520000000), (-4899500, 520000500)]


def test_homes_lie_in_settlements_with_a_core() -> None:
    collector = HomeCollector()
    house(collector, -0.5, 52.0)
    house(collector, -0.4, 52.0)
    village = Entry("Westby", "village", -0.5, 52.003, None, 0.6, osm_id="n7")
    region = Entry("Shire", "region", -0.4, 52.0, None, 0.6, osm_id="r1")
    homes = collector.finish([region, village])
    assert homes.cores.ids == ("n7",)
    assert homes.settlement.tolist() == [0, -1]


def test_a_map_without_houses_has_none() -> None:
    assert len(HomeCollector().finish([])) == 0


House = tuple[float, float, dict[str, str]]


def count_homes(*houses: House) -> int:
    collector = HomeCollector()
    for lon, lat, tags in houses:
        house(collector, lon, lat, **tags)
    return len(collector.finish([]))


def yard(
    lon: float, lat: float, count: int, **tags: str
) -> list[tuple[float, float, dict[str, str]]]:
    """Return buildings in rows of five, 30 m apart."""
    return [(lon + n % 5 * 4.4e-4, lat + n // 5 * 2.7e-4, tags) for n in range(count)]


def test_the_sheds_of_a_farm_are_not_homes() -> None:
    farm = [(-0.5, 52.0, {"building": "house"}), *yard(-0.4996, 52.0, 24)]
    assert count_homes(*farm) <= 6
    assert count_homes(farm[0], *yard(-0.4998, 52.0001, 1)) == 1


def test_houses_with_a_type_or_an_address_count_each() -> None:
    assert count_homes(*yard(-0.5, 52.0, 24, building="house")) == 24
    numbered = [(lon, lat, {"addr:housenumber": str(n)}) for n, (lon, lat, _) in
                enumerate(yard(-0.5, 52.0, 24))]  # fmt: skip
    assert count_homes(*numbered) == 24
    collector = HomeCollector()
    for lon, lat, _ in yard(-0.5, 52.0, 10):
        house(collector, lon, lat)
        address(collector, lon + SIDE / 2, lat + SIDE / 2)  # a node in an untyped building
    assert len(collector.finish([])) == 10


def test_untyped_houses_far_apart_count_each() -> None:
    assert count_homes(*((-0.5 + n * 1e-3, 52.0, {}) for n in range(30))) == 30


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, unique=True),
       st.randoms())  # fmt: skip
def test_of_untyped_buildings_some_stand_for_all(
    cells: list[tuple[int, int]], chance: Random
) -> None:
    """No two that count are of one yard, each that does not is of the yard of one that does."""
    places: list[tuple[float, float, dict[str, str]]] = [
        (-0.5 + x * 1.5e-4, 52.0 + y * 1e-4, {}) for x, y in cells
    ]
    collector = HomeCollector()
    for lon, lat, _ in places:
        house(collector, lon, lat)
    homes = collector.finish([])
    kept = np.column_stack([homes.lon_e7, homes.lat_e7]) / 1e7
    gaps = np.array([distances_m(*one, *kept.T) for one in kept])
    np.fill_diagonal(gaps, np.inf)
    assert gaps.min(initial=np.inf) > 49
    for lon, lat, _ in places:
        assert distances_m(lon + SIDE / 2, lat + SIDE / 2, *kept.T).min() < 51
    chance.shuffle(places)
    again = HomeCollector()
    for lon, lat, _ in places:
        house(again, lon, lat)
    assert again.finish([]).lon_e7.tolist() == homes.lon_e7.tolist()
