import tracemalloc
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from geo.geometry import LocalPlane
from geo.isochrone import WaterMask, isochrones
from geo.isochrone.raster import Window
from geo.model import BBox, Point
from geo.network import Reach, RoadNetwork
from geo.region import Region
from geo.region.collect_water import WaterCollector
from geo.region.extract import read_extract
from geo.region.roads import RoadCollector


@pytest.fixture(scope="module")
def village_network(village):
    """Return eight by eight blocks of 500 m; a side takes the same time everywhere."""
    roads = RoadCollector()
    read_extract(village, [roads])
    return RoadNetwork(roads.finish())


def test_the_middle_is_inside_and_the_far_corner_is_not(village_network):
    middle = Point(-0.4708, 52.018)
    far = village_network.reach(middle, cutoff_s=3600)
    (near,) = isochrones(far, [120])
    assert near.cutoff_s == 120
    assert near.area.contains(shapely.Point(middle.lon, middle.lat))
    assert not near.area.contains(shapely.Point(-0.5, 52.0))
    (everything,) = isochrones(far, [3600])
    assert everything.area.contains(shapely.box(-0.499, 52.001, -0.443, 52.035))  # and no holes


def test_nothing_within_the_cutoff(village_network):
    a_walk_away = village_network.reach(Point(-0.4708, 52.04), cutoff_s=60)
    assert [each.area.is_empty for each in isochrones(a_walk_away, [10, 60])] == [True, True]


def test_one_minute_already_holds_the_origin(village_network):
    corner = Point(-0.5, 52.0)
    (near,) = isochrones(village_network.reach(corner, cutoff_s=60), [60])
    assert near.area.contains(shapely.Point(corner.lon, corner.lat))


def test_no_cutoffs(village_network):
    assert isochrones(village_network.reach(Point(-0.4708, 52.018), cutoff_s=60), []) == []


def test_beyond_the_search(village_network):
    reach = village_network.reach(Point(-0.4708, 52.018), cutoff_s=60)
    with pytest.raises(InputError, match="90 s"):
        isochrones(reach, [30, 90])


def test_the_answers_keep_the_order_of_the_cutoffs(village_network):
    reach = village_network.reach(Point(-0.4708, 52.018), cutoff_s=600)
    assert [each.cutoff_s for each in isochrones(reach, [300, 60, 600])] == [300, 60, 600]


@settings(max_examples=25)
@given(
    lon=st.floats(-0.5, -0.4416),
    lat=st.floats(52.0, 52.036),
    cutoffs_s=st.lists(st.floats(30, 900), min_size=2, max_size=4),
    homeward=st.booleans(),
)
def test_a_larger_cutoff_never_shrinks_the_area(village_network, lon, lat, cutoffs_s, homeward):
    reach = village_network.reach(Point(lon, lat), cutoff_s=900, homeward=homeward)
    areas = [each.area for each in isochrones(reach, sorted(cutoffs_s))]
    for smaller, larger in pairwise(areas):
        assert larger.covers(smaller) or smaller.is_empty
    assert all(area.is_valid for area in areas)


def test_real_roads_are_inside_when_reached_and_outside_when_not(real_region):
    network = real_region.network
    lon, lat = network.graph.junction_lon, network.graph.junction_lat
    rng = np.random.default_rng(7)
    for row in rng.integers(0, network.graph.junction_count, 5):
        snaps = network.snap(lon[row], lat[row])
        cutoffs_s = np.sort(rng.uniform(300, 5400, 3)).tolist()
        everything = network.reach(snaps, cutoff_s=np.inf)
        reach = network.reach(snaps, cutoff_s=cutoffs_s[-1])
        found = isochrones(reach, cutoffs_s, water=real_region.water)
        for band in found:
            assert band.area.is_valid
            assert _agrees(band.area, everything, band.cutoff_s, lon, lat)
        assert found[1].area.covers(found[0].area)
        assert found[2].area.covers(found[1].area)


