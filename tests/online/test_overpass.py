from __future__ import annotations

import base64
import json
import logging
import socket
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from filelock import FileLock
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from geo.errors import (
    BadResponse,
    ConnectionRefused,
    MissingContact,
    Offline,
    ServiceBusy,
    TransferInterrupted,
)
from geo.files import read_table
from geo.model import BBox
from geo.online import Client, Overpass, OverpassQuery, ResponseCache, area_query, places_query
from geo.online.overpass import slot_wait_s
from geo.online.retry import Backoff
from tests.online.staging import Hands

BOXES = [BBox(1.4, 42.4, 1.5, 42.5), BBox(1.5, 42.4, 1.6, 42.5)]
ONE = BOXES[:1]
WISH = OverpassQuery(('nwr["amenity"="cafe"]',), timeout_s=25, max_bytes=1 << 20, boxes_at_once=1)
PAGE = "text/html; charset=utf-8"
JSON = "application/json"


ABOUT = {"timestamp_osm_base": "2026-11-20T10:00:00Z"}


def said(*elements: dict[str, Any], remark: str = "") -> Response:
    values: dict[str, Any] = {"version": 0.6, "osm3s": ABOUT, "elements": list(elements)}
    if remark:
        values["remark"] = remark
    return Response(json.dumps(values), content_type=JSON)


def page(error: str, status: int = 200) -> Response:
    body = f"<html><head><title>OSM3S Response</title></head><body>{error}</body></html>"
    return Response(body, status, content_type=PAGE)


OUT_OF_MEMORY = said(remark='runtime error: Query ran out of memory in "query" at line 1.')
TIMED_OUT = said({"type": "node", "id": 1}, remark="runtime error: Query timed out after 3 s.")
BUSY = page("runtime error: rate_limited. Please check /api/status", 429)


class Interpreter:
    """A server that gives prepared answers in turn, the last one again and again."""

    def __init__(self, server: HTTPServer) -> None:
        self.answers: list[Response] = [said()]
        self.statuses: list[str] = ["Rate limit: 0\n"]
        self.queries: list[str] = []
        self.url = server.url_for("/api/interpreter")
        server.expect_request("/api/interpreter", method="POST").respond_with_handler(self.answer)
        server.expect_request("/api/status").respond_with_handler(self.status)

    def answer(self, request: Request) -> Response:
        self.queries.append(request.form["data"])
        return self.answers.pop(0) if len(self.answers) > 1 else copy(self.answers[0])

    def status(self, _request: Request) -> Response:
        text = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return Response(text, content_type="text/plain")


def copy(answer: Response) -> Response:
    return Response(answer.get_data(), answer.status_code, content_type=answer.content_type)


@pytest.fixture
def interpreter(server: HTTPServer) -> Interpreter:
    return Interpreter(server)


@pytest.fixture
def overpass(
    interpreter: Interpreter, client: Client, cache: ResponseCache, tmp_path: Path
) -> Overpass:
    return Overpass(client, interpreter.url, cache=cache, folder=tmp_path / "cache")


@pytest.fixture
def recorded(shared: Callable[[str], Path]) -> Callable[[str, str], Response]:
    """Return a real answer, with its own headers."""

    def respond(name: str, body: str) -> Response:
        head = shared(f"overpass/{name}.hdr").read_text("utf-8").splitlines()
        kind = next(line.partition(":")[2].strip() for line in head if "ontent-type" in line)
        content = shared(f"overpass/{name}.{body}").read_bytes()
        return Response(content, int(head[0].split()[1]), content_type=kind)

    return respond


def elements(paths: Sequence[Path]) -> Iterator[dict[str, Any]]:
    for path in paths:
        yield from json.loads(path.read_text("utf-8"))["elements"]


def test_a_real_answer_is_kept_whole(
    overpass: Overpass,
    interpreter: Interpreter,
    recorded: Callable[..., Response],
    tmp_path: Path,
) -> None:
    interpreter.answers = [recorded("a_normal", "json"), recorded("e_empty_result", "json")]
    got = overpass.fetch(BOXES, WISH, tmp_path / "out")
    assert (got.boxes, got.missing, got.reason) == (tuple(BOXES), (), "")
    assert len(got.paths) == 2
    names = {one["tags"].get("name") for one in elements(got.paths)}
    assert "Cibercafé" in names


