"""Unused areas go after their time; many at once, or by a clock that jumped, wait for an admin."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from geo.errors import NotAllowed
from geo.model import HomeArea, Point
from geo.people import acting, find_unused_areas, purge, retention, settle_unused_areas
from geo.people.joining import new_person
from geo.privacy import Role
from geo.store import Store, add_people, count_areas, list_areas, list_entries, set_areas

START = datetime(2026, 5, 4, 10, tzinfo=UTC)
AREA = HomeArea("n1", "Exton", "settlement", Point(-0.63, 52.69), 1200.0, 46)
DAYS = 30


class Clock:
    """A clock that the test turns."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = START
        for module in (retention, acting):
            monkeypatch.setattr(module, "now_utc", lambda: self.now)

    def turn(self, days: float) -> None:
        self.now += timedelta(days=days)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def enter(store: Store, count: int, used_at: datetime, prefix: str = "p") -> None:
    """Enter people whose areas were used at a moment."""
    ids = [f"{prefix}{number}" for number in range(count)]
    with store.atomic() as db:
        add_people(
            db, [replace(new_person(one, email=f"{one}@example.org"), id=one) for one in ids]
        )
        set_areas(db, dict.fromkeys(ids, AREA), region="rutland", now=used_at)


def add_admin(store: Store) -> None:
    admin = new_person("Ada", email="ada@example.org", role=Role.ADMIN, status="active")
    planner = new_person("Pat", email="pat@example.org", role=Role.PLANNER, status="active")
    with store.atomic() as db:
        add_people(db, [replace(admin, id="ada"), replace(planner, id="pat")])


def areas_of(store: Store) -> int:
    with store.read() as db:
        return count_areas(db)


def run_daily(store: Store, clock: Clock, days: int) -> None:
    for _ in range(days):
        purge(store, area_days=DAYS)
        clock.turn(1)


def test_a_few_go_by_themselves(store: Store, clock: Clock) -> None:
    enter(store, 5, START)
    enter(store, 60, START + timedelta(days=25), "q")
    run_daily(store, clock, 32)
    assert areas_of(store) == 60


def test_a_clock_that_jumps_deletes_nothing_by_itself(store: Store, clock: Clock) -> None:
    enter(store, 8, START)  # few, so that the jump alone is what stops it
    purge(store, area_days=DAYS)
    clock.turn(400)
    for _ in range(3):
        assert purge(store, area_days=DAYS).waiting == 8
        clock.turn(1)
    clock.turn(-403)
    assert purge(store, area_days=DAYS).waiting == 0
    assert areas_of(store) == 8


def test_many_at_once_wait_for_an_admin(store: Store, clock: Clock) -> None:
    add_admin(store)
    enter(store, 12, START)
    enter(store, 100, START + timedelta(days=20), "q")
    run_daily(store, clock, 32)
    found = find_unused_areas(store, "ada", area_days=DAYS)
    assert (found.waiting, found.total, areas_of(store)) == (12, 112, 112)
    with pytest.raises(NotAllowed):
        settle_unused_areas(store, "pat", area_days=DAYS, keep=False)
    assert settle_unused_areas(store, "ada", area_days=DAYS, keep=False) == 12
    assert areas_of(store) == 100
    assert purge(store, area_days=DAYS).waiting == 0
    with store.read() as db:
        entry = next(one for one in list_entries(db) if one.action == retention.RETENTION)
        assert (entry.actor_id, entry.detail) == ("ada", {"areas": 12})


def test_an_admin_may_keep_them(store: Store, clock: Clock) -> None:
    add_admin(store)
    enter(store, 12, START)
    run_daily(store, clock, 32)
    assert settle_unused_areas(store, "ada", area_days=DAYS, keep=True) == 12
    assert find_unused_areas(store, "ada", area_days=DAYS).waiting == 0
    with store.read() as db:
        assert {one.used_at for one in list_areas(db).values()} == {clock.now}
    run_daily(store, clock, 29)
    assert areas_of(store) == 12
