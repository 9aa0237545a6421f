"""Whoever waits for a silent server can stop waiting, wherever the server fell silent."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from geo.cancellation import Clock, iter_cancellable, run_cancellable
from geo.model import BBox
from geo.online import Client, Overpass, OverpassQuery, Request, ResponseCache
from geo.online.download import Downloader
from tests.online.staging import Hands, Rude, Script, answer_bytes

WISH = OverpassQuery(('nwr["amenity"="cafe"]',), timeout_s=25, max_bytes=1 << 20, boxes_at_once=1)
EXTRACT = b"\0\0\0\x0d\x0a\x09OSMHeader" + bytes(5000)


class Stopped(Exception):
    """The person stopped it."""


@pytest.fixture
def silence() -> Iterator[Callable[[bytes], Script]]:
    """Return what makes a script of a server that says something and then nothing more."""
    over = threading.Event()

    def after(said: bytes) -> Script:
        def script(connection: socket.socket) -> None:
            connection.sendall(said)
            over.wait(30)

        return script

    yield after
    over.set()


@pytest.fixture
def impatient(hands: Hands) -> Iterator[Client]:
    """A client whose person stops the third time that they are asked."""
    asked: list[None] = []

    def check_cancelled() -> None:
        asked.append(None)
        if len(asked) > 2:
            raise Stopped

    client = Client(clock=replace(hands.clock, check_cancelled=check_cancelled))
    yield client
    client.close()


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nX: ", answer_bytes(b"{", size=100)])
def test_a_silent_server_is_left_at_once(
    said: bytes, rude: Rude, silence: Callable[[bytes], Script], impatient: Client
) -> None:
    with pytest.raises(Stopped):
        impatient.send(Request(rude(silence(said))))


def test_a_download_that_stalls_is_left_and_what_is_here_stays(
    rude: Rude, silence: Callable[[bytes], Script], impatient: Client, tmp_path: Path
) -> None:
    no_sum = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    url = rude(silence(answer_bytes(EXTRACT, size=9000)), no_sum) + "/x.osm.pbf"
    downloader = Downloader(impatient, tmp_path, free_bytes=lambda _folder: 1 << 40)
    with pytest.raises(Stopped):
        downloader.fetch(url)
    assert downloader.file_path(url).with_name("x.osm.pbf.part").read_bytes() == EXTRACT


def test_an_overpass_server_that_works_on_is_left(
    rude: Rude,
    silence: Callable[[bytes], Script],
    impatient: Client,
    cache: ResponseCache,
    tmp_path: Path,
) -> None:
    status = answer_bytes(b"Rate limit: 0\n", "Content-Type: text/plain")
    url = rude(status, silence(b"")) + "/api/interpreter"
    overpass = Overpass(impatient, url, cache=cache, folder=tmp_path)
    with pytest.raises(Stopped):
        overpass.fetch([BBox(1.4, 42.4, 1.5, 42.5)], WISH, tmp_path / "out")


def test_what_comes_too_late_is_closed_by_nobody_else() -> None:
    begun, go_on, left = threading.Event(), threading.Event(), threading.Event()

    def act() -> str:
        begun.set()
        go_on.wait(10)
        return "late"

    def stop() -> None:
        raise Stopped

    with pytest.raises(Stopped):
        run_cancellable(act, stop, discard=lambda _result: left.set())
    assert begun.is_set()
    assert not left.is_set()
    go_on.set()
    assert left.wait(10)


def test_parts_flow_in_order_and_their_error_comes_after_them() -> None:
    def parts() -> Iterator[bytes]:
        yield from (b"a", b"b", b"c", b"d", b"e", b"f")
        raise KeyError("g")

    flow = iter_cancellable(parts(), Clock().check_cancelled, close=lambda: None)
    assert b"".join(islice(flow, 6)) == b"abcdef"
    with pytest.raises(KeyError, match="g"):
        next(flow)