def test_each_question_says_its_limits_and_its_box_alone(
    overpass: Overpass, interpreter: Interpreter, tmp_path: Path
) -> None:
    overpass.fetch(ONE, WISH, tmp_path / "out")
    (query,) = interpreter.queries
    assert query.splitlines() == [
        "[out:json][timeout:25][maxsize:1048576];",
        "(",
        'nwr["amenity"="cafe"](42.4,1.4,42.5,1.5);',
        ");",
        "(._;>;);",
        "out meta;",
    ]


@pytest.mark.parametrize(
    "name", ["f_429_b", "g_504_toolarge", "g_dispatcher_off", "e_maxsize_huge"]
)
def test_after_a_real_busy_answer_it_waits_and_comes_back(
    name: str,
    overpass: Overpass,
    interpreter: Interpreter,
    recorded: Callable[..., Response],
    hands: Hands,
    tmp_path: Path,
) -> None:
    interpreter.answers = [recorded(name, "html"), said()]
    got = overpass.fetch(ONE, WISH, tmp_path / "out")
    assert got.boxes == tuple(ONE)
    assert 30 <= sum(hands.slept_s) <= 40


def test_waits_grow_and_end_and_what_is_missing_is_told(
    overpass: Overpass, interpreter: Interpreter, hands: Hands, tmp_path: Path
) -> None:
    told: list[str] = []
    interpreter.answers = [said(), BUSY]
    got = overpass.fetch(
        BOXES, WISH, tmp_path / "out", progress=lambda words, _done: told.append(words)
    )
    assert (got.boxes, got.missing) == ((BOXES[0],), (BOXES[1],))
    assert "busy (429)" in got.reason
    assert 300 <= sum(hands.slept_s) <= 900
    assert len(interpreter.queries) <= 7
    assert any("asking again in 30 s" in words or "asking again in 3" in words for words in told)


def test_a_server_that_is_busy_all_along_is_an_error(
    overpass: Overpass, interpreter: Interpreter, tmp_path: Path
) -> None:
    interpreter.answers = [BUSY]
    with pytest.raises(ServiceBusy):
        overpass.fetch(BOXES, WISH, tmp_path / "out")


@pytest.mark.parametrize("too_much", [OUT_OF_MEMORY, TIMED_OUT])
def test_partial_data_are_asked_for_again_by_quarters(
    too_much: Response, overpass: Overpass, interpreter: Interpreter, tmp_path: Path
) -> None:
    interpreter.answers = [copy(too_much), said()]
    got = overpass.fetch(ONE, WISH, tmp_path / "out")
    assert len(got.boxes) == 4
    assert BBox(1.4, 42.4, 1.45, 42.45) in got.boxes
    assert got.missing == ()
    assert list(elements(got.paths)) == []


def test_real_partial_data_are_never_taken_for_whole(
    overpass: Overpass,
    interpreter: Interpreter,
    recorded: Callable[..., Response],
    tmp_path: Path,
) -> None:
    interpreter.answers = [recorded("b_partial_timeout", "json")]
    with pytest.raises(BadResponse, match="time or memory"):
        overpass.fetch(ONE, WISH, tmp_path / "out")
    assert len(interpreter.queries) == 1 + 4 + 16
    assert list((tmp_path / "out").iterdir()) == []


def test_relations_that_are_too_much_are_left_out_before_a_box_is_cut(
    overpass: Overpass, interpreter: Interpreter, tmp_path: Path
) -> None:
    wish = OverpassQuery(('way["highway"]', 'relation["natural"="water"]'), 25, 1 << 20, 1)
    interpreter.answers = [copy(OUT_OF_MEMORY), said()]
    assert overpass.fetch(ONE, wish, tmp_path / "out").boxes == tuple(ONE)
    assert ["relation" in query for query in interpreter.queries] == [True, False]
    interpreter.queries.clear()
    interpreter.answers = [copy(OUT_OF_MEMORY), copy(OUT_OF_MEMORY), said()]
    assert len(overpass.fetch(BOXES[1:], wish, tmp_path / "out").boxes) == 4
    assert ["relation" in query for query in interpreter.queries] == [True, False, *[True] * 4]


