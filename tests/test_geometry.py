"""The fixed grid: the same boxes for everyone, without gaps, across the poles and the meridian."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from geopy.distance import great_circle
from hypothesis import example, given
from hypothesis import strategies as st

from geo.geometry import LocalPlane, boxes_around, boxes_covering, distance_m, is_covered, quarters
from geo.model import BBox, Point

LONS = st.floats(-180, 180, allow_nan=False)
LATS = st.floats(-90, 90, allow_nan=False)


def _home(point: Point) -> BBox:
    (box,) = boxes_covering(BBox(point.lon, point.lat, point.lon, point.lat))
    return box


@given(lon=LONS, lat=LATS)
@example(lon=-1e-7, lat=26.0)
def test_every_point_has_one_box_that_holds_it(lon: float, lat: float) -> None:
    point = Point(round(lon, 7), round(lat, 7))
    box = _home(point)
    # What is a hundredth of a metre beyond an edge counts as on it.
    assert box.west - 1.5e-7 <= point.lon <= box.east + 1.5e-7
    assert box.south - 1.5e-7 <= point.lat <= box.north + 1.5e-7
    assert box in boxes_covering(box)


@given(lat=st.floats(-80, 80), lon=LONS)
def test_boxes_are_about_ten_kilometres_wide_and_high(lon: float, lat: float) -> None:
    box = _home(Point(lon, lat))
    middle = box.center
    assert distance_m(Point(box.west, middle.lat), Point(box.east, middle.lat)) == pytest.approx(
        10_000, rel=0.02
    )
    assert distance_m(Point(0, box.south), Point(0, box.north)) == pytest.approx(10_000, rel=0.01)


def test_the_boxes_of_an_area_leave_no_gap_and_do_not_overlap() -> None:
    area = BBox(-73.44, 42.73, -71.46, 45.02)  # Vermont
    boxes = boxes_covering(area)
    assert len(boxes) == len(set(boxes)) == 455
    rows: dict[float, list[BBox]] = {}
    for box in boxes:
        rows.setdefault(box.south, []).append(box)
    for row in rows.values():
        assert row[0].west <= area.west
        assert row[-1].east >= area.east
        assert all(a.east == b.west for a, b in pairwise(row))
    assert min(rows) <= area.south
    assert max(row[0].north for row in rows.values()) >= area.north


@given(
    lon=LONS, lat=st.floats(-85, 85), where=st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99))
)
def test_all_points_of_a_box_ask_for_the_same(
    lon: float, lat: float, where: tuple[float, float]
) -> None:
    box = _home(Point(lon, lat))
    other = Point(
        box.west + where[0] * (box.east - box.west), box.south + where[1] * (box.north - box.south)
    )
    assert boxes_around(other, 30_000) == boxes_around(box.center, 30_000)


@given(
    lon=LONS, lat=st.floats(-85, 85), bearing=st.sampled_from([(0, 1), (1, 0), (0, -1), (-1, 0)])
)
def test_what_is_within_the_distance_is_in_a_box(lon: float, lat: float, bearing) -> None:
    start = Point(lon, lat)
    step = 29_000 / 111_195
    east, north = bearing
    shrink = max(0.05, math.cos(math.radians(lat)))
    far = Point((lon + east * step / shrink + 180) % 360 - 180, lat + north * step)
    boxes = boxes_around(start, 30_000)
    assert any(far in box for box in boxes)
    assert len(boxes) == len(set(boxes)) < 120


def test_boxes_join_across_the_180th_meridian_and_at_the_poles() -> None:
    fiji = boxes_around(Point(179.99, -16.5), 11_000)
    assert {box.east for box in fiji} >= {180.0}
    assert {box.west for box in fiji} >= {-180.0}
    assert all(-90 <= box.south < box.north <= 90 for box in boxes_around(Point(0, 90), 30_000))
    assert boxes_covering(BBox(180, 0, 180, 0))[0].east == 180


def test_a_box_is_covered_by_its_quarters_and_by_theirs() -> None:
    box = _home(Point(-0.72, 52.6))
    first, *rest = quarters(box)
    assert is_covered(box, {box})
    assert is_covered(box, {first, *rest})
    assert is_covered(box, {*quarters(first), *rest})
    assert not is_covered(box, {*quarters(first)[1:], *rest})
    assert not is_covered(box, set())


POINTS = st.builds(Point, st.floats(-180, 180), st.floats(-90, 90))


@given(POINTS, POINTS)
def test_distance_agrees_with_geopy(a: Point, b: Point) -> None:
    theirs = great_circle((a.lat, a.lon), (b.lat, b.lon)).m
    assert distance_m(a, b) == pytest.approx(theirs, rel=1e-5, abs=0.5)


@given(
    st.builds(Point, st.floats(-179, 179), st.floats(-65, 65)),
    st.floats(-50_000, 50_000),
    st.floats(-50_000, 50_000),
)
def test_the_plane_is_true_near_its_middle_and_goes_back(center: Point, x: float, y: float) -> None:
    plane = LocalPlane(center)
    lon, lat = plane.to_lon_lat(x, y)
    assert plane.to_xy(lon, lat) == (pytest.approx(x, abs=1e-6), pytest.approx(y, abs=1e-6))
    if abs(lon) <= 180:
        measured = distance_m(center, Point(float(lon), float(lat)))
        assert measured == pytest.approx((x * x + y * y) ** 0.5, rel=0.02, abs=1)
