"""From an address that no region covers to fresh places around it, as a person does it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from geo import texts
from geo.region import Region, list_regions
from geo.texts import regions as regions_texts
from tests.browser.conftest import MAP, ROOT, Watch, serve
from tests.conftest import village_xml
from tests.ui.internet import Internet, small_internet

pytestmark = pytest.mark.browser

SLOW_MS = 90_000  # the first search of a process may wait for what is made ready beside it
WHERE = "52.0181, -0.4709"
BEYOND = "52.0181, -0.36"
BORDER = "52.0181, -0.4416"


@pytest.fixture
def internet(tmp_path: Path) -> Iterator[Internet]:
    with small_internet(tmp_path) as services:
        yield services


@pytest.fixture
def address(internet: Internet, county: Region, regions_dir: Path, tmp_path: Path) -> Iterator[str]:
    """The address of an app with the sample county and an internet of its own."""
    data_dir = tmp_path / "site"
    shutil.copytree(regions_dir / county.name, data_dir / "regions" / county.name)
    environ = {**internet.environment, "CROSSROADS_DATA_DIR": str(data_dir)}
    yield from serve(ROOT / "app.py", data_dir, environ=environ)


@pytest.fixture
def pane(desktop: BrowserContext, address: str) -> Iterator[Page]:
    watch = Watch(address)
    page = desktop.new_page()
    watch.follow(page)
    page.goto(address)
    page.locator(MAP).wait_for(timeout=60_000)
    yield page
    page.close()
    assert watch.troubles == []


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def accessible(page: Page) -> None:
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"], "resultTypes": ["violations"]}
    found = Axe().run(page, options=rules)
    assert not found.response["violations"], found.generate_report()


def get_both_sides(pane: Page) -> None:
    """Lead from beyond the village's border to one region of both sides, and search at it."""
    box = pane.get_by_role("combobox", name=texts.START)
    box.fill(BEYOND)
    box.press("Enter")
    button(pane, regions_texts.ADD_REGION_THERE).click()
    expect(pane.get_by_text("Combined with Village")).to_be_visible()
    accessible(pane)
    button(pane, "Download Village and Ten Lanes").click()
    button(pane, "Show Village-neighbour").click()
    box = pane.get_by_role("combobox", name=texts.START)
    box.fill(BORDER)
    box.press("Enter")
    expect(pane.locator(".card").filter(has_text="Fresh Kettle")).to_be_visible(timeout=SLOW_MS)
    expect(pane.locator(".card").filter(has_text="The Far Cup")).to_be_visible()


def test_from_an_unknown_address_to_fresh_places(
    pane: Page, internet: Internet, tmp_path: Path
) -> None:
    box = pane.get_by_role("combobox", name=texts.START)
    box.press_sequentially("7 Lane 3", delay=10)
    pane.get_by_role("option", name=texts.SEARCH_WEB).click()
    expect(pane.get_by_text("only this text is sent to")).to_be_visible()
    button(pane, regions_texts.CLOSE_OFFER).click()
    assert internet.server.log == []

    box.fill(WHERE)
    box.press("Enter")
    expect(pane.get_by_text(regions_texts.ADD_REGION_THERE_HELP)).to_be_visible()
    accessible(pane)
    button(pane, regions_texts.ADD_REGION_THERE).click()
    expect(pane.get_by_text(regions_texts.POINT_HELP)).to_be_visible()
    expect(pane.get_by_role("checkbox", name="Nine Lanes · Europe")).to_be_checked()
    expect(pane.get_by_text("to download; building needs")).to_be_visible()
    accessible(pane)

    internet.gate.clear()
    button(pane, "Download Nine Lanes").click()
    button(pane, regions_texts.STOP).click()
    expect(
        pane.get_by_text(regions_texts.STOPPED)
    ).to_be_visible()  # while the server is still silent
    internet.gate.set()
    assert list_regions(tmp_path / "site" / "regions") == ["county"]
    button(pane, "Download Nine Lanes").click()
    button(pane, "Show Village").click()
    expect(pane.get_by_text("© OpenStreetMap contributors").first).to_be_visible()

    internet.change(village_xml(cafe="Fresh Kettle"))
    box = pane.get_by_role("combobox", name=texts.START)
    box.fill(WHERE)
    box.press("Enter")
    expect(pane.locator(".card").first).to_contain_text("The Kettle", timeout=SLOW_MS)
    pane.get_by_role("button", name=regions_texts.REFRESH).click()
    button(pane, regions_texts.REFRESH_NOW).click()
    expect(pane.locator(".card").first).to_contain_text("Fresh Kettle")
    expect(pane.get_by_text("1 changed")).to_be_visible()

    box.fill("")
    box.press_sequentially("fresh ket", delay=10)
    expect(pane.get_by_role("option", name="Fresh Kettle")).to_be_visible()  # found by name too
    get_both_sides(pane)

    internet.server.stop()
    pane.get_by_role("button", name=texts.MORE).click()
    pane.get_by_role("link", name=texts.REGIONS).click()
    pane.get_by_role("textbox", name=regions_texts.WHERE).fill("nine lanes")
    expect(pane.get_by_role("heading", name="Village", exact=True)).to_be_visible()
    expect(pane.get_by_text("Places refreshed; data of")).to_be_visible()
    asked = [entry[0].url for entry in internet.server.log]
    assert not any("52.0" in url or "Lane" in url for url in asked)
    assert not any("52.018" in query for query in internet.queries)
