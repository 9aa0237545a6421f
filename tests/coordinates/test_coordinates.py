from __future__ import annotations

import pytest

from geo.coordinates import parse_coordinates
from geo.errors import BadCoordinates
from geo.model import Point

CUP = Point(-71.9974, 44.0019)


@pytest.mark.parametrize(
    "text",
    [
        "44.0019, -71.9974",
        "Dropped pin\nhttps://maps.google.com/?q=44.0019,-71.9974",
        "Dropped pinhttps://maps.google.com/?q=44.0019,-71.9974",  # a box drops the line's end
        "Use Waze to drive to 5 - 22 Boulevard: https://waze.com/ul?ll=44.0019,-71.9974.",
        "geo:44.0019,-71.9974?z=9&q=44.0019,-71.9974(Cup)\nhttps://osmand.net/map?pin=44.0019,-71.9974",
        "My location\n44.0019, -71.9974",
        "Nimble Cup (44.0019, -71.9974)",
        "Nimble Cup 12 Main St 44.0019N, 71.9974W",
        "44\u00b00\u20327\u2033N 71\u00b059\u203251\u2033W / 44.0019\u00b0N 71.9974\u00b0W",
        "https://www.google.com/maps?q=44.0019, -71.9974",
    ],
)
def test_what_phones_and_pages_share_is_read(text: str) -> None:
    found = parse_coordinates(text)
    assert found is not None
    assert (found.lon, found.lat) == pytest.approx((CUP.lon, CUP.lat), abs=2e-4)


@pytest.mark.parametrize(
    "text",
    [
        "Oakham",
        "12 High Street, Oakham",
        "Town Hall, see www.oakham.example",
        "R\u00e9sidence 3.5, 12.25 rue",
        "x" * 10_000,
        "1 " * 2_400,
    ],
)
def test_names_and_addresses_are_no_positions(text: str) -> None:
    assert parse_coordinates(text) is None


def test_a_shared_place_with_a_shortened_link_is_not_searched_by_its_name() -> None:
    with pytest.raises(BadCoordinates, match="shortened"):
        parse_coordinates("Nimble Cup\n12 Main St\nhttps://maps.app.goo.gl/abc")


def test_two_positions_in_one_text_are_refused() -> None:
    with pytest.raises(BadCoordinates, match="more than one"):
        parse_coordinates("44.0019, -71.9974\n52.67, -0.73")
