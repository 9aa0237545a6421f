"""Own venues in the store: every replica sees a change, nothing is lost, all of it is audited."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any, cast

import pytest

from geo.errors import InputError, NotAllowed
from geo.gazetteer import Gazetteer
from geo.model import Place, Point
from geo.people.authorised import read_audit
from geo.people.venues import change_venues, import_venues, own_venues
from geo.store import Store
from geo.store.backup import back_up, restore
from geo.store.people import ChangeCounter, find_change_counter
from geo.store.venues import VENUES
from geo.venues import Venue

NAMES = cast("Gazetteer", None)  # venues with positions are never looked up


def venue(key: str, name: str | None = None, **tags: Any) -> Venue:
    place = Place(f"own:{key}", name or key, "coworking", Point(-86.6, 47.1), tags)
    return Venue(place, "partner", 3, "20 a day")


def names(store: Store) -> list[str | None]:
    return [one.place.name for one in own_venues(store, NAMES)]


def venues_counter(store: Store) -> ChangeCounter:
    with store.read() as db:
        return find_change_counter(db, VENUES)


def test_what_is_put_is_read_again_by_another_replica(crew: Store, store_url: str) -> None:
    other = Store.open(store_url)
    before = venues_counter(other)
    hostile = venue("a", '=1+1,"<script>"\nnext', capacity="12", opening_hours="Mo-Fr 08:00-18:00")
    never = Venue(Place("n123", "The Worst", "cafe", Point(0, 0)), "never")
    change_venues(crew, "pat", put=[hostile, never])
    first, second = own_venues(other, NAMES)
    assert first.place.name == '=1+1,"<script>" next'  # one line, as every page shows it
    assert first.place.tags["capacity"] == "12"
    assert first.place.tags["opening_hours"] == "Mo-Fr 08:00-18:00"
    assert (first.place.point, first.status, first.staff, first.cost) == (
        hostile.place.point, "partner", 3, "20 a day",
    )  # fmt: skip
    assert (second.place.osm_id, second.place.name, second.status) == ("n123", "The Worst", "never")
    changed = venues_counter(other)
    assert changed != before
    change_venues(other, "ada", put=[venue("a", "Renamed")])
    assert names(crew) == ["Renamed", "The Worst"]
    change_venues(crew, "pat", put=[venue("b")], drop=["own:a", "own:unknown"])
    assert names(other) == ["The Worst", "b"]
    assert len({before, changed, venues_counter(other)}) == 3
    other.close()


def test_who_plans_changes_them_and_it_is_written_down(local_crew: Store) -> None:
    change_venues(local_crew, "pat", put=[venue("a", "Secret Lair")])
    with pytest.raises(NotAllowed, match="may not change own venues"):
        change_venues(local_crew, "wren", drop=["own:a"])
    assert names(local_crew) == ["Secret Lair"]
    refused, done = read_audit(local_crew, "ada").entries
    assert (refused.allowed, refused.actor_id) == (False, "wren")
    assert (done.action, done.detail) == ("change own venues", {"put": 1, "dropped": 0})
    assert "Secret" not in str(done)


def test_replicas_that_change_them_at_once_lose_nothing(crew: Store, store_url: str) -> None:
    replicas = [Store.open(store_url) for _ in range(3)]
    threads = [
        threading.Thread(
            target=change_venues, args=(replicas[n % 3], "pat"), kwargs={"put": [venue(f"v{n}")]}
        )
        for n in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names(crew)) == 12
    assert venues_counter(crew).number == 12
    for one in replicas:
        one.close()


def test_there_is_a_most(local_crew: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.people.venues.MOST_VENUES", 2)
    change_venues(local_crew, "pat", put=[venue("a"), venue("b")])
    with pytest.raises(InputError, match="more than 2 venues"):
        change_venues(local_crew, "pat", put=[venue("c")])
    assert names(local_crew) == ["a", "b"]


def test_the_file_of_an_earlier_version_is_taken_over_once(
    crew: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    path = tmp_path / "venues.csv"
    change_venues(crew, "pat", put=[venue("here", "As it is now")])
    text = "id,name,lat,lon\nhere,Old name,47,-86\nhq,Head Office,47.1,-86.6\nbad,Secret,400,1\n"
    path.write_text(text, "utf-8")
    assert import_venues(crew, path, NAMES) == 1
    assert names(crew) == ["As it is now", "Head Office"]
    kept = tmp_path / "venues.csv.taken-over"
    assert (path.exists(), kept.read_text("utf-8")) == (False, text)
    assert "1 rows" in caplog.text
    assert "Secret" not in caplog.text
    change_venues(crew, "pat", drop=["own:hq"])
    kept.rename(path)  # another replica has its own copy
    assert import_venues(crew, path, NAMES) == 0
    assert names(crew) == ["As it is now"]


@pytest.mark.parametrize("content", [b"no columns here\0\0", b""])
def test_a_damaged_file_stops_nothing(local_crew: Store, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "venues.csv"
    path.write_bytes(content)
    assert import_venues(local_crew, path, NAMES) == 0
    assert names(local_crew) == []


def test_a_backup_has_them(local_crew: Store, tmp_path: Path) -> None:
    change_venues(local_crew, "pat", put=[venue("a")])
    path = tmp_path / "backup.zip"
    assert back_up(local_crew, path)["venues"] == 1
    change_venues(local_crew, "pat", drop=["own:a"])
    mark = venues_counter(local_crew)
    restore(local_crew, path, replace=True)
    assert names(local_crew) == ["a"]
    assert venues_counter(local_crew) != mark
