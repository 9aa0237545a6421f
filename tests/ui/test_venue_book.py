"""The table of own venues: nothing is lost, and everybody's pages see a change."""

from __future__ import annotations

import csv
import io
import threading
from pathlib import Path
from typing import Any, cast

import pytest

from geo.errors import InputError, SetupError
from geo.gazetteer import Gazetteer
from geo.model import Place, Point
from geo.rows import Upload
from geo.ui import venue_book
from geo.venues import Venue, read_venues

NAMES = cast("Gazetteer", None)  # rows with positions are never looked up


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CROSSROADS_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def venue(key: str, name: str | None = None, **tags: Any) -> Venue:
    place = Place(f"own:{key}", name or key, "coworking", Point(-86.6, 47.1), tags)
    return Venue(place, "partner", 3, "20 a day")


def test_what_is_put_is_read_again() -> None:
    assert venue_book.read_book(NAMES) == []
    assert venue_book.stamp() == (0, 0)
    hostile = venue("a", '=1+1,"<script>"\nnext', capacity="12", opening_hours="Mo-Fr 08:00-18:00")
    never = Venue(Place("n123", "The Worst", "cafe", Point(0, 0)), "never")
    venue_book.put(NAMES, [hostile, never])
    first, second = venue_book.read_book(NAMES)
    assert first.place.name == '=1+1,"<script>" next'  # one line, as every page shows it
    assert first.place.tags["capacity"] == "12"
    assert first.place.tags["opening_hours"] == "Mo-Fr 08:00-18:00"
    assert (first.place.point, first.status, first.staff, first.cost) == (
        hostile.place.point, "partner", 3, "20 a day",
    )  # fmt: skip
    assert (second.place.osm_id, second.place.name, second.status) == ("n123", "The Worst", "never")
    before = venue_book.stamp()
    venue_book.put(NAMES, [venue("a", "Renamed")])
    assert [one.place.name for one in venue_book.read_book(NAMES)] == ["Renamed", "The Worst"]
    assert venue_book.stamp() != before
    venue_book.remove(NAMES, ["own:a", "own:unknown"])
    assert [one.place.osm_id for one in venue_book.read_book(NAMES)] == ["n123"]


def test_two_who_change_it_at_once_lose_nothing() -> None:
    threads = [
        threading.Thread(target=venue_book.put, args=(NAMES, [venue(f"v{number}")]))
        for number in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(venue_book.read_book(NAMES)) == 12


def test_a_damaged_table_stops_no_page(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "venues.csv").write_bytes(b"no columns here\0\0")
    assert venue_book.read_book(NAMES) == []
    (data_dir / "venues.csv").write_text("id,lat,lon\ngood,47.1,-86.6\nbad,400,1\n", "utf-8")
    assert [one.place.osm_id for one in venue_book.read_book(NAMES)] == ["own:good"]


def test_a_table_that_cannot_be_written_is_told(data_dir: Path) -> None:
    data_dir.write_text("a file where the folder should be")
    with pytest.raises(SetupError, match=r"cannot write venues\.csv"):
        venue_book.put(NAMES, [venue("a")])


def test_there_is_a_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(venue_book, "_MOST", 2)
    venue_book.put(NAMES, [venue("a"), venue("b")])
    with pytest.raises(InputError, match="more than 2 venues"):
        venue_book.put(NAMES, [venue("c")])
    assert len(venue_book.read_book(NAMES)) == 2


def test_rows_of_an_editor_are_read_like_files() -> None:
    rows = [
        {"id": "a", "name": "A", "lat": "47.1", "lon": "-86.6", "kind": "cafe", "status": "office"},
        {"id": "b", "name": "B", "lat": "", "lon": "", "kind": "castle", "status": ""},
    ]
    found, problems = venue_book.venues_of(rows, NAMES)
    assert [(one.place.kind, one.status) for one in found] == [("cafe", "office")]
    assert len(problems) == 1
    assert "castle" in problems[0]


def test_the_table_is_what_the_command_line_takes() -> None:
    text = venue_book.book_csv([venue("a", "A")])
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["id"], row["name"], row["lat"]) == ("a", "A", "47.100000")
    (same,), problems = read_venues(Upload("venues.csv", text.encode()), NAMES)
    assert (same.place.osm_id, problems) == ("own:a", [])
