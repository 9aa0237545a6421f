from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openlocationcode import openlocationcode

from geo.coordinates import PlusCode, parse_coordinates
from geo.errors import BadCoordinates
from geo.model import BBox, Point

CUP = Point(-71.9974, 44.0019)
FULL = openlocationcode.encode(CUP.lat, CUP.lon)
SHORT = FULL[4:]
NEAR = 1.3e-4  # half a cell of ten digits, and a little
LAT, LON = st.floats(-89, 89), st.floats(-179, 179)


def _is_near(point: Point | None, other: Point) -> bool:
    return (
        point is not None
        and abs(point.lat - other.lat) < NEAR
        and abs(point.lon - other.lon) < NEAR
    )


def test_the_published_example_is_read() -> None:
    # https://github.com/google/open-location-code: 8FVC9G8F+6X is in Zurich.
    assert parse_coordinates("8FVC9G8F+6X") == PlusCode("8FVC9G8F+6X").point()
    assert _is_near(parse_coordinates("8FVC9G8F+6X"), Point(8.5249375, 47.3655625))


@given(LAT, LON, st.sampled_from([10, 11, 12]))
def test_full_codes_are_positions_anywhere_in_a_text(lat: float, lon: float, length: int) -> None:
    code = openlocationcode.encode(lat, lon, length)
    for text in (code, code.lower(), f"Nimble Cup, {code}", f"{code} New Hampshire, USA"):
        assert _is_near(parse_coordinates(text), Point(lon, lat))


@given(LAT, LON, st.floats(-0.4, 0.4), st.floats(-0.4, 0.4))
def test_a_short_code_is_found_near_its_town(
    lat: float, lon: float, north: float, east: float
) -> None:
    code = PlusCode.parse(f"{openlocationcode.encode(lat, lon)[4:]} Littleton, NH")
    assert code is not None
    assert (code.locality, code.is_full) == ("Littleton, NH", False)
    town = Point(lon + east, lat + north)
    assert _is_near(code.resolve(locate=lambda _: town, box=None), Point(lon, lat))


def test_a_short_code_alone_is_found_where_the_region_has_one_such_spot() -> None:
    code = PlusCode(SHORT)
    small = BBox(-72.3, 43.8, -71.7, 44.3)
    assert _is_near(code.resolve(locate=lambda _: None, box=small), CUP)
    state = BBox(-73.4, 42.7, -71.4, 45.0)
    assert len(code.within(state)) == 4  # one each degree: 2 by 2
    with pytest.raises(BadCoordinates, match="add its town"):
        code.resolve(locate=lambda _: None, box=state)
    nearby = code.resolve(locate=lambda _: None, box=state, near=Point(-72.1, 44.2))
    assert _is_near(nearby, CUP)


def test_a_short_code_beside_an_unknown_town_is_unknown() -> None:
    code = PlusCode(SHORT, "Nowhere")
    assert code.resolve(locate=lambda _: None, box=BBox(-72.3, 43.8, -71.7, 44.3)) is None


def test_a_short_code_is_no_position_of_its_own() -> None:
    assert parse_coordinates(SHORT) is None
    with pytest.raises(BadCoordinates, match="short"):
        PlusCode(SHORT).point()


@pytest.mark.parametrize("text", ["87P80000+", "87000000+"])
def test_a_code_of_a_whole_district_is_refused(text: str) -> None:
    with pytest.raises(BadCoordinates, match="district"):
        parse_coordinates(text)


@pytest.mark.parametrize("text", ["2+2", "Route 22+23", "C++", "12+34 Main St", "+1 802 555 1234"])
def test_a_plus_does_not_make_a_code(text: str) -> None:
    assert PlusCode.parse(text) is None
