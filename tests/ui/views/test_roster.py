"""Roster, without a browser: a table in with a preview, invitations, changes, one of two."""

from __future__ import annotations

from typing import Literal

import pytest

from geo.people.admission import LOCAL_ID
from geo.store import Store
from geo.store.people import PersonRow, change_person, find_person_by, list_areas, list_people
from geo.texts import members as members_texts
from geo.texts import roster as roster_texts
from geo.ui.roster_admin import roster_csv
from geo.ui.roster_import import add_corrections

LAT, LON = "47.012345", "-86.752345"
TABLE = (
    "id,name,email,town,lat,lon,planning\n"
    f"n1,=cmd|' /C calc'!A0,new@example.org,,{LAT},{LON},yes\n"
    "n2,Nobody,,Atlantis Bay 7,,,\n"
    "p01,Avis again,avis@example.org,,,,\n"
)


@pytest.fixture
def page(open_view):
    return open_view("roster")


def turn_to(page, tab: str):
    """Open a tab; only that one is made."""
    page.session_state["roster-tabs"] = tab
    return page.run()


def settle(page) -> None:
    """Wait for what runs beside the page, and look at what came of it."""
    if "roster-import-job" in page.session_state:
        assert page.session_state["roster-import-job"].job.wait(60)
    page.run()
    assert not page.exception


def find(store: Store, column: Literal["email", "reference"], value: str) -> PersonRow | None:
    with store.read() as db:
        return find_person_by(db, column, value)


def person(store: Store, column: Literal["email", "reference"], value: str) -> PersonRow:
    found = find(store, column, value)
    assert found is not None
    return found


def test_everybody_is_listed_with_what_they_agreed_to(page, shown) -> None:
    table = page.dataframe[0].value
    assert len(table) == 25
    assert set(table[members_texts.COLUMNS[4]]) == {members_texts.SEEN_BY["everyone"]}
    page.text_input(key="roster-find").set_value("beacon").run()
    assert not page.exception
    assert set(page.dataframe[0].value[members_texts.COLUMNS[1]]) == {"Beacon"}


def test_a_long_roster_is_shown_page_by_page(page, store, shown, monkeypatch) -> None:
    monkeypatch.setattr("geo.ui.roster_admin._PER_PAGE", 10)
    page.run()
    names = members_texts.COLUMNS[0]
    first = list(page.dataframe[0].value[names])
    assert members_texts.SHOWN_RANGE.format(first=1, last=10, total=25) in shown(page)
    page.button(key="roster-chevron_right").click().run()
    page.button(key="roster-chevron_right").click().run()
    assert len(page.dataframe[0].value) == 5
    assert page.button(key="roster-chevron_right").disabled
    page.text_input(key="roster-find").set_value("atlas").run()  # another question, from its top
    assert members_texts.SHOWN_RANGE.format(
        first=1, last=len(page.dataframe[0].value), total=len(page.dataframe[0].value)
    ) in shown(page)
    page.text_input(key="roster-find").set_value("").run()
    assert list(page.dataframe[0].value[names]) == first
    page.text_input(key="roster-find").set_value("%").run()
    assert members_texts.NOBODY_FOUND in shown(page)


def test_a_table_is_looked_through_before_it_is_entered(page, store, shown) -> None:
    turn_to(page, members_texts.IMPORT)
    page.file_uploader(key="roster-table-0").set_value(("staff.csv", TABLE.encode(), "text/csv"))
    page.run()
    settle(page)
    assert find(store, "reference", "n1") is None
    text = shown(page)
    assert members_texts.import_preview(1, 1) in text
    assert "line 3" in text
    assert "Atlantis" not in text
    assert LAT not in text + page.dataframe[0].value.to_csv()
    page.button(key="import-commit").click().run()
    told = shown(page)
    settle(page)
    new = person(store, "reference", "n1")
    assert (new.planning, new.audience) == (True, "nobody")
    assert person(store, "email", "avis@example.org").reference == "p01"
    with store.read() as db:
        area = list_areas(db)[new.id].area
    assert f"{area.point.lat:.6f}" != LAT
    assert members_texts.import_result(1, 1) in told + shown(page)


