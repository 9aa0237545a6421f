"""Plans: versions, conflicts, and what remains of people who are forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from geo.errors import ConflictError, UnknownName
from geo.store import Store
from geo.store.database import Writer
from geo.store.people import add_people, forget_person
from geo.store.plans import (
    Plan,
    PlannedMeetup,
    Seat,
    delete_plan,
    list_plans,
    load_plan,
    meetups_of,
    minutes_driven,
    save_plan,
)
from tests.store.test_database import person

NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)
PLACE = {"osm_id": "n1", "name": "The Kettle", "kind": "cafe", "lat": 47.0, "lon": -86.7}


@pytest.fixture
def plan(store: Store) -> Plan:
    """Return a plan that is kept: one meetup of two people and somebody without a name."""
    seats = (Seat("wren", 600.0), Seat("kit", 1200.0), Seat(None))
    draft = Plan("county", "Spring", {"meetups": 1}, (PlannedMeetup(PLACE, seats),))
    with store.atomic() as db:
        add_people(db, [person("wren"), person("kit")])
        return save_plan(db, draft, by="wren", now=NOW)


def attend(db: Writer, plan: Plan, came: dict[str, bool]) -> Plan:
    (meetup,) = plan.meetups
    seats = tuple(replace(one, attended=came.get(one.person_id or "")) for one in meetup.seats)
    changed = replace(plan, meetups=(replace(meetup, seats=seats),))
    return save_plan(db, changed, by=None, now=NOW)


def test_a_plan_is_kept_as_it_was(store: Store, plan: Plan) -> None:
    with store.read() as db:
        assert load_plan(db, plan.id) == plan
        (listed,) = list_plans(db, region="county")
        assert (listed.id, listed.version, listed.meetups) == (plan.id, 1, ())
        assert list_plans(db, region="elsewhere") == []
    assert plan.meetups[0].seats == (Seat("wren", 600.0), Seat("kit", 1200.0), Seat(None))


def test_the_second_of_two_planners_is_told(store: Store, plan: Plan) -> None:
    mine, theirs = replace(plan, name="Mine"), replace(plan, name="Theirs")
    with store.atomic() as db:
        saved = save_plan(db, theirs, by="kit", now=NOW + timedelta(hours=1))
    assert (saved.version, saved.meetups) == (2, plan.meetups)
    with pytest.raises(ConflictError, match="somebody else has saved"), store.atomic() as db:
        save_plan(db, mine, by="wren", now=NOW)
    with pytest.raises(ConflictError, match="somebody else has saved"), store.atomic() as db:
        delete_plan(db, mine)
    with store.atomic() as db:
        assert load_plan(db, plan.id).name == "Theirs"
        delete_plan(db, saved)
    with pytest.raises(ConflictError, match="deleted"), store.atomic() as db:
        save_plan(db, saved, by="wren", now=NOW)
    with pytest.raises(UnknownName), store.read() as db:
        load_plan(db, plan.id)


def test_the_ledger_counts_drives_to_meetups_that_took_place(store: Store, plan: Plan) -> None:
    with store.atomic() as db:
        assert minutes_driven(db) == {}
        again = attend(db, plan, {"wren": True, "kit": False, "stranger": True})
        assert minutes_driven(db) == {"wren": 10.0}
        called_off = replace(again.meetups[0], status="called off")
        save_plan(db, replace(again, meetups=(called_off,)), by=None, now=NOW)
        assert minutes_driven(db) == {}


def test_of_somebody_who_is_forgotten_a_number_remains(store: Store, plan: Plan) -> None:
    with store.atomic() as db:
        attend(db, plan, {"wren": True})
        assert [one.seats for one in meetups_of(db, "wren")] == [(Seat("wren", 600.0, True),)]
        forget_person(db, "wren")
    with store.read() as db:
        seats = load_plan(db, plan.id).meetups[0].seats
        assert sorted(seats, key=str) == sorted(
            [Seat(None, None, True), Seat("kit", 1200.0), Seat(None)], key=str
        )
        assert minutes_driven(db) == {}
