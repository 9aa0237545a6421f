"""Plan meetups, without a browser: roster, preview, plan, repairs, locks, and plans compared."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from geo.people.homes import area_at
from geo.region import Region
from geo.region.build import sample_path
from geo.roster import read_roster
from geo.texts import plan as plan_texts
from geo.texts import roster as roster_texts
from geo.ui.plan.workspace import PlanWorkspace

SOON_S = 60
HOSTILE = "<img src=x onerror=alert(1)> **bold** $x$"
SECRET_LAT, SECRET_LON = "47.016322", "-86.750666"
FEW = f"id,team,lat,lon\np1,Atlas,{SECRET_LAT},{SECRET_LON}\np2,Atlas,47.10774,-86.60425\n"


@pytest.fixture
def curves(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, Callable[[int], None]]]:
    """Return what the curve was shown, with what it calls when a point is chosen."""
    shown: list[tuple[object, Callable[[int], None]]] = []
    monkeypatch.setattr(
        "geo.ui.plan.results.show_curve",
        lambda chart, on_chosen, **_key: shown.append((chart, on_chosen)),
    )
    return shown


@pytest.fixture
def page(app: AppTest, curves: object) -> AppTest:
    app.run()
    app.switch_page("views/plan.py").run()
    assert not app.exception
    return app


@pytest.fixture
def planned(page: AppTest) -> AppTest:
    """The page with the plan of the sample roster."""
    page.button(key="sample-roster").click().run()
    page.button(key="use-roster").click().run()
    return make(page)


def make(app: AppTest, button: str = "make-plan") -> AppTest:
    """Press a button that makes a plan, and wait for it."""
    app.button(key=button).click().run()
    return settle(app)


def settle(app: AppTest) -> AppTest:
    job = desk(app).job
    if job is not None:
        assert job.wait(SOON_S)
        app.run()
    assert not app.exception
    assert desk(app).job is None
    return app


def desk(app: AppTest) -> PlanWorkspace:
    found: PlanWorkspace = app.session_state["plan-workspace"]
    return found


def text(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.warning, app.error, app.subheader)
    return "\n".join(one.value for kind in kinds for one in kind).replace("\\", "")


def upload(app: AppTest, content: str, name: str = "staff.csv") -> AppTest:
    app.file_uploader(key="roster-file").set_value((name, content.encode(), "text/csv")).run()
    assert not app.exception
    return app


def test_nothing_of_a_roster_is_used_before_it_was_looked_through(page: AppTest) -> None:
    rows = FEW + f"p3,Beacon,far,away\np2,Beacon,47.1,-86.6\n{HOSTILE},x,47.1,-86.6\n"
    upload(page, rows)
    assert "plan-workspace" not in page.session_state
    told = text(page)
    assert roster_texts.preview_heading("3 people") in told
    assert "line 4" in told
    assert "line 5" in told
    assert SECRET_LAT not in told
    shown = page.dataframe[0].value
    assert list(shown[plan_texts.COLUMNS["id"]]) == ["p1", "p2", HOSTILE]
    assert SECRET_LAT not in shown.to_csv()
    page.button(key="use-roster").click().run()
    assert [one.id for one in desk(page).people] == ["p1", "p2", HOSTILE]
    make(page)
    assert desk(page).current() is not None


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("id,name\n1,x\n", "no column that says where people live"),
        ("name,lat,lon\nx,1,2\n", "no column 'id'"),
        ("id,lat,lon\na,x,y\n", "No row of"),
        ("\0\0\0", "not a text file"),
    ],
)
def test_a_roster_that_cannot_be_used_is_told(page: AppTest, content: str, why: str) -> None:
    upload(page, content)
    assert why in text(page)
    assert not [one for one in page.button if one.key == "use-roster"]


def choose(app: AppTest, column: str, heading: str) -> None:
    label = roster_texts.COLUMN_NAMES[column]
    next(one for one in app.selectbox if one.label == label).set_value(heading).run()
    assert not app.exception


def test_columns_of_a_roster_are_chosen_by_hand(page: AppTest) -> None:
    upload(page, "Kennung,Heimat,Rolle\np1,Bracklecombe,x\np2,Ombrelby Mills,y\n")
    assert "'Kennung', 'Heimat', 'Rolle'" in text(page)
    choose(page, "id", "Kennung")
    choose(page, "town", "Heimat")
    assert roster_texts.preview_heading("2 people") in text(page)
    choose(page, "team", "Rolle")
    assert list(page.dataframe[0].value[plan_texts.COLUMNS["team"]]) == ["x", "y"]
    choose(page, "id", "")  # then what was read stays, and what is wrong is said
    assert "no column 'id'" in text(page)
    choose(page, "id", "Kennung")
    page.button(key="use-roster").click().run()
    assert [one.id for one in desk(page).people] == ["p1", "p2"]


def test_a_roster_that_is_swapped_or_of_another_region_is_told(page: AppTest) -> None:
    upload(page, "id,lat,lon\na,-86.75,47.01\nb,-86.6,47.1\nc,52.6,-0.7\n")
    assert "lat and lon look swapped on 2 of 3 lines" in text(page)
    assert roster_texts.other_region_people(1) in text(page)


def test_a_damaged_workbook_is_told(page: AppTest) -> None:
    upload(page, "PK\x03\x04 no workbook", "staff.xlsx")
    assert "cannot be read as an Excel file" in text(page)


def test_the_sample_roster_is_planned_with_its_proof(
    planned: AppTest, browser, county: Region, curves
) -> None:
    made = desk(planned).current()
    assert made is not None
    plan = made.plan
    assert plan.placed == 24
    assert "(proven)" in text(planned)
    scene = browser.scene
    assert [card.id for card in scene.cards] == [one.place.osm_id for one in plan.meetups]
    assert scene.cards[0].headline.replace("\N{NO-BREAK SPACE}", " ") == plan_texts.people(
        len(plan.meetups[0].attendees)
    )
    assert len(scene.attendee_lines) == len(plan.meetups)
    assert sum(int(person.initials) for person in scene.people) == 24
    table = sample_path().with_name("roster.csv")
    homes = {person.point for person in read_roster(table, county.gazetteer).people}
    shown = {person.point for person in scene.people}
    assert shown == {person.point for person in desk(planned).people}
    assert not homes & shown
    assert shown == {area_at(county, point, k=20).point for point in homes}
    assert not [field for field in json.dumps(scene.to_json()) if SECRET_LAT in field]
    chart, _ = curves[-1]
    assert [mark.chosen for mark in chart.marks].count(True) == 1
    who = planned.dataframe[-1].value
    assert sorted(who[plan_texts.COLUMNS["id"]]) == sorted(one.id for one in made.people)


def test_a_point_of_the_curve_shows_that_plan(planned: AppTest, curves) -> None:
    first = desk(planned).current()
    chart, _ = curves[-1]
    wanted = next(i for i, mark in enumerate(chart.marks) if not mark.chosen)
    planned.session_state["plan-how"] = plan_texts.CHOSEN_NUMBER
    planned.session_state["plan-number"] = int(chart.marks[wanted].x)
    make(planned)
    second = desk(planned).current()
    assert first is not None
    assert second is not None
    assert len(second.plan.meetups) == int(chart.marks[wanted].x)
    assert len(desk(planned).curve) == len(first.plan.curve)
    rows = planned.table[-1].value
    assert next(iter(rows[plan_texts.FIRST_PLAN])) == str(len(first.plan.meetups))
    assert next(iter(rows[plan_texts.SECOND_PLAN])) == str(len(second.plan.meetups))
    pills = next(one for one in planned.button_group if one.label == plan_texts.PLANS)
    pills.set_value(1).run()
    assert desk(planned).shown == 1


def test_a_place_is_locked_and_another_left_out(planned: AppTest, browser) -> None:
    places = [one.place for one in desk(planned).current().plan.meetups]
    browser.select(planned, places[-1].osm_id)
    make(planned, "lock-block")
    without = {one.place.osm_id for one in desk(planned).current().plan.meetups}
    assert places[-1].osm_id not in without
    assert planned.button(key="rule-banned-0")
    planned.session_state["plan-objective"] = "fairest"
    browser.select(planned, desk(planned).current().plan.meetups[0].place.osm_id)
    kept = desk(planned).selected
    make(planned, "lock-lock")
    plan = desk(planned).current().plan
    assert kept in plan.request.forced
    assert kept in {one.place.osm_id for one in plan.meetups}
    assert places[-1].osm_id in plan.request.banned
    planned.button(key="rule-banned-0").click().run()
    assert plan_texts.SETTINGS_CHANGED in text(planned)


def test_who_is_left_out_is_told_why_and_a_repair_helps(planned: AppTest) -> None:
    planned.number_input(key="plan-minutes").set_value(12)
    planned.radio(key="plan-how").set_value(plan_texts.CHOSEN_NUMBER).run()
    assert plan_texts.SETTINGS_CHANGED in text(planned)
    make(planned)
    left = desk(planned).current().plan.unplaced
    assert left
    assert plan_texts.LEFT_OUT in text(planned)
    reasons = planned.dataframe[0].value
    assert list(reasons[plan_texts.COLUMNS["id"]]) == [one.person.id for one in left]
    assert all(reasons[plan_texts.COLUMNS["offer"]])
    make(planned, "repair-minutes")
    plan = desk(planned).current().plan
    assert plan.unplaced == ()
    assert plan.request.cutoff_s > 12 * 60


def test_those_who_take_part_by_video_are_not_planned_for(planned: AppTest) -> None:
    planned.number_input(key="plan-minutes").set_value(12)
    planned.radio(key="plan-how").set_value(plan_texts.CHOSEN_NUMBER).run()
    make(planned)
    gone = {one.person.id for one in desk(planned).current().plan.unplaced}
    make(planned, "repair-video")
    made = desk(planned).current()
    assert made.plan.unplaced == ()
    assert not gone & {one.id for one in made.people}
    planned.button(key="video-back").click().run()
    assert desk(planned).by_video == frozenset()


def test_answers_that_contradict_are_told_and_plan_nothing(planned: AppTest) -> None:
    planned.number_input(key="plan-least").set_value(9)
    planned.number_input(key="plan-most").set_value(4).run()
    assert "largest group of 4" in text(planned)
    assert planned.button(key="make-plan").disabled


def test_a_rule_about_people_is_made_and_taken_back(planned: AppTest) -> None:
    planned.multiselect(key="plan-who").set_value(["p01", "p02"]).run()
    planned.button(key="rule-apart").click().run()
    make(planned)
    plan = desk(planned).current().plan
    groups = [{one.person.id for one in meetup.attendees} for meetup in plan.meetups]
    assert plan.request.apart == (("p01", "p02"),)
    assert not any({"p01", "p02"} <= group for group in groups)
    planned.button(key="rule-apart-0").click().run()
    assert [one for one in planned.button if (one.key or "").startswith("rule-apart-")] == []


def test_the_past_counts_once_a_ledger_is_there(planned: AppTest) -> None:
    ledger = planned.file_uploader(key="ledger-file")
    ledger.set_value(("ledger.csv", b"id,minutes\np01,300\np02,10\n", "text/csv")).run()
    assert not planned.exception
    priorities = {one.id: one.priority for one in desk(planned).asked_people()}
    assert priorities["p01"] > priorities["p02"] > 0
    planned.slider(key="plan-history-share").set_value(25).run()
    make(planned)
    cost = desk(planned).current().plan.history
    assert cost is not None
    assert cost.share == 0.25
    notes = " ".join(one.value for one in planned.markdown)
    assert "far to past meetups costs" in notes or "history makes no difference" in notes
    planned.button(key="ledger-forget").click().run()
    assert {one.priority for one in desk(planned).asked_people()} == {1.0}


def test_a_curve_is_kept_for_the_same_questions_alone(planned: AppTest) -> None:
    planned.radio(key="plan-how").set_value(plan_texts.BEST_NUMBER).run()
    make(planned)
    curve = desk(planned).curve
    assert len(curve) > 2
    planned.radio(key="plan-how").set_value(plan_texts.CHOSEN_NUMBER).run()
    planned.number_input(key="plan-number").set_value(curve[1].meetups).run()
    make(planned)
    plan = desk(planned).current().plan
    (point,) = (one for one in desk(planned).curve if one.meetups == curve[1].meetups)
    assert (point.total_s, point.worst_s) == (plan.total_s, plan.worst_s)
    planned.radio(key="plan-objective").set_value("fairest").run()
    make(planned)
    assert desk(planned).curve == ()


def test_a_plan_with_a_day_is_saved_whole(
    planned: AppTest, county: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: dict[str, Callable[[], bytes]] = {}
    monkeypatch.setattr(
        "streamlit.download_button",
        lambda _label, data, *, file_name, **_more: saved.__setitem__(file_name, data),
    )
    planned.radio(key="plan-when").set_value(plan_texts.ON_A_DAY).run()
    make(planned)
    archive = zipfile.ZipFile(io.BytesIO(saved["crossroads-plan.zip"]()))
    names = archive.namelist()
    assert {"plan.json", "plan.csv", "plan.xlsx", "plan.kml", "summary.html"} <= set(names)
    assert "attendees/p01.ics" in names
    assert all(SECRET_LAT.encode() not in archive.read(name) for name in names)
    count = len(desk(planned).current().plan.meetups)
    assert saved["crossroads-plan.ics"]().count(b"BEGIN:VEVENT") == count
    assert saved["crossroads-ledger.csv"]().startswith(b"id,minutes\n")


def test_another_file_clears_the_desk_and_another_region_has_its_own(
    planned: AppTest,
) -> None:
    planned.button(key="other-roster").click().run()
    assert not planned.exception
    assert "plan-workspace" not in planned.session_state
    assert planned.file_uploader(key="roster-file")
