from __future__ import annotations

import pytest
from starlette.responses import HTMLResponse, PlainTextResponse

from geo import texts
from geo.ui.navigation import everyday_pages, page_names
from geo.ui.web.middleware import NotFoundMiddleware


@pytest.fixture
def get(ask_app):
    """Return a function that asks an app which answers everything, as Streamlit does."""

    async def app(scope, receive, send) -> None:
        if scope["path"].endswith((".js", "/health")):
            await PlainTextResponse("no page")(scope, receive, send)
        else:
            await HTMLResponse("<p>the app")(scope, receive, send)

    def ask(path: str, base: str = ""):
        around = NotFoundMiddleware(
            app, pages=page_names(), ways=everyday_pages(), base=lambda: base
        )
        return ask_app(around, path)

    return ask


@pytest.mark.parametrize(
    "path",
    ["/", "/halfway", "/halfway/", "/plan?region=x", "/media/made.html", "/_stcore/x", "/x.js"],
)
def test_what_is_there_is_let_be(get, path: str) -> None:
    answer = get(path)
    assert answer.status == 200
    assert answer.body in {b"<p>the app", b"no page"}


@pytest.mark.parametrize(
    "path", ["/nowhere", "/halfway/further", "/near/x", "/Halfway", "/%2e%2e/x", "/<script>"]
)
def test_where_there_is_no_page_it_is_said_and_ways_are_shown(get, path: str) -> None:
    answer = get(path)
    said = answer.body.decode()
    assert answer.status == 404
    assert texts.PAGE_NOT_FOUND in said
    assert '<a href="/">Near me</a>' in said
    assert '<a href="/halfway">Meet halfway</a>' in said
    assert "script>" not in said
    assert answer.headers["content-length"] == str(len(answer.body))


def test_an_app_below_a_path_leads_to_its_own_pages(get) -> None:
    assert get("/maps/halfway", base="/maps/").status == 200
    assert get("/maps/", base="maps").status == 200
    answer = get("/maps/nowhere", base="maps")
    assert answer.status == 404
    assert b'href="/maps/halfway"' in answer.body


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/near", "./"),
        ("/near/", "../"),
        ("/near?region=county&from=47.1,-86.6,A%20B", "./?region=county&from=47.1,-86.6,A%20B"),
    ],
)
def test_the_first_page_opens_by_its_name_too(get, path: str, where: str) -> None:
    answer = get(path)
    assert (answer.status, answer.headers["location"]) == (307, where)
