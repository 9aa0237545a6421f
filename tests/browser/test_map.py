"""The map in a real browser: what reaches Python, what stays, and what text can do."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FloatRect, Page, expect

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)>"


def said(page: Page, text: str) -> None:
    expect(page.get_by_text(f"said {text}")).to_be_visible(timeout=20_000)


def runs(page: Page) -> str:
    return page.get_by_text("run ", exact=False).first.inner_text()


def box(page: Page, selector: str) -> FloatRect:
    found = page.locator(selector).bounding_box()
    assert found is not None
    return found


def settled(page: Page) -> None:
    """Wait until the map has drawn two frames."""
    page.evaluate(
        "() => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)))"
    )


def test_a_click_on_the_ground_moves_the_start(page: Page, watch) -> None:
    stage = box(page, ".canvas")
    page.mouse.click(stage["x"] + stage["width"] * 0.75, stage["y"] + stage["height"] * 0.25)
    said(page, "picked 42.5")
    assert runs(page) == "run 2"  # one run shows the answer
    assert watch.troubles == []


def test_dragging_the_star_moves_the_start(page: Page) -> None:
    star = box(page, ".origin")
    x, y = star["x"] + star["width"] / 2, star["y"] + star["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y - 40, steps=6)
    page.mouse.up()
    said(page, "picked 42.5")


def test_enter_starts_at_the_crosshair_and_escape_closes(page: Page) -> None:
    page.locator(".maplibregl-canvas").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    said(page, "picked 42.5")
    page.locator(".card-main").first.click()
    said(page, "selected a")
    page.locator(".maplibregl-canvas").focus()
    page.keyboard.press("Escape")
    said(page, "selected None")


def test_a_card_opens_and_its_pin_with_it(page: Page) -> None:
    page.locator(".card-main").first.click()
    said(page, "selected a")
    expect(page.locator(".pin.selected .pin-label")).to_have_text("1")
    expect(page.locator(".card.selected .card-more")).to_be_visible()


def test_hovering_lights_the_twin_without_a_run(page: Page) -> None:
    before = runs(page)
    page.locator(".card").first.hover()
    expect(page.locator(".pin.lit .pin-label")).to_have_text("1")
    page.locator(".pin", has_text="1").first.hover()
    expect(page.locator(".card.lit .card-number")).to_have_text("1")
    assert runs(page) == before


def test_pan_and_zoom_do_not_run_the_page(page: Page) -> None:
    before = runs(page)
    star = box(page, ".origin")
    stage = box(page, ".canvas")
    x, y = stage["x"] + stage["width"] * 0.8, stage["y"] + stage["height"] * 0.8
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 120, y - 60, steps=8)
    page.mouse.up()
    page.get_by_role("button", name="Zoom in").click()
    origin = page.locator(".origin").element_handle()
    moved = "([node, x]) => Math.abs(node.getBoundingClientRect().x - x) > 40"
    page.wait_for_function(moved, arg=[origin, star["x"]])
    settled(page)
    assert runs(page) == before


def test_the_camera_survives_a_run(page: Page) -> None:
    page.get_by_role("button", name="Zoom in").click()
    settled(page)
    page.locator(".card-main").first.click()
    said(page, "selected a")
    first = box(page, ".origin")
    page.locator(".card-main").first.click()
    said(page, "selected None")
    assert box(page, ".origin") == pytest.approx(first, abs=2)


def test_close_pins_share_one_with_a_count(page: Page) -> None:
    expect(page.locator(".pin")).to_have_count(2)
    expect(page.locator(".pin-count", has_text="+1")).to_be_visible()
    page.locator(".card").nth(2).hover()
    expect(page.locator(".pin.lit .pin-label")).to_have_text("2")


def test_hostile_text_shows_as_text_everywhere(page: Page, watch) -> None:
    page.locator(".card-main").first.click()
    said(page, "selected a")
    for selector in (".card-title", ".hint", ".status", ".chip", ".card-more p", ".badge"):
        expect(page.locator(selector).first).to_have_text(HOSTILE)
    assert page.locator(".crossroads img").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0
    expect(page.locator("span.link", has_text="Trap")).to_be_visible()
    expect(page.locator("a.link")).to_have_attribute("rel", "noopener noreferrer")
    assert watch.troubles == []


def test_the_theme_changes_the_ground(page: Page, watch) -> None:
    before = runs(page)
    ink = "node => getComputedStyle(node).color"
    heading = page.locator(".heading")
    day = heading.evaluate(ink)
    page.emulate_media(color_scheme="dark")
    expect(page.locator(".crossroads.dark")).to_be_attached()
    assert heading.evaluate(ink) != day
    assert runs(page) == before
    assert watch.troubles == []


def test_the_map_does_not_fade_while_the_page_runs(page: Page) -> None:
    container = page.locator("[data-testid=stElementContainer]:has(.stBidiComponent)")
    expect(container).to_have_attribute("data-crossroads-steady", "")
    container.evaluate("node => (node.style.opacity = 0.3)")
    assert container.evaluate("node => getComputedStyle(node).opacity") == "1"
    others = page.locator("[data-testid=stElementContainer]:not(:has(.stBidiComponent))")
    expect(others.first).not_to_have_attribute("data-crossroads-steady", "")


def test_attribution_and_scale_are_always_there(page: Page) -> None:
    expect(page.locator(".attribution a")).to_have_text("© OpenStreetMap contributors")
    expect(page.locator(".attribution a")).to_be_visible()
    expect(page.locator(".maplibregl-ctrl-scale")).to_be_visible()
    expect(page.locator(".legend")).to_have_text("10 min")


def test_a_tap_moves_nothing_and_a_long_press_does(phone: Page, watch) -> None:
    stage = box(phone, ".canvas")
    x, y = stage["x"] + stage["width"] * 0.5, stage["y"] + stage["height"] * 0.72
    before = runs(phone)
    phone.touchscreen.tap(x, y)
    settled(phone)
    assert runs(phone) == before
    touch = phone.context.new_cdp_session(phone)
    touch.send(
        "Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]}
    )
    said(phone, "picked 42.")
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert watch.troubles == []


def test_a_tapped_pin_says_what_it_is_and_leads_to_its_card(phone: Page, watch) -> None:
    phone.locator(".pin", has_text="1").first.tap()
    expect(phone.locator(".bubble strong")).to_have_text(HOSTILE)
    said(phone, "selected a")
    phone.get_by_role("button", name="Details").tap()
    expect(phone.locator(".card.selected .card-more")).to_be_in_viewport()
    assert watch.troubles == []


def test_nothing_serious_stands_in_the_way_of_anybody(page: Page) -> None:
    page.locator(".card-main").first.click()
    said(page, "selected a")
    report = Axe().run(page, context=".stBidiComponent")
    serious = [
        one for one in report.response["violations"] if one["impact"] in {"serious", "critical"}
    ]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in serious] == []


def test_a_phone_has_the_map_above_the_list_and_no_sideways_scroll(phone: Page) -> None:
    stage, cards = box(phone, ".stage"), box(phone, ".cards")
    assert stage["y"] + stage["height"] <= cards["y"]
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    for button in phone.locator(".buttons button").all():
        size = button.bounding_box()
        assert size is not None
        assert min(size["width"], size["height"]) >= 44


def test_the_bands_of_one_browser_are_not_served_to_another(page: Page, chromium: Browser) -> None:
    with page.expect_response("**/crossroads/areas/*") as caught:
        page.reload()
    answer = caught.value
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "1.5" not in answer.url
    stranger = chromium.new_context()
    assert stranger.request.get(answer.url).status == 404
    stranger.close()
