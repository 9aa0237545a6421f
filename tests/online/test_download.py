from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from geo.errors import BadResponse, InputError, ServiceBusy, SetupError, TransferInterrupted
from geo.online import Client, file_name, request_head
from geo.online.download import Downloader
from geo.online.remote_file import PartialFile
from tests.online.staging import Hands, Rude, answer_bytes

CONTENT = b"\0\0\0\x0d\x0a\x09OSMHeader" + bytes(range(256)) * 2000
MD5 = hashlib.md5(CONTENT).hexdigest()  # noqa: S324 - what is published


class Mirror:
    """A file server with Range, of which a test may change the file while it is downloaded."""

    def __init__(self, server: HTTPServer, *, etag: str = '"one"') -> None:
        self.content, self.etag, self.md5, self.seen = CONTENT, etag, MD5, list[str]()
        server.expect_request("/x.osm.pbf").respond_with_handler(self.file)
        server.expect_request("/x.osm.pbf.md5").respond_with_handler(self.sum)
        self.url = server.url_for("/x.osm.pbf")

    def file(self, request: Request) -> Response:
        headers = {"ETag": self.etag, "Accept-Ranges": "bytes"}
        asked = request.headers.get("Range", "")
        self.seen.append(asked)
        same = request.headers.get("If-Range") == self.etag
        if not asked or not same:
            return Response(self.content, headers=headers)
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        size = len(self.content)
        headers["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
        return Response(self.content[start:], 206, headers=headers)

    def sum(self, _request: Request) -> Response:
        return Response(
            f"{self.md5}  x-180101.osm.pbf\n" if self.md5 else "", 200 if self.md5 else 404
        )


class KeptPartialFile(PartialFile):
    """A part that stays what it is."""

    def discard(self) -> None:
        pass


class Stopped(Exception):
    """The person stopped it."""


@pytest.fixture
def mirror(server: HTTPServer) -> Mirror:
    return Mirror(server)


@pytest.fixture
def downloader(client: Client, tmp_path: Path) -> Downloader:
    return Downloader(client, tmp_path / "downloads", free_bytes=lambda _folder: 1 << 40)


def stop_after(share: float) -> Callable[[str, float], None]:
    def tell(_said: str, done: float) -> None:
        if done >= share:
            raise Stopped

    return tell


def left_part(downloader: Downloader, url: str, size: int = 200_000) -> Path:
    """Stop a download on its way, so that ``size`` bytes are left."""
    with pytest.raises(Stopped):
        downloader.fetch(url, progress=stop_after(0.5))
    part = downloader.file_path(url).with_name("x.osm.pbf.part")
    os.truncate(part, size)
    return part


def test_a_file_comes_whole_and_checked(downloader: Downloader, mirror: Mirror) -> None:
    told: list[tuple[str, float]] = []
    got = downloader.fetch(mirror.url, progress=lambda said, done: told.append((said, done)))
    assert (got.path.read_bytes(), got.remote.md5) == (CONTENT, MD5)
    assert told[-1] == ("0.5 of 0.5 MB", 1.0)
    assert sorted(done for _, done in told) == [done for _, done in told]


def test_it_goes_on_where_it_was_stopped(downloader: Downloader, mirror: Mirror) -> None:
    left_part(downloader, mirror.url)
    got = downloader.fetch(mirror.url)
    assert got.path.read_bytes() == CONTENT
    assert mirror.seen == ["", "bytes=200000-"]


def test_another_file_there_is_begun_anew(downloader: Downloader, mirror: Mirror) -> None:
    left_part(downloader, mirror.url)
    mirror.content, mirror.etag = CONTENT[:50_000], '"two"'
    mirror.md5 = hashlib.md5(mirror.content).hexdigest()  # noqa: S324 - what is published
    assert downloader.fetch(mirror.url).path.read_bytes() == mirror.content


def test_a_part_without_its_note_is_begun_anew(downloader: Downloader, mirror: Mirror) -> None:
    part = left_part(downloader, mirror.url)
    part.with_name("x.osm.pbf.note.json").write_text('{"url"')
    assert downloader.fetch(mirror.url).path.read_bytes() == CONTENT
    assert mirror.seen == ["", ""]


def test_a_server_that_marks_no_versions_is_not_resumed(
    server: HTTPServer, downloader: Downloader
) -> None:
    mirror = Mirror(server, etag='W/"weak"')
    left_part(downloader, mirror.url)
    assert downloader.fetch(mirror.url).path.read_bytes() == CONTENT
    assert mirror.seen == ["", ""]


def test_damage_in_what_was_there_is_found_and_mended(
    downloader: Downloader, mirror: Mirror
) -> None:
    part = left_part(downloader, mirror.url)
    part.write_bytes(b"x" * 200_000)
    assert downloader.fetch(mirror.url).path.read_bytes() == CONTENT
    assert mirror.seen == ["", "bytes=200000-", ""]


def test_an_md5_that_differs_twice_is_told_and_nothing_is_left(
    downloader: Downloader, mirror: Mirror
) -> None:
    mirror.md5 = "0" * 32
    with pytest.raises(BadResponse, match="MD5 differs"):
        downloader.fetch(mirror.url)
    assert len(mirror.seen) == 2
    assert [path.name for path in downloader.file_path(mirror.url).parent.iterdir()] == [
        ".x.osm.pbf.lock"
    ]


def test_without_a_published_md5_it_is_told_to_be_unverified(
    downloader: Downloader, mirror: Mirror
) -> None:
    mirror.md5 = ""
    assert downloader.fetch(mirror.url).remote.md5 == ""


def test_a_whole_file_is_taken_again_if_the_server_has_no_other(
    downloader: Downloader, mirror: Mirror, server: HTTPServer
) -> None:
    downloader.fetch(mirror.url)
    assert downloader.fetch(mirror.url).path.read_bytes() == CONTENT
    server.clear()
    server.expect_request("/x.osm.pbf").respond_with_data("", 503)
    assert downloader.fetch(mirror.url).path.read_bytes() == CONTENT
    server.clear()
    again = Mirror(server, etag='"two"')
    again.content = CONTENT + b"more"
    again.md5 = ""
    assert downloader.fetch(again.url).path.read_bytes() == again.content


def test_the_md5_of_where_a_redirect_leads_counts(
    server: HTTPServer, client: Client, downloader: Downloader, mirror: Mirror
) -> None:
    server.expect_request("/x-latest.osm.pbf").respond_with_data(
        "", 302, {"Location": "/x.osm.pbf"}
    )
    got = downloader.fetch(server.url_for("/x-latest.osm.pbf"))
    assert (got.path.name, got.remote.md5, got.remote.url) == (
        "x-latest.osm.pbf",
        MD5,
        mirror.url,
    )
    assert look_at_size(server.url_for("/x-latest.osm.pbf"), downloader) == len(CONTENT)


def look_at_size(url: str, downloader: Downloader) -> int | None:
    return request_head(downloader._client, url).size


def test_a_connection_that_breaks_goes_on_by_itself(
    rude: Rude, downloader: Downloader, hands: Hands
) -> None:
    whole = len(CONTENT)
    etag = 'ETag: "one"'
    no_sum = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    rest = (
        f"HTTP/1.1 206 Partial Content\r\nContent-Length: {whole - 100_000}\r\n{etag}\r\n"
        f"Content-Range: bytes 100000-{whole - 1}/{whole}\r\nConnection: close\r\n\r\n"
    ).encode() + CONTENT[100_000:]
    url = rude(answer_bytes(CONTENT[:100_000], etag, size=whole), no_sum, rest)
    told: list[str] = []
    got = downloader.fetch(f"{url}/x.osm.pbf", progress=lambda said, _done: told.append(said))
    assert got.path.read_bytes() == CONTENT
    assert 5 <= sum(hands.slept_s) <= 10
    assert any("broke off; going on in" in said for said in told)


def test_a_busy_server_is_given_the_time_it_asks_for_and_then_up(
    server: HTTPServer, downloader: Downloader, hands: Hands
) -> None:
    server.expect_ordered_request("/x.osm.pbf").respond_with_data("", 503, {"Retry-After": "70"})
    server.expect_ordered_request("/x.osm.pbf").respond_with_data("", 503, {"Retry-After": "4000"})
    with pytest.raises(ServiceBusy):
        downloader.fetch(server.url_for("/x.osm.pbf"))
    assert sum(hands.slept_s) == pytest.approx(70)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html>Log in", "text/html"),
        (b"<html>Log in" * 20, "application/octet-stream"),
        (b"x", ""),
    ],
)
def test_a_login_page_is_no_extract(
    body: bytes, kind: str, server: HTTPServer, downloader: Downloader
) -> None:
    server.expect_request("/x.osm.pbf").respond_with_data(body, content_type=kind)
    server.expect_request("/x.osm.pbf.md5").respond_with_data("", 404)
    with pytest.raises(BadResponse):
        downloader.fetch(server.url_for("/x.osm.pbf"))


