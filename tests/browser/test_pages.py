"""The three pages as a person uses them."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from geo import texts
from geo.region import Region

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)>"
COUNTY = "?region=county"
SLOW_MS = 30_000


def answered(page: Page) -> None:
    expect(page.locator(".card").first).to_be_visible()


def start_box(page: Page):
    return page.get_by_role("combobox", name=texts.START)


def address_says(page: Page, text: str) -> None:
    page.wait_for_function("text => location.search.includes(text)", arg=text, timeout=SLOW_MS)


@pytest.fixture
def town_link(county: Region) -> str:
    """The path that opens the county from a settlement in its middle."""
    town = county.gazetteer.nearest_settlement(county.bbox.center)
    assert town is not None
    return f"?region=county&from={town.point.lat:.5f},{town.point.lon:.5f},{town.label}&minutes=30"


def test_a_newcomer_gets_an_answer_by_one_click(visit, desktop: BrowserContext, measured) -> None:
    began = time.perf_counter()
    page = visit(desktop, COUNTY)
    drawn_s = time.perf_counter() - began
    paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
    measured(f"first paint {page.evaluate(paint):.0f} ms, map drawn {drawn_s:.1f} s")
    expect(page.get_by_role("heading", level=1)).to_have_text(texts.NEAR_INTRO)
    expect(page.get_by_text(texts.FICTIONAL).first).to_be_visible()
    page.get_by_role("button", name="Start in").click()
    answered(page)
    expect(page.locator(".heading")).to_contain_text("places within 30")
    expect(page.locator(".heading")).to_be_focused()  # the button is gone: Tab goes on here
    expect(page.locator(".legend li")).to_have_text(["10 min", "20 min", "30 min", "colleagues"])
    address_says(page, "from=")


def test_an_address_without_a_page_says_so_and_leads_on(site: str, desktop: BrowserContext) -> None:
    page = desktop.new_page()
    answer = page.goto(site + "nowhere?region=county")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text(texts.PAGE_NOT_FOUND)
    page.get_by_role("link", name=texts.HALFWAY).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(texts.HALFWAY_INTRO)
    page.close()


def test_names_are_offered_as_one_types_and_the_keyboard_takes_one(
    visit, desktop: BrowserContext, county: Region
) -> None:
    page = visit(desktop, COUNTY)
    box = start_box(page)
    box.press_sequentially("ombr", delay=20)
    names = page.get_by_role("option")
    expect(names.first).to_contain_text("Ombrelby")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(box).to_have_attribute("aria-activedescendant", "name-0")
    box.press("ArrowDown")
    expect(names.nth(1)).to_have_attribute("aria-selected", "true")
    box.press("ArrowUp")
    box.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press("ArrowDown")
    expect(names.first).to_be_visible()
    box.press("Enter")
    answered(page)
    address_says(page, "Ombrelby")
    assert "Ombrelby" in box.input_value()


CLOCK = """() => {
  const holds = (node) => node.shadowRoot?.querySelector('.crossroads');
  const frame = holds([...document.querySelectorAll('*')].find(holds));
  const clock = (window.clock = {});
  const note = (name) => {
    if (clock.began) clock[name] ??= Math.round(performance.now() - clock.began);
  };
  const start = () => (clock.began ??= performance.now());
  addEventListener('keydown', start, { once: true, capture: true });
  const list = frame.querySelector('.list');
  new MutationObserver(() => note('list')).observe(list, { childList: true });
  new MutationObserver(() => note('rest')).observe(frame, { attributeFilter: ['data-drawn'] });
  new PerformanceObserver((seen) => {
    for (const { name, startTime } of seen.getEntries()) {
      if (!name.includes('/areas/')) continue;
      note('bands');
      (clock.asked ??= []).push(Math.round(startTime - clock.began));
    }
  }).observe({ type: 'resource' });
}"""


def test_a_new_start_shows_its_list_bands_and_map(
    visit, desktop: BrowserContext, town_link: str, county: Region, measured
) -> None:
    page = visit(desktop, town_link)
    answered(page)
    middle, box, clocks = county.bbox.center, start_box(page), []
    for step in range(3):
        box.fill(f"{middle.lat + 0.02 * step:.4f}, {middle.lon + 0.05:.4f}")
        expect(page.get_by_role("option")).to_have_count(1)
        page.evaluate(CLOCK)
        box.press("Enter")
        page.wait_for_function("() => clock.list && clock.bands && clock.rest", timeout=SLOW_MS)
        clocks.append(page.evaluate("() => clock"))
        [asked] = clocks[-1].pop("asked")  # once, and before the page has answered
        assert asked < clocks[-1]["list"]
    best = {name: min(clock[name] for clock in clocks) for name in ("list", "bands", "rest")}
    measured("new start: list {list} ms, bands {bands} ms, map at rest {rest} ms".format(**best))


def test_a_start_beyond_the_region_leaves_the_answer_as_it_is(
    visit, desktop: BrowserContext, town_link: str
) -> None:
    page = visit(desktop, town_link)
    answered(page)
    seen = page.locator(".card-title").all_inner_texts()
    start_box(page).fill("10, 10")
    expect(page.get_by_role("option")).to_have_count(1)
    with page.expect_event("requestfailed", lambda one: "/areas/" in one.url):  # asked in vain
        start_box(page).press("Enter")
    expect(page.locator(".st-key-other-region")).to_be_visible()
    assert page.locator(".card-title").all_inner_texts() == seen
    expect(page.locator(".progress.waiting")).to_have_count(0)


def test_what_is_typed_is_in_no_address(visit, desktop: BrowserContext) -> None:
    page = visit(desktop, COUNTY)
    with page.expect_request("**/crossroads/suggest/**") as caught:
        start_box(page).press_sequentially("secret qqq zzz", delay=5)
    assert caught.value.method == "POST"
    assert "secret" not in caught.value.url
    expect(page.get_by_text("was not found in county").first).to_be_visible()
    start_box(page).fill("47.1, -86.6")
    expect(page.get_by_role("option")).to_have_count(1)
    start_box(page).press("Enter")
    answered(page)


def test_a_click_on_the_map_starts_there_and_a_card_draws_its_route(
    visit, desktop: BrowserContext, town_link: str
) -> None:
    page = visit(desktop, town_link)
    answered(page)
    before = page.url
    stage = page.locator(".canvas").bounding_box()
    assert stage is not None
    with page.expect_response("**/crossroads/areas/*"):
        page.mouse.click(stage["x"] + stage["width"] * 0.4, stage["y"] + stage["height"] * 0.62)
    page.wait_for_function("url => location.href !== url", arg=before)
    card = page.locator(".card-main").nth(1)
    card.click()
    expect(page.locator(".card.selected .card-more")).to_be_visible()
    expect(page.locator(".pin.selected")).to_be_visible()
    expect(page.get_by_role("link", name=texts.EDIT_ON_OSM).first).to_have_attribute(
        "rel", "noopener noreferrer"
    )


def test_a_shared_link_opens_the_same_view_also_after_going_back(
    visit, desktop: BrowserContext, town_link: str
) -> None:
    page = visit(desktop, town_link + "&kind=cafe&kind=library&roads=mud")
    answered(page)
    seen = page.locator(".card-title").all_inner_texts()
    page.reload()
    answered(page)
    assert page.locator(".card-title").all_inner_texts() == seen
    expect(page.get_by_role("button", name="Mud season")).to_be_visible()
    page.get_by_role("link", name=texts.HALFWAY).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(texts.HALFWAY_INTRO)
    expect(page.get_by_role("button", name="Mud season")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(texts.NEAR_INTRO)
    answered(page)
    assert page.locator(".card-title").all_inner_texts() == seen
    start_box(page).fill("ombrelby")
    start_box(page).press("Enter")
    address_says(page, "Ombrelby")
    page.go_back()
    expect(start_box(page)).not_to_have_value("Ombrelby Mills")
    expect(page.locator(".card-title").first).to_have_text(seen[0])
    address_says(page, "kind=library")


def test_chips_change_the_question(visit, desktop: BrowserContext, town_link: str) -> None:
    page = visit(desktop, town_link)
    answered(page)
    page.get_by_role("button", name="Any place").click()
    page.get_by_role("button", name="Libraries").click()
    address_says(page, "kind=library")
    expect(page.locator(".card-kind").first).to_have_text("library")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Within 30").click()
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    address_says(page, "minutes=35")
    expect(page.locator(".heading")).to_contain_text("35")


def test_two_people_meet(visit, desktop: BrowserContext) -> None:
    page = visit(desktop, "halfway" + COUNTY)
    page.get_by_role("button", name="Try ").click()
    answered(page)
    expect(page.locator(".person")).to_have_count(2)
    expect(page.locator(".card").first.locator(".drive")).to_have_count(2)
    box = page.get_by_role("combobox", name=texts.ADD_START)
    box.press_sequentially("ulver", delay=20)
    page.get_by_role("option").first.click()
    expect(page.locator(".person")).to_have_count(3)
    expect(box).to_have_value("")
    address_says(page, "by=fairest")
    seen = page.locator(".card-title").all_inner_texts()
    page.reload()
    answered(page)
    expect(page.locator(".person")).to_have_count(3)
    assert page.locator(".card-title").all_inner_texts() == seen


def test_a_phone_shows_the_map_at_once(visit, pocket: BrowserContext, town_link: str) -> None:
    page = visit(pocket, town_link)
    answered(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    stage = page.locator(".stage").bounding_box()
    assert stage is not None
    assert stage["y"] < 200
    for link in (texts.NEAR, texts.HALFWAY, texts.PLAN, texts.COVERAGE):
        expect(page.get_by_role("link", name=link)).to_be_in_viewport()
    page.locator(".st-key-navigation").get_by_role("button", name=texts.MORE).click()
    for link in (texts.VENUES, texts.REGIONS):
        expect(page.get_by_role("link", name=link)).to_be_in_viewport()
    page.keyboard.press("Escape")
    page.get_by_role("button", name=texts.SHARE).click()
    expect(page.get_by_role("button", name="GPX")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_hostile_names_show_as_text_everywhere(visit, desktop: BrowserContext) -> None:
    page = visit(desktop, "?region=hostile&from=52.0100,-0.4800,&minutes=30")
    answered(page)
    assert start_box(page).input_value() == f"near {HOSTILE}"
    page.locator(".card-main", has_text=HOSTILE).click()
    page.get_by_role("button", name=texts.SHARE).click()
    expect(page.get_by_text(f"Invite people to {HOSTILE}")).to_be_visible()
    page.keyboard.press("Escape")
    start_box(page).fill("img")
    expect(page.get_by_role("option").first).to_contain_text(HOSTILE)
    page.get_by_role("link", name=texts.HALFWAY).click()
    box = page.get_by_role("combobox", name=texts.ADD_START)
    box.fill("img")
    page.get_by_role("option").first.click()
    expect(page.get_by_role("button", name=f"1 · {HOSTILE}")).to_be_visible()
    assert page.locator("img[src=x]").count() == 0


def test_a_hostile_link_harms_nobody(visit, desktop: BrowserContext) -> None:
    page = visit(desktop, f"?region=hostile&from=52.0100,-0.4800,{HOSTILE}&kind={HOSTILE}")
    answered(page)
    assert start_box(page).input_value() == HOSTILE
    assert page.locator("img[src=x]").count() == 0
