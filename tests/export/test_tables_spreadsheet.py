"""XLSX, opened by openpyxl and by GDAL's own reader."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pyogrio

from geo.export.listing import Listing
from geo.export.results import halfway_listing
from geo.export.tables import listing_xlsx
from geo.meetup import Halfway
from geo.region import Manifest

MakeListing = Callable[..., Listing]
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_numbers_are_numbers_in_the_readers_unit(near: MakeListing) -> None:
    book = openpyxl.load_workbook(
        io.BytesIO(listing_xlsx(near("A", "B", miles=True), made_at=NOON))
    )
    sheet = book["Places"]
    header, first, second = ([cell.value for cell in row] for row in sheet.iter_rows())
    assert header[1:] == [
        "Name", "Kind", "Latitude", "Longitude", "Drive", "Drive back", "Distance", "Open",
    ]  # fmt: skip
    assert first == ["n1", "A", "café", 42.5, 1.521, 1, 1.1, 0.621, "open"]
    assert second[6] is None
    assert sheet["H2"].number_format == '0.0" mi"'
    about = [row[0].value for row in book["About"].iter_rows()]
    assert "© OpenStreetMap contributors, ODbL 1.0, Mon 1 Sep 2025" in about
    assert "Places within 30 min of Andorra la Vella" in about


def test_hostile_names_are_text(near: MakeListing, hostile: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(listing_xlsx(near(hostile), made_at=NOON)))
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in ("s", "n")
                assert cell.quotePrefix or cell.data_type == "n"


def test_gdal_reads_it(halfway: Halfway, manifest: Manifest, tmp_path: Path) -> None:
    listing = halfway_listing(halfway, manifest, at=datetime(2026, 5, 4))
    path = tmp_path / "x.xlsx"
    path.write_bytes(listing_xlsx(listing, made_at=NOON))
    assert [name for name, _ in pyogrio.list_layers(path)] == ["Places", "About"]
    meta, _, _, columns = pyogrio.raw.read(path, layer="Places")
    table = dict(zip(meta["fields"], columns, strict=True))
    assert list(table["Name"]) == ["Fair", "Least"]
    assert list(table["Drive: person 2"]) == [11, 1]


def test_nothing_found_still_opens(near: MakeListing) -> None:
    book = openpyxl.load_workbook(io.BytesIO(listing_xlsx(near(), made_at=NOON)))
    assert book["Places"].max_row == 1
