"""Nothing serious stands in the way of anybody, by axe-core, on each page by day and by night."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, expect

from geo import texts
from tests.browser.access import serious_by_day_and_night

pytestmark = pytest.mark.browser

PATHS = {
    "near": "?region=county",
    "answer": "?region=county&from=47.10774,-86.60425,Gimbalfield",
    "halfway": "halfway?region=county&from=47.10774,-86.60425,Gimbalfield&from=47.09,-86.80,B",
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_a_page_with_a_map(visit, desktop: BrowserContext, path: str) -> None:
    page = visit(desktop, path)
    if "from" in path:
        expect(page.locator(".card").first).to_be_visible()
        page.get_by_role("button", name=texts.SHARE).click()
        expect(page.get_by_role("button", name="GPX")).to_be_visible()
    else:
        page.get_by_role("combobox").press_sequentially("omb")
        expect(page.get_by_role("option").first).to_be_visible()
    assert serious_by_day_and_night(page) == []


def test_the_regions_page(visit, desktop: BrowserContext) -> None:
    page = visit(desktop, "regions", wait_for="h3")
    page.get_by_role("button", name=texts.REMOVE_REGION).first.click()
    expect(page.get_by_role("button", name="Yes, remove")).to_be_visible()
    assert serious_by_day_and_night(page) == []
