from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.websockets import WebSocket

from geo.ui.guard import COOKIE, LOCAL_HOSTS, Guard, is_known_host, security_headers
from geo.ui.map.assets import asset_url, preload_link


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8501", "127.0.0.1", "127.0.0.1:80", "[::1]:8501", "localhost."]
)
def test_this_computer_is_known_by_its_names(host: str) -> None:
    assert is_known_host(host, LOCAL_HOSTS)


@pytest.mark.parametrize(
    "host",
    [
        "", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.1", "::1",
        "localhost:80:80", "localhost/evil", "evil.example#localhost", "user@localhost", "127.1",
    ],
)  # fmt: skip
def test_other_names_are_not(host: str) -> None:
    assert not is_known_host(host, LOCAL_HOSTS)


def test_an_operator_may_add_names() -> None:
    assert is_known_host("a.b.example.org:443", ["*.example.org"])
    assert not is_known_host("example.org", ["*.example.org"])
    assert not is_known_host("badexample.org", ["*.example.org"])
    assert is_known_host("anything", ["*"])


@given(st.text(max_size=30))
def test_no_text_breaks_the_check(host: str) -> None:
    assert is_known_host(host, LOCAL_HOSTS) in {True, False}


def test_a_page_of_an_unknown_host_is_refused(get) -> None:
    answer = get("/", host="evil.example")
    assert answer.status == 400
    assert b"a page" not in answer.body
    assert get("/").body == b"<p>a page"


def test_a_websocket_of_an_unknown_host_is_refused(ask_app) -> None:
    async def talk(scope, receive, send) -> None:
        await WebSocket(scope, receive, send).accept()

    app = Guard(talk)
    assert ask_app(app, "/_stcore/stream", scheme="ws").status == 101
    assert ask_app(app, "/_stcore/stream", scheme="ws", host="evil.example").status == 403


@pytest.mark.parametrize("path", ["/", "/crossroads/health", "/nothing"])
def test_every_answer_has_the_headers(get, path: str) -> None:
    headers = get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'self'" in headers["content-security-policy"]


def test_the_policy_names_nobody_else_unless_an_operator_does() -> None:
    policy = security_headers()["content-security-policy"]
    assert not re.search(r"https?://|\*|unsafe-eval", policy)
    assert "connect-src 'self';" in policy
    assert re.search(r"script-src 'self' blob: 'sha256-[A-Za-z0-9+/]{43}='", policy)
    widened = security_headers(["https://tiles.example.org"])["content-security-policy"]
    assert "connect-src 'self' https://tiles.example.org;" in widened


def test_a_page_gives_the_browser_a_cookie_once(get) -> None:
    assert "set-cookie" not in get("/crossroads/health").headers
    cookie = get("/").headers["set-cookie"]
    assert re.fullmatch(rf"{COOKIE}=[\w-]{{32}}; Path=/; HttpOnly; SameSite=Lax", cookie)
    assert "set-cookie" not in get("/", cookie=cookie.split(";")[0]).headers
    assert get("/", scheme="https").headers["set-cookie"].endswith("; Secure")


def test_a_page_says_what_to_fetch_with_it_and_nothing_else_does(ask_app) -> None:
    link = preload_link()
    page = Guard(HTMLResponse("<p>a page"), link=link)
    assert ask_app(page, "/").headers["link"] == link
    assert "link" not in ask_app(Guard(PlainTextResponse("text"), link=link), "/").headers
    assert f"<{asset_url('view.js')}>; rel=modulepreload" in link.split(", ")
    assert f"<{asset_url('maplibre-gl.js')}>; rel=preload; as=script" in link.split(", ")
