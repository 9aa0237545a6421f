"""CSV: opened by a reader that is not ours, and by none as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from geo.export.listing import Listing
from geo.export.results import halfway_listing
from geo.export.tables import csv_lines, csv_text, defuse_formula, listing_csv
from geo.meetup import Halfway
from geo.region import Manifest

MakeListing = Callable[..., Listing]
DANGEROUS = tuple("=+-@\t\r\n＝＋－＠")


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_row_for_each_place(near: MakeListing) -> None:
    rows = read(listing_csv(near('Bean, & "Gone"', "B")))
    assert rows[0] == {
        "osm_id": "n1", "name": 'Bean, & "Gone"', "kind": "cafe", "lat": "42.5", "lon": "1.521",
        "minutes": "1.0", "return_minutes": "1.1", "km": "1.0", "open": "open",
        "source": "© OpenStreetMap contributors, ODbL 1.0, Mon 1 Sep 2025",
    }  # fmt: skip
    assert rows[1]["return_minutes"] == "inf"


def test_a_column_for_each_person(halfway: Halfway, manifest: Manifest) -> None:
    rows = read(listing_csv(halfway_listing(halfway, manifest, at=datetime(2026, 5, 4))))
    assert [rows[0][f"minutes_{i}"] for i in (1, 2, 3)] == ["10.0", "11.0", "inf"]
    assert [rows[1][f"km_{i}"] for i in (1, 2, 3)] == ["14.0", "0.5", "inf"]
    assert [rows[1][f"return_minutes_{i}"] for i in (1, 2, 3)] == ["16.5", "1.0", "inf"]


def test_nothing_found_is_a_header(near: MakeListing) -> None:
    text = listing_csv(near())
    assert read(text) == []
    assert text.startswith("osm_id,name,kind,")


def test_hostile_names_stay_in_their_cell(near: MakeListing, hostile: str) -> None:
    rows = read(listing_csv(near(hostile, "after")))
    assert [row["osm_id"] for row in rows] == ["n1", "n2"]
    assert rows[1]["name"] == "after"
    assert not rows[0]["name"].startswith(DANGEROUS)
    assert "\n" not in rows[0]["name"]


def test_numbers_are_no_formulas() -> None:
    assert csv_lines([["-12", "+1.5e3", -3.5, "-1,5", "-1-1"]]) == '-12,+1.5e3,-3.5,"-1,5",\'-1-1\n'


@given(st.lists(st.tuples(st.text(), st.integers(), st.floats(allow_nan=False)), max_size=5))
def test_what_is_written_is_read(rows: list[tuple[str, int, float]]) -> None:
    text = csv_text(("name", "count", "km"), rows)
    back = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert [(n, int(c), float(k)) for n, c, k in back] == [
        (defuse_formula(n.replace("\r\n", "\n").replace("\r", "\n")), c, k) for n, c, k in rows
    ]


@given(st.text(min_size=1))
def test_no_cell_is_a_formula(text: str) -> None:
    cell = defuse_formula(text)
    assert cell in (text, f"'{text}")
    assert not cell.startswith(DANGEROUS) or float(cell.replace(",", ".")) is not None
