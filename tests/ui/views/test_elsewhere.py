"""Near me where the region ends: other regions, new ones, the web on request, fresh places."""

from __future__ import annotations

import shutil

import pytest

from geo import texts
from geo.model import Point
from geo.online import Services
from geo.proximity import near_me
from geo.region import load_region
from geo.region.acquire import get_region
from geo.settings import read_settings
from geo.texts import regions as regions_texts
from geo.ui.add_region import request_region_at
from geo.ui.jobs import REGION_JOBS
from tests.conftest import village_xml

FAR = Point(-0.47091, 52.01812)
BEYOND = Point(-0.36, 52.0181)
BORDER = Point(-0.4416, 52.0181)
ADDRESS = {
    "place_id": 1,
    "display_name": "7, Lane 3, Nine Lanes",
    "lat": "52.0181",
    "lon": "-0.471",
}


@pytest.fixture
def shown(app):
    app.run()
    assert not app.exception
    return app


def _buttons(app) -> dict[str, str]:
    return {one.key: one.label for one in app.button if one.key}


def test_a_point_that_no_region_covers_leads_to_the_smallest_that_would(
    shown, browser, internet
) -> None:
    browser.pick(shown, FAR)
    assert not shown.exception
    assert "switch-region" not in _buttons(shown)
    assert regions_texts.ADD_REGION_THERE_HELP in [one.value for one in shown.caption]
    assert internet.server.log == []
    shown.button(key="get-there").click().run()
    assert shown.text_input(key="where").value == "52.02, -0.47"
    assert shown.text_input(key="area-where").value == "52.02, -0.47"
    assert [one.value for one in shown.checkbox] == [True, False]
    assert not any(
        "52.0" in entry[0].url or "0.47" in entry[0].url for entry in internet.server.log
    )


