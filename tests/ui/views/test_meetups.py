"""The stored roster in a plan, and plans that are kept, without a browser."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from icalendar import Calendar

from geo.people.admission import LOCAL_ID
from geo.people.authorised import now_utc
from geo.people.saved_plans import my_plans, open_plan
from geo.store import Store
from geo.store.people import change_person, list_areas, list_people, set_areas
from geo.store.plans import minutes_driven
from geo.texts import plan as plan_texts
from geo.ui import saved_plans
from geo.ui.plan.workspace import PlanWorkspace
from tests.ui.views.test_plan import curves, settle

__all__ = ["curves"]


@pytest.fixture
def page(open_view, curves):
    """The page of plans with the stored roster."""
    app = open_view("plan")
    app.button(key="stored-roster").click().run()
    assert not app.exception
    return app


@pytest.fixture
def kept(page, store):
    """A plan that was kept."""
    page.button(key="make-plan").click().run()
    settle(page)
    page.button(key="save-plan").click().run()
    assert not page.exception
    (plan,) = my_plans(store, LOCAL_ID)
    return open_plan(store, LOCAL_ID, plan.id)


def desk(app) -> PlanWorkspace:
    return app.session_state["plan-workspace"]


def pause_planning(store: Store, *beginnings: str) -> None:
    with store.atomic() as db:
        for one in list_people(db):
            if one.name.startswith(beginnings):
                change_person(db, one.id, planning=False)


def test_the_stored_roster_is_planned_for_by_name(page, store, browser, county) -> None:
    assert len(desk(page).people) == 25
    assert {one.id for one in desk(page).people} >= {"Avis (fictional)", "You"}
    with store.read() as db:
        ids = {one.id for one in list_people(db)}
    assert not ids & set(str(browser.scene.to_json()).split('"'))


def test_who_does_not_allow_planning_counts_without_a_name(page, store, shown) -> None:
    nameless = ("Avis", "Bram", "Cleo", "Dov", "Enid", "Fen")
    pause_planning(store, *nameless)
    with store.atomic() as db:  # they cover each other once they have signed in and share an area
        area = next(iter(list_areas(db).values())).area
        for one in list_people(db):
            if one.name.startswith(nameless):
                change_person(db, one.id, subject=f"issuer|{one.id}")
                set_areas(db, {one.id: area}, region="county", now=now_utc())
    page.button(key="make-plan").click().run()
    settle(page)
    people = {one.id for one in desk(page).people}
    assert not any(one.startswith(("Avis", "Bram")) for one in people)
    assert {f"Anonymous {n}" for n in range(1, 7)} <= people
    assert "Avis" not in shown(page)


def test_a_plan_is_kept_moved_called_off_and_counted(kept, open_view, store, shown) -> None:
    placed = [seat for meetup in kept.meetups for seat in meetup.seats]
    assert all(seat.person_id and seat.travel_time_s is not None for seat in placed)
    assert "You" not in str(kept.request)
    page = open_view("meetups")
    assert kept.meetups[0].place["name"] in shown(page).replace("\\", "")
    page.button(key="save-1-1").click().run()
    assert not page.exception
    moved = open_plan(store, LOCAL_ID, kept.id)
    assert (moved.version, moved.meetups[0].status) == (2, "planned")
    assert moved.meetups[0].starts_at
    page.button(key="find-1-2").click().run()
    page.button(key="move-there-1-2").click().run()
    assert not page.exception
    elsewhere = open_plan(store, LOCAL_ID, kept.id)
    assert (elsewhere.version, elsewhere.meetups[0].status) == (3, "changed")
    assert elsewhere.meetups[0].place["osm_id"] != kept.meetups[0].place["osm_id"]
    page.button(key="cancel-1-3").click().run()
    off = open_plan(store, LOCAL_ID, kept.id)
    assert off.meetups[0].status == "called off"
    assert [one.id for one in off.meetups] == [one.id for one in kept.meetups]
    page.button(key="reinstate-1-4").click().run()
    assert not page.multiselect  # nobody can have come to a meetup that lies ahead
    page.session_state["when-1-5"] = datetime(2026, 1, 5, 10, 0)
    page.button(key="save-1-5").click().run()
    page.multiselect(key="who-1-6").set_value(page.multiselect(key="who-1-6").value[:1])
    page.button(key="enter-1-6").click().run()
    assert not page.exception
    asked = sum(seat.person_id is not None for seat in off.meetups[0].seats)
    assert plan_texts.attendance(1, asked) in str([one.proto for one in page.main])
    with store.read() as db:
        driven = minutes_driven(db)
    assert len(driven) == 1
    again = open_view("plan")
    again.button(key="stored-roster").click().run()
    assert list(desk(again).ledger.minutes.values()).count(0.0) == 24


def test_calendars_follow_a_meetup(kept, county) -> None:
    at = saved_plans.starts_at
    meetup = kept.meetups[0]
    when = datetime(2027, 3, 2, 10)
    first = Calendar.from_ical(saved_plans._calendar(county, kept, meetup, when)())
    later = replace(kept, version=kept.version + 1)
    off = replace(meetup, status="called off")
    second = Calendar.from_ical(saved_plans._calendar(county, later, off, when)())
    events = [one.walk("VEVENT")[0] for one in (first, second)]
    assert events[0]["UID"] == events[1]["UID"]
    assert [one["SEQUENCE"] for one in events] == [0, 1]
    assert [one["STATUS"] for one in events] == ["CONFIRMED", "CANCELLED"]
    assert "METHOD" not in second
    assert at(meetup) is None


def test_the_second_of_two_planners_is_told(kept, open_view, store, shown) -> None:
    first, second = open_view("meetups"), open_view("meetups")
    first.button(key="cancel-1-1").click().run()
    second.button(key="save-2-1").click().run()
    assert not second.exception
    assert "somebody else has saved this plan" in shown(second).casefold()
    assert open_plan(store, LOCAL_ID, kept.id).version == 2
    second.button(key="reload-plan").click().run()
    assert plan_texts.MEETUP_STATES["called off"] in str([one.proto for one in second.main])
    second.button(key="cancel-2-2").click().run()
    assert open_plan(store, LOCAL_ID, kept.id).version == 3


def test_a_plan_is_deleted_when_asked_twice(kept, open_view, store, shown) -> None:
    page = open_view("meetups")
    page.button(key="delete-plan").click().run()
    page.button(key="delete-plan-yes").click().run()
    assert not page.exception
    assert my_plans(store, LOCAL_ID) == []
    assert plan_texts.NO_SAVED_PLANS in shown(page)


def test_an_upload_starts_from_areas_and_cannot_be_kept(open_view, curves, shown) -> None:
    app = open_view("plan")
    table = b"id,lat,lon\np1,47.012345,-86.752345\np2,47.107741,-86.604251\np3,10,10\n"
    app.file_uploader(key="roster-file").set_value(("s.csv", table, "text/csv")).run()
    assert "line 4" in shown(app)
    app.button(key="use-roster").click().run()
    points = [one.point for one in desk(app).people]
    assert len(points) == 2
    assert not {"47.012345", "-86.752345"} & {str(one) for p in points for one in (p.lat, p.lon)}
    app.button(key="make-plan").click().run()
    settle(app)
    assert plan_texts.SAVE_NEEDS_STORED_ROSTER in shown(app)
