from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import BadCoordinates, InputError
from geo.model import BBox, Place, Point

LON, LAT = st.floats(-180, 180), st.floats(-90, 90)


def test_swapped_coordinates_are_told() -> None:
    with pytest.raises(BadCoordinates, match="swapped"):
        Point(lon=1.5218, lat=142.5)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_no_position(value: float) -> None:
    with pytest.raises(InputError):
        Point(value, 0)
    with pytest.raises(InputError):
        Point(0, value)


@given(st.lists(st.builds(Point, LON, LAT), min_size=1))
def test_a_box_around_points_holds_them_all(points: list[Point]) -> None:
    box = BBox.around(points)
    assert box is not None
    assert all(point in box for point in points)


def test_no_points_have_no_box() -> None:
    assert BBox.around([]) is None


def test_a_place_is_shown_as_what_was_asked_for() -> None:
    inn = Place("n1", "Inn", "hotel", Point(0, 0), other_kinds=("bar", "restaurant"))
    assert inn.as_any_of(None) is inn
    assert inn.as_any_of(["restaurant", "hotel"]) is inn
    asked = inn.as_any_of(["restaurant"])
    assert (asked.kind, asked.other_kinds) == ("restaurant", ("hotel", "bar"))
    assert inn.as_any_of(["cafe"]) == inn
    assert inn.is_any_of(["bar"])
    assert not inn.is_any_of(["cafe"])


def test_boxes_meet_where_they_share_more_than_an_edge() -> None:
    box = BBox(0, 0, 2, 2)
    assert box.overlaps(BBox(1, 1, 3, 3))
    assert box.overlaps(BBox(-1, 0.5, 5, 0.6))
    assert not box.overlaps(BBox(2, 0, 3, 2))
    assert not box.overlaps(BBox(0.5, 2.1, 1, 3))