def test_several_boxes_at_once_are_halved_first(
    overpass: Overpass, interpreter: Interpreter, tmp_path: Path
) -> None:
    interpreter.answers = [copy(OUT_OF_MEMORY), said()]
    wish = OverpassQuery(WISH.selectors, 25, 1 << 20, boxes_at_once=2)
    got = overpass.fetch(BOXES, wish, tmp_path / "out")
    assert (got.boxes, len(interpreter.queries)) == (tuple(BOXES), 3)


def test_what_is_cut_off_time_and_again_is_asked_for_by_quarters(
    overpass: Overpass, interpreter: Interpreter, tmp_path: Path
) -> None:
    cut = Response('{"elements": [{"type"', content_type=JSON)
    interpreter.answers = [cut, copy(cut), said()]
    assert len(overpass.fetch(ONE, WISH, tmp_path / "out").boxes) == 4


def test_a_question_that_is_not_understood_is_logged_and_is_our_mistake(
    overpass: Overpass,
    interpreter: Interpreter,
    recorded: Callable[..., Response],
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    interpreter.answers = [recorded("c_syntax", "html")]
    with caplog.at_level(logging.ERROR), pytest.raises(BadResponse, match="our mistake"):
        overpass.fetch(ONE, WISH, tmp_path / "out")
    assert "amenity" in caplog.text
    assert len(interpreter.queries) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Response("<html>Log in to the hotel</html>", content_type=PAGE),
        Response("<html>Log in to the hotel</html>", content_type=JSON),
        Response('{"ok": true}', content_type=JSON),
        Response("[]", content_type=JSON),
        Response("", 403),
        Response("<p>not found", 404, content_type=PAGE),
    ],
)
def test_what_is_no_answer_of_such_a_server_ends_it(
    answer: Response, overpass: Overpass, interpreter: Interpreter, tmp_path: Path
) -> None:
    interpreter.answers = [answer]
    with pytest.raises(BadResponse):
        overpass.fetch(BOXES, WISH, tmp_path / "out")
    assert len(interpreter.queries) == 1


def test_slots_are_waited_for(
    overpass: Overpass, interpreter: Interpreter, hands: Hands, tmp_path: Path
) -> None:
    interpreter.statuses = [
        "Rate limit: 1\nSlot available after: 2026-11-23T14:19:38Z, in 7 seconds.\n",
        "Rate limit: 1\n1 slots available now.\n",
    ]
    overpass.fetch(ONE, WISH, tmp_path / "out")
    assert sum(hands.slept_s) == pytest.approx(8)


def test_a_server_without_a_slot_is_left_in_the_end(
    overpass: Overpass, interpreter: Interpreter, hands: Hands, tmp_path: Path
) -> None:
    interpreter.statuses = ["Rate limit: 1\nSlot available after: x, in 299 seconds.\n"]
    with pytest.raises(ServiceBusy):
        overpass.fetch(ONE, WISH, tmp_path / "out")
    assert interpreter.queries == []
    assert sum(hands.slept_s) < 6000


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Rate limit: 0\nCurrently running queries (pid):\n7\t5\t180\t2026\n", 0),
        ("Rate limit: 2\n2 slots available now.\nCurrently running queries (pid):\n", 0),
        ("Rate limit: 2\nCurrently running queries (pid):\n7\t5\t180\t2026\n", 0),
        ("Rate limit: 2\nCurrently running queries (pid):\n7\t5\t9\tx\n8\t5\t9\tx\n", 15),
        ("Rate limit: 2\nSlot available after: x, in -3 seconds.\n0 slots available now.\n", 0),
        ("Rate limit: 2\nSlot available after: x, in 9 seconds.\n1 slots available now.\n", 0),
        ("OK", 0),
        ("", 0),
    ],
)
def test_statuses_of_all_kinds_are_understood(text: str, seconds: float) -> None:
    assert slot_wait_s(text) == seconds


