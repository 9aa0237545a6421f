"""Meet halfway, without a browser."""

from __future__ import annotations

import pytest
import streamlit as st

from geo import texts
from geo.meetup import Halfway, HalfwayRequest, meet_halfway
from geo.meetup.halfway import MAX_PEOPLE
from geo.model import Point
from geo.region import Region


@pytest.fixture
def halfway(app):
    """The page, open."""
    app.run()
    app.switch_page("views/halfway.py").run()
    assert not app.exception
    return app


@pytest.fixture
def met(halfway, browser, towns):
    """The page after two people were typed."""
    browser.type(halfway, towns[0].point, "12 High Street")
    browser.type(halfway, towns[1].point, "3 Mill Lane")
    return halfway


def test_the_first_screen_offers_one_click(halfway, browser) -> None:
    assert halfway.title[0].value == texts.HALFWAY_INTRO
    assert browser.scene.hint == texts.HALFWAY_EMPTY
    next(one for one in halfway.button if one.label.startswith("Try")).click().run()
    assert len(browser.scene.people) == 2
    assert len(browser.scene.cards) > 0


def test_one_person_is_not_enough_and_two_are(halfway, browser, towns) -> None:
    browser.type(halfway, towns[0].point, "12 High Street")
    assert browser.scene.hint == texts.HALFWAY_ONE_START
    assert browser.scene.cards == ()
    browser.pick(halfway, towns[1].point)
    cards = browser.scene.cards
    assert browser.scene.heading == texts.meeting_places(len(cards))
    assert all(len(card.drives) == 2 for card in cards)
    assert [drive.initials for drive in cards[0].drives] == ["1", "2"]
    assert browser.scene.attendee_lines[0].ends == [town.point for town in towns]
    assert [entry.label for entry in browser.scene.legend] == [texts.EVERYONE]


def test_the_address_names_settlements_alone(met, browser, towns) -> None:
    said = browser.address(met)
    assert said["from"] == [
        f"{town.point.lat:.5f},{town.point.lon:.5f},{town.label}" for town in towns
    ]
    assert said["by"] == ["fairest"]
    assert "Street" not in str(said)
    browser.share(met)
    met.toggle(key="exact").set_value(True).run()
    assert "12 High Street" in browser.address(met)["from"][0]


def test_an_address_opens_the_same_meeting(app, browser, towns) -> None:
    app.switch_page("views/halfway.py")
    app.query_params["from"] = [f"{town.point.lat},{town.point.lon},{town.label}" for town in towns]
    app.query_params["by"] = "total"
    app.run()
    assert [person.point for person in browser.scene.people] == [town.point for town in towns]
    assert app.radio(key="rank").value == "total"


def test_everybody_can_be_taken_out(met, browser, towns) -> None:
    met.button(key="remove-0").click().run()
    assert [person.point for person in browser.scene.people] == [towns[1].point]
    browser.type(met, towns[0].point)
    met.button(key="clear").click().run()
    assert browser.scene.people == []
    assert browser.scene.hint == texts.HALFWAY_EMPTY
    assert "from" not in browser.address(met)


def test_there_is_a_most(met, browser, towns) -> None:
    origin = met.session_state["people"][0]
    met.session_state["people"] = [origin] * MAX_PEOPLE
    met.run()
    browser.type(met, towns[1].point)
    assert len(met.session_state["people"]) == MAX_PEOPLE
    assert str(MAX_PEOPLE) in met.toast[0].value


def test_a_start_far_from_every_road_is_told_and_not_added(met, browser) -> None:
    browser.pick(met, Point(-100.0, 40.0))
    assert len(browser.scene.people) == 2
    assert len(met.toast) == 1


@pytest.mark.parametrize("objective", ["total", "mix"])
def test_another_objective_ranks_anew(met, browser, objective: str) -> None:
    fairest = [card.id for card in browser.scene.cards]
    met.radio(key="rank").set_value(objective).run()
    assert not met.exception
    assert sorted(card.id for card in browser.scene.cards) == sorted(fairest)
    assert browser.address(met)["by"] == [objective]


def test_an_empty_overlap_gives_the_fairest_anyway_and_says_so(met, browser) -> None:
    met.slider(key="min").set_value(10).run()
    scene = browser.scene
    assert len(scene.cards) > 0
    assert scene.legend == []
    assert "10 min" in scene.hint.replace("\N{NO-BREAK SPACE}", " ")


def test_a_chosen_place_moves_the_lines(met, browser) -> None:
    last = browser.scene.cards[-1]
    browser.select(met, last.id)
    assert browser.scene.selected == last.id
    assert browser.scene.attendee_lines[0].center == last.point


def test_people_of_another_region_stay_there(second, app, browser, towns) -> None:
    app.query_params["region"] = "county"
    app.run()
    app.switch_page("views/halfway.py").run()
    browser.type(app, towns[0].point)
    app.radio(key="region").set_value(second.name).run()
    assert not app.exception
    assert browser.scene.people == []


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[HalfwayRequest]:
    """Return the questions that were searched for, one after the other."""
    asked = []

    def meet(region: Region, request: HalfwayRequest) -> Halfway:
        asked.append(request)
        return meet_halfway(region, request)

    monkeypatch.setattr("geo.meetup.meet_halfway", meet)
    # Without a browser every run has another cookie, and bands would be drawn again for each card.
    visitor = {"session": "one", "browser": "one"}
    monkeypatch.setattr("geo.ui.web.tokens._visitor", lambda: visitor)
    return asked


def test_another_card_is_shown_without_another_search(searches, met, browser) -> None:
    before = browser.scene
    done = len(searches)
    browser.select(met, before.cards[-1].id)
    assert len(searches) == done
    assert browser.scene.cards == before.cards
    assert (browser.scene.heading, browser.scene.hint) == (before.heading, before.hint)
    assert browser.scene.selected == before.cards[-1].id


def test_another_question_is_searched_for(searches, met, browser, towns) -> None:
    done = len(searches)
    met.slider(key="min").set_value(40).run()
    met.radio(key="rank").set_value("total").run()
    browser.pick(met, Point(towns[0].point.lon + 0.01, towns[0].point.lat))
    assert len(searches) == done + 3
    assert len(set(searches)) == len(searches)


def test_a_region_that_was_opened_anew_is_searched_anew(searches, met, browser) -> None:
    done, before = len(searches), browser.scene.cards
    st.cache_resource.clear()
    browser.select(met, before[0].id)
    assert len(searches) == done + 1
    assert browser.scene.cards == before


def test_files_name_the_common_area_after_another_card_too(
    searches, met, browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    monkeypatch.setattr("geo.ui.web.tokens.promise_areas", lambda make, _of: drawn.append(make()))
    met.run()
    browser.select(met, browser.scene.cards[-1].id)
    first, second = drawn
    assert first == second
    assert b'"Polygon"' in first or b'"MultiPolygon"' in first
