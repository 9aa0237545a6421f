"""The committed extract: small, the seed's own, well formed, and openly fictional."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

import opening_hours
import osmium

from data.sample.maker.county import CORNER
from data.sample.maker.draft import FIRST_NODE, FIRST_RELATION, FIRST_WAY, TIMESTAMP


def test_it_is_at_most_two_megabytes(committed):
    assert committed.stat().st_size <= 2_000_000


def test_made_anew_it_is_the_same_object_by_object(sample, made_anew):
    assert made_anew.nodes == sample.nodes
    assert made_anew.ways == sample.ways
    assert made_anew.relations == sample.relations


def test_its_header_has_a_box_a_time_and_says_fictional(committed, sample):
    header = osmium.io.Reader(str(committed)).header()
    assert header.get("osmosis_replication_timestamp") == TIMESTAMP
    assert "fictional" in header.get("generator")
    box = header.box()
    for _, _, _, _, (x, y) in sample.nodes:
        assert box.bottom_left.x <= x <= box.top_right.x
        assert box.bottom_left.y <= y <= box.top_right.y
    assert abs(box.bottom_left.lon - CORNER.lon) < 0.01


def test_the_county_covers_about_seventy_by_fifty_kilometres(committed):
    box = osmium.io.Reader(str(committed)).header().box()
    assert 65 < (box.top_right.lon - box.bottom_left.lon) * 75.7 < 75
    assert 45 < (box.top_right.lat - box.bottom_left.lat) * 111.2 < 55


def test_ids_are_in_order_and_no_real_object_has_them(sample):
    for rows, first, end in (
        (sample.nodes, FIRST_NODE, 2**34),
        (sample.ways, FIRST_WAY, 2**32),
        (sample.relations, FIRST_RELATION, 2**31),
    ):
        ids = [row[0] for row in rows]
        assert ids == list(range(first, first + len(ids)))
        assert ids[-1] < end
        assert {row[1] for row in rows} == {1}
        assert len({row[2] for row in rows}) == 1


def test_every_way_and_relation_finds_its_members(sample):
    nodes, ways = {row[0] for row in sample.nodes}, {row[0] for row in sample.ways}
    for _, _, _, _, refs in sample.ways:
        assert 2 <= len(refs) <= 2_000
        assert nodes.issuperset(refs)
        assert all(a != b for a, b in pairwise(refs))
    for _, _, _, _, members in sample.relations:
        assert ways.issuperset(ref for kind, ref, _ in members if kind == "w")


def test_every_area_is_assembled_and_valid(committed, sample):
    wanted = {row[0] for row in sample.relations}
    factory = osmium.geom.WKBFactory()
    assembled = set()
    for item in osmium.FileProcessor(str(committed)).with_areas():
        if isinstance(item, osmium.osm.Area):
            factory.create_multipolygon(item)  # raises where the area is invalid
            if not item.from_way():
                assembled.add(item.orig_id())
    assert assembled == wanted


def test_it_is_called_fictional_where_it_shows(sample):
    boundaries = [row[3] for row in sample.relations if row[3].get("type") == "boundary"]
    assert len(boundaries) == 1
    assert boundaries[0]["admin_level"] == "6"
    assert boundaries[0]["name"].endswith("County (fictional)")


def test_nobody_can_be_called_written_to_or_looked_up(sample):
    phones = [tags["phone"] for tags in sample.tagged() if "phone" in tags]
    sites = [tags["website"] for tags in sample.tagged() if "website" in tags]
    codes = {tags["addr:postcode"] for tags in sample.tagged() if "addr:postcode" in tags}
    assert len(phones) > 20
    assert all(re.fullmatch(r"\+1-906-555-01\d\d", phone) for phone in phones)
    assert len(sites) > 20
    assert all(re.fullmatch(r"https://[a-z]+\.example", site) for site in sites)
    assert len(codes) > 20
    assert all(re.fullmatch(r"003\d\d", code) for code in codes)


def test_settlements_are_a_town_eight_villages_and_hamlets(sample):
    kinds = Counter(tags["place"] for tags in sample.tagged() if "place" in tags)
    assert kinds["town"] == 1
    assert kinds["village"] == 8
    assert kinds["hamlet"] >= 25
    names = [tags["name"] for tags in sample.tagged() if "place" in tags]
    assert len(set(names)) == len(names)


def test_there_are_places_of_every_kind_to_work_and_meet(sample):
    amenities = Counter(tags["amenity"] for tags in sample.tagged() if "amenity" in tags)
    assert amenities["coworking_space"] == 1
    assert sum(tags.get("office") == "coworking" for tags in sample.tagged()) == 1
    least = {"cafe": 10, "library": 5, "community_centre": 8, "pub": 8, "restaurant": 10}
    assert {kind for kind, count in least.items() if amenities[kind] < count} == set()
    assert sum(tags.get("tourism") == "hotel" for tags in sample.tagged()) >= 3


def test_tags_have_gaps_as_in_life(sample):
    cafes = [tags for tags in sample.tagged() if tags.get("amenity") == "cafe"]
    for key in ("opening_hours", "internet_access", "name"):
        having = sum(key in tags for tags in cafes)
        assert 0 < having < len(cafes), key
    assert any("disused:amenity" in tags for tags in sample.tagged())


def test_one_library_is_mapped_twice_as_a_node_and_as_its_building(sample):
    town = next(tags["name"] for tags in sample.tagged() if tags.get("place") == "town")
    title = f"{town} Public Library"
    assert [tags["name"] for *_, tags, _ in sample.nodes if tags.get("name") == title] == [title]
    assert [tags["name"] for *_, tags, _ in sample.ways if tags.get("name") == title] == [title]


def test_opening_hours_can_be_read_and_know_zone_and_holidays(sample):
    texts = {tags["opening_hours"] for tags in sample.tagged() if "opening_hours" in tags}
    assert len(texts) > 10
    for text in sorted(texts):
        assert opening_hours.validate(text), text
    hours = opening_hours.OpeningHours("10:00-11:00; PH off", coords=(CORNER.lat, CORNER.lon))
    assert str(hours.next_change()).endswith(("-04:00", "-05:00"))  # America/Detroit


def test_streets_have_addresses(sample):
    streets = {tags["name"] for *_, tags, _ in sample.ways if "highway" in tags and "name" in tags}
    housed = [tags for tags in sample.tagged() if "addr:housenumber" in tags]
    assert len(housed) > 2_000
    assert {tags["addr:street"] for tags in housed} <= streets
