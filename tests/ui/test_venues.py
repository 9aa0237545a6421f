"""Own venues as pages use them: no page stops for want of a store, and rows are read like files."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from geo.errors import SetupError
from geo.gazetteer import Gazetteer
from geo.settings import read_settings
from geo.ui import venues
from geo.ui.regions import venues_counter
from geo.ui.session_state import keep_settings

NAMES = cast("Gazetteer", None)  # rows with positions are never looked up
ROWS = [
    {"id": "a", "name": "A", "lat": "47.1", "lon": "-86.6", "kind": "cafe", "status": "office"},
    {"id": "b", "name": "B", "lat": "", "lon": "", "kind": "castle", "status": ""},
]


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CROSSROADS_DATA_DIR", str(tmp_path / "data"))
    keep_settings(read_settings())
    return tmp_path / "data"


def test_rows_of_an_editor_are_read_like_files() -> None:
    found, problems = venues.parse_venues(ROWS, NAMES)
    assert [(one.place.kind, one.status) for one in found] == [("cafe", "office")]
    assert len(problems) == 1
    assert "castle" in problems[0]


def test_the_local_user_changes_them_and_an_old_file_is_taken_over(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "venues.csv").write_text("id,lat,lon\ngood,47.1,-86.6\n", "utf-8")
    assert [one.place.osm_id for one in venues.read_own_venues(NAMES)] == ["own:good"]
    before = venues_counter()
    venues.update_venues(put=venues.parse_venues(ROWS[:1], NAMES)[0], drop=["own:good"])
    assert [one.place.osm_id for one in venues.read_own_venues(NAMES)] == ["own:a"]
    assert venues_counter() != before


def test_without_a_store_there_are_none_and_a_change_is_refused(data_dir: Path) -> None:
    data_dir.write_text("a file where the folder should be")
    assert venues.read_own_venues(NAMES) == []
    assert venues_counter().number == 0
    with pytest.raises(SetupError):
        venues.update_venues(drop=["own:a"])
