from __future__ import annotations

import pytest
from geopy.distance import great_circle
from hypothesis import given
from hypothesis import strategies as st

from geo.geometry import LocalPlane, distance_m
from geo.model import Point

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
