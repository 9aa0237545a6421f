from __future__ import annotations

import re
from pathlib import Path

import pytest
import streamlit
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket

from geo.errors import SetupError
from geo.ui.web.security import (
    BROWSER_COOKIE,
    LOCAL_HOSTS,
    SecurityMiddleware,
    is_known_host,
    security_headers,
)


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


@pytest.fixture
def echo():
    """Return an app that answers with the cookies that it sees."""

    async def echo(scope, receive, send) -> None:
        if scope["type"] == "websocket":
            await WebSocket(scope, receive, send).accept()
        else:
            cookie = Headers(scope=scope).get("cookie", "")
            await PlainTextResponse(cookie)(scope, receive, send)

    return echo


def test_a_page_of_an_unknown_host_is_refused(get) -> None:
    answer = get("/", host="evil.example")
    assert answer.status == 400
    assert b"a page" not in answer.body
    assert get("/").body == b"<p>a page"


def test_a_websocket_of_an_unknown_host_is_refused(ask_app) -> None:
    async def talk(scope, receive, send) -> None:
        await WebSocket(scope, receive, send).accept()

    app = SecurityMiddleware(talk)
    assert ask_app(app, "/_stcore/stream", scheme="ws").status == 101
    assert ask_app(app, "/_stcore/stream", scheme="ws", host="evil.example").status == 403


@pytest.mark.parametrize("path", ["/", "/crossroads/health", "/nothing"])
def test_every_answer_has_the_headers(get, path: str) -> None:
    headers = get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


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
    assert re.fullmatch(rf"{BROWSER_COOKIE}=[\w-]{{32}}; Path=/; HttpOnly; SameSite=Lax", cookie)
    assert "set-cookie" not in get("/", cookie=cookie.split(";")[0]).headers


def test_what_says_nothing_of_keeping_is_kept_by_nobody(get) -> None:
    assert get("/").headers["cache-control"] == "no-store"
    assert get("/media/roster.csv").headers["cache-control"] == "no-store"


def test_over_https_cookies_are_bound_to_the_host_and_the_policy_lasts_a_year(get) -> None:
    headers = get("/", scheme="https").headers
    assert re.fullmatch(
        rf"__Host-{BROWSER_COOKIE}=[\w-]{{32}}; Path=/; HttpOnly; SameSite=Lax; Secure",
        headers["set-cookie"],
    )
    assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert "set-cookie" not in get("/", scheme="https", cookie=f"__Host-{BROWSER_COOKIE}=x").headers
    assert "set-cookie" in get("/", scheme="https", cookie=f"{BROWSER_COOKIE}=planted").headers
    assert "strict-transport-security" not in get("/").headers


def test_behind_a_proxy_that_speaks_http_to_us_https_is_https(ask_app, echo) -> None:
    app = SecurityMiddleware(echo, hosts=["meet.example.org"], local=False, https=True)
    answer = ask_app(app, "/", host="meet.example.org", cookie="__Host-_streamlit_user=me")
    assert answer.body == b"_streamlit_user=me"
    assert "strict-transport-security" in answer.headers


@pytest.mark.parametrize(
    "reached",
    [
        {"server": ("192.0.2.7", 8501)},
        {"client": ("192.0.2.8", 50000)},
        {"server": ("2001:db8::1", 8501)},
        {"extra": {"x-forwarded-for": "192.0.2.9"}},
        {"extra": {"forwarded": "for=192.0.2.9"}},
        {"extra": {"via": "1.1 proxy"}},
    ],
)
@pytest.mark.parametrize("scheme", ["http", "ws"])
def test_without_sign_in_nobody_else_is_answered(ask_app, echo, reached, scheme: str) -> None:
    refused = ask_app(SecurityMiddleware(echo), "/", scheme=scheme, **reached)
    assert refused.status == 403
    assert scheme == "ws" or b"sign-in" in refused.body
    answered = ask_app(SecurityMiddleware(echo, local=False), "/", scheme=scheme, **reached)
    assert answered.status in {101, 200}


@pytest.mark.parametrize("end", [("127.0.0.1", 8501), ("::1", 8501), ("::ffff:127.0.0.1", 8501)])
def test_this_computer_is_answered(ask_app, echo, end) -> None:
    assert ask_app(SecurityMiddleware(echo), "/", server=end, client=end).status == 200


def test_cookies_that_break_the_rules_break_nothing(get) -> None:
    for cookie in ("a b=c", "=;;=", '"', "x" * 9000, "__Host-=1", "a=b=c; \xff"):
        assert get("/", cookie=cookie).status == 200
        assert get("/", cookie=cookie, scheme="https").status == 200


def test_the_door_has_its_fonts(ask_app, echo) -> None:
    app = SecurityMiddleware(echo, local=False, knows=lambda _cookie: False)
    fonts = sorted(Path(streamlit.__file__).parent.glob("static/static/media/SourceSans*.woff2"))
    assert fonts
    for font in fonts:
        assert ask_app(app, f"/static/media/{font.name}").status == 200


def test_files_of_pages_are_for_those_who_are_signed_in(ask_app, echo) -> None:
    app = SecurityMiddleware(echo, local=False, knows=lambda cookie: "sealed" in cookie)
    assert ask_app(app, "/media/roster.csv").status == 404
    assert ask_app(app, "/base/media/roster.csv", cookie="a=b").status == 404
    assert ask_app(app, "/media/roster.csv", cookie="_streamlit_user=sealed").status == 200
    for path in ("/static/media/roster.csv", "/static/../media/x", "/media/x/static/media/y"):
        assert ask_app(app, path).status == 404
    assert ask_app(app, "/").status == 200