def test_a_table_that_comes_again_is_said_to_change_nothing(page, store, shown) -> None:
    for _ in range(2):
        send(page, "id,name,town,planning\nn1,Wren,Bracklecombe,yes\n")
        page.button(key="import-commit").click().run()
        told = shown(page)
        settle(page)
        told += shown(page)
    assert members_texts.import_result(0, 0, 1) in told
    assert members_texts.import_result(0, 0, 1).startswith("Nothing changed:")


def test_an_import_whose_process_ended_is_told_where_its_page_opens_anew(page, shown) -> None:
    page.query_params["import"] = "0badcafe"  # begun by a session that is no more
    page.run()
    assert members_texts.INTERRUPTED in shown(page)
    assert "import" not in page.query_params
    page.run()
    assert members_texts.INTERRUPTED in shown(page)  # until something is chosen
    send(page, "id,name,town,planning\nn1,Wren,Bracklecombe,yes\n")
    assert members_texts.INTERRUPTED not in shown(page)
    assert "import" not in page.query_params


def test_the_address_says_that_an_import_runs_and_a_step_back_is_no_interruption(
    page, shown, monkeypatch
) -> None:
    monkeypatch.setattr("geo.ui.roster_import._collect_result", lambda: None)
    monkeypatch.setattr("geo.ui.roster_import._show_job", lambda _work: None)
    turn_to(page, members_texts.IMPORT)
    box = page.file_uploader(key="roster-table-0")
    box.set_value(("a.csv", b"id,name\nn1,Wren\n", "text/csv")).run()
    begun = page.query_params["import"]
    monkeypatch.undo()
    settle(page)
    page.session_state["roster-import-job"] = None
    del page.session_state["roster-import-job"]
    page.query_params["import"] = begun
    page.run()
    assert members_texts.INTERRUPTED not in shown(page)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [("a.csv", b"who,where\nx,y\n", "id"),
     ("a.xlsx", b"PK\x03\x04no", "cannot be read as an excel file"),
     ("a.csv", b"\xff\xfe\x00\xd8", "not a text file")],
)  # fmt: skip
def test_a_table_that_is_none_is_told_in_a_sentence(page, shown, name, content, told) -> None:
    turn_to(page, members_texts.IMPORT)
    page.file_uploader(key="roster-table-0").set_value((name, content, "text/csv")).run()
    settle(page)
    assert any(told in one.value.casefold().replace("\\", "") for one in page.error)


def send(page, text: str) -> None:
    turn_to(page, members_texts.IMPORT)
    box = next(one for one in page.file_uploader if one.key.startswith("roster-table-"))
    box.set_value(("a.csv", text.encode(), "text/csv")).run()
    settle(page)


def choose(page, label: str, heading: str) -> None:
    next(one for one in page.selectbox if one.label == label).set_value(heading).run()
    settle(page)


UNKNOWN = "Kennung,Rufname2,Heimat\nn7,Wren,Bracklecombe\n"


def test_columns_are_chosen_by_hand_and_remembered(page, store, shown) -> None:
    send(page, UNKNOWN)
    assert any("Kennung" in one.value for one in page.error)
    for column, heading in (("id", "Kennung"), ("name", "Rufname2"), ("town", "Heimat")):
        choose(page, roster_texts.COLUMN_NAMES[column], heading)
    assert members_texts.import_preview(1, 0) in shown(page)
    page.button(key="import-cancel").click().run()
    send(page, UNKNOWN.replace("n7", "n8"))  # next month's export
    assert members_texts.import_preview(1, 0) in shown(page)
    page.button(key="import-commit").click().run()
    settle(page)
    assert person(store, "reference", "n8").name == "Wren"
    assert "roster-import-file" not in page.session_state  # nothing of it stays


