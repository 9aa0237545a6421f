from __future__ import annotations

import gzip
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

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
    UntrustedCertificate,
)
from geo.online import Client, ResponseLimits, hosts
from geo.online import Request as Question
from geo.online.hosts import is_local_url
from geo.online.http import ResponseTooLarge
from tests.online.staging import Hands, Rude, Script, answer_bytes

SECRET = "12-Privet-Lane"  # noqa: S105 - where somebody lives, as far as these tests go
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
JSON = "Content-Type: application/json"


def endless(connection: socket.socket) -> None:
    connection.sendall(CHUNKED)
    while True:
        connection.sendall(b"10000\r\n" + b"y" * 65536 + b"\r\n")


def trickle(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        connection.sendall(b"y")


FAULTS: dict[str, tuple[Script, type[CrossroadsError]]] = {
    "reset": (b"", TransferInterrupted),
    "cut off": (answer_bytes(b'{"a"', JSON, size=100), TransferInterrupted),
    "cut-off JSON": (answer_bytes(b'{"a": [1, 2', JSON), TransferInterrupted),
    "cut-off gzip": (
        answer_bytes(
            gzip.compress(b'{"a": "' + b"x" * 9000 + b'"}')[:-20], "Content-Encoding: gzip"
        ),
        TransferInterrupted,
    ),
    "no gzip": (answer_bytes(b"plain", "Content-Encoding: gzip"), TransferInterrupted),
    "page": (answer_bytes(b"<p>Log in", "Content-Type: text/html; charset=utf-8"), BadResponse),
    "page called JSON": (answer_bytes(b"  <!DOCTYPE html><p>Log in", JSON), BadResponse),
    "bad chunk": (CHUNKED + b"zz\r\nx", TransferInterrupted),
    "cut-off chunk": (CHUNKED + b"10\r\nx", TransferInterrupted),
    "endlessly nested": (answer_bytes(b"[" * 200_000, JSON), TransferInterrupted),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n", TransferInterrupted),
    "endless": (endless, ResponseTooLarge),
    "bomb": (
        answer_bytes(gzip.compress(b"0" * (9 << 20)), "Content-Encoding: gzip"),
        ResponseTooLarge,
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_its_error_and_none_repeats_the_address(
    fault: str, rude: Rude, client: Client
) -> None:
    script, error = FAULTS[fault]
    with pytest.raises(error) as raised:
        client.send(
            Question(f"{rude(script)}/search?q={SECRET}"), ResponseLimits(max_bytes=8 << 20)
        ).json()
    assert SECRET not in str(raised.value)
    assert "127.0.0.1" in str(raised.value)


def test_a_body_that_comes_too_slowly_ends_at_the_limit(rude: Rude, hands: Hands) -> None:
    hands.ticks_s = 1.0
    client = Client(clock=hands.clock)
    with pytest.raises(TransferInterrupted, match="too long"):
        client.send(Question(rude(trickle)), ResponseLimits(total_s=20))
    client.close()


def test_silence_ends_at_the_limit(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(TransferInterrupted, match="in time"):
            client.send(Question(url), ResponseLimits(idle_s=0.05))


def test_no_internet_is_told_as_such(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Offline, match=r"cannot reach 127\.0\.0\.1"):
        client.send(Question(f"http://127.0.0.1:{port}/?q={SECRET}"))
    with pytest.raises(Offline, match=r"cannot find no-such-host\.test"):
        client.send(Question(f"http://no-such-host.test/?q={SECRET}"))


@pytest.mark.parametrize(
    "url",
    ["ftp://x/", "x", "http://", "http://[::1", "http://a:99999/", "http://a\nb/", "file:///"],
)
def test_what_is_no_address_is_refused(url: str, client: Client) -> None:
    with pytest.raises(InputError):
        client.send(Question(url))


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://localhost:8080/", True),
        ("http://[::1]/", True),
        ("http://192.168.7.7/", True),
        ("http://overpass/", True),
        ("http://maps.lan/", True),
        ("https://overpass-api.de/", False),
        ("https://8.8.8.8/", False),
        ("https://localhost.example.org/", False),
    ],
)
def test_own_servers_are_told_from_public_ones(url: str, own: bool) -> None:
    assert is_local_url(url) is own


def test_a_public_server_is_not_asked_without_a_contact_not_even_by_a_redirect(
    server: HTTPServer, client: Client
) -> None:
    with pytest.raises(MissingContact, match="CROSSROADS_CONTACT"):
        client.send(Question("https://overpass-api.de/api/status"))
    location = {"Location": "https://overpass-api.de/"}
    server.expect_request("/away").respond_with_data("", 302, location)
    with pytest.raises(MissingContact, match=r"overpass-api\.de"):
        client.send(Question(server.url_for("/away")))


def test_who_asks_is_said(server: HTTPServer) -> None:
    server.expect_request("/").respond_with_handler(
        lambda request: Response(request.headers["User-Agent"])
    )
    client = Client("maps@example.org")
    told = client.send(Question(server.url_for("/"))).text
    client.close()
    assert told.startswith("Crossroads/")
    assert told.endswith("(+maps@example.org)")


def test_no_proxy_stands_before_this_computer(
    server: HTTPServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server.expect_request("/").respond_with_data("here")
    assert client.send(Question(server.url_for("/"))).text == "here"
    with pytest.raises(Offline):
        client.send(Question("http://maps.test/"))


def test_redirects_are_followed_but_not_in_circles(server: HTTPServer, client: Client) -> None:
    server.expect_request("/a").respond_with_data("", 301, {"Location": "b"})
    server.expect_request("/b").respond_with_json({"here": True})
    server.expect_request("/loop").respond_with_data("", 302, {"Location": "/loop"})
    answer = client.send(Question(server.url_for("/a")))
    assert (answer.json(), answer.url) == ({"here": True}, server.url_for("/b"))
    with pytest.raises(BadResponse, match="circles"):
        client.send(Question(server.url_for("/loop")))


def test_a_question_with_a_form_goes_to_nobody_else(server: HTTPServer, client: Client) -> None:
    server.expect_request("/away").respond_with_data("", 302, {"Location": "/login"})
    with pytest.raises(BadResponse, match="redirects"):
        client.send(Question(server.url_for("/away"), form={"data": "x"}))


def test_cookies_are_not_kept(server: HTTPServer, client: Client) -> None:
    def handler(request: Request) -> Response:
        return Response(str(len(request.cookies)), headers={"Set-Cookie": "id=1; Path=/"})

    server.expect_request("/").respond_with_handler(handler)
    for _ in range(2):
        assert client.send(Question(server.url_for("/"))).text == "0"


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_told_as_such(status: int, server: HTTPServer, client: Client) -> None:
    server.expect_request("/").respond_with_data("", status, {"Retry-After": "77"})
    answer = client.send(Question(server.url_for("/")))
    with pytest.raises(ServiceBusy) as raised:
        client.raise_for_status(answer)
    assert raised.value.retry_after_s == 77


def test_retry_after_may_be_a_date(server: HTTPServer, client: Client, hands: Hands) -> None:
    hands.at_s = 1_445_412_400.0
    date = {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}
    server.expect_request("/").respond_with_data("", 503, date)
    assert client.send(Question(server.url_for("/"))).retry_after_s == 80


@pytest.fixture
def self_signed(tmp_path: Path) -> Iterator[str]:
    """The address of a server with a certificate that nobody vouches for."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                connection, _ = listener.accept()
                with connection, context.wrap_socket(connection, server_side=True):
                    pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/"
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def test_a_certificate_that_does_not_hold_is_not_believed(self_signed: str, client: Client) -> None:
    with pytest.raises(UntrustedCertificate, match="certificate"):
        client.send(Question(self_signed))


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{port}/inside",
        "http://[::1]:{port}/inside",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.7/inside",
        "http://192.168.1.1/inside",
        "http://router.lan/inside",
        "http://0.0.0.0:{port}/inside",
    ],
)
def test_no_redirect_leads_into_the_own_network(
    target: str, server: HTTPServer, client: Client
) -> None:
    server.expect_request("/").respond_with_data(
        "", 302, {"Location": target.format(port=server.port)}
    )
    server.expect_request("/inside").respond_with_data("a secret")
    with pytest.raises(BadResponse, match="on this computer or its network"):
        client.send(Question(server.url_for("/")))
    assert len(server.log) == 1


def test_a_redirect_may_lead_to_a_host_of_the_settings(server: HTTPServer) -> None:
    inside = f"http://127.0.0.1:{server.port}/inside"
    server.expect_request("/").respond_with_data("", 302, {"Location": inside})
    server.expect_request("/inside").respond_with_data("a mirror")
    client = Client(own_hosts=["127.0.0.1"])
    assert client.send(Question(server.url_for("/"))).text == "a mirror"
    client.close()


def test_a_name_that_is_found_inside_is_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.1.2.3", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: found)
    assert hosts.resolves_to_private("maps.example.org")
    found[0] = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 0))
    assert not hosts.resolves_to_private("maps.example.org")