PRIVATE = ("/media/roster.csv", "/_stcore/upload_file/session/file", "/crossroads/areas/token")
FOREIGN = {
    "another site": "https://evil.example",
    "another port of this computer": "http://localhost:3000",
    "another name of this computer": "http://127.0.0.1:8501",
    "https instead of http": "https://localhost",
    "a sandboxed frame": "null",
    "our name within another": "http://localhost:8501.evil.example",
    "our name before another": "http://localhost:8501@evil.example",
    "no origin": "",
}


@pytest.mark.parametrize("whose", FOREIGN)
@pytest.mark.parametrize("local", [True, False])
def test_what_another_page_sends_is_refused(ask_app, echo, whose: str, local: bool) -> None:
    app, extra = SecurityMiddleware(echo, local=local), {"origin": FOREIGN[whose]}
    here = {"host": "localhost:8501"}
    assert ask_app(app, "/_stcore/stream", scheme="ws", extra=extra, **here).status == 403
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = ask_app(app, "/crossroads/suggest/a/b", method=method, extra=extra, **here)
        assert answer.status == 403
        assert b"from a page at another address" in answer.body
    if whose != "no origin":
        for path in PRIVATE:
            assert ask_app(app, path, extra=extra, **here).status == 403


@pytest.mark.parametrize(
    ("scheme", "host", "origin"),
    [
        ("http", "localhost:8501", "http://localhost:8501"),
        ("http", "LOCALHOST:8501", "http://localhost:8501"),
        ("http", "127.0.0.1", "http://127.0.0.1"),
        ("http", "127.0.0.1:80", "http://127.0.0.1"),
        ("http", "[::1]:8501", "http://[::1]:8501"),
        ("https", "localhost", "https://localhost"),
        ("https", "localhost:443", "https://localhost"),
    ],
)
def test_what_our_own_page_sends_is_answered(
    ask_app, echo, scheme: str, host: str, origin: str
) -> None:
    socket = scheme.replace("http", "ws")
    extra = {"origin": origin}
    assert (
        ask_app(SecurityMiddleware(echo), "/x", scheme=socket, host=host, extra=extra).status == 101
    )
    assert (
        ask_app(
            SecurityMiddleware(echo), "/x", scheme=scheme, host=host, extra=extra, body=b""
        ).status
        == 200
    )


def test_behind_a_proxy_the_visitors_port_counts(ask_app) -> None:
    """It speaks http to us and may add a port to the Host; nothing else of it is believed."""
    seen = []

    async def talk(scope, receive, send) -> None:
        seen.append(Headers(scope=scope)["host"])
        await WebSocket(scope, receive, send).accept()

    app = SecurityMiddleware(talk, hosts=["meet.example.org"], local=False, https=True)

    def connect(host: str, **extra: str) -> int:
        extra = {"origin": "https://meet.example.org", **extra}
        return ask_app(app, "/_stcore/stream", scheme="ws", host=host, extra=extra).status

    assert connect("meet.example.org") == connect("meet.example.org:443") == 101
    assert seen == ["meet.example.org"] * 2  # as Streamlit compares it, letter by letter
    assert connect("meet.example.org:8443") == 403
    assert connect("other.example.org", **{"x-forwarded-host": "meet.example.org"}) == 403
    assert connect("meet.example.org", origin="http://meet.example.org") == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", PRIVATE)
def test_another_page_shows_nobodys_files(ask_app, echo, path: str, site: str) -> None:
    """An image or a link on it sends no Origin, but says where it comes from."""
    assert ask_app(SecurityMiddleware(echo), path, extra={"sec-fetch-site": site}).status == 403
    assert ask_app(SecurityMiddleware(echo), path, extra={"sec-fetch-site": "none"}).status == 200
    assert ask_app(SecurityMiddleware(echo), "/", extra={"sec-fetch-site": site}).status == 200


@pytest.mark.parametrize("local", [True, False])
@pytest.mark.parametrize("base", ["", "/base"])
def test_what_is_for_developers_answers_nobody(ask_app, echo, base: str, local: bool) -> None:
    app = SecurityMiddleware(echo, local=local)
    for name in ("metrics", "metrics/", "script-health-check", "agent/run", "clear_cache", ""):
        for method in ("GET", "HEAD", "OPTIONS", "POST"):
            assert ask_app(app, f"{base}/_stcore/{name}", method=method).status == 404
    for name in ("health", "host-config", "bidi-components/x"):
        assert ask_app(app, f"{base}/_stcore/{name}").status == 200


def test_uploads_and_bands_are_for_those_who_are_signed_in(ask_app, echo) -> None:
    app = SecurityMiddleware(echo, local=False, knows=lambda cookie: "alive" in cookie)
    for path in PRIVATE:
        for method in ("GET", "PUT", "DELETE"):
            status = ask_app(app, path, method=method, cookie="a=b").status
            assert status == (403 if "upload" in path else 404)
            assert ask_app(app, path, method=method, cookie="a=alive").status == 200
    for path in ("/_stcore/health", "/crossroads/health", "/crossroads/assets/x/y"):
        assert ask_app(app, path).status == 200


def test_a_database_that_is_away_is_said(ask_app, echo) -> None:
    def away(_cookie: str) -> bool:
        raise SetupError("the database cannot be reached.")

    app = SecurityMiddleware(echo, local=False, knows=away)
    for path in PRIVATE:
        answer = ask_app(app, path)
        assert answer.status == 503
        assert b"database cannot be reached" in answer.body
    assert ask_app(app, "/crossroads/health").status == 200


def test_a_second_host_is_none(ask_app, echo) -> None:
    async def send_two(scope, receive, send) -> None:
        headers = [*scope["headers"], (b"host", b"evil.example")]
        await SecurityMiddleware(echo)({**scope, "headers": headers}, receive, send)

    assert ask_app(send_two, "/").status == 400