def test_addresses_are_corrected_and_looked_up_again(page, store, shown) -> None:
    send(page, "id,town,postcode\nn1,Braklkombx,\nn2,Bracklecombe,\n")
    assert members_texts.addresses_to_check(0, 1) in shown(page)
    preview = page.session_state["roster-import"]
    assert [one.line for one in preview.checks] == [2, 3]
    add_corrections(
        {0: {members_texts.ADDRESS_COLUMNS["town"]: "Ombrelby Mills", members_texts.FOUND: "x"}},
        preview.checks,
        page.session_state["roster-import-file"].corrections,
    )
    choose(page, roster_texts.COLUMN_NAMES["postcode"], "")  # whatever it is read again for
    assert members_texts.import_preview(2, 0) in shown(page)
    assert members_texts.addresses_to_check(0, 1) not in shown(page)
    page.button(key="import-commit").click().run()
    settle(page)
    with store.read() as db:
        area = list_areas(db)[find_person_by(db, "reference", "n1").id]
    assert (area.area.label, area.source) == ("Ombrelby Mills", "town")


def test_a_preview_has_nothing_to_look_up_before_something_is_corrected(page) -> None:
    send(page, "id,town\nn1,Bracklecombe\n")
    assert page.button(key="import-search").disabled


def test_invitations_are_links_shown_once(page, store, shown) -> None:
    turn_to(page, members_texts.INVITE)
    page.text_area(key="invite-emails").set_value("new@example.org; nobody at all")
    button = next(one for one in page.button if one.label == members_texts.MAKE_INVITATIONS)
    button.click().run()
    assert "that is no e-mail address" in shown(page).casefold()
    page.text_area(key="invite-emails").set_value("new@example.org")
    next(one for one in page.button if one.label == members_texts.MAKE_INVITATIONS).click().run()
    links = [one.value for one in page.code]
    assert len(links) == 1
    assert "/?invite=" in links[0]
    assert person(store, "email", "new@example.org").status == "invited"
    page.button(key="hide-links").click().run()
    assert not page.code


def test_two_of_one_name_become_one(open_view, store) -> None:
    open_view("near")
    with store.atomic() as db:
        twins = [one for one in list_people(db) if one.name.startswith(("Avis", "Bram"))]
        for one in twins:
            change_person(db, one.id, name="Twin")
    page = open_view("roster")
    turn_to(page, members_texts.DUPLICATES)
    radio = page.radio[0]
    assert len(radio.options) == 2
    merge = next(one for one in page.button if one.key in {f"merge-{twin.id}-do" for twin in twins})
    merge.click().run()
    assert not page.exception
    with store.read() as db:
        assert len([one for one in list_people(db) if one.name == "Twin"]) == 1


def test_an_export_has_areas_and_no_formula(page, store) -> None:
    with store.atomic() as db:
        other = next(one for one in list_people(db) if one.name.startswith("Avis"))
        change_person(db, other.id, name="=1+1", planning=False)
    text = roster_csv(store, LOCAL_ID).decode("utf-8-sig")
    row = next(line for line in text.splitlines() if "'=1+1" in line)
    assert "Ombrelby" not in row
    assert "Ombrelby" in text


def test_an_empty_roster_offers_the_sample(open_view, store) -> None:
    open_view("near")
    with store.read() as db:
        ids = [one.id for one in list_people(db) if one.id != LOCAL_ID]
    from geo.people.profile import forget

    for one in ids:
        forget(store, LOCAL_ID, one)
    page = open_view("roster")
    page.button(key="enter-sample").click().run()
    assert not page.exception
    assert len(page.dataframe[0].value) == 25


def test_an_employee_is_turned_away(open_view, store, shown) -> None:
    open_view("near")
    with store.atomic() as db:
        change_person(db, LOCAL_ID, role="employee")
    page = open_view("roster")
    assert not page.dataframe
    assert "Only planners can open" in shown(page)


def test_a_right_that_is_taken_away_is_gone_at_the_next_click(page, store, shown) -> None:
    turn_to(page, members_texts.INVITE)
    with store.atomic() as db:
        change_person(db, LOCAL_ID, role="employee")
    page.text_area(key="invite-emails").set_value("new@example.org")
    next(one for one in page.button if one.label == members_texts.MAKE_INVITATIONS).click().run()
    assert not page.exception
    assert find(store, "email", "new@example.org") is None
    assert "Only planners can open" in shown(page)
    assert not page.code