def test_a_point_beyond_the_border_leads_to_one_region_of_both_sides(
    app, browser, internet, data_dir, tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv("CROSSROADS_DATA_DIR", str(tmp_path / "own"))
    settings = read_settings()
    with Services(settings) as services:
        urls, regions_dir = [internet.extract_url], settings.regions_dir
        get_region(urls, "village", services=services, regions_dir=regions_dir)
    app.run()
    browser.pick(app, BEYOND)
    app.button(key="get-there").click().run()
    together = regions_texts.TOGETHER.format(titles="Village")
    assert together in [one.value for one in app.markdown]
    assert [(one.label, one.value) for one in app.checkbox] == [
        ("Ten Lanes · Europe", True),
        ("Europe", False),
    ]
    assert _buttons(app)["get"] == "Download Village and Ten Lanes"
    app.button(key="basket-empty").click().run()
    assert _buttons(app)["get"] == "Download Ten Lanes"
    app.button(key="another").click().run()
    assert app.text_input(key="where").value == ""
    app.text_input(key="where").set_value("antipodes").run()
    assert regions_texts.FAR_APART in [one.value for one in app.warning]
    assert "get" not in _buttons(app)
    app.text_input(key="where").set_value("nine lanes").run()
    assert _buttons(app)["get"] == "Download Ten Lanes and Nine Lanes"
    app.button(key="get").click().run()
    assert REGION_JOBS.latest.wait(60)
    app.run()
    assert not app.exception
    region = load_region("neighbour-village", regions_dir=settings.regions_dir)
    found = near_me(region, BORDER, cutoff_s=1200, kinds=["cafe"]).places
    assert {one.place.name for one in found} == {"The Kettle", "The Far Cup"}
    app.button(key="dismiss").click().run()
    assert together not in [one.value for one in app.markdown]


def test_a_point_of_another_region_is_shown_there(app, second, browser) -> None:
    app.query_params["region"] = "county"
    app.run()
    browser.pick(app, FAR)
    assert _buttons(app)["switch-region"] == regions_texts.SWITCH_REGION.format(name=r"Nine\-lanes")
    app.button(key="switch-region").click().run()
    assert not app.exception
    assert browser.scene.region == second.bbox
    assert browser.scene.origin == FAR
    assert "get-there" not in _buttons(app)


def test_what_was_offered_is_forgotten_with_the_next_start(shown, browser, towns) -> None:
    browser.pick(shown, FAR)
    assert "get-there" in _buttons(shown)
    browser.type(shown, towns[0].point)
    assert "get-there" not in _buttons(shown)
    assert browser.scene.origin == towns[0].point


def test_an_address_goes_to_the_web_only_after_it_was_said_where(
    shown, browser, internet, towns
) -> None:
    here = towns[0].point
    internet.addresses = [
        {**ADDRESS, "display_name": "1, A Street", "lat": str(here.lat), "lon": str(here.lon)},
        ADDRESS,
    ]
    browser.seek(shown, "1 A Street")
    said = regions_texts.SEARCH_NOTICE.format(text="1 A Street", host=r"127\.0\.0\.1")
    assert said in [one.value for one in shown.markdown]
    assert internet.sought == []
    shown.button(key="search-web").click().run()
    assert internet.sought == ["1 A Street"]
    assert _buttons(shown)["address-0"] == "1, A Street"
    shown.button(key="address-0").click().run()
    assert not shown.exception
    assert browser.scene.origin == here
    assert "1, A Street" not in str(browser.address(shown))
    assert "address-0" not in _buttons(shown)


def test_an_address_of_the_web_that_no_region_covers_offers_one(shown, browser, internet) -> None:
    internet.addresses = [ADDRESS]
    browser.seek(shown, "7 Lane 3")
    shown.button(key="search-web").click().run()
    shown.button(key="address-0").click().run()
    assert "get-there" in _buttons(shown)


def test_nothing_is_sent_where_somebody_thinks_better_of_it(shown, browser, internet) -> None:
    browser.seek(shown, "1 A Street")
    shown.button(key="never-mind").click().run()
    assert "search-web" not in _buttons(shown)
    assert internet.server.log == []


def test_nobody_knows_it_or_nobody_is_there_and_the_page_says_so(shown, browser, internet) -> None:
    browser.seek(shown, "1 A Street")
    shown.button(key="search-web").click().run()
    assert any("Not found by" in one.value for one in shown.markdown)
    internet.server.stop()
    browser.seek(shown, "2 B Street")
    shown.button(key="search-web").click().run()
    assert not shown.exception
    assert len(shown.info) == 1
    assert browser.scene is not None


def test_a_public_server_is_not_asked_by_nobody(shown, browser) -> None:
    browser.seek(shown, "1 A Street")
    assert [one.value for one in shown.info] == [regions_texts.SEARCH_NEEDS_CONTACT]
    assert "search-web" not in _buttons(shown)


def test_places_in_sight_are_refreshed_by_squares(
    app, two, tmp_path, browser, internet, monkeypatch
) -> None:
    shutil.copytree(two, tmp_path / "own")
    monkeypatch.setenv("CROSSROADS_DATA_DIR", str(tmp_path / "own"))
    app.query_params["region"] = "nine-lanes"
    app.run()
    browser.pick(app, FAR)
    assert any(card.title == "The Kettle" for card in browser.scene.cards)
    internet.change(village_xml(cafe="Fresh Kettle"))
    app.session_state[f"chip-refresh-{REGION_JOBS.count}"] = True  # what is in it is made when open
    app.run()
    app.button(key="refresh-here").click().run()
    assert REGION_JOBS.latest.wait(60)
    app.run()
    assert not app.exception
    assert "1 changed" in app.success[0].value
    assert any(card.title == "Fresh Kettle" for card in browser.scene.cards)
    assert internet.queries
    assert not any("52.018" in query or "0.4709" in query for query in internet.queries)


def test_the_invented_county_is_not_asked_for(shown, browser, towns) -> None:
    browser.type(shown, towns[0].point)
    assert "refresh-here" not in _buttons(shown)


def test_a_wanted_point_is_rounded(county, monkeypatch) -> None:
    kept: dict[str, str] = {}
    monkeypatch.setattr("geo.ui.add_region.st.session_state", kept)
    request_region_at(Point(-72.575387, 44.260059), county)
    assert list(kept.values()) == ["44.26, -72.58"]


def test_words_fit_one_and_many() -> None:
    assert regions_texts.squares_notice(1, "x").startswith("Asks **x** for 1 square of")
    assert (regions_texts.remove_places(1), regions_texts.remove_places(1200)) == (
        "Remove 1 place",
        "Remove 1,200 places",
    )
    assert regions_texts.megabytes(2.5e9) == "2.5\N{NO-BREAK SPACE}GB"
    assert texts.SEARCH_WEB