@pytest.mark.parametrize(
    ("name", "seconds"),
    [("d_status", 0), ("d_status_busy", 15), ("d_status_cooldown", 0), ("d_status_negative", 0)],
)
def test_real_statuses_are_understood(
    name: str, seconds: float, shared: Callable[[str], Path]
) -> None:
    assert slot_wait_s(shared(f"overpass/{name}.txt").read_text("utf-8")) == seconds


def test_an_answer_is_asked_for_once_an_hour(
    overpass: Overpass, interpreter: Interpreter, hands: Hands, tmp_path: Path
) -> None:
    first = overpass.fetch(ONE, WISH, tmp_path / "out")
    hands.at_s += 3000
    again = overpass.fetch(ONE, WISH, tmp_path / "out")
    assert (len(interpreter.queries), again.osm_timestamp) == (1, first.osm_timestamp)
    overpass.fetch(ONE, WISH, tmp_path / "out", max_age=timedelta(minutes=1))
    assert len(interpreter.queries) == 2


def test_who_stops_goes_on_from_there(
    overpass: Overpass, interpreter: Interpreter, tmp_path: Path
) -> None:
    class Stopped(Exception):
        pass

    def stop(_words: str, done: float) -> None:
        if done >= 0.5:
            raise Stopped

    with pytest.raises(Stopped):
        overpass.fetch(BOXES, WISH, tmp_path / "out", progress=stop)
    assert overpass.fetch(BOXES, WISH, tmp_path / "out").boxes == tuple(BOXES)
    assert len(interpreter.queries) == 2


def test_nobody_listens_and_nobody_is_asked_without_a_contact(
    client: Client, cache: ResponseCache, tmp_path: Path
) -> None:
    for url, error in (
        ("http://127.0.0.1:9/api/interpreter", ConnectionRefused),
        ("http://nowhere.invalid.test/api/interpreter", Offline),
        ("https://overpass-api.de/api/interpreter", MissingContact),
    ):
        with pytest.raises(error):
            Overpass(client, url, cache=cache, folder=tmp_path).fetch(ONE, WISH, tmp_path / "o")


def test_only_one_process_asks_at_a_time(
    overpass: Overpass, interpreter: Interpreter, hands: Hands, tmp_path: Path
) -> None:
    (tmp_path / "cache").mkdir()
    with (
        FileLock(tmp_path / "cache" / "overpass.lock"),
        pytest.raises(ServiceBusy, match="another process"),
    ):
        overpass.fetch(ONE, WISH, tmp_path / "out")
    assert interpreter.queries == []
    assert overpass.fetch(ONE, WISH, tmp_path / "out").boxes == tuple(ONE)


def test_no_selector_is_but_for_what_a_build_looks_at() -> None:
    area = area_query().selectors
    assert 'way["highway"]' in area
    large = [one for one in area if one.startswith("relation")]
    assert not any("boundary" in one or '["natural"]' in one for one in large)
    assert any('["natural"~"^(' in one and "|water|" in one for one in large)
    assert not any(value in one for one in large for value in ("bay", "mountain_range", "island"))
    cafes = places_query(["cafe"]).selectors
    assert any('["amenity"~"(^|; *)(cafe)( *;|$)"]' in one for one in cafes)
    assert 'nwr["internet_access"]' in places_query().selectors
    query = parse_qs(f"data={places_query().text(BOXES)}")["data"][0]
    assert query.count("(42.4,1.4,42.5,1.5)") == len(places_query().selectors)


def test_all_that_can_be_looked_up_by_name_is_asked_for() -> None:
    rules = read_table("kinds")["names"].values()
    keys = {key for rule in rules for tags in rule.get("any_of", ()) for key in tags}
    asked = set(area_query().selectors)
    assert [key for key in sorted(keys) if f'node["{key}"]' not in asked] == [
        "admin_level",  # areas of the administration
        "boundary",
        "highway",  # comes with its way
    ]


