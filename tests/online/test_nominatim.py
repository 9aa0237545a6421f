from __future__ import annotations

import json
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from geo.errors import (
    BadResponse,
    CrossroadsError,
    InputError,
    MissingContact,
    Offline,
    ServiceBusy,
    TransferInterrupted,
)
from geo.model import Point
from geo.online import AddressSearch, Client, ResponseCache
from tests.online.staging import Hands

HOME = "12 Privet Lane"
FOUND = [
    {"place_id": 1, "lat": "52.6705", "lon": "-0.7320", "display_name": "12, Privet Lane, Oakham"},
]


class Service:
    def __init__(self, server: HTTPServer) -> None:
        self.answer: Any = FOUND
        self.seen: list[Request] = []
        self.url = server.url_for("/nominatim")
        server.expect_request("/nominatim/search").respond_with_handler(self.respond)
        server.expect_request("/nominatim/reverse").respond_with_handler(self.respond)

    def respond(self, request: Request) -> Response:
        self.seen.append(request)
        if isinstance(self.answer, Response):
            return self.answer
        return Response(json.dumps(self.answer), content_type="application/json")


@pytest.fixture
def service(server: HTTPServer) -> Service:
    return Service(server)


@pytest.fixture
def search(service: Service, client: Client, cache: ResponseCache, tmp_path: Path) -> AddressSearch:
    return AddressSearch(client, service.url, cache=cache, folder=tmp_path / "cache")


def test_an_address_is_found(search: AddressSearch, service: Service) -> None:
    (address,) = search.search(f"  {HOME}\n", language="en")
    assert (address.label, address.point) == (FOUND[0]["display_name"], Point(-0.732, 52.6705))
    (request,) = service.seen
    assert request.args["q"] == HOME
    assert request.headers["User-Agent"].startswith("Crossroads/")


def test_no_match_is_no_error(search: AddressSearch, service: Service) -> None:
    service.answer = []
    assert search.search(HOME) == []


def test_the_same_address_is_asked_for_once(
    search: AddressSearch, service: Service, hands: Hands
) -> None:
    first = search.search(HOME)
    hands.at_s += 3600
    assert search.search(HOME) == first
    assert len(service.seen) == 1


def test_the_text_that_was_sent_is_not_on_disk(
    search: AddressSearch, service: Service, cache: ResponseCache, tmp_path: Path
) -> None:
    service.answer = []
    search.search(HOME)
    cache.close()
    with closing(sqlite3.connect(tmp_path / "cache" / "answers.sqlite")) as database:
        ((row,),) = database.execute("SELECT value FROM responses")
    said = zlib.decompress(row)
    assert b"/nominatim/search" in said
    assert b"Privet" not in said


def test_a_second_passes_between_two_questions_of_any_process(
    search: AddressSearch,
    service: Service,
    cache: ResponseCache,
    hands: Hands,
    tmp_path: Path,
) -> None:
    search.search(HOME)
    other_client = Client(clock=hands.clock)
    other = AddressSearch(other_client, service.url, cache=cache, folder=tmp_path / "cache")
    hands.at_s += 0.25
    other.search("1 Other Road")
    other_client.close()
    assert sum(hands.slept_s) == pytest.approx(0.75)


def test_reverse_finds_or_does_not(search: AddressSearch, service: Service) -> None:
    service.answer = FOUND[0]
    address = search.reverse(Point(-0.732, 52.6705))
    assert address is not None
    assert address.label == FOUND[0]["display_name"]
    service.answer = {"error": "Unable to geocode"}
    assert search.reverse(Point(-40.0, 30.0)) is None


FAULTS: dict[str, tuple[Any, type[CrossroadsError]]] = {
    "bad parameters": (
        Response('{"error": {"code": 400}}', 400, content_type="application/json"),
        BadResponse,
    ),
    "bad parameters as text": (Response("no query", 400, content_type="text/plain"), BadResponse),
    "forbidden": (Response("", 403), BadResponse),
    "too many": (Response("", 429, {"Retry-After": "60"}), ServiceBusy),
    "down": (Response("<html>", 502, content_type="text/html"), ServiceBusy),
    "login page": (Response("<html>Log in", content_type="text/html"), BadResponse),
    "cut off": (Response('[{"lat": "5', content_type="application/json"), TransferInterrupted),
    "something else": ([{"name": "x"}], BadResponse),
    "an error": ({"error": "database gone"}, BadResponse),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_its_error_and_none_repeats_the_address(
    fault: str, search: AddressSearch, service: Service
) -> None:
    service.answer, error = FAULTS[fault]
    with pytest.raises(error) as raised:
        search.search(HOME)
    assert "Privet" not in str(raised.value)
    service.answer = FOUND
    assert len(search.search(HOME)) == 1  # the fault was not kept


def test_public_servers_need_a_contact_and_no_internet_is_told(
    client: Client, cache: ResponseCache, tmp_path: Path
) -> None:
    for url, error in (
        ("https://nominatim.openstreetmap.org", MissingContact),
        ("http://127.0.0.1:9/search", Offline),
    ):
        with pytest.raises(error) as raised:
            AddressSearch(client, url, cache=cache, folder=tmp_path).search(HOME)
        assert "Privet" not in str(raised.value)


@pytest.mark.parametrize("text", ["", " a ", "x" * 201])
def test_what_is_no_address_is_not_sent(text: str, search: AddressSearch, service: Service) -> None:
    with pytest.raises(InputError):
        search.search(text)
    assert service.seen == []