def test_disjoint_areas_overlap_nowhere_and_are_the_rings_between_isochrones(real_region):
    network = real_region.network
    rng = np.random.default_rng(11)
    for row in rng.integers(0, network.graph.junction_count, 5):
        origin = Point(
            float(network.graph.junction_lon[row]), float(network.graph.junction_lat[row])
        )
        reach = network.reach(origin, cutoff_s=1800)
        cutoffs_s = [1800.0, 600.0, 1200.0]
        outer, inner, middle = isochrones(reach, cutoffs_s, water=real_region.water)
        rings = isochrones(reach, cutoffs_s, water=real_region.water, disjoint=True)
        assert [ring.cutoff_s for ring in rings] == cutoffs_s
        assert rings[1].area.equals(inner.area)
        for ring, larger, smaller in ((rings[2], middle, inner), (rings[0], outer, middle)):
            assert ring.area.is_valid
            exact = larger.area.difference(smaller.area)
            assert ring.area.intersection(smaller.area).area < 1e-9 * exact.area
            assert ring.area.symmetric_difference(exact).area < 0.03 * exact.area


def test_disjoint_areas_where_the_smallest_is_empty(village_network):
    reach = village_network.reach(Point(-0.4708, 52.04), cutoff_s=3600)
    nothing, everything = isochrones(reach, [10, 3600], disjoint=True)
    assert nothing.area.is_empty
    assert everything.area.equals(isochrones(reach, [3600])[0].area)


_CUTOFFS_S = [60.0 * minutes for minutes in (5, 10, 15, 20, 30, 45, 60)]


@pytest.mark.parametrize("homeward", [False, True])
def test_an_area_holds_what_is_within_and_not_what_is_a_minute_beyond(any_extract, homeward):
    region, graph = any_extract, any_extract.network.graph
    places = region.place_snaps
    for what, share in _shares(region, homeward=homeward, with_places=True).items():
        assert share == pytest.approx(1.0, abs=0.01), what
    lon, lat = graph.junction_lon[0], graph.junction_lat[0]
    reach = region.network.reach(region.network.snap(lon, lat), cutoff_s=3600)
    listed = reach.to(places)
    for band in isochrones(reach, _CUTOFFS_S, water=region.water, places=places):
        inside = shapely.contains_xy(band.area, places.lon, places.lat)
        assert inside[listed <= band.cutoff_s].all()


def test_places_near_roads_are_held_unasked(any_extract):
    for what, share in _shares(any_extract, homeward=False, with_places=False).items():
        assert share == pytest.approx(1.0, abs=0.01), what


def _shares(region: Region, *, homeward: bool, with_places: bool) -> dict[str, float]:
    """Return which shares of junctions and places lie on the right side, over ten origins."""
    graph, places = region.network.graph, region.place_snaps
    counts: dict[str, list[bool]] = {}
    for row in np.random.default_rng(11).integers(0, graph.junction_count, 10):
        start = region.network.snap(graph.junction_lon[row], graph.junction_lat[row])
        whole = region.network.reach(start, cutoff_s=np.inf, homeward=homeward)
        reach = region.network.reach(start, cutoff_s=3600, homeward=homeward)
        areas = isochrones(
            reach, _CUTOFFS_S, water=region.water, places=places if with_places else None
        )
        for what, lon, lat, seconds in (
            ("junctions", graph.junction_lon, graph.junction_lat, whole.seconds),
            ("places", places.lon, places.lat, whole.to(places)),
        ):
            for band in areas:
                inside = shapely.contains_xy(band.area, lon, lat)
                within, beyond = seconds <= band.cutoff_s, seconds >= band.cutoff_s + 60
                counts.setdefault(f"{what} within", []).extend(inside[within])
                counts.setdefault(f"{what} beyond", []).extend(~inside[beyond])
    return {what: float(np.mean(right)) for what, right in counts.items() if right}


@settings(max_examples=25)
@given(
    lon=st.floats(-0.505, -0.437),
    lat=st.floats(51.997, 52.039),
    cutoffs_s=st.lists(st.floats(30, 900), min_size=2, max_size=4),
    row=st.integers(0, 80),
)
def test_a_place_lies_on_its_side_of_every_edge(village_network, lon, lat, cutoffs_s, row):
    graph = village_network.graph
    place = village_network.snap(lon, lat)
    start = village_network.snap(graph.junction_lon[row], graph.junction_lat[row])
    reach = village_network.reach(start, cutoff_s=900)
    seconds = float(reach.to(place)[0])
    bands = isochrones(reach, sorted(cutoffs_s), places=place)
    for band in bands:
        if seconds <= band.cutoff_s:
            assert band.area.contains(shapely.Point(lon, lat))
    for smaller, larger in pairwise(band.area for band in bands):
        assert larger.covers(smaller) or smaller.is_empty


