from __future__ import annotations

from starlette.responses import HTMLResponse, PlainTextResponse

from geo.ui.web.middleware import StylesheetMiddleware, read_stylesheet, stylesheet_name

PAGE = '<html><head></head><body><div id="root"></div></body></html>'
LINK = f'<link rel="stylesheet" href="./crossroads/styles/{stylesheet_name()}">'
BROWSER = {"accept": "text/html,*/*", "accept-encoding": "gzip"}


def test_a_page_links_to_our_sheets_at_its_end(ask_app) -> None:
    held = HTMLResponse(PAGE, headers={"etag": '"old"', "last-modified": "long ago"})
    answer = ask_app(StylesheetMiddleware(held), "/plan", extra=BROWSER)
    assert answer.body.decode() == PAGE.replace("</body>", f"{LINK}</body>")
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert "etag" not in answer.headers
    assert "last-modified" not in answer.headers


def test_a_page_that_comes_in_pieces_is_held_until_it_is_whole(ask_app) -> None:
    async def app(_scope, _receive, send):
        headers = [(b"content-type", b"text/html; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": PAGE[:70].encode(), "more_body": True})
        await send({"type": "http.response.body", "body": PAGE[70:].encode()})

    assert LINK in ask_app(StylesheetMiddleware(app), "/", extra=BROWSER).body.decode()


def test_it_is_asked_for_uncompressed(ask_app) -> None:
    asked = []

    async def app(scope, receive, send):
        asked.append({name for name, _ in scope["headers"]})
        await HTMLResponse(PAGE)(scope, receive, send)

    assert LINK in ask_app(StylesheetMiddleware(app), "/", extra=BROWSER).body.decode()
    assert b"accept-encoding" not in asked[0]


def test_nothing_else_is_touched(ask_app) -> None:
    other = HTMLResponse("<body>a page of another kind</body>")
    assert (
        ask_app(StylesheetMiddleware(other), "/", extra=BROWSER).body.decode()
        == other.body.decode()
    )
    text = PlainTextResponse(PAGE)
    assert ask_app(StylesheetMiddleware(text), "/", extra=BROWSER).body.decode() == PAGE
    assert (
        ask_app(
            StylesheetMiddleware(HTMLResponse(PAGE)), "/", extra={"accept": "*/*"}
        ).body.decode()
        == PAGE
    )


def test_the_sheet_is_at_the_address_of_the_link(get) -> None:
    answer = get(f"/crossroads/styles/{stylesheet_name()}")
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.body == read_stylesheet()
    assert get("/below/crossroads/styles/other.css").status == 404
