"""Somebody else's map as the ground: only where an operator chose it, and ours lies over it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect
from pytest_httpserver import HTTPServer

from tests.browser.conftest import serve

pytestmark = pytest.mark.browser

STAGE = Path(__file__).parent / "stage" / "app.py"
ANYBODY = {"Access-Control-Allow-Origin": "*"}
GREEN = (0, 200, 0)
STYLE = {
    "version": 8,
    "glyphs": "https://fonts.example.org/{fontstack}/{range}.pbf",
    "sources": {"route": {"type": "raster", "tiles": ["tiles/{z}/{x}/{y}"], "tileSize": 256}},
    "layers": [
        {"id": "background", "type": "background", "paint": {"background-color": "#fff"}},
        {"id": "route", "type": "raster", "source": "route", "paint": {"raster-fade-duration": 0}},
    ],
}


@pytest.fixture
def remote(httpserver: HTTPServer, tmp_path: Path) -> Iterator[str]:
    """The address of a stage whose ground is a style of another server."""
    style = httpserver.url_for("/style.json")
    yield from serve(STAGE, tmp_path, environ={"CROSSROADS_BASEMAP": style})


def test_a_style_is_the_ground_under_what_is_ours_and_a_missing_one_is_no_harm(
    desktop: BrowserContext, remote: str, httpserver: HTTPServer
) -> None:
    tile = io.BytesIO()
    Image.new("RGB", (256, 256), GREEN).save(tile, "PNG")
    httpserver.expect_request(re.compile("^/tiles/")).respond_with_data(
        tile.getvalue(), content_type="image/png", headers=ANYBODY
    )
    style = httpserver.expect_request("/style.json")
    style.respond_with_data("", status=503, headers=ANYBODY)
    asked: list[str] = []
    with closing(desktop.new_page()) as page:
        page.on("request", lambda request: asked.append(request.url))
        page.goto(remote)
        assert not near(_drawn(page).getpixel((15, 15)), GREEN)
        expect(page.locator(".pin")).to_have_count(2)
        expect(page.locator(".no-map")).to_have_count(0)
        style.respond_with_json(STYLE, headers=ANYBODY)
        page.reload()
        picture = _drawn(page)
    assert near(picture.getpixel((15, 15)), GREEN)
    star = picture.getpixel((picture.width // 2 - 20, picture.height // 2 + 20))
    assert not near(star, GREEN)  # a band of ours tints it
    servers = {"/".join(url.split("/", 3)[:3]) for url in asked if url.startswith("http")}
    assert servers == {remote.rstrip("/"), httpserver.url_for("").rstrip("/")}


def near(color: object, other: tuple[int, int, int]) -> bool:
    assert isinstance(color, tuple)
    return all(abs(one - two) < 12 for one, two in zip(color, other, strict=True))


def _drawn(page: Page) -> Image.Image:
    """Return the map at rest."""
    page.locator(".crossroads[data-drawn]").wait_for(timeout=60_000)
    picture = page.locator(".crossroads .canvas").screenshot()
    return Image.open(io.BytesIO(picture)).convert("RGB")