def test_backoff_keeps_to_what_was_asked_and_to_its_total() -> None:
    backoff = Backoff(first_s=30, total_s=200, chance=lambda: 1.0)
    assert backoff.next_s() == 37.5
    assert backoff.next_s(asked_s=100) == 100
    assert backoff.next_s() is None
    backoff.reset()
    assert (backoff.next_s(), backoff.next_s(), backoff.next_s()) == (37.5, 75.0, None)


def test_interrupted_is_not_for_ever(
    overpass: Overpass, interpreter: Interpreter, tmp_path: Path
) -> None:
    interpreter.answers = [Response('{"elem', content_type=JSON)]
    with pytest.raises(TransferInterrupted):
        overpass.fetch(ONE, WISH, tmp_path / "out")
    assert len(interpreter.queries) < 60


NO_META = (
    "runtime error: open64: 2 No such file or directory /db/user_data.bin File_Blocks::File_Blocks"
)


@pytest.mark.parametrize("refusal", [page(NO_META), page(NO_META, 500), said(remark=NO_META)])
def test_a_server_without_metadata_is_asked_without(
    refusal: Response, overpass: Overpass, interpreter: Interpreter, hands: Hands, tmp_path: Path
) -> None:
    interpreter.answers = [refusal, said()]
    assert overpass.fetch(BOXES, WISH, tmp_path / "out").boxes == tuple(BOXES)
    ends = [query.rpartition("out ")[2] for query in interpreter.queries]
    assert ends == ["meta;", "body;", "body;"]
    assert hands.slept_s == []


def test_a_server_that_misses_more_than_metadata_is_told(
    overpass: Overpass, interpreter: Interpreter, tmp_path: Path
) -> None:
    interpreter.answers = [page(NO_META)]
    with pytest.raises(BadResponse, match="database is not whole"):
        overpass.fetch(BOXES, WISH, tmp_path / "out")
    assert len(interpreter.queries) == 2


@pytest.mark.parametrize("path", ["/cgi-bin/interpreter", "/overpass/api/interpreter?key=k"])
def test_an_interpreter_anywhere_without_a_status_is_asked_at_once(
    path: str, server: HTTPServer, client: Client, cache: ResponseCache, tmp_path: Path
) -> None:
    bare = path.partition("?")[0]
    status = bare.replace("interpreter", "status")
    server.expect_request(bare, method="POST").respond_with_response(said())
    server.expect_request(status).respond_with_data("<p>not here", 404, content_type="text/html")
    overpass = Overpass(client, server.url_for(path), cache=cache, folder=tmp_path / "cache")
    assert overpass.fetch(BOXES, WISH, tmp_path / "out").boxes == tuple(BOXES)
    assert [entry[0].path for entry in server.log] == [status, bare, bare]


_ALL = "SELECT value FROM responses"


def test_who_mapped_what_reaches_no_disk(
    overpass: Overpass, interpreter: Interpreter, cache: ResponseCache, tmp_path: Path
) -> None:
    mapper = {"user": "Carta Ographer", "uid": 8675309, "changeset": 5551234, "version": 4}
    interpreter.answers = [said({"type": "node", "id": 7, "lat": 42.4, "lon": 1.4, **mapper})]
    got = overpass.fetch(ONE, WISH, tmp_path / "out")
    assert list(elements(got.paths)) == [
        {"type": "node", "id": 7, "lat": 42.4, "lon": 1.4, "version": 4}
    ]
    cache.close()
    with closing(sqlite3.connect(tmp_path / "cache" / "answers.sqlite")) as database:
        rows = [json.loads(zlib.decompress(row)) for (row,) in database.execute(_ALL)]
    kept = [base64.b64decode(row["_content"]) for row in rows]
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert b"elements" in b"".join(kept)  # it can be read as text
    for content in (*kept, *files):
        for secret in (b"Carta", b"8675309", b"5551234"):
            assert secret not in content