def test_ferries_that_meet_at_sea_paint_no_water(tmp_path):
    path = tmp_path / "sea.osm"
    spots = [(-0.01, 0.0), (0.0, 0.0), (0.05, 0.0), (0.1, 0.0), (0.05, 0.04), (0.11, 0.0)]
    nodes = "".join(f'<node id="{i}" lon="{x}" lat="{y}"/>' for i, (x, y) in enumerate(spots, 1))
    ways = [(1, 2, "highway", "residential"), (4, 6, "highway", "residential")] + [
        (a, b, "route", "ferry") for a, b in ((2, 3), (3, 4), (3, 5))
    ]
    text = "".join(
        f'<way id="{i}"><nd ref="{a}"/><nd ref="{b}"/><tag k="{key}" v="{value}"/></way>'
        for i, (a, b, key, value) in enumerate(ways, 1)
    )
    path.write_text(f'<osm version="0.6">{nodes}{text}</osm>', "utf-8")
    roads = RoadCollector()
    read_extract(path, [roads])
    network = RoadNetwork(roads.finish())
    reach = network.reach(Point(-0.01, 0.0), cutoff_s=7200)
    assert reach.seconds.max() < 7200
    (area,) = (band.area for band in isochrones(reach, [7200]))
    assert area.contains(shapely.Point(0.11, 0.0))
    assert not area.intersects(shapely.Point(0.05, 0.0))


def test_lakes_are_not_painted(rutland):
    collector = WaterCollector()
    center = Point(-0.65, 52.655)
    reach = rutland.network.reach(center, cutoff_s=3600)
    (dry,) = isochrones(reach, [3600], water=rutland.water)
    (painted,) = isochrones(reach, [3600])
    lake = shapely.Point(-0.635, 52.645).buffer(0.003)  # the middle of Rutland Water
    assert dry.area.intersection(lake).area < 0.02 * lake.area or not painted.area.intersects(lake)
    assert collector.mask().land(rutland.water.window).min() == 1


def test_the_far_shore_of_a_river_without_a_bridge_is_not_painted(make_river):
    network, water = make_river(bridge=False)
    (near,) = isochrones(network.reach(Point(0.0, 0.0), cutoff_s=600), [600], water=water)
    assert near.area.contains(shapely.Point(0.01, 0.0))
    assert not near.area.intersects(shapely.LineString([(-0.02, 0.0035), (0.02, 0.0035)]))


def test_a_bridge_is_painted(make_river):
    network, water = make_river(bridge=True)
    (near,) = isochrones(network.reach(Point(0.0, 0.0), cutoff_s=900), [900], water=water)
    assert near.area.contains(shapely.Point(0.0002, 0.002))
    assert not near.area.contains(shapely.Point(0.015, 0.002))
    assert near.area.contains(shapely.Point(0.0, 0.004))


@pytest.fixture(scope="module")
def make_river(tmp_path_factory):
    """Return a function that makes two roads with a river of 200 m between them."""

    def make(*, bridge: bool) -> tuple[RoadNetwork, WaterMask]:
        spots = [(lon, lat) for lat in (0.0, 0.004) for lon in (-0.02, 0.0002, 0.02)]
        ways: list[tuple[int, ...]] = [(1, 2, 3), (4, 5, 6), *([(2, 5)] if bridge else [])]
        network = _read(tmp_path_factory.mktemp("river") / "river.osm", spots, ways)
        window = Window(LocalPlane(Point(0.0, 0.002)), 25.0, -200, -40, 400, 80)
        water = np.zeros((80, 400), np.uint8)
        water[36:44] = 255  # 100 m to either side of the middle
        return network, WaterMask(window, water)

    return make