def test_a_login_page_is_no_md5(server: HTTPServer, downloader: Downloader) -> None:
    server.expect_request("/x.osm.pbf").respond_with_data(CONTENT, content_type="application/x")
    server.expect_request("/x.osm.pbf.md5").respond_with_data("<html>", content_type="text/html")
    with pytest.raises(BadResponse, match="login page"):
        downloader.fetch(server.url_for("/x.osm.pbf"))


def test_what_is_not_there_is_told(server: HTTPServer, downloader: Downloader) -> None:
    server.expect_request("/x.osm.pbf").respond_with_data("", 404)
    with pytest.raises(InputError, match="no such file"):
        downloader.fetch(server.url_for("/x.osm.pbf"))
    for url in ("http://localhost/x.zip", "http://localhost/", "x.osm.pbf", "http://h/.osm.pbf"):
        with pytest.raises(InputError):
            downloader.fetch(url)
    assert file_name("http://localhost/a/vermont-latest.osm.pbf?x=1") == "vermont-latest.osm.pbf"


def test_too_small_a_disk_is_told_before_the_first_byte(
    client: Client, mirror: Mirror, tmp_path: Path
) -> None:
    downloader = Downloader(client, tmp_path, free_bytes=lambda _folder: 1 << 20)
    with pytest.raises(SetupError, match="make room"):
        downloader.fetch(mirror.url)
    assert not downloader.file_path(mirror.url).with_name("x.osm.pbf.part").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_disk_that_fills_on_the_way_is_told(downloader: Downloader, mirror: Mirror) -> None:
    path = downloader.file_path(mirror.url)
    path.parent.mkdir(parents=True)
    path.with_name("x.osm.pbf.part").symlink_to("/dev/full")
    with pytest.raises(SetupError, match="the disk is full"):
        downloader._transfer(mirror.url, KeptPartialFile(path), lambda _said, _done: None)


