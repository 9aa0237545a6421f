"""Places out of a stream: each once, none that is gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import osmium
import pytest
import shapely

from geo.model import Place, Point
from geo.region.collect_places import PlaceCollector
from geo.region.extract import read_extract
from geo.region.osm_objects import OsmArea, OsmNode, OsmWay

EDITED = datetime(2025, 1, 2, tzinfo=UTC)
Tags = dict[str, str]


def node(number: int, lon: float, lat: float, **tags: str) -> OsmNode:
    return OsmNode(number, tags, EDITED, lon, lat)


def ring(west: float, south: float, size: float) -> shapely.Polygon:
    return shapely.box(west, south, west + size, south + size)


def area(osm_id: str, shape: shapely.Geometry, **tags: str) -> OsmArea:
    return OsmArea(
        osm_id, tags, EDITED, str(shapely.to_wkb(shapely.multipolygons([shape]), hex=True))
    )


def way(number: int, shape: shapely.Polygon, **tags: str) -> OsmWay:
    points = np.round(shapely.get_coordinates(shape) * 1e7).astype(np.int32)
    refs = np.arange(len(points), dtype=np.int64)
    return OsmWay(number, tags, EDITED, refs, points[:, 0], points[:, 1])


def collect(*things: OsmNode | OsmWay | OsmArea) -> list[Place]:
    collector = PlaceCollector()
    for thing in things:
        if isinstance(thing, OsmNode):
            collector.node(thing)
        elif isinstance(thing, OsmWay):
            collector.way(thing)
        else:
            collector.area(thing)
    return collector.finish()


CAFE = {"amenity": "cafe", "name": "Bean"}


def test_a_node_keeps_everything() -> None:
    (found,) = collect(node(5, 1.5, 42.5, phone="1", **CAFE))
    expected = Place("n5", "Bean", "cafe", Point(1.5, 42.5), {**CAFE, "phone": "1"}, EDITED)
    assert found == expected


def test_an_area_stands_inside_its_outline() -> None:
    horseshoe = shapely.Polygon([(0, 0), (3, 0), (3, 3), (2, 3), (2, 1), (1, 1), (1, 3), (0, 3)])
    (found,) = collect(area("r1", horseshoe, **CAFE))
    assert found.osm_id == "r1"
    assert horseshoe.contains(shapely.Point(found.point.lon, found.point.lat))


def test_a_way_and_its_area_are_one() -> None:
    shape = ring(0, 0, 0.001)
    line, outline = way(3, shape, **CAFE), area("w3", shape, **CAFE)
    for found in (*collect(line, outline), *collect(outline, line)):
        assert (found.osm_id, found.name) == ("w3", "Bean")


def test_a_way_that_makes_no_area_is_kept() -> None:
    broken = OsmArea("w3", CAFE, EDITED, "")
    (found,) = collect(way(3, ring(0, 0, 0.002), **CAFE), broken)
    assert found.point == Point(0.001, 0.001)
    nothing = np.zeros(0, np.int32)
    nowhere = OsmWay(4, CAFE, None, np.zeros(0, np.int64), nothing, nothing)
    assert collect(nowhere, OsmArea("r4", CAFE, None, "")) == []


def test_a_node_in_its_building_is_one_place_with_the_tags_of_both() -> None:
    building = area("w3", ring(0, 0, 0.001), building="yes", wheelchair="yes", **CAFE)
    inside = node(5, 0.0005, 0.0002, opening_hours="24/7", **CAFE)
    (found,) = collect(inside, building)
    assert found.osm_id == "w3"
    assert found.tags == {**CAFE, "building": "yes", "wheelchair": "yes", "opening_hours": "24/7"}
    rich = node(5, 0.0005, 0.0002, a="1", b="2", c="3", d="4", **CAFE)
    (found,) = collect(rich, building)
    assert (found.osm_id, found.point) == ("n5", Point(0.0005, 0.0002))
    assert found.tags["wheelchair"] == "yes"


@pytest.mark.parametrize(
    ("tags", "count"),
    [
        ({"amenity": "cafe", "name": "BEAN "}, 1),
        ({"amenity": "cafe"}, 1),
        ({"amenity": "cafe", "name": "Other"}, 2),
        ({"amenity": "library", "name": "Bean"}, 2),
    ],
)
def test_only_one_name_and_kind_is_one_place(tags: Tags, count: int) -> None:
    found = collect(node(5, 0.0005, 0.0005, **tags), area("w3", ring(0, 0, 0.001), **CAFE))
    assert len(found) == count


def test_twins_in_different_buildings_are_two() -> None:
    outside = node(5, 0.01, 0.01, **CAFE)
    assert len(collect(outside, area("w3", ring(0, 0, 0.001), **CAFE))) == 2
    assert len(collect(outside, node(6, 0.0100001, 0.01, **CAFE))) == 2


def test_an_outline_in_an_outline_is_one() -> None:
    site = area("r9", ring(0, 0, 0.01), landuse="institutional", **CAFE)
    house = area("w3", ring(0.002, 0.002, 0.001), **CAFE)
    point = node(5, 0.0025, 0.0025, **CAFE)
    (found,) = collect(point, house, site)
    assert found.tags["landuse"] == "institutional"


def test_the_order_is_that_of_the_ids() -> None:
    found = collect(
        area("r2", ring(5, 5, 1), **CAFE),
        node(10, 1, 1, **CAFE),
        node(9, 2, 2, **CAFE),
        area("w10", ring(8, 8, 1), **CAFE),
    )
    assert [place.osm_id for place in found] == ["n9", "n10", "w10", "r2"]


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        ({"name": "  Two   words "}, "Two words"),
        ({"name": " ", "brand": "Chain"}, "Chain"),
        ({"operator": "Council"}, None),
        ({}, None),
    ],
)
def test_names(tags: Tags, name: str | None) -> None:
    (found,) = collect(node(1, 0, 0, amenity="cafe", **tags))
    assert found.name == name


def test_closed_places_never_appear() -> None:
    gone = [
        {"disused:amenity": "cafe", "name": "Bean"},
        {"amenity": "cafe", "disused": "yes"},
        {"amenity": "cafe", "opening_hours": "closed"},
    ]
    things = [OsmNode(i, tags, None, 0.0, 0.0) for i, tags in enumerate(gone)]
    shapes = [OsmArea(f"w{i}", tags, None, "not read") for i, tags in enumerate(gone)]
    assert collect(*things, *shapes) == []


@pytest.mark.parametrize("name", ["andorra", "rutland"])
def test_every_library_and_pub_of_a_real_extract_appears(
    shared: Callable[[str], Path], name: str
) -> None:
    path = shared(f"osm/{name}.osm.pbf")
    collector = PlaceCollector()
    read_extract(path, [collector])
    places = collector.finish()
    assert len({place.osm_id for place in places}) == len(places)
    for value in ("library", "pub"):
        named = {(p.name, p.kind) for p in places}
        wanted = [
            thing.tags["name"]
            for thing in osmium.FileProcessor(path).with_filter(
                osmium.filter.TagFilter(("amenity", value))
            )
            if "name" in thing.tags and "disused" not in thing.tags
        ]
        assert wanted
        assert all((text, value) in named for text in wanted)


def test_a_hotel_with_a_restaurant_is_one_place_of_both_kinds() -> None:
    inn = {"tourism": "hotel", "amenity": "restaurant", "name": "Inn", "internet_access": "wlan"}
    (found,) = collect(node(1, 1.5, 42.5, **inn))
    assert (found.kind, found.other_kinds) == ("hotel", ("restaurant",))
    outline = way(2, ring(1.4, 42.4, 0.2), building="yes", tourism="hotel", name="Inn")
    (joined,) = collect(node(1, 1.5, 42.5, **inn), outline)
    assert (joined.kind, joined.other_kinds) == ("hotel", ("restaurant",))


def test_what_is_closed_for_a_season_stays() -> None:
    (found,) = collect(node(1, 1.5, 42.5, opening_hours='closed "for the winter"', **CAFE))
    assert found.name == "Bean"
    assert collect(node(1, 1.5, 42.5, opening_hours="closed", **CAFE)) == []
