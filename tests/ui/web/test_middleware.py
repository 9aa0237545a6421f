from __future__ import annotations

import pytest
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse, Response

from geo.ui.web.middleware import LoginRedirectMiddleware
from geo.ui.web.security import INVITATION_COOKIE, RETURN_COOKIE, USER_COOKIE


@pytest.fixture
def get(ask_app):
    """Return a function that asks an app whose sign-in succeeds where the query says so."""

    async def app(scope, receive, send) -> None:
        answer: Response = HTMLResponse("<p>a page")
        if scope["path"] == "/oauth2callback":
            answer = RedirectResponse("/", status_code=302)
            if b"code=good" in scope["query_string"]:
                answer.set_cookie(USER_COOKIE, "sealed", httponly=True)
        await answer(scope, receive, send)

    return lambda path, **options: ask_app(LoginRedirectMiddleware(app), path, **options)


def test_an_invitation_leaves_the_address_for_a_cookie(get) -> None:
    answer = get("/?invite=a.signed-token_1")
    assert (answer.status, answer.headers["location"]) == (303, "/")
    assert answer.headers["set-cookie"] == (
        f"{INVITATION_COOKIE}=a.signed-token_1; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600"
    )


@pytest.mark.parametrize("token", ["", "short", "a" * 600, "%0d%0aset-cookie:x=1", "<script>alert"])
def test_what_is_no_invitation_is_let_be(get, token: str) -> None:
    answer = get(f"/?invite={token}")
    assert (answer.status, answer.body) == (200, b"<p>a page")
    assert INVITATION_COOKIE not in answer.headers.get("set-cookie", "")


@pytest.mark.parametrize("path", ["//evil.example/", "///evil.example", "/\\evil.example/"])
def test_an_invitation_sends_nobody_elsewhere(get, path: str) -> None:
    assert not get(f"{path}?invite=a.signed-token").headers["location"].startswith(("//", "/\\"))


def kept(headers: Headers) -> str:
    """Return the cookie that keeps the address, as a browser sends it back."""
    return next((c.split(";")[0] for c in headers.getlist("set-cookie") if RETURN_COOKIE in c), "")


@pytest.mark.parametrize(
    "wanted",
    ["/halfway", "/?region=county&from=47.1,-86.6,Gimbal%20Field", "/near?kind=caf%C3%A9&x=a;b"],
)
def test_a_link_is_followed_after_the_sign_in(get, wanted: str) -> None:
    cookie = kept(get(wanted).headers)
    answer = get("/oauth2callback?code=good", cookie=cookie)
    assert answer.headers["location"] == wanted
    assert kept(answer.headers) == f"{RETURN_COOKIE}="


def test_nothing_is_kept_where_nothing_would_be_lost(get) -> None:
    assert kept(get("/").headers) == ""
    assert kept(get("/halfway", cookie=f"{USER_COOKIE}=sealed").headers) == ""
    assert kept(get("/" + "x" * 3000).headers) == ""


def test_a_sign_in_that_fails_leads_to_the_first_page(get) -> None:
    cookie = kept(get("/halfway").headers)
    assert get("/oauth2callback?error=denied", cookie=cookie).headers["location"] == "/"
    assert get("/oauth2callback?code=good").headers["location"] == "/"


@pytest.mark.parametrize(
    "planted",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "%2F%2Fevil.example",
        "/%0d%0aa:b",
    ],
)
def test_a_sign_in_leads_nobody_elsewhere(get, planted: str) -> None:
    answer = get("/oauth2callback?code=good", cookie=f"{RETURN_COOKIE}={planted}")
    location = answer.headers["location"]
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert "\n" not in location