def test_a_server_that_sends_next_to_nothing_is_left(
    rude: Rude, tmp_path: Path, hands: Hands
) -> None:
    hands.ticks_s = 61
    client = Client(clock=hands.clock)
    slow = answer_bytes(CONTENT[:64], size=10_000_000)
    no_sum = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    downloader = Downloader(client, tmp_path, free_bytes=lambda _folder: 1 << 40)
    with pytest.raises(TransferInterrupted, match="next to nothing"):
        downloader.fetch(f"{rude(*[slow, no_sum] * 20)}/x.osm.pbf")
    client.close()


def test_two_at_once_are_one_too_many(downloader: Downloader, mirror: Mirror) -> None:
    path = downloader.file_path(mirror.url)
    path.parent.mkdir(parents=True)
    with (
        FileLock(path.with_name(".x.osm.pbf.lock")),
        pytest.raises(SetupError, match="by another process"),
    ):
        downloader.fetch(mirror.url)


def test_what_is_held_is_kept_from_others_and_what_is_old_goes(
    client: Client, downloader: Downloader, mirror: Mirror, tmp_path: Path, hands: Hands
) -> None:
    other = Downloader(client, tmp_path / "downloads")
    with downloader.lock(mirror.url):
        downloader.fetch(mirror.url)
        with pytest.raises(SetupError, match="by another process"):
            other.fetch(mirror.url)
    hands.at_s = downloader.file_path(mirror.url).stat().st_mtime + 86_400
    downloader.delete_old()
    assert downloader.file_path(mirror.url).exists()
    hands.at_s += 40 * 86_400
    downloader.delete_old()
    assert not downloader.file_path(mirror.url).exists()


def test_what_was_built_is_discarded(downloader: Downloader, mirror: Mirror) -> None:
    downloader.fetch(mirror.url)
    downloader.discard(mirror.url)
    assert not downloader.file_path(mirror.url).parent.exists()
