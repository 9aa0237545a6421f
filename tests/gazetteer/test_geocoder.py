"""The gazetteer behind geopy's promise."""

from __future__ import annotations

import pytest
from geopy.geocoders.base import Geocoder
from geopy.point import Point as GeopyPoint

from geo.gazetteer import Gazetteer
from geo.gazetteer.geocoder import GazetteerGeocoder


@pytest.fixture
def geocoder(county: Gazetteer) -> Geocoder:
    return GazetteerGeocoder(county)


def test_it_is_a_geocoder_that_answers_like_one(geocoder: Geocoder) -> None:
    assert isinstance(geocoder, Geocoder)
    location = geocoder.geocode("12 High Street, Oakham", timeout=3)
    assert location.address == "12 High Street, Oakham"
    assert (location.latitude, location.longitude) == (52.6702, -0.7302)
    assert location.raw["kind"] == "address"
    assert geocoder.geocode("nowhere at all") is None
    many = geocoder.geocode("high street", exactly_one=False, limit=2)
    assert [one.address for one in many] == ["High Street, Oakham", "High Street, Uppingham"]


def test_it_takes_an_address_in_parts(geocoder: Geocoder) -> None:
    location = geocoder.geocode({"street": "12 High Street", "city": "Uppingham"})
    assert location.address == "12 High Street, Uppingham"


@pytest.mark.parametrize(
    "query", [(52.6702, -0.7302), "52.6702, -0.7302", GeopyPoint(52.6702, -0.7302)]
)
def test_it_looks_back(geocoder: Geocoder, query: object) -> None:
    assert geocoder.reverse(query).address == "12 High Street, Oakham"
    both = geocoder.reverse(query, exactly_one=False)
    assert [one.address for one in both] == ["12 High Street, Oakham", "Oakham"]


def test_what_is_no_position_is_refused(geocoder: Geocoder) -> None:
    with pytest.raises(ValueError, match="format"):
        geocoder.reverse("here")
