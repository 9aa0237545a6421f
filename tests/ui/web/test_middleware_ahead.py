from __future__ import annotations

from starlette.responses import HTMLResponse, PlainTextResponse

from geo.ui.map.assets import asset_url, preload_link
from geo.ui.web.middleware import PreloadMiddleware


def test_a_page_says_what_to_fetch_with_it_and_nothing_else_does(ask_app) -> None:
    link = preload_link()
    assert (
        ask_app(PreloadMiddleware(HTMLResponse("<p>a page"), link=link), "/").headers["link"]
        == link
    )
    assert (
        "link" not in ask_app(PreloadMiddleware(PlainTextResponse("text"), link=link), "/").headers
    )
    links = link.split(", ")
    assert f"<{asset_url('view.js')}>; rel=modulepreload" in links
    assert f"<{asset_url('maplibre-gl.js')}>; rel=preload; as=script" in links
