"""The README's pictures, taken of the app with the sample county: ``make screenshots``."""

from __future__ import annotations

import io
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from geo.region.build import ensure_sample
from geo.texts import colleagues, plan, roster
from tests.browser.access import wait_for_rest
from tests.browser.conftest import CHROMIUM, FLAGS, MAP, ROOT, serve

DOCS = ROOT / "docs"
DESKTOP = {"viewport": {"width": 1360, "height": 860}, "locale": "en-US"}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "locale": "en-US",
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}
NEAR = "?region=county&from=47.10774,-86.60425,Gimbalfield&minutes=30"
HALFWAY = (
    "halfway?region=county&from=47.10774,-86.60425,Gimbalfield"
    "&from=47.09382,-86.80102,Drovenholt&from=47.07368,-86.52252,Rusketwick&minutes=45"
)
PLAN = "plan?region=county"
PAGES = {
    "near": NEAR,
    "halfway": HALFWAY,
    "plan": PLAN,
    "coverage": "coverage?region=county",
    "colleagues": "colleagues?region=county",
    "profile": "profile?region=county",
    "regions": "regions",
}
ON_A_PHONE = ("near", "halfway", "plan", "regions")


def main() -> int:
    """Take every picture."""
    if CHROMIUM is None:
        print("There is no Chromium on this machine.", file=sys.stderr)
        return 1
    DOCS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        ensure_sample(Path(folder) / "regions")
        server = serve(ROOT / "app.py", Path(folder))
        flags = [*FLAGS, "--font-render-hinting=none"]  # letters at their own distances
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        with closing(server), closing(browser):
            _take_all(browser, next(server))
    return 0


def _take_all(browser: Browser, site: str) -> None:
    dark = {**DESKTOP, "color_scheme": "dark"}
    for ending, options, names in (
        ("", DESKTOP, PAGES),
        ("-phone", PHONE, ON_A_PHONE),
        ("-dark", dark, ("near",)),
    ):
        for name in names:
            with closing(browser.new_context(**options)) as context:
                page = context.new_page()
                page.goto(site + PAGES[name])
                _wait(page, name, choose=options is not PHONE)
                wait_for_rest(page)
                _save(page, DOCS / f"{name}{ending}.png")


def _wait(page: Page, name: str, *, choose: bool) -> None:
    if name == "regions":
        page.locator("code").first.wait_for(timeout=60_000)
        return
    if name in {"plan", "coverage"}:
        _fill_desk(page, name)
    page.locator(MAP).wait_for(timeout=60_000)
    if name == "colleagues" and choose:
        _choose_two(page)
    elif name not in {"colleagues", "profile"}:
        page.locator(".card").first.wait_for(timeout=60_000)
    if choose and name == "near":
        page.locator(".card-main").nth(7).click()
        page.locator(".card.selected").wait_for()
    page.locator(".crossroads[data-drawn]").wait_for(timeout=60_000)
    page.wait_for_timeout(2000)  # what a choice changes is drawn by the processor here
    page.mouse.move(5, 5)


def _choose_two(page: Page) -> None:
    """Ask for a place to meet two of the sample colleagues."""
    for name in ("Wren", "Sol "):
        page.get_by_role("button", name=name).click()
        page.wait_for_load_state("networkidle")
    page.get_by_role("button", name=colleagues.SUGGEST).click()
    page.locator(".card").first.wait_for(timeout=60_000)


def _fill_desk(page: Page, name: str) -> None:
    """Put the sample roster on the desk, and make the plan of the page of plans."""
    page.get_by_role("button", name=roster.SAMPLE).click()
    page.get_by_role("button", name="Use these").click()
    if name == "plan":
        page.get_by_role("button", name=plan.PLAN_MEETUPS, exact=True).click()
    page.locator(".numbers").wait_for(timeout=60_000)


def _save(page: Page, path: Path) -> None:
    """Save a picture of 256 colours, since a README is loaded often; rare ones are kept as well."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    few = picture.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


if __name__ == "__main__":
    raise SystemExit(main())