def test_slots_and_refusals_are_waited_for_no_longer_than_one_errand_may(
    overpass: Overpass, interpreter: Interpreter, hands: Hands, tmp_path: Path
) -> None:
    """Each of many squares would else wait for as long again."""
    interpreter.statuses = ["Rate limit: 1\nSlot available after: x, in 200 seconds.\n"]
    with pytest.raises(ServiceBusy, match="no free slot"):
        overpass.fetch(BOXES * 20, WISH, tmp_path / "out")
    assert sum(hands.slept_s) <= Backoff().total_s


def test_a_slot_whose_time_is_over_is_free(
    overpass: Overpass, interpreter: Interpreter, hands: Hands, tmp_path: Path
) -> None:
    interpreter.statuses = ["Rate limit: 1\nSlot available after: x, in -289 seconds.\n"]
    assert overpass.fetch(BOXES, WISH, tmp_path / "out").boxes == tuple(BOXES)
    assert hands.slept_s == []


def test_what_is_waited_for_is_named(
    overpass: Overpass, interpreter: Interpreter, tmp_path: Path
) -> None:
    interpreter.statuses = [
        "Rate limit: 1\nSlot available after: x, in 7 seconds.\n",
        "Rate limit: 0\n",
    ]
    told: list[str] = []
    overpass.fetch(ONE, WISH, tmp_path / "out", progress=lambda words, _done: told.append(words))
    assert any("waiting for a free slot at localhost; asking again in" in words for words in told)


@pytest.mark.parametrize(
    "about", [{}, {"timestamp_osm_base": ""}, {"timestamp_osm_base": "1970-01-01T00:00:00Z"}, None]
)
def test_an_answer_without_its_date_is_none(
    about: dict[str, str] | None, overpass: Overpass, interpreter: Interpreter, tmp_path: Path
) -> None:
    values: dict[str, object] = {"version": 0.6, "osm3s": about, "elements": []}
    interpreter.answers = [Response(json.dumps(values), content_type=JSON)]
    with pytest.raises(BadResponse, match="how old its data is"):
        overpass.fetch(ONE, WISH, tmp_path / "out")
    interpreter.answers = [said()]
    assert overpass.fetch(ONE, WISH, tmp_path / "out").elements == 0  # the other was not kept


def test_an_answer_about_another_place_is_refused(
    overpass: Overpass, interpreter: Interpreter, hands: Hands, tmp_path: Path
) -> None:
    interpreter.answers = [said({"type": "node", "id": 7, "lat": -42.4, "lon": 1.45})]
    with pytest.raises(BadResponse, match="another area than the one requested"):
        overpass.fetch(ONE, WISH, tmp_path / "out")
    near = {"type": "node", "id": 7, "lat": 42.45, "lon": 1.55}  # a way may cross without a node
    interpreter.answers = [said(near)]
    hands.at_s += 1
    assert overpass.fetch(BOXES[:1], WISH, tmp_path / "out2", max_age=timedelta(0)).elements


def test_a_server_that_restarts_is_waited_for(
    client: Client, cache: ResponseCache, hands: Hands, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    servers: list[HTTPServer] = []

    def start(words: str, _done: float) -> None:
        if "asking again" in words and not servers:
            servers.append(HTTPServer(port=port))
            servers[0].expect_request("/api/status").respond_with_data("Rate limit: 0\n")
            servers[0].expect_request("/api/interpreter").respond_with_response(said())
            servers[0].start()

    url = f"http://127.0.0.1:{port}/api/interpreter"
    overpass = Overpass(client, url, cache=cache, folder=tmp_path / "cache")
    try:
        got = overpass.fetch(ONE, WISH, tmp_path / "out", progress=start)
    finally:
        for server in servers:
            server.stop()
    assert got.boxes == tuple(ONE)
    assert 30 <= sum(hands.slept_s) <= 40


def test_squares_are_asked_from_the_middle_outwards(
    overpass: Overpass, interpreter: Interpreter, tmp_path: Path
) -> None:
    row = [BBox(1.0 + k, 42.0, 2.0 + k, 43.0) for k in range(5)]
    overpass.fetch(row, WISH, tmp_path / "out")
    wests = [float(query.split("(42,")[1].split(",")[0]) for query in interpreter.queries]
    assert wests[0] == 3.0
    assert set(wests[1:3]) == {2.0, 4.0}
