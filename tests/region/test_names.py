"""Names out of a stream: streets joined, addresses at home, nothing twice."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely

from geo.gazetteer import Entry
from geo.geometry import METRES_PER_DEGREE
from geo.region.names import NameCollector, addresses
from geo.region.osm_objects import OsmArea, OsmNode, OsmWay

EDITED = datetime(2025, 1, 2, tzinfo=UTC)
KM = 1 / METRES_PER_DEGREE * 1000


class Stream:
    """Hands things to a collector, numbering them."""

    def __init__(self) -> None:
        self.collector = NameCollector()
        self.count = 0

    def node(self, lon: float, lat: float, **tags: str) -> None:
        self.count += 1
        self.collector.node(OsmNode(self.count, _renamed(tags), EDITED, lon, lat))

    def way(self, points: list[tuple[float, float]], **tags: str) -> None:
        self.count += 1
        e7 = np.round(np.array(points) * 1e7).astype(np.int32)
        refs = np.arange(len(points), dtype=np.int64)
        way = OsmWay(self.count, _renamed(tags), EDITED, refs, e7[:, 0], e7[:, 1])
        self.collector.way(way)

    def area(self, box: tuple[float, float, float, float], **tags: str) -> None:
        self.count += 1
        shape = shapely.to_wkb(shapely.multipolygons([shapely.box(*box)]), hex=True)
        self.collector.area(OsmArea(f"r{self.count}", _renamed(tags), EDITED, shape))

    def finish(self, kind: str | None = None) -> list[Entry]:
        return [entry for entry in self.collector.finish() if kind in (None, entry.kind)]


def _renamed(tags: dict[str, str]) -> dict[str, str]:
    return {key.replace("__", ":"): value for key, value in tags.items()}


def two_villages() -> Stream:
    stream = Stream()
    stream.node(0, 0, place="village", name="Westby", population="500")
    stream.node(10 * KM, 0, place="village", name="Eastby")
    return stream


def test_the_pieces_of_a_street_are_one_street() -> None:
    stream = two_villages()
    for at in range(5):
        points = [(at * 0.1 * KM, 0.0), ((at + 1) * 0.1 * KM, 0.0)]
        stream.way(points, highway="residential", name="High Street")
    (street,) = stream.finish("street")
    assert (street.name, street.settlement) == ("High Street", "Westby")
    assert 0 <= street.lon <= 0.5 * KM


def test_a_street_through_two_villages_is_two() -> None:
    stream = two_villages()
    stream.way([(0, 0), (0.3 * KM, 0)], highway="residential", name="High Street")
    stream.way([(9.8 * KM, 0), (10 * KM, 0)], highway="residential", name="High Street")
    streets = stream.finish("street")
    assert {street.settlement for street in streets} == {"Westby", "Eastby"}
    assert len(streets) == 2


def test_a_long_piece_is_a_street_of_both_its_ends() -> None:
    stream = two_villages()
    points = [(float(x) * KM, 0.0) for x in np.linspace(-0.2, 10.2, 60)]
    stream.way(points, highway="tertiary", name="Long Road")
    assert {street.settlement for street in stream.finish("street")} == {"Westby", "Eastby"}


def test_without_settlements_streets_are_told_apart_by_where_they_are() -> None:
    stream = Stream()
    for x in (0.01, 0.02, 5.0):
        stream.way([(x, 0.01), (x + 0.001, 0.01)], highway="residential", name="High Street")
    streets = stream.finish("street")
    assert len(streets) == 2
    assert {street.settlement for street in streets} == {None}


def test_a_street_lies_on_the_street() -> None:
    stream = two_villages()
    bend = [(0.0, 0.0), (0.0, KM), (KM, KM), (KM, 0.0)]
    stream.way(bend, highway="residential", name="The Bend")
    (street,) = stream.finish("street")
    assert any(np.allclose((street.lon, street.lat), point, atol=1e-7) for point in bend)


def test_addresses_belong_to_their_street() -> None:
    stream = two_villages()
    for x in (0, 10 * KM):
        stream.way([(x, 0), (x + 0.1 * KM, 0)], highway="residential", name="High Street")
    stream.node(
        0.05 * KM, 0, addr__housenumber="1", addr__street="High Street", addr__postcode="w1 1a"
    )
    stream.node(10.05 * KM, 0, addr__housenumber="2", addr__street="HIGH STREET")
    box = [(0, 0), (0.01, 0), (0.01, 0.01), (0, 0.01), (0, 0)]
    stream.way(
        [(x * KM, y * KM) for x, y in box], building="yes", addr__housenumber="3",
        addr__street="High Street",
    )  # fmt: skip
    entries = stream.finish()
    houses = {
        e.settlement: [house.number for house in e.houses] for e in entries if e.kind == "street"
    }
    assert houses == {"Westby": ["1", "3"], "Eastby": ["2"]}
    (code,) = [e for e in entries if e.kind == "postcode"]
    assert (code.name, code.settlement, code.other_names) == ("W1 1A", "Westby", ("W11A",))


def test_addresses_of_places_and_of_unknown_streets() -> None:
    stream = two_villages()
    stream.node(0.1 * KM, 0, addr__housenumber="7", addr__place="Westby")
    stream.node(0.1 * KM, 0, addr__housenumber="8", addr__street="Lost Lane")
    stream.node(0.1 * KM, 0, addr__housenumber="9", addr__place="Lost Farm")
    stream.node(0.1 * KM, 0, addr__housenumber="10", addr__city="Westby")
    entries = {entry.name: entry for entry in stream.finish()}
    numbers = {name: [house.number for house in entry.houses] for name, entry in entries.items()}
    assert numbers["Westby"] == ["7", "10"]
    assert (numbers["Lost Lane"], entries["Lost Lane"].kind) == (["8"], "street")
    assert (numbers["Lost Farm"], entries["Lost Farm"].kind) == (["9"], "locality")
    assert numbers["Eastby"] == []


@pytest.mark.parametrize("at_a_time", [1, 7, 1_000_000])
def test_every_address_belongs_to_the_nearest_street_of_its_name(
    monkeypatch: pytest.MonkeyPatch, at_a_time: int
) -> None:
    monkeypatch.setattr(addresses, "_MAX_PAIRS", at_a_time)
    stream = Stream()
    for at in range(4):  # without settlements, a street of this name in each of four cells
        lon = at * 20 * KM
        stream.way([(lon, 0), (lon, 0.1 * KM)], highway="residential", name="High Street")
        for number in range(1, 4):
            away = {"addr__street": "High Street", "addr__housenumber": f"{10 * at + number}"}
            stream.node(lon + (3 - 2 * number) * KM, 0, **away)
    stream.node(30 * KM, 0.2, addr__street="High Street", addr__housenumber="99")
    streets = sorted(stream.finish("street"), key=lambda one: one.lon)
    found = [sorted(int(house.number) for house in street.houses) for street in streets]
    assert sorted(found) == [[1, 2, 3], [11, 12, 13], [21, 22, 23], [31, 32, 33], [99]]


def test_an_address_without_a_street_is_of_its_town_or_of_the_one_around_it() -> None:
    stream = two_villages()
    stream.node(0.1 * KM, 0, addr__city="Westby", addr__housenumber="1")
    stream.node(9.9 * KM, 0, addr__city="Nowhere", addr__housenumber="2")
    stream.node(9.9 * KM, 0.1 * KM, addr__housenumber="3")
    houses = {one.name: [house.number for house in one.houses] for one in stream.finish("village")}
    assert houses == {"Westby": ["1"], "Eastby": ["2", "3"]}


def test_a_village_drawn_as_node_and_outline_is_one() -> None:
    stream = two_villages()
    stream.area((-KM, -KM, KM, KM), place="village", name="Westby")
    stream.area((-2 * KM, -2 * KM, 2 * KM, 2 * KM), boundary="administrative",
                admin_level="8", name="Westby")  # fmt: skip
    stream.area((-20 * KM, -20 * KM, 20 * KM, 20 * KM), boundary="administrative",
                admin_level="6", name="Shire")  # fmt: skip
    named = Counter((entry.name, entry.kind) for entry in stream.finish())
    assert named == {("Westby", "village"): 1, ("Eastby", "village"): 1, ("Shire", "region"): 1}


def test_postcode_areas_are_found() -> None:
    stream = two_villages()
    stream.area((-KM, -KM, KM, KM), boundary="postal_code", postal_code="AD100", name="AD100")
    (code,) = stream.finish("postcode")
    assert (code.name, code.settlement) == ("AD100", "Westby")


def test_other_names_are_kept() -> None:
    stream = Stream()
    stream.node(0, 0, place="town", name="Wien", name__en="Vienna", old_name="Vindobona;Wean",
                name__etymology="river", alt_name="Wien")  # fmt: skip
    (town,) = stream.finish()
    assert town.other_names == ("Vienna", "Vindobona", "Wean")


def test_more_people_are_more_important() -> None:
    west, east = two_villages().finish("village")
    assert west.name == "Westby"
    assert west.importance > east.importance


def test_what_nobody_looks_up_is_left_out() -> None:
    stream = two_villages()
    stream.node(0, 0, tourism="information", name="Signpost 12")
    stream.node(0, 0, highway="bus_stop", name="Stop")
    stream.node(0, 0, amenity="cafe", name="  ")
    stream.way([(0, 0), (1, 1)], waterway="river", name="Welland")
    stream.way([(0, 0), (1, 1)], boundary="administrative", name="A border")
    stream.way([(0, 0), (1, 1)], highway="proposed", name="Someday Street")
    assert {entry.kind for entry in stream.finish()} == {"village"}


def test_an_extract_without_names_has_none() -> None:
    assert Stream().finish() == []


BOSTON = (-71.06, 42.36)
"""A position in Massachusetts, whose time zone is of the United States."""


def test_state_and_county_are_known_from_what_is_said_nearby() -> None:
    stream = Stream()
    stream.node(-72.0, 44.0, place="village", name="Westby", is_in__state_code="VT")
    stream.node(-71.5, 44.0, place="village", name="Eastby")
    stream.way([(-71.5, 44.0), (-71.49, 44.0)], highway="residential", name="Elm Street",
               tiger__county="Coos, NH")  # fmt: skip
    found = {entry.name: entry for entry in stream.finish()}
    assert {name: one.territory for name, one in found.items()} == {
        "Westby": "US-VT", "Eastby": "US-NH", "Elm Street": "US-NH",
    }  # fmt: skip
    assert "Coos County" in found["Eastby"].words


def test_without_a_word_of_it_the_state_is_that_of_the_zip_codes_around() -> None:
    stream = Stream()
    stream.node(*BOSTON, place="town", name="Southby")
    (town,) = stream.finish()
    assert town.territory == "US-MA"
    assert "Suffolk County" in town.words


def test_the_country_is_that_of_the_time_zone_and_the_state_of_the_postcodes() -> None:
    stream = Stream()
    stream.node(-0.73, 52.67, place="town", name="Oakham")
    stream.node(-0.73, 52.67, addr__housenumber="1", addr__postcode="LE15 6AL")
    assert {entry.territory for entry in stream.finish()} == {"GB-ENG"}
    sea = Stream()
    sea.node(0, 0, place="village", name="Westby")
    assert sea.finish()[0].territory == ""


def test_an_area_that_an_extract_holds_whole_names_what_lies_in_it() -> None:
    stream = two_villages()
    stream.area(
        (-0.01, -0.01, 0.01, 0.01), boundary="administrative", admin_level="6", name="Westshire"
    )
    found = {entry.name: entry for entry in stream.finish()}
    assert "Westshire" in found["Westby"].words
    assert "Westshire" not in found["Eastby"].words


def test_roads_are_called_by_their_numbers() -> None:
    stream = two_villages()
    stream.way([(0, 0), (0.001, 0)], highway="primary", name="Stage Road", ref="VT 117")
    stream.way([(0, 0.001), (0.001, 0.001)], highway="primary", ref="B 85")
    named, numbered = sorted(stream.finish("street"), key=lambda entry: entry.name, reverse=True)
    assert named.name == "Stage Road"
    assert {"VT 117", "Route 117", "Vermont Route 117"} <= set(named.other_names)
    assert numbered.name == "B 85"
    assert "Bundesstraße 85" in numbered.other_names


def test_postcodes_of_roads_are_known_where_no_address_has_one() -> None:
    stream = two_villages()
    stream.way([(0, 0), (0.001, 0)], highway="residential", name="Elm Street",
               tiger__zip_left="05992", tiger__zip_right="05993:05994")  # fmt: skip
    stream.way([(0.002, 0), (0.003, 0)], highway="residential", addr__postcode="05995-1234")
    stream.node(0.004, 0, addr__housenumber="3", addr__postcode="05992")
    codes = {entry.name: entry for entry in stream.finish("postcode")}
    assert set(codes) == {"05992", "05993", "05994", "05995"}
    assert codes["05992"].lon == 0.004
    (street,) = [entry for entry in stream.finish("street") if entry.name == "Elm Street"]
    assert {"05992", "05993", "05994"} <= set(street.words)


def test_a_street_within_reach_of_a_second_village_is_known_by_it_too() -> None:
    stream = Stream()
    stream.node(0, 0, place="village", name="Westby")
    stream.node(2 * KM, 0, place="village", name="Eastby")
    stream.way([(0.8 * KM, 0), (0.9 * KM, 0)], highway="residential", name="Mid Lane")
    (street,) = stream.finish("street")
    assert street.settlement == "Westby"
    assert "Eastby" in street.words
