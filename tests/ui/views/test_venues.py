"""Own venues, without a browser: the form, the file, and that they take part everywhere."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from geo.model import Point
from geo.settings import read_settings
from geo.texts import venues as venues_texts
from geo.ui import venues
from geo.ui.session_state import keep_settings

HOSTILE = "=1+1 <img src=x onerror=alert(1)> **bold**"


@pytest.fixture
def data_dir(one: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the county that a test may change."""
    shutil.copytree(one, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("CROSSROADS_DATA_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def page(app: AppTest) -> AppTest:
    app.run()
    app.switch_page("views/venues.py").run()
    assert not app.exception
    return app


def book(county) -> list:
    keep_settings(read_settings())
    return venues.read_own_venues(county.gazetteer)


def test_a_venue_is_added_where_the_map_was_clicked_and_is_near(
    page: AppTest, browser, county, towns
) -> None:
    assert browser.scene.hint == venues_texts.EMPTY
    browser.pick(page, towns[0].point)
    assert browser.scene.origin == towns[0].point
    page.text_input(key="venue-name").input(HOSTILE)
    page.selectbox(key="venue-status").set_value("office")
    page.number_input(key="venue-staff").set_value(5)
    page.button(key="venue-save").click().run()
    assert not page.exception
    (venue,) = book(county)
    assert (venue.place.name, venue.status, venue.staff) == (HOSTILE, "office", 5)
    (card,) = browser.scene.cards
    assert (card.title, card.headline, browser.scene.origin) == (HOSTILE, "Our office", None)
    page.switch_page("views/near.py").run()
    browser.type(page, towns[0].point)
    assert venue.place.osm_id in [one.id for one in browser.scene.cards]
    page.switch_page("views/venues.py").run()
    browser.select(page, venue.place.osm_id)
    page.button(key="venue-remove").click().run()
    assert book(county) == []
    page.switch_page("views/near.py").run()
    assert venue.place.osm_id not in [one.id for one in browser.scene.cards]


def test_a_name_is_needed_and_a_point_near_a_road(page: AppTest, browser, county, towns) -> None:
    browser.type(page, towns[0].point, "Main Street")
    page.button(key="venue-save").click().run()
    assert page.toast[0].value == venues_texts.NEEDS_NAME
    assert book(county) == []
    page.button(key="venue-cancel").click().run()
    assert not [one for one in page.button if one.key == "venue-save"]
    browser.pick(page, Point(-100.0, 40.0))
    assert not [one for one in page.button if one.key == "venue-save"]
    assert "nearest road" in page.toast[0].value


def test_the_good_rows_of_a_file_are_taken_and_the_bad_ones_told(
    page: AppTest, browser, county
) -> None:
    cafe = next(p for p in county.places if p.kind == "cafe" and p.name)
    rows = (
        "id,name,lat,lon,kind,status,capacity\n"
        f"hq,Head Office,47.10774,-86.60425,coworking,office,40\nbad,Bad,47.1,-86.6,castle,,\n"
        f"{cafe.osm_id},,,,,never,\n"
    )
    page.file_uploader(key="venue-file").set_value(("venues.csv", rows.encode(), "text/csv")).run()
    told = "\n".join(one.value for one in page.markdown).replace("\\", "")
    assert "line 3" in told
    assert "castle" in told
    assert book(county) == []
    page.button(key="venue-import").click().run()
    assert [one.place.osm_id for one in book(county)] == ["own:hq", cafe.osm_id]
    assert [card.headline for card in browser.scene.cards] == ["Our office", "Avoid"]
    page.switch_page("views/near.py").run()
    browser.type(page, cafe.point)
    assert cafe.osm_id not in [one.id for one in browser.scene.cards]
