"""Every file that the app offers, downloaded and opened with a reader that is not ours."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import html5lib
import icalendar
import openpyxl
import pyogrio
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from geo import texts
from geo.export.formats import FORMATS
from geo.export.html import ROWS
from geo.region import Region
from tests.browser.access import wait_for_rest

pytestmark = pytest.mark.browser


@pytest.fixture
def shared(visit, desktop: BrowserContext, county: Region) -> Page:
    """The page with an open place and the files on offer."""
    town = county.gazetteer.nearest_settlement(county.bbox.center)
    assert town is not None
    start = f"{town.point.lat + 0.0021:.5f},{town.point.lon + 0.0033:.5f},12 Secret Street"
    page = visit(desktop, f"?region=county&from={start}&minutes=30")
    third = page.locator(".card-title").nth(2).inner_text()
    page.locator(".card-main").nth(2).click()
    page.get_by_role("button", name=texts.SHARE).click()
    expect(page.get_by_text(f"Invite people to {third}:")).to_be_visible()
    wait_for_rest(page)
    return page


def save(page: Page, name: str, folder: Path) -> Path:
    with page.expect_download() as caught:
        page.get_by_role("button", name=name, exact=True).click()
    path = folder / caught.value.suggested_filename
    caught.value.save_as(path)
    return path


def test_every_format_opens_and_says_whose_data_it_is(
    shared: Page, tmp_path: Path, county: Region
) -> None:
    whose = county.manifest.attribution
    files = {one.key: save(shared, one.label, tmp_path) for one in FORMATS.values()}
    rows = list(csv.reader(io.StringIO(files["csv"].read_text("utf-8-sig"))))
    places = json.loads(files["json"].read_text("utf-8"))["places"]
    assert len(places) >= 10
    names = [place["name"] for place in places if place["name"]]
    listed = "\n".join(",".join(row) for row in rows)
    assert all(name in listed for name in names)
    workbook = openpyxl.load_workbook(files["xlsx"])
    cells = {str(cell) for sheet in workbook for row in sheet.values for cell in row}
    assert set(names) <= cells
    text = files["html"].read_text("utf-8")
    assert "<svg" in text
    page = html5lib.parse(text, namespaceHTMLElements=False)
    printed = "".join(page.itertext())
    assert [name for name in names[:ROWS] if name not in printed] == []
    for key in ("geojson", "kml", "gpx"):
        assert _count(files[key]) >= len(places), key
    for key, path in files.items():
        content = path.read_bytes()
        if key != "xlsx":
            assert whose in content.decode(), key
            assert b"Secret" not in content, key
    assert not any("Secret" in cell for cell in cells)
    assert any(whose in cell for cell in cells)


def test_the_invitation_is_changed_and_called_off(shared: Page, tmp_path: Path) -> None:
    first = _event(save(shared, texts.INVITE_FILE, tmp_path))
    assert first["sequence"] == 0
    assert first["location"]
    assert first["geo"]
    expect(shared.get_by_role("button", name=texts.CANCEL_INVITATION)).to_be_visible()
    off = save(shared, texts.CANCEL_INVITATION, tmp_path)
    last = _event(off)
    assert (last["uid"], last["sequence"]) == (first["uid"], 1)
    assert last["status"] == "CANCELLED"
    assert "method" not in icalendar.Calendar.from_ical(off.read_bytes())


def test_the_qr_code_is_the_link_and_the_link_is_coarse(shared: Page) -> None:
    link = shared.get_by_test_id("stCode").inner_text().strip()
    picture = shared.get_by_role("img", name=texts.QR)
    pixels = Image.open(io.BytesIO(picture.screenshot())).convert("L")
    (code,) = zxingcpp.read_barcodes(pixels)
    assert code.text == link
    assert "Secret" not in link
    assert link.split("?", 1)[1].startswith("from=")


def _count(path: Path) -> int:
    layers = pyogrio.list_layers(path)
    return sum(
        pyogrio.read_info(path, layer=name, force_feature_count=True)["features"]
        for name, _ in layers
    )


def _event(path: Path) -> icalendar.Component:
    (event,) = icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT")
    return event
