"""The pages of people in a browser: what it is sent, who can use them, how people come to meet."""

from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from playwright.sync_api import BrowserContext, Error, Page, Response, expect

from geo.texts import colleagues as colleagues_texts
from geo.texts import members as members_texts
from geo.texts import plan as plan_texts
from geo.texts import roster as roster_texts
from tests.browser.access import serious_by_day_and_night, wait_for_rest

pytestmark = pytest.mark.browser

LON, LAT, ADDRESS = -86.752347, 47.012346, "16 Kite Court"
HOSTILE = "<img src=x onerror=alert(1)>"
TABLE = (
    "id,name,address,town,postcode,lat,lon\n"
    f"x1,{HOSTILE},{ADDRESS},Ombrelby Mills,00305,{LAT},{LON}\n"
    f'x2,"=HYPERLINK(""http://example.org"")",{ADDRESS},Ombrelby Mills,00305,,\n'
)
PAGES = {"colleagues": ".crossroads[data-ready]", "profile": "h3", "roster": ".numbers",
         "meetups": "h1"}  # fmt: skip


class Received:
    """Everything that a page was sent, by HTTP and by the websocket."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.responses: list[Response] = []

    def follow(self, page: Page) -> None:
        page.on("response", self._response)
        page.on("websocket", lambda socket: socket.on("framereceived", self._frame))

    def _response(self, response: Response) -> None:
        self.responses.append(response)

    def _frame(self, payload: str | bytes) -> None:
        self.frames.append(payload.encode() if isinstance(payload, str) else payload)

    def bodies(self) -> list[bytes]:
        found = []
        for response in self.responses:
            with suppress(Error):  # a redirect, or an answer that nobody waited for, has none
                found.append(response.body())
        return found


def traces() -> list[bytes]:
    """Return how an exact home could be written: in decimals, and as the bits of a number."""
    numbers = [struct.pack(kind, one) for one in (LAT, LON) for kind in ("<d", "<f", ">d")]
    texts = [f"{LAT:.5f}", f"{abs(LON):.5f}", ADDRESS, "Kite Court"]
    return [*numbers, *(text.encode() for text in texts)]


def send_file(page: Page, name: str) -> None:
    chosen = {"name": name, "mimeType": "text/csv", "buffer": TABLE.encode()}
    page.locator("input[type=file]").first.set_input_files(chosen)


def test_no_home_reaches_the_browser(visit, desktop: BrowserContext, site: str) -> None:
    """But the addresses of a table go back to whoever gave it, while they check them."""
    received = Received()
    page = desktop.new_page()
    received.follow(page)
    page.goto(site + "roster?region=county")
    page.locator(".numbers").wait_for(timeout=60_000)
    page.get_by_role("tab", name=members_texts.IMPORT).click()
    send_file(page, "staff.csv")
    expect(page.get_by_role("heading", name=members_texts.import_preview(2, 0))).to_be_visible()
    expect(page.get_by_role("button", name=members_texts.LOOK_UP)).to_be_visible()
    wait_for_rest(page)
    checking = b"".join(received.frames)
    assert ADDRESS.encode() in checking
    assert [one for one in traces() if one in checking and one != ADDRESS.encode()
            and one != b"Kite Court"] == []  # fmt: skip
    page.get_by_role("button", name=members_texts.COMMIT, exact=True).click()
    expect(page.get_by_text(members_texts.import_result(2, 0))).to_be_visible()
    received.frames.clear()
    received.responses.clear()
    page.goto(site + "plan?region=county")
    page.get_by_text(plan_texts.ROSTER_PROMPT.title).wait_for()
    send_file(page, "roster.csv")
    page.get_by_role("button", name=roster_texts.USE_PEOPLE.format(people="2 people")).click()
    page.get_by_role("button", name=plan_texts.PLAN_MEETUPS, exact=True).click()
    expect(page.locator(".numbers").first).to_be_visible()
    page.goto(site + "colleagues?region=county")
    page.locator(".crossroads[data-ready]").wait_for()
    everything = [*received.frames, *received.bodies()]
    page.close()
    assert len(received.frames) > 20
    assert any(b"Ombrelby Mills" in one for one in everything)  # it is looked at in the right place
    assert [trace for trace in traces() if any(trace in one for one in everything)] == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_people_is_for_everybody(
    visit, desktop: BrowserContext, pocket: BrowserContext, path: str
) -> None:
    page = visit(desktop, f"{path}?region=county", wait_for=PAGES[path])
    expect(page.get_by_text("made by Crossroads").last).to_be_visible()
    assert serious_by_day_and_night(page) == []
    phone = visit(pocket, f"{path}?region=county", wait_for=PAGES[path])
    expect(phone.get_by_text("made by Crossroads").last).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_from_colleagues_to_an_invitation(visit, desktop: BrowserContext) -> None:
    page = visit(desktop, "colleagues?region=county")
    for name in ("Wren", "Sol ", colleagues_texts.SUGGEST):
        page.get_by_role("button", name=name).click()
        wait_for_rest(page)  # nobody clicks within a tenth of a second
    expect(page.locator(".card").first).to_be_visible()
    expect(page.locator(".card").first).to_contain_text("within")
    page.locator(".card-main").nth(1).click()
    wait_for_rest(page)
    page.get_by_role("button", name=colleagues_texts.INVITE).click()
    expect(page.get_by_text("Hello Wren (fictional) and Sol (fictional)")).to_be_visible()
    wait_for_rest(page)  # a run for the place makes the file anew
    with page.expect_download() as download:
        page.get_by_role("button", name="Invitation").click()
    text = download.value.path().read_text("utf-8")
    assert "BEGIN:VEVENT" in text
    assert "Gimbalfield" not in text