def _read(path: Path, spots: list[tuple[float, float]], ways: list[tuple[int, ...]]) -> RoadNetwork:
    """Return the network of residential roads through spots, which are numbered from 1."""
    text = "".join(f'<node id="{i}" lon="{x}" lat="{y}"/>' for i, (x, y) in enumerate(spots, 1))
    for number, way in enumerate(ways, 1):
        refs = "".join(f'<nd ref="{ref}"/>' for ref in way)
        text += f'<way id="{number}">{refs}<tag k="highway" v="residential"/></way>'
    path.write_text(f'<osm version="0.6">{text}</osm>', "utf-8")
    roads = RoadCollector()
    read_extract(path, [roads])
    return RoadNetwork(roads.finish())


def test_a_road_of_a_thousand_kilometres_without_a_junction_costs_no_memory(tmp_path):
    network = _read(
        tmp_path / "long.osm", [(0.0, 0.0), (0.001, 0.0), (30.0, 20.0)], [(1, 2), (2, 3)]
    )
    reach = network.reach(Point(0.0, 0.0), cutoff_s=36_000)
    tracemalloc.start()
    near, far = isochrones(reach, [600, 36_000])
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 50_000_000
    assert near.area.contains(shapely.Point(0.0, 0.0))
    assert far.area.bounds[2] > 1.0
    assert shapely.difference(near.area, far.area).area < 0.01 * near.area.area


def test_a_mask_survives_the_disk(tmp_path):
    window = Window(LocalPlane(Point(1.0, 2.0)), 25.0, -3, 5, 4, 2)
    mask = WaterMask(window, np.arange(8, dtype=np.uint8).reshape(2, 4))
    mask.save(tmp_path)
    again = WaterMask.load(tmp_path)
    assert again.window == window
    assert again.water.tolist() == mask.water.tolist()


@pytest.mark.parametrize(("column", "row"), [(0, 0), (-3, 5), (1, -1)])
def test_wider_cells_hold_the_same_water(column, row):
    rng = np.random.default_rng(1)
    window = Window(LocalPlane(Point(0.0, 0.0)), 25.0, column, row, 9, 7)
    mask = WaterMask(window, (rng.random((7, 9)) < 0.5).astype(np.uint8) * 255)
    wide = Window(window.plane, 100.0, -5, -5, 20, 20)
    wet = (1 - mask.land(wide)).sum() * 100**2
    assert wet == pytest.approx((mask.water / 255).sum() * 25**2, rel=0.02)
    fine = Window(window.plane, 25.0, column, row, 9, 7)
    assert ((mask.land(fine) == 0) == (mask.water == 255)).all()


def test_finer_cells_than_the_mask():
    mask = WaterMask(
        Window(LocalPlane(Point(0, 0)), 100.0, 0, 0, 1, 1), np.array([[255]], np.uint8)
    )
    land = mask.land(Window(mask.window.plane, 50.0, -1, 0, 4, 2))
    assert land.tolist() == [[1, 0, 0, 1], [1, 0, 0, 1]]


def _agrees(area: shapely.MultiPolygon, everything: Reach, cutoff_s: float, lon, lat) -> bool:
    """Tell whether 97 % of junctions well within and well beyond a cutoff are where they should."""
    inside = shapely.contains_xy(area, lon, lat)
    within = everything.seconds <= cutoff_s - 60
    beyond = everything.seconds >= cutoff_s + 180
    missed, painted = (~inside[within]).sum(), inside[beyond].sum()
    few = 3  # where hardly any junction is left beyond, a shut gate with both its sides is one
    return missed <= max(few, 0.03 * within.sum()) and painted <= max(few, 0.03 * beyond.sum())


def test_windows_of_one_lattice():
    plane = LocalPlane(BBox(0, 0, 2, 2).center)
    window = Window.around(
        plane, np.array([5.0, 95.0]), np.array([-5.0, 20.0]), cell_m=50.0, margin=1
    )
    assert (window.column, window.row, window.columns, window.rows) == (-1, -2, 4, 4)
    assert window.cell_of(np.array([5.0]), np.array([-5.0])).tolist() == [5]
    x, y = plane.to_xy(*window.middles)
    assert x.tolist() == pytest.approx([-25, 25, 75, 125])
    assert y.tolist() == pytest.approx([-75, -25, 25, 75])
