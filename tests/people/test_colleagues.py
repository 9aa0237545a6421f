"""Colleagues nearby: who shows sees, in bands, so often."""

from __future__ import annotations

from datetime import timedelta

import pytest

from geo.errors import InputError, LimitReached, NotAllowed, OutsideRegion
from geo.model import Point
from geo.people.authorised import now_utc, read_audit
from geo.people.colleagues import colleagues_by_id, nearby_colleagues
from geo.people.homes import remove_home, set_consent
from geo.privacy import Audience
from geo.region import Region
from geo.store import Store
from geo.store.audit import AuditFilter
from geo.store.people import change_person, find_area, list_areas, set_areas


def names(store: Store, who: str, region: Region) -> dict[str, int | None]:
    found = nearby_colleagues(store, who, region)
    return {one.colleague.name: one.band for one in found}


def test_who_shows_sees_whoever_shows(crew: Store, county: Region) -> None:
    assert names(crew, "wren", county) == {"Ada": 15, "Kit": 30, "Sol": 30}
    assert names(crew, "kit", county) == {"Ada": 30, "Wren": 30}  # the team alone
    assert names(crew, "sol", county) == {"Ada": 30, "Wren": 30}  # kit shows to the team alone
    assert names(crew, "moe", county) == {}
    assert names(crew, "pat", county) == {}  # a planner is no exception


def test_a_change_of_mind_counts_at_once(crew: Store, county: Region) -> None:
    set_consent(crew, "wren", audience=Audience.EVERYONE, planning=True, paused=True)
    assert names(crew, "wren", county) == {}
    assert "Wren" not in names(crew, "sol", county)
    set_consent(crew, "wren", audience=Audience.TEAM, planning=True)
    assert set(names(crew, "wren", county)) == {"Ada", "Kit"}
    assert "Wren" not in names(crew, "sol", county)


def test_who_has_left_or_says_no_area_is_not_there(crew: Store, county: Region) -> None:
    with crew.atomic() as db:
        change_person(db, "ada", status="left")
    remove_home(crew, "kit")
    assert set(names(crew, "wren", county)) == {"Sol"}
    with pytest.raises(NotAllowed):
        nearby_colleagues(crew, "ada", county)
    with pytest.raises(InputError, match="where you live"):
        nearby_colleagues(crew, "kit", county)


def test_starts_are_limited_and_counted(local_crew: Store, county: Region) -> None:
    start = Point(-86.75, 47.01)
    for _ in range(3):
        nearby_colleagues(local_crew, "wren", county, origin=start, most_origins=3)
    with pytest.raises(LimitReached, match="3 starts today"):
        nearby_colleagues(local_crew, "wren", county, origin=start, most_origins=3)
    nearby_colleagues(local_crew, "sol", county, origin=start, most_origins=3)  # others may
    asked = read_audit(local_crew, "ada", AuditFilter(actor_id="wren")).entries
    assert [one.detail["asked_today"] for one in asked] == [3, 2, 1]


def test_a_start_that_is_none_is_not_counted(local_crew: Store, county: Region) -> None:
    with pytest.raises(OutsideRegion):
        nearby_colleagues(local_crew, "wren", county, origin=Point(0, 0), most_origins=1)
    nearby_colleagues(local_crew, "wren", county, most_origins=1)


def test_chosen_colleagues_must_be_seen(local_crew: Store, county: Region) -> None:
    chosen = colleagues_by_id(local_crew, "wren", county, ["sol", "kit", "sol"])
    assert [one.name for one in chosen] == ["Sol", "Kit"]
    for hidden in ("moe", "nobody", "' OR 1=1 --"):
        with pytest.raises(NotAllowed):
            colleagues_by_id(local_crew, "wren", county, ["sol", hidden])
    denied = read_audit(local_crew, "ada", AuditFilter(allowed=False)).entries
    assert [one.subject_id for one in denied] == [None, None, "moe"]
    with pytest.raises(InputError, match="choose fewer"):
        colleagues_by_id(local_crew, "wren", county, ["sol"] * 31)


def test_areas_of_use_are_noted(local_crew: Store, county: Region) -> None:
    with local_crew.atomic() as db:
        areas = {key: one.area for key, one in list_areas(db).items()}
        set_areas(db, areas, region="county", now=now_utc() - timedelta(days=1))
        before = find_area(db, "sol"), find_area(db, "moe")
    nearby_colleagues(local_crew, "wren", county)
    with local_crew.read() as db:
        after = find_area(db, "sol"), find_area(db, "moe")
    assert all(one is not None for one in (*before, *after))
    assert after[0].used_at > before[0].used_at
    assert after[1] == before[1]
