from __future__ import annotations

from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from geo.errors import (
    BadResponse,
    InputError,
    Offline,
    ServiceBusy,
    TransferInterrupted,
    UnknownName,
)
from geo.model import Point
from geo.online import Catalogue, Client, ResponseCache, fetch_catalogue
from tests.online.staging import Hands

DAY_S = 86_400


def entry(name: str, box: tuple[float, float, float, float], **properties: Any) -> dict[str, Any]:
    west, south, east, north = box
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    identity = properties.pop("id", name.casefold())
    urls = {"pbf": f"https://maps.example.org/{identity}-latest.osm.pbf"}
    return {
        "type": "Feature",
        "properties": {"id": identity, "name": name, "urls": urls, **properties},
        "geometry": {"type": "MultiPolygon", "coordinates": [[ring]]},
    }


US = {"parent": "us"}
INDEX = {
    "type": "FeatureCollection",
    "features": [
        entry("Europe", (-30, 30, 40, 70)),
        entry("Georgia", (40, 41, 47, 44), **{"iso3166-1:alpha2": ["GE"]}),
        entry("Spain &amp; <br />Andorra", (-9, 36, 4, 44), id="spain", parent="europe",
              **{"iso3166-1:alpha2": ["ES", "AD"]}),
        entry("Andorra", (1.4, 42.4, 1.8, 42.7), parent="europe", **{"iso3166-1:alpha2": ["AD"]}),
        entry("United States of America", (-125, 24, -66, 49), id="us",
              **{"iso3166-1:alpha2": ["US"]}),
        entry("Vermont", (-73.4, 42.7, -71.5, 45), id="us/vermont", **US,
              **{"iso3166-2": ["US-VT"]}),
        entry("Georgia", (-85, 30, -81, 35), id="us/georgia", **US, **{"iso3166-2": ["US-GA"]}),
        {"type": "Feature", "properties": {"id": "no-extract", "name": "X"}, "geometry": None},
        {"type": "Feature", "properties": None},
        "nonsense",
    ],
}  # fmt: skip


@pytest.fixture
def catalogue(server: HTTPServer, client: Client, cache: ResponseCache) -> Catalogue:
    server.expect_request("/index-v1.json").respond_with_json(INDEX)
    return fetch_catalogue(client, server.url_for("/index-v1.json"), cache)


def ids(found: list[Any]) -> list[str]:
    return [entry.id for entry in found]


def test_entries_that_cannot_be_had_are_left_out(catalogue: Catalogue) -> None:
    assert len(catalogue.entries) == 7


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("vermont", "us/vermont"),
        ("VERM", "us/vermont"),
        ("US-VT", "us/vermont"),
        ("ad", "andorra"),
        ("Vermnt", "us/vermont"),
        ("I live in Vermont", "us/vermont"),
        ("états unis", None),
        ("", None),
    ],
)
def test_search_finds_by_name_code_and_sentence(
    text: str, first: str | None, catalogue: Catalogue
) -> None:
    assert [*ids(catalogue.search(text)), None][0] == first


def test_search_finds_what_is_part_of_something(catalogue: Catalogue) -> None:
    assert ids(catalogue.search("united states of america")) == ["us", "us/georgia", "us/vermont"]


def test_names_lose_their_markup_and_tell_their_parents(catalogue: Catalogue) -> None:
    assert catalogue.find("spain").label == "Spain & Andorra, Europe"
    assert catalogue.find("us/vermont").parents == ("United States of America",)
    assert catalogue.find("US-VT").region_name == "vermont"
    assert catalogue.find("us/georgia").region_name == "us-georgia"


def test_find_takes_one_or_says_which(catalogue: Catalogue) -> None:
    assert catalogue.find("georgia").id == "georgia"
    with pytest.raises(InputError, match=r"georgia \(Georgia\), us/georgia"):
        catalogue.find("Georgia")
    with pytest.raises(UnknownName, match="did you mean vermont"):
        catalogue.find("vermnt")


def test_the_smallest_extract_that_covers_a_point_comes_first(catalogue: Catalogue) -> None:
    assert ids(catalogue.covering(Point(1.5, 42.5))) == ["andorra", "spain", "europe"]
    assert catalogue.covering(Point(-140, 0)) == []


def test_it_is_asked_for_once_a_day_and_a_copy_helps_out(
    catalogue: Catalogue, server: HTTPServer, client: Client, cache: ResponseCache, hands: Hands
) -> None:
    url = server.url_for("/index-v1.json")
    hands.at_s += 3600
    again = fetch_catalogue(client, url, cache)
    assert (len(server.log), again.at, again.is_old) == (1, catalogue.at, False)
    server.clear()
    server.expect_request("/index-v1.json").respond_with_data("", 503)
    hands.at_s += 40 * DAY_S
    old = fetch_catalogue(client, url, cache)
    assert (old.at, old.is_old, len(old.entries)) == (catalogue.at, True, 7)


def test_without_a_contact_a_copy_helps_out(
    catalogue: Catalogue, server: HTTPServer, client: Client, cache: ResponseCache, hands: Hands
) -> None:
    server.clear()
    location = {"Location": "https://download.geofabrik.de/index-v1.json"}
    server.expect_request("/index-v1.json").respond_with_data("", 302, location)
    hands.at_s += 40 * DAY_S
    assert fetch_catalogue(client, server.url_for("/index-v1.json"), cache).is_old


def test_what_is_no_catalogue_is_told_and_not_kept(
    server: HTTPServer, client: Client, cache: ResponseCache
) -> None:
    url = server.url_for("/index-v1.json")
    for body, kind, error in (
        ("<html>Log in</html>", "text/html", BadResponse),
        ('{"type": "Feature"}', "application/json", BadResponse),
        ("[]", "application/json", BadResponse),
        ('{"features": [', "application/json", TransferInterrupted),
    ):
        server.clear()
        server.expect_request("/index-v1.json").respond_with_data(body, content_type=kind)
        with pytest.raises(error):
            fetch_catalogue(client, url, cache)
    server.clear()
    server.expect_request("/index-v1.json").respond_with_data("", 503)
    with pytest.raises(ServiceBusy):
        fetch_catalogue(client, url, cache)
    with pytest.raises(Offline):
        fetch_catalogue(client, "http://127.0.0.1:9/index-v1.json", cache)
