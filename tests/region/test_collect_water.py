import numpy as np
import pytest
import shapely

from geo.isochrone import WaterMask
from geo.model import BBox
from geo.region.collect_water import WaterCollector
from geo.region.osm_objects import OsmArea, OsmWay


def area(shape, **tags):
    return OsmArea("w1", tags or {"natural": "water"}, None, shapely.to_wkb(shape, hex=True))


def coast(points):
    e7 = np.rint(np.array(points) * 1e7).astype(np.int32)
    refs = np.arange(len(points), dtype=np.int64)
    return OsmWay(1, {"natural": "coastline"}, None, refs, e7[:, 0], e7[:, 1])


def wet(mask, lon, lat):
    """Return the share of water of the cell at a position, 0..1."""
    window = mask.window
    x, y = window.plane.to_xy(np.array([lon]), np.array([lat]))
    if not window.holds(x, y)[0]:
        return 0.0
    return float(mask.water.reshape(-1)[window.cell_of(x, y)[0]]) / 255


def square_m(mask):
    return mask.water.sum() / 255 * mask.window.cell_m**2


def test_a_lake_with_an_island():
    lake = shapely.box(10.0, 50.0, 10.02, 50.01).difference(
        shapely.box(10.005, 50.003, 10.01, 50.006)
    )
    collector = WaterCollector()
    collector.area(area(lake))
    mask = collector.mask()
    assert wet(mask, 10.002, 50.002) == 1
    assert wet(mask, 10.0075, 50.0045) == 0
    per_degree = mask.window.plane.metres_per_lon_deg * 111_195
    assert square_m(mask) == pytest.approx(lake.area * per_degree, rel=0.002)


@pytest.mark.parametrize(
    "tags",
    [
        {"natural": "water", "intermittent": "yes"},
        {"natural": "water", "covered": "yes"},
        {"natural": "water", "location": "underground"},
        {"natural": "wood"},
        {"landuse": "residential"},
        {"natural": "glacier"},
    ],
)
def test_what_is_no_open_water(tags):
    collector = WaterCollector()
    collector.area(area(shapely.box(10, 50, 10.1, 50.1), **tags))
    assert collector.mask().water.max() == 0


@pytest.mark.parametrize(
    "tags", [{"landuse": "reservoir"}, {"waterway": "riverbank"}, {"waterway": "dock"}]
)
def test_what_else_is_water(tags):
    collector = WaterCollector()
    collector.area(area(shapely.box(10, 50, 10.01, 50.01), **tags))
    assert collector.mask().water.max() == 255


def test_overlapping_lakes_count_once():
    collector = WaterCollector()
    for east in (10.01, 10.02):
        collector.area(area(shapely.box(10, 50, east, 50.01)))
    assert collector.mask().water.max() == 255
    assert wet(collector.mask(), 10.005, 50.005) == 1


def test_ponds_are_left_out():
    collector = WaterCollector()
    collector.area(area(shapely.box(10, 50, 10.0005, 50.0005)))
    assert collector.mask().water.max() == 0


def test_nothing_at_all(tmp_path):
    WaterCollector().write(tmp_path)
    mask = WaterMask.load(tmp_path)
    assert (mask.land(mask.window) == 1).all()


def test_a_box_cuts_a_great_lake():
    collector = WaterCollector()
    collector.area(area(shapely.box(0, 40, 10, 50)))
    mask = collector.mask(BBox(9.9, 49.9, 10.1, 50.1))
    assert mask.window.columns * mask.window.cell_m < 20_000
    assert wet(mask, 9.95, 49.95) == 1


def test_the_sea_is_right_of_its_coast():
    collector = WaterCollector()
    collector.way(coast([(10.0, 50.0), (10.05, 50.01), (10.1, 50.0)]))  # sea in the south
    mask = collector.mask()
    assert wet(mask, 10.05, 50.0) == 1
    assert wet(mask, 10.05, 50.02) == 0
    assert wet(mask, 10.02, 49.99) == 1


def test_an_island_in_the_sea():
    collector = WaterCollector()
    angle = np.linspace(0, 2 * np.pi, 60)
    ring = np.column_stack([10 + 0.03 * np.cos(angle), 50 + 0.02 * np.sin(angle)])
    collector.way(coast(ring))  # anticlockwise: land inside
    mask = collector.mask()
    assert wet(mask, 10.0, 50.0) == 0
    assert wet(mask, 10.05, 50.0) == 1


def test_a_real_lake_has_its_real_size(shared):
    from geo.region.extract import read_extract

    collector = WaterCollector()
    read_extract(shared("osm/rutland.osm.pbf"), [collector])
    mask = collector.mask()
    # Rutland Water has a surface of 12.6 km2 (Anglian Water), the other lakes less than 2 in all.
    assert 12e6 < square_m(mask) < 15e6
    assert wet(mask, -0.635, 52.645) == 1
