"""What axe-core finds wrong with a page that is at rest."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Whatever still runs or fades has other colours than it is going to have.
_AT_REST = """scheme => {
  const app = document.querySelector('[data-testid="stApp"]');
  if (app.dataset.testScriptState !== "notRunning") return false;
  const ground = getComputedStyle(app).backgroundColor.match(/\\d+/g).map(Number);
  if (scheme && (ground[0] < 128) !== (scheme === "dark")) return false;
  const isOver = one => one.playState !== "running"
    || one.effect.getComputedTiming().iterations === Infinity;
  return document.getAnimations().every(isOver);
}"""


def wait_for_rest(page: Page, *, scheme: str = "") -> None:
    """Wait until nothing runs or fades any more, in that colour scheme if one is named."""
    page.wait_for_function(_AT_REST, arg=scheme)


def serious(page: Page, *, scheme: str = "") -> list[tuple[str, str]]:
    """Return the serious things that axe-core finds wrong, once the page is at rest."""
    wait_for_rest(page, scheme=scheme)
    report = Axe().run(page)
    return [
        (one["id"], node["html"][:300] + node.get("failureSummary", "")[:300])
        for one in report.response["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


def serious_by_day_and_night(page: Page) -> list[tuple[str, str]]:
    """Return what is seriously wrong in the light theme or in the dark one."""
    found = []
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        found += serious(page, scheme=scheme)
    return found
