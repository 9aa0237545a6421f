"""What surrounds a plan, as a person uses it: stopping, the office, files, venues, coverage."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from openpyxl import load_workbook
from playwright.sync_api import BrowserContext, Page, expect

from geo import texts
from geo.region.build import sample_path
from geo.texts import coverage as coverage_texts
from geo.texts import plan as plan_texts
from geo.texts import venues as venues_texts
from tests.browser.test_plan import PLAN_MS, START, planned, use_sample

pytestmark = pytest.mark.browser

OFFICE = "id,name,lat,lon,kind,status,staff\nhq,Head Office,47.10774,-86.60425,coworking,office,5\n"
READERS: dict[str, Callable[[bytes], int]] = {
    "xlsx": lambda content: load_workbook(io.BytesIO(content)).worksheets[1].max_row - 1,
    "csv": lambda content: len(list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))),
    "json": lambda content: sum(len(m["attendees"]) for m in json.loads(content)["meetups"]),
    "geojson": lambda content: sum(
        feature["properties"].get("people", 0) for feature in json.loads(content)["features"]
    ),
    "kml": lambda content: 24 * ElementTree.fromstring(content).tag.endswith("kml"),  # noqa: S314
    "html": lambda content: 24 * (b"<svg" in content),
}
"""By ending, how many people a file is about."""


def large_roster(path: Path) -> Path:
    """Write a roster of so many people that a plan with groups takes a while."""
    with sample_path().with_name("roster.csv").open(encoding="utf-8") as file:
        homes = [(float(row["lat"]), float(row["lon"])) for row in csv.DictReader(file)]
    random = np.random.default_rng(1)
    lines = ["id,lat,lon"]
    for number in range(400):
        lat, lon = homes[number % len(homes)] + random.normal(0, 0.02, 2)
        lines.append(f"w{number},{lat:.5f},{lon:.5f}")
    path.write_text("\n".join(lines), "utf-8")
    return path


def saved(page: Page, button: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=button, exact=True).click()
    return Path(download.value.path()).read_bytes()


def test_stop_gives_the_best_plan_so_far(visit, desktop: BrowserContext, tmp_path: Path) -> None:
    page = visit(desktop, "plan?region=county", wait_for=START)
    page.locator("input[type=file]").set_input_files(large_roster(tmp_path / "staff.csv"))
    page.get_by_role("button", name="Use these").click()
    page.get_by_role("button", name=plan_texts.GROUPS).click()
    page.get_by_role("spinbutton", name=plan_texts.AT_MOST).fill("9")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.get_by_role("button", name=plan_texts.PLAN_MEETUPS, exact=True).click()
    page.get_by_role("button", name=plan_texts.STOP).click()
    planned(page)
    expect(page.locator(".numbers dd").first).not_to_have_text("0")


def test_an_office_is_weighed_and_every_file_opens(
    visit, desktop: BrowserContext, tmp_path: Path
) -> None:
    table = tmp_path / "venues.csv"
    table.write_text(OFFICE, "utf-8")
    page = visit(desktop, "venues?region=county")
    page.get_by_role("tab", name=venues_texts.FILE).click()
    page.locator("input[type=file]").set_input_files(table)
    page.get_by_role("button", name=venues_texts.ADD_VENUES.format(count=1)).click()
    expect(page.locator(".card-title").first).to_have_text("Head Office")
    page.get_by_role("link", name=texts.PLAN).click()
    page.locator(START).wait_for()
    use_sample(page)
    page.get_by_role("button", name=plan_texts.PLAN_MEETUPS, exact=True).click()
    planned(page)
    page.get_by_role("tab", name=plan_texts.OFFICE).click()
    page.get_by_role("button", name=plan_texts.COMPARE_OFFICE).click()
    expect(page.get_by_role("cell", name="Meet at the office")).to_be_visible(timeout=PLAN_MS)
    page.get_by_role("tab", name=plan_texts.SAVE, exact=True).click()
    for ending, count in READERS.items():
        assert count(saved(page, plan_texts.FILES[ending])) == 24, ending


def test_coverage_tells_who_has_none_and_what_would_help(visit, desktop: BrowserContext) -> None:
    page = visit(desktop, "coverage?region=county", wait_for=START)
    expect(page.get_by_role("heading", name=coverage_texts.ROSTER_PROMPT.title)).to_be_visible()
    use_sample(page)
    expect(page.locator(".legend li")).to_have_count(4)
    page.get_by_role("button", name="Within 30, 45").click()
    page.get_by_text(texts.minutes(15), exact=True).click()
    page.keyboard.press("Escape")
    expect(page.locator(".legend li")).to_have_count(5)
    expect(page.locator(".card").first).to_contain_text(coverage_texts.SUGGESTED)
    page.get_by_role("tab", name=coverage_texts.BY_PERSON).click()
    expect(page.get_by_text(coverage_texts.FALLBACK_HELP)).to_be_visible()
    page.get_by_role("tab", name=coverage_texts.SAVE).click()
    people = list(csv.DictReader(io.StringIO(saved(page, "CSV").decode("utf-8-sig"))))
    assert len(people) == 24
    lacking = [row for row in people if row["covered"] == "no"]
    assert lacking
    assert all(row["fallback"] for row in lacking)
    features = json.loads(saved(page, "GeoJSON"))["features"]
    assert {one["geometry"]["type"] for one in features} == {"Point"}
    assert all(one["properties"]["name"] for one in features)


def test_a_cell_of_the_table_of_venues_is_changed(visit, desktop: BrowserContext) -> None:
    page = visit(desktop, "venues?region=county")
    expect(page.locator(".card-title").first).to_have_text("Head Office")
    page.locator(".crossroads[data-drawn]").wait_for()  # a busy page drops keys of the table
    page.locator(".dvn-scroller").first.dblclick(position={"x": 90, "y": 52})
    page.locator(".gdg-input").first.wait_for()
    page.keyboard.press("Control+a")
    page.keyboard.type("Old Mill", delay=50)  # as a person does: the table follows each key
    expect(page.locator(".gdg-input").first).to_have_value("Old Mill")
    page.keyboard.press("Enter")
    expect(page.locator(".card-title").first).to_have_text("Old Mill")
