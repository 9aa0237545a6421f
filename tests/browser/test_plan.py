"""Plan meetups, Coverage and Own venues as a person uses them."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from icalendar import Calendar
from openpyxl import load_workbook
from playwright.sync_api import BrowserContext, Page, expect

from geo import texts
from geo.region.build import sample_path
from geo.texts import coverage as coverage_texts
from geo.texts import plan as plan_texts
from geo.texts import roster as roster_texts
from geo.texts import venues as venues_texts
from tests.browser.access import serious_by_day_and_night, wait_for_rest

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)>"
PLAN_MS = 120_000  # a plan of the sample takes a second; a machine that does much beside, minutes
START = ".st-key-roster-filter"


def use_sample(page: Page) -> None:
    page.get_by_role("button", name=roster_texts.SAMPLE).click()
    page.get_by_role("button", name="Use these 24 people").click()


def planned(page: Page) -> None:
    expect(page.locator(".numbers")).to_be_visible(timeout=PLAN_MS)
    expect(page.locator(".st-key-running")).to_have_count(0, timeout=PLAN_MS)
    expect(page.locator(".card").first).to_be_visible()


def test_from_a_file_to_a_locked_plan_and_its_pack(
    visit, desktop: BrowserContext, tmp_path: Path
) -> None:
    page = visit(desktop, "plan?region=county", wait_for=START)
    roster = sample_path().with_name("roster.csv").read_text("utf-8")
    broken = tmp_path / "staff.csv"
    broken.write_text(f"{roster}{HOSTILE},x,Atlas,Nowhere at all,,,,,,\n", "utf-8")
    page.locator("input[type=file]").set_input_files(broken)
    expect(page.get_by_text("line 26")).to_be_visible()
    page.get_by_role("button", name="Use these 24 people").click()
    page.get_by_role("button", name=plan_texts.ANY_DAY).click()
    page.get_by_text(plan_texts.ON_A_DAY).click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name=plan_texts.PLAN_MEETUPS, exact=True).click()
    planned(page)
    expect(page.get_by_text("(proven)")).to_be_visible()
    first = page.locator(".card-title").first.inner_text()
    page.locator(".card-main").first.click()
    page.get_by_role("button", name=f"Lock {first} and plan again").click()
    expect(page.get_by_text(f"Locked: {first}")).to_be_visible(timeout=PLAN_MS)
    planned(page)
    assert first in page.locator(".card-title").all_inner_texts()
    page.get_by_role("tab", name=plan_texts.CURVE).click()
    point = page.get_by_role("button", name="3 meetups:")
    point.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".numbers dd").first).to_have_text("3", timeout=PLAN_MS)
    planned(page)
    expect(page.get_by_role("button", name="3 meetups:")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("tab", name=plan_texts.COMPARE).click()
    expect(page.get_by_text("another place").first).to_be_visible()
    page.get_by_role("tab", name=plan_texts.SAVE, exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name=plan_texts.PACK).click()
    check_pack(Path(download.value.path()).read_bytes(), first)


def check_pack(content: bytes, locked: str) -> None:
    archive = zipfile.ZipFile(io.BytesIO(content))
    plan = json.loads(archive.read("plan.json"))
    assert len(plan["meetups"]) == 3
    assert locked in [one["place"]["name"] for one in plan["meetups"]]
    people = load_workbook(io.BytesIO(archive.read("plan.xlsx"))).worksheets[1]
    assert people.max_row == 25
    own = [name for name in archive.namelist() if name.startswith("attendees/")]
    assert len([name for name in own if name.endswith(".ics")]) == 24
    event = Calendar.from_ical(archive.read("attendees/p01.ics")).walk("VEVENT")[0]
    assert "p02" not in str(event["DESCRIPTION"])


def test_who_is_left_out_is_placed_by_a_repair(visit, desktop: BrowserContext) -> None:
    page = visit(desktop, "plan?region=county", wait_for=START)
    use_sample(page)
    page.get_by_role("button", name="Within 60").click()
    page.get_by_role("spinbutton", name=texts.MINUTES).fill("12")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.get_by_role("button", name=plan_texts.PLAN_MEETUPS, exact=True).click()
    planned(page)
    page.get_by_role("button", name="Drive up to").click()
    expect(page.locator(".st-key-left-out")).to_have_count(0)
    planned(page)


def test_hostile_rosters_show_as_text(visit, desktop: BrowserContext, tmp_path: Path) -> None:
    page = visit(desktop, "plan?region=hostile", wait_for=START)
    path = tmp_path / f"{HOSTILE.replace('/', '')}.csv"
    rows = [f'"{HOSTILE}{i}","{HOSTILE}",52.0{i}81,-0.47' for i in range(1, 4)]
    path.write_text("\n".join(["id,team,lat,lon", *rows]), "utf-8")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Use these 3 people").click()
    page.get_by_role("button", name=plan_texts.PLAN_MEETUPS, exact=True).click()
    planned(page)
    page.locator(".card-main").first.click()
    expect(page.get_by_role("button", name=f"Lock {HOSTILE}")).to_be_visible()
    expect(page.locator(".card-more")).to_contain_text(f"{HOSTILE}1")
    page.get_by_role("button", name="3 people", exact=True).click()
    expect(page.locator(".st-key-roster-body")).to_contain_text("<img")
    assert page.locator("img[src=x]").count() == 0


def test_a_hostile_venue_is_added_shown_and_removed(visit, desktop: BrowserContext) -> None:
    page = visit(desktop, "venues?region=hostile")
    page.get_by_role("combobox", name=venues_texts.ADD).fill("52.0100, -0.4800")
    page.keyboard.press("Enter")
    page.get_by_role("textbox", name=venues_texts.NAME).first.fill(HOSTILE)
    page.get_by_role("button", name=venues_texts.SAVE).click()
    page.locator(".card-main", has_text=HOSTILE).click()
    page.get_by_role("tab", name=venues_texts.FILE).click()
    wait_for_rest(page)  # a run makes the file anew
    with page.expect_download() as download:
        page.get_by_role("button", name=venues_texts.DOWNLOAD).click()
    assert HOSTILE in Path(download.value.path()).read_text("utf-8-sig")
    assert page.locator("img[src=x]").count() == 0
    page.get_by_role("button", name=f"Remove {HOSTILE}").click()
    expect(page.locator(".card")).to_have_count(0)


def test_nothing_serious_stands_in_the_way(visit, desktop: BrowserContext) -> None:
    page = visit(desktop, "plan?region=county", wait_for=START)
    assert serious_by_day_and_night(page) == []
    use_sample(page)
    page.get_by_role("button", name=plan_texts.PLAN_MEETUPS, exact=True).click()
    planned(page)
    page.get_by_role("tab", name=plan_texts.CURVE).click()
    expect(page.get_by_role("button", name="3 meetups:")).to_be_visible()
    assert serious_by_day_and_night(page) == []
    page.get_by_role("link", name=texts.COVERAGE).click()
    expect(page.get_by_role("tab", name=coverage_texts.BY_KIND)).to_be_visible()
    expect(page.locator(".legend li")).to_have_count(4)
    assert serious_by_day_and_night(page) == []
    page.get_by_role("button", name=texts.MORE).click()
    expect(page.get_by_role("link", name=texts.VENUES)).to_be_visible()
    assert serious_by_day_and_night(page) == []
    page.get_by_role("link", name=texts.VENUES).click()
    expect(page.get_by_role("tab", name=venues_texts.TABLE)).to_be_visible()
    assert serious_by_day_and_night(page) == []


def test_a_phone_plans_too(visit, pocket: BrowserContext) -> None:
    page = visit(pocket, "plan?region=county", wait_for=START)
    use_sample(page)
    make = page.get_by_role("button", name=plan_texts.PLAN_MEETUPS, exact=True)
    expect(make).to_be_in_viewport()
    make.click()
    planned(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("link", name=texts.COVERAGE).click()
    expect(page.locator(".numbers")).to_contain_text("of 24")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name=texts.MORE).click()
    page.get_by_role("link", name=texts.VENUES).click()
    expect(page.get_by_role("button", name=texts.VENUES)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
