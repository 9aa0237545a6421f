"""Near me and Colleagues, without a browser: mutual consent, bands, and a place to meet."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from geo.model import Point
from geo.people.admission import LOCAL_ID
from geo.people.homes import remove_home, set_consent
from geo.people.preferences import Preferences, set_preferences
from geo.people.profile import my_profile
from geo.privacy import Audience
from geo.store import Store
from geo.store.people import change_person, list_people
from geo.texts import colleagues as colleagues_texts
from geo.texts import profile as profile_texts

Open = Callable[[str], AppTest]
HOSTILE = "<img src=x onerror=alert(1)> **bold** $x$ [a](javascript:alert(1))"


def groups(app: AppTest):
    return [one for one in app.button_group if (one.key or "").startswith("colleagues-pick")]


def names(app: AppTest) -> list[str]:
    return [label for one in groups(app) for label in one.options]


def people(store: Store, *beginnings: str) -> list[str]:
    with store.read() as db:
        return [one.id for one in list_people(db) if one.name.startswith(beginnings)]


def pick(app: AppTest, store: Store, *beginnings: str) -> list[str]:
    wanted = people(store, *beginnings)
    for group in groups(app):
        group.set_value([one for one in wanted if offers(group, one)])
    app.run()
    assert not app.exception
    return wanted


def offers(group, person_id: str) -> bool:
    try:
        return group.format_func(person_id) in group.options
    except KeyError:
        return False


def change(store: Store, person_id: str, **values: object) -> None:
    with store.atomic() as db:
        change_person(db, person_id, **values)


@pytest.fixture
def page(open_view: Open) -> AppTest:
    return open_view("colleagues")


def test_a_fresh_computer_shows_the_fictional_colleagues_by_band(page, browser) -> None:
    assert [one.key for one in groups(page)] == [f"colleagues-pick-{n}" for n in (15, 30, 45, 60)]
    assert len(names(page)) == 24
    scene = browser.scene
    assert sum(int(one.initials) if one.initials.isdigit() else 1 for one in scene.people) == 24
    assert scene.legend[0].label == colleagues_texts.OWN_AREA
    assert (scene.origin, scene.picks) == (None, False)


def test_fewer_minutes_and_one_team_leave_fewer(page) -> None:
    minutes = next(one for one in page.button_group if one.key == "colleagues-minutes")
    minutes.set_value(15).run()
    near = names(page)
    assert [one.key for one in groups(page)] == ["colleagues-pick-15"]
    page.selectbox(key="colleagues-team").set_value("Atlas").run()
    assert not page.exception
    assert 0 < len(names(page)) < len(near)


def test_a_place_is_suggested_with_bands_and_an_invitation(page, store, browser) -> None:
    pick(page, store, "Wren", "Sol")
    page.button(key="suggest-place").click().run()
    assert not page.exception
    cards = browser.scene.cards
    assert cards
    for card in cards:
        assert card.headline.replace("\xa0", " ") in {f"within {n} min" for n in (15, 30, 45, 60)}
        assert [one.initials for one in card.drives] == ["You", "W", "S"]
        assert all(one.text.startswith("within ") for one in card.drives)
        assert not card.detail
    browser.select(page, cards[1].id)
    text = page.code[0].value
    assert "Wren (fictional) and Sol (fictional)" in text
    assert cards[1].title in text
    page.button(key="choose-others").click().run()
    assert not browser.scene.cards


def test_what_i_want_rules_places_out(page, store, browser) -> None:
    set_preferences(store, LOCAL_ID, Preferences(kinds=("library",)))
    pick(page, store, "Wren")
    page.button(key="suggest-place").click().run()
    assert {card.kind for card in browser.scene.cards} == {"library"}


def test_who_pauses_is_gone_at_the_next_click(page, store, browser) -> None:
    pick(page, store, "Wren")
    page.button(key="suggest-place").click().run()
    change(store, people(store, "Wren")[0], paused=True)
    page.run()
    assert not page.exception
    assert not any(name.startswith("Wren") for name in names(page))
    assert not browser.scene.cards
    assert len(names(page)) == 23


def test_who_does_not_show_does_not_see_and_agrees_by_one_click(open_view, store) -> None:
    open_view("near")
    set_consent(store, LOCAL_ID, audience=Audience.NOBODY, planning=False)
    page = open_view("colleagues")
    assert not names(page)
    assert page.button(key="show-team").disabled
    page.button(key="show-everyone").click().run()
    assert not page.exception
    assert len(names(page)) == 24
    kept = my_profile(store, LOCAL_ID).consents[-1]
    assert (kept.audience, kept.planning, kept.source) == ("everyone", False, "person")


def test_without_an_area_one_step_is_asked_and_the_home_is_coarsened(
    open_view, store, browser, towns, shown
) -> None:
    open_view("near")
    remove_home(store, LOCAL_ID)
    page = open_view("colleagues")
    assert colleagues_texts.HOME_TITLE in shown(page)
    home = Point(towns[0].point.lon + 0.0012345, towns[0].point.lat + 0.0023456)
    browser.type(page, home, "1 Secret Lane")
    assert not page.exception
    area = my_profile(store, LOCAL_ID).area.area
    assert area.point != home
    assert area.homes >= 20
    assert names(page)
    assert "Secret" not in shown(page) + str(browser.scene.to_json())
    assert profile_texts.HOME_SAVED.format(area=area.label) in shown(page)


def test_alone_one_is_told_how_to_ask_others(open_view, store, shown) -> None:
    open_view("near")
    for one in people(store, ""):
        if one != LOCAL_ID:
            change(store, one, audience="nobody")
    page = open_view("colleagues")
    assert colleagues_texts.NOBODY_TITLE in shown(page)
    assert page.code[0].value.startswith("I use Crossroads")


def test_names_are_text_and_namesakes_are_told_apart(open_view, store, browser) -> None:
    open_view("near")
    for one in people(store, "Avis", "Bram"):
        change(store, one, name=HOSTILE)
    page = open_view("colleagues")
    hostile = [name for name in names(page) if "onerror" in name]
    assert len(set(hostile)) == 2
    assert all(name.startswith(r"\<img") for name in hostile)


def test_the_limit_of_starts_is_told_and_places_go_on(
    open_view, monkeypatch, browser, towns
) -> None:
    monkeypatch.setenv("CROSSROADS_ORIGINS_PER_DAY", "1")
    near = open_view("near")
    browser.type(near, towns[0].point)
    assert " colleagues within 30" in browser.scene.hint
    assert browser.scene.legend[-1].label == colleagues_texts.COLLEAGUES
    assert browser.scene.people
    near.run()
    assert " colleagues within 30" in browser.scene.hint
    browser.type(near, towns[1].point)
    assert "You looked for colleagues from 1 starts today" in browser.scene.hint
    assert browser.scene.cards
    assert not browser.scene.people
