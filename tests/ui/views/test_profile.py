"""My profile, without a browser: the area as others see it, consent, wishes, data, the way out."""

from __future__ import annotations

import json
from datetime import date

import pytest

from geo.model import Point
from geo.people.admission import LOCAL_ID
from geo.people.profile import my_profile
from geo.store import Store
from geo.store.people import find_person, list_people
from geo.texts import profile as profile_texts


@pytest.fixture
def page(open_view):
    return open_view("profile")


def profile(store: Store):
    return my_profile(store, LOCAL_ID)


def test_the_area_is_shown_as_others_see_it_and_a_new_one_replaces_it(
    page, store, browser, towns, shown
) -> None:
    area = profile(store).area.area
    assert area.label in shown(page)
    assert f"{area.homes:,}".replace(",", r"\,") in shown(page) or f"{area.homes:,}" in shown(page)
    assert browser.scene.people[0].point == area.point
    home = Point(towns[1].point.lon + 0.0012345, towns[1].point.lat + 0.0023456)
    browser.pick(page, home)
    assert not page.exception
    moved = profile(store).area.area
    assert moved.point not in (area.point, home)
    page.button(key="delete-home").click().run()
    assert profile(store).area is None
    assert profile_texts.NO_AREA in shown(page)


def test_a_home_without_a_road_is_told_and_changes_nothing(page, store, browser, county, shown):
    before = profile(store).area
    browser.type(page, Point(county.bbox.east + 2, county.bbox.north + 2), "Far away")
    assert "not in the region" in shown(page)
    assert profile(store).area.area == before.area


def test_consent_is_kept_with_its_text_and_time(page, store, shown) -> None:
    page.radio(key="consent-audience").set_value("nobody")
    page.toggle(key="consent-planning").set_value(False)
    next(one for one in page.button if one.label == profile_texts.SAVE_CONSENT).click().run()
    assert not page.exception
    consents = profile(store).consents
    assert (consents[-1].audience, consents[-1].planning) == ("nobody", False)
    assert (consents[-1].source, consents[-1].text_version) == ("person", "2026-11")
    assert len(consents) == 2
    assert "2026-11" in shown(page)
    assert len(page.dataframe[0].value) == 2


def test_wishes_are_kept_one_by_one(page, store) -> None:
    page.selectbox(key="preference-group").set_value("small")
    page.toggle(key="preference-steps").set_value(True)
    page.number_input(key="preference-dark").set_value(0)
    next(
        one for one in page.button if one.label == profile_texts.SAVE and one.key != "save-name"
    ).click()
    page.run()
    wanted = profile(store).preferences
    assert (wanted.group_size, wanted.step_free, wanted.longest_dark_min) == ("small", True, 0)
    assert wanted.longest_min is None
    page.date_input(key="absence-days").set_value([date(2027, 1, 4), date(2027, 1, 8)])
    page.button(key="absence-add").click().run()
    assert not page.exception
    wanted = profile(store).preferences
    assert wanted.away == ((date(2027, 1, 4), date(2027, 1, 8)),)
    assert wanted.group_size == "small"
    page.button(key="absence-0").click().run()
    assert profile(store).preferences.away == ()


def test_my_data_is_all_of_it_and_delete_is_asked_twice(page, store, shown) -> None:
    from geo.people.profile import export_my_data

    told = json.loads(json.dumps(export_my_data(store, LOCAL_ID)))
    assert {"person", "home_area", "preferences", "consents", "meetups"} <= told.keys()
    page.button(key="delete-me").click().run()
    assert profile_texts.DELETE_CONFIRM in shown(page)
    page.button(key="delete-me-no").click().run()
    page.button(key="delete-me").click().run()
    page.button(key="delete-me-yes").click().run()
    assert not page.exception
    assert profile_texts.DELETED in shown(page)
    with store.read() as db:
        fresh = find_person(db, LOCAL_ID)
        assert len(list_people(db)) == 25
    assert fresh.audience == "nobody"
    assert profile(store).area is None
    assert profile(store).consents == ()


def test_a_name_is_one_s_own_to_say(page, store, shown) -> None:
    page.text_input(key="my-name").set_value("<b>Robin</b>  Hood\u202e")
    page.button(key="save-name").click().run()
    assert profile(store).person.name == "<b>Robin</b> Hood"
    page.text_input(key="my-name").set_value("   ")
    page.button(key="save-name").click().run()
    assert "The name is empty" in shown(page)
