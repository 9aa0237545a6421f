"""Homes out of a stream: what people live in, once each."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from geo.gazetteer import Entry
from geo.region.homes import HomeCollector, is_home
from geo.region.objects import OsmNode, OsmWay

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
