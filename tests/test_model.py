from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import BadCoordinates, InputError
from geo.model import BBox, Place, Point

LON, LAT = st.floats(-180, 180), st.floats(-90, 90)


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("42.5069,1.5218", Point(1.5218, 42.5069)),
        ("  -33.9 , 18.4 ", Point(18.4, -33.9)),
        ("42.5;1.5", Point(1.5, 42.5)),
        ("42.5 1.5", Point(1.5, 42.5)),
        ("+.5,-.25", Point(-0.25, 0.5)),
        ("90,180", Point(180, 90)),
        ("(52.67, -0.73)", Point(-0.73, 52.67)),
        ("52.67\N{DEGREE SIGN}, \N{MINUS SIGN}0.73\N{DEGREE SIGN}", Point(-0.73, 52.67)),
        ("52,67; -0,73", Point(-0.73, 52.67)),
        ("52.67 N, 0.73 W", Point(-0.73, 52.67)),
        ("52\N{DEGREE SIGN}40'12\"N 0\N{DEGREE SIGN}43'48\"W", Point(-0.73, 52.67)),
        ("33\N{DEGREE SIGN}54\N{PRIME}S 18\N{DEGREE SIGN}24\N{PRIME}E", Point(18.4, -33.9)),
        ("geo:52.67,-0.73", Point(-0.73, 52.67)),
        ("https://www.google.com/maps/place/x/@52.67,-0.73,15z", Point(-0.73, 52.67)),
        ("https://maps.example/?q=52.67,-0.73", Point(-0.73, 52.67)),
        ("https://www.openstreetmap.org/#map=15/52.67/-0.73", Point(-0.73, 52.67)),
    ],
)
def test_positions_are_read_as_people_paste_them(text: str, point: Point) -> None:
    found = Point.from_text(text)
    assert found is not None
    assert (found.lon, found.lat) == pytest.approx((point.lon, point.lat))


@pytest.mark.parametrize("text", ["", "Oakham", "42.5", "1,2,3", "42.5,1.5 Street", "12 North St"])
def test_other_text_is_no_position(text: str) -> None:
    assert Point.from_text(text) is None


@pytest.mark.parametrize(
    "text", ["91,0", "0,181", "-90.01,0", "nan,nan", "inf,0", "1e1,2", "0 -Infinity", "95 N 0 E"]
)
def test_numbers_out_of_range_are_refused(text: str) -> None:
    with pytest.raises(BadCoordinates):
        Point.from_text(text)


def test_swapped_coordinates_are_told() -> None:
    with pytest.raises(BadCoordinates, match="swapped"):
        Point.from_text("1.5218,142.5") and Point.from_text("142.5,1.5218")


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
