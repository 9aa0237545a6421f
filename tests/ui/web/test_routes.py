from __future__ import annotations

import gzip
import json

import pytest

from geo.ui.map.assets import asset_url, read_assets
from geo.ui.web.routes import tiles_url
from geo.ui.web.security import BROWSER_COOKIE
from geo.ui.web.tokens import TokenStore, areas_url


def test_health_says_ok(get) -> None:
    assert json.loads(get("/crossroads/health").body) == {"status": "ok"}


@pytest.mark.parametrize("base", ["", "/maps", "/a/b"])
def test_every_route_answers_below_any_base_path(get, base: str) -> None:
    assert get(f"{base}/crossroads/health").status == 200
    assert get(f"{base}/{asset_url('main.js')}").status == 200


@pytest.mark.parametrize("name", sorted(read_assets()))
def test_every_asset_is_served_for_ever_as_what_it_is(get, name: str) -> None:
    answer = get(f"/{asset_url(name)}")
    assert answer.body == read_assets()[name].content
    kinds = {"js": "text/javascript", "css": "text/css", "json": "application/json"}
    assert answer.headers["content-type"].startswith(kinds[name.rsplit(".", 1)[-1]])
    assert "immutable" in answer.headers["cache-control"]


def test_an_old_address_of_an_asset_is_not_kept(get) -> None:
    answer = get("/crossroads/assets/0123456789abcdef/main.js")
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")


def test_a_tile_is_served_as_it_lies_in_the_archive(get) -> None:
    url = tiles_url("here", "b1").format(z=2, x=1, y=3)
    answer = get(f"/{url}")
    assert gzip.decompress(answer.body) == b"one tile"
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]


def test_a_tile_with_nothing_in_it_is_empty(get) -> None:
    assert get("/crossroads/tiles/here/b1/2/0/0.mvt").status == 204


@pytest.mark.parametrize(
    "path",
    [
        "tiles/nowhere/b1/2/1/3.mvt",
        "tiles/here/b2/2/1/3.mvt",
        "tiles/../secret/2/1/3.mvt",
        "tiles/%2e%2e/secret/2/1/3.mvt",
        "tiles/here/..%2f..%2fsecret/2/1/3.mvt",
        "tiles/here/b1/-2/1/3.mvt",
        "tiles/here/b1/two/1/3.mvt",
        "tiles/here/b1/2/1/%D9%A3.mvt",
        pytest.param(f"tiles/here/b1/{'9' * 5000}/1/3.mvt", id="5000 digits"),
        pytest.param(f"tiles/here/b1/2/1/{'9' * 5000}.mvt", id="5000 digits of y"),
        "assets/x/nothing.js",
        "assets/x/..%2fscene.py",
        "assets/x/assets.py",
        "areas/guess",
    ],
)
def test_what_is_not_there_is_not_found(get, path: str) -> None:
    assert get(f"/crossroads/{path}").status == 404


def test_bands_need_the_cookie_of_their_browser(get, tokens: TokenStore) -> None:
    url = f"/{areas_url(tokens.publish(gzip.compress(b'{}'), session='s', browser='mine'))}"
    assert get(url).status == 404
    answer = get(url, cookie=f"{BROWSER_COOKIE}=mine")
    assert gzip.decompress(answer.body) == b"{}"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/geo+json"
