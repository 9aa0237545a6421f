"""The sample's roads: every class, whole for cars, and the story that they tell."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from data.sample.maker import county, write_sample
from data.sample.maker.county import County, make_county, plane
from geo.geometry import distance_m
from geo.model import Point
from geo.network import Conditions, RoadNetwork
from geo.region import Region
from geo.region.extract import read_extract
from geo.region.roads import RoadCollector


def positions(drawn: County, role: str) -> list[Point]:
    sites = [site for site in drawn.sites if site.role == role]
    lons, lats = plane(0).to_lon_lat([s.x_m for s in sites], [s.y_m for s in sites])
    return [Point(lon, lat) for lon, lat in zip(lons.tolist(), lats.tolist(), strict=True)]


def test_there_are_at_least_four_thousand_junctions(drawn, county: Region):
    assert len(drawn.network.junctions) >= 4_000
    assert county.network.graph.junction_count >= 4_000


def test_every_class_of_road_is_there(sample):
    classes = Counter(tags["highway"] for *_, tags, _ in sample.ways if "highway" in tags)
    assert {
        "trunk", "primary", "secondary", "tertiary",
        "unclassified", "residential", "service", "track",
    } <= set(classes)  # fmt: skip
    ways = [tags for *_, tags, _ in sample.ways if "highway" in tags]
    assert any(tags.get("bridge") and tags.get("toll") == "yes" for tags in ways)
    assert any(tags.get("tunnel") == "yes" for tags in ways)
    assert any(tags.get("junction") == "roundabout" for tags in ways)
    assert any(tags.get("oneway") == "yes" for tags in ways)
    assert any("tracktype" not in tags for tags in ways if tags["highway"] == "track")
    nodes = Counter(tags.get("highway") for *_, tags, _ in sample.nodes if tags)
    assert nodes["traffic_signals"] >= 5
    assert nodes["stop"] >= 20


def test_two_fifths_or_so_of_the_road_length_is_unpaved(county: Region):
    graph = county.network.graph
    unpaved = (np.asarray(graph.edge_flags) & 4) > 0
    assert 0.3 < graph.edge_length_m[unpaved].sum() / graph.edge_length_m.sum() < 0.55


def test_cars_get_from_everywhere_to_everywhere(drawn, county: Region):
    named = [site for site in drawn.sites if site.name]
    lons, lats = plane(0).to_lon_lat([s.x_m for s in named], [s.y_m for s in named])
    snaps = county.network.snap(lons, lats)
    seconds = county.network.matrix(snaps, snaps).seconds
    assert np.isfinite(seconds).all()


def test_opposite_shores_are_near_by_air_and_far_by_road(drawn, county: Region):
    west, east = positions(drawn, "shore")
    route = county.network.route(west, east, conditions=Conditions(ferries=False))
    assert route is not None
    assert route.length_m > 5 * distance_m(west, east)


def test_the_ferry_is_the_quicker_way_between_its_landings(drawn, county: Region):
    west, east = positions(drawn, "ferry")
    over = county.network.route(west, east)
    around = county.network.route(west, east, conditions=Conditions(ferries=False))
    assert over is not None
    assert around is not None
    assert over.travel_time_s < around.travel_time_s
    assert over.length_m < 6_000 < around.length_m


def test_without_toll_or_ferry_the_way_round_the_lake_is_much_longer(drawn, county: Region):
    west, east = positions(drawn, "ferry")
    free = county.network.route(west, east, conditions=Conditions(ferries=False, tolls=False))
    toll = county.network.route(west, east, conditions=Conditions(ferries=False))
    assert free is not None
    assert toll is not None
    assert free.length_m > 1.5 * toll.length_m


def test_winter_shuts_the_high_pass_and_sends_the_hamlet_beyond_it_round(drawn, county: Region):
    (beyond,) = positions(drawn, "beyond")
    (summit,) = positions(drawn, "pass")
    here_m = distance_m(beyond, summit)
    other_side = Point(summit.lon - (beyond.lon - summit.lon), summit.lat)
    dry = county.network.route(beyond, other_side)
    winter = county.network.route(beyond, other_side, conditions=Conditions("winter"))
    assert here_m < 10_000
    assert dry is not None
    assert winter is not None
    assert winter.length_m > dry.length_m + 15_000


def test_the_gated_loop_and_the_lone_car_park_catch_no_snap(sample, county: Region):
    private = next(
        row for row in sample.ways if row[3].get("access") == "private" and "name" in row[3]
    )
    corner = next(row for row in sample.nodes if row[0] == private[4][0])
    snaps = county.network.snap([corner[4][0] / 1e7], [corner[4][1] / 1e7])
    assert snaps.snap_m[0] > 5


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_seed_gives_a_county_with_bridge_passes_and_ferry(seed):
    made = make_county(seed)
    roads = made.network.roads
    assert sum(road.tags.get("toll") == "yes" for road in roads) == 1
    assert any("motor_vehicle:conditional" in road.tags for road in roads)
    assert sum(road.tags.get("route") == "ferry" for road in roads) == 1
    assert len(made.network.junctions) >= 4_000
    assert sum(site.kind == "village" for site in made.sites) == 8


def test_a_larger_sample_joins_its_counties(drawn, tmp_path, monkeypatch):
    monkeypatch.setattr(county, "make_county", lambda _seed: drawn)  # one county, twice
    counts = write_sample(tmp_path / "two.osm.pbf", junctions=8_000)
    assert counts.counties == 2
    assert counts.junctions == 2 * len(drawn.network.junctions)
    roads = RoadCollector()
    read_extract(tmp_path / "two.osm.pbf", [roads])
    network = RoadNetwork(roads.finish())
    town = next(site for site in drawn.sites if site.kind == "town")
    lons, lats = zip(
        *(plane(index).to_lon_lat(town.x_m, town.y_m) for index in (0, 1)), strict=True
    )
    snaps = network.snap(np.array(lons), np.array(lats))
    assert np.isfinite(network.matrix(snaps, snaps).seconds).all()


@pytest.mark.slow
def test_a_state_has_as_many_junctions_as_asked_for(tmp_path):
    counts = write_sample(tmp_path / "state.osm.pbf", junctions=150_000)
    assert counts.junctions >= 150_000
    assert counts.counties > 10
