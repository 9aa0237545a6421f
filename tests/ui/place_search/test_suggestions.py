"""The route that offers names, without a browser."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from starlette.applications import Starlette

from geo.model import BBox
from geo.region import Region
from geo.region.build import build_region
from geo.region.refresh import MergeRules, merge_places
from geo.ui.place_search.component import LabelledPoint, names_url
from geo.ui.web.routes import app_routes
from geo.ui.web.tokens import TokenStore


@pytest.fixture
def suggest(county: Region, regions_dir, ask_app) -> Callable[..., object]:
    """Return a function that asks for names of the county as the box does."""
    app = Starlette(routes=app_routes(regions_dir, TokenStore()))
    url = f"/{names_url(county.name, county.manifest.build)}"

    def ask(question: object, path: str = url):
        body = question if isinstance(question, bytes) else json.dumps(question).encode()
        return ask_app(app, path, body=body)

    return ask


def test_a_name_is_offered_while_it_is_typed(suggest, county: Region) -> None:
    town = county.gazetteer.nearest_settlement(county.bbox.center)
    answer = suggest({"text": town.name[:5].upper(), "near": [town.point.lon, town.point.lat]})
    first = json.loads(answer.body)["matches"][0]
    assert (first["label"], first["kind"]) == (town.label, town.kind)
    assert first["point"] == [town.point.lon, town.point.lat]
    assert answer.headers["cache-control"] == "no-store"


def test_coordinates_pass_through(suggest) -> None:
    (match,) = json.loads(suggest({"text": "47.1, -86.6"}).body)["matches"]
    assert match["point"] == [-86.6, 47.1]


def test_a_link_without_a_position_is_answered_with_what_to_do(suggest) -> None:
    answer = json.loads(suggest({"text": "https://maps.app.goo.gl/abc"}).body)
    assert answer["matches"] == []
    assert answer["problem"].startswith("This is a shortened link")


def test_nothing_of_that_name_is_an_answer(suggest) -> None:
    answer = suggest({"text": "<img src=x onerror=alert(1)> zzzz"})
    assert (answer.status, json.loads(answer.body)) == (200, {"matches": [], "elsewhere": ""})


def test_an_offer_says_which_words_it_does_not_hold(suggest, county: Region) -> None:
    town = county.gazetteer.nearest_settlement(county.bbox.center)
    answer = suggest({"text": f"99 Zzyzzyx Street, {town.name}"})
    first = json.loads(answer.body)["matches"][0]
    assert (first["label"], first["unmatched"]) == (town.label, ["99", "Zzyzzyx", "Street"])


@pytest.mark.parametrize(
    "question",
    [
        b"",
        b"{",
        b"[" * 3000,
        b"\xff",
        b'"text"',
        {"text": 5},
        {"near": [0, 0]},
        {"text": "x", "near": [999, 0]},
        {"text": "x", "near": [10**400, 0]},
        b'{"text": "x", "near": [1e400, 0]}',
        {"text": "x", "near": [True, False]},
        {"text": "x", "near": ["1", "2"]},
        {"text": "x" * 5000},
    ],
)
def test_what_is_no_question_is_refused(suggest, question) -> None:
    assert suggest(question).status == 400


@pytest.mark.parametrize("path", ["nowhere/b1", "county/b1", "..%2fcounty/b1", "county/..%2f.."])
def test_a_build_that_is_not_there_is_not_found(suggest, path: str) -> None:
    assert suggest({"text": "x"}, f"/crossroads/suggest/{path}").status == 404


def test_names_of_refreshed_places_are_offered(village, tmp_path, ask_app) -> None:
    build_region(village, "lanes", regions_dir=tmp_path)
    crumb = {"type": "node", "id": 9, "lon": -0.48, "lat": 52.01, "version": 1}
    crumb["tags"] = {"amenity": "cafe", "name": "Crumb"}
    path = tmp_path / "answer.json"
    path.write_text(json.dumps({"elements": [crumb]}))
    box = BBox(-0.51, 51.99, -0.43, 52.05)
    rules = MergeRules(accept_missing=True)
    fresh = merge_places("lanes", [path], [box], rules, regions_dir=tmp_path)
    app = Starlette(routes=app_routes(tmp_path, TokenStore()))
    url = f"/{names_url('lanes', fresh.build, fresh.folder)}"
    labels = []
    for text in ("crumb", "kettle"):
        answer = ask_app(app, url, body=json.dumps({"text": text}).encode())
        labels += [match["label"] for match in json.loads(answer.body)["matches"]]
    assert labels == ["Crumb, Nine Lanes"]
    assert ask_app(app, f"{url}/../..", body=b'{"text": "x"}').status == 404
    assert ask_app(app, url.replace(fresh.folder, "."), body=b'{"text": "x"}').status == 404


def test_the_question_must_be_in_the_body(county: Region, regions_dir, ask_app) -> None:
    app = Starlette(routes=app_routes(regions_dir, TokenStore()))
    url = f"/{names_url(county.name, county.manifest.build)}"
    assert ask_app(app, url).status == 405


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"point": [1], "label": "x"},
        {"point": ["1", "2"], "label": "x"},
        {"point": [200, 0], "label": "x"},
        {"point": [10**400, 0], "label": "x"},
        {"point": [True, False], "label": "x"},
        {"point": [float("nan"), 0], "label": "x"},
        {"point": [1, 2], "label": 3},
    ],
)
def test_what_the_box_never_sends_is_nothing(value: object) -> None:
    assert LabelledPoint.from_json(value) is None


def test_a_choice_without_a_name_has_none() -> None:
    found = LabelledPoint.from_json({"point": [1, 2.5], "label": ""})
    assert found is not None
    assert (found.point.lat, found.label) == (2.5, None)
