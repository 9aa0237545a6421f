"""Near me, without a browser: what the page asks, answers, remembers and tells others."""

from __future__ import annotations

import pytest

from geo import texts
from geo.model import Point


@pytest.fixture
def answered(app, browser, towns):
    """The page after a start was typed."""
    app.run()
    browser.type(app, towns[0].point, "Home, sweet home")
    return app


def test_the_first_screen_says_what_it_is_for_and_offers_one_click(app, browser) -> None:
    app.run()
    assert not app.exception
    assert app.title[0].value == texts.NEAR_INTRO
    assert any(texts.FICTIONAL in caption.value for caption in app.caption)
    assert browser.scene.cards == ()
    assert browser.scene.hint == texts.NEAR_EMPTY
    button = next(one for one in app.button if one.label.startswith("Start in"))
    button.click().run()
    assert len(browser.scene.cards) > 0
    assert browser.scene.heading == texts.places_heading(
        len(browser.scene.cards), texts.minutes(30)
    )
    assert not any(one.label.startswith("Start in") for one in app.button)


def test_the_bands_of_the_next_start_are_where_the_browser_was_told(
    app, browser, towns, monkeypatch
) -> None:
    here = {"session": "a session", "browser": "a browser"}
    monkeypatch.setattr("geo.ui.web.tokens._visitor", lambda: here)
    app.run()
    for step in (1, 2):
        told = browser.scene.next_areas_url
        point = Point(towns[0].point.lon + 0.00137 * step, towns[0].point.lat)
        browser.pick(app, point)
        assert browser.scene.areas_url == told
        assert browser.scene.next_areas_url not in (told, None)
    shown = browser.scene
    browser.select(app, shown.cards[0].id)
    assert (browser.scene.areas_url, browser.scene.next_areas_url) == (
        shown.areas_url,
        shown.next_areas_url,
    )


def test_cards_are_sorted_by_the_drive_and_say_why(answered, browser, towns) -> None:
    cards = browser.scene.cards
    assert [card.label for card in cards] == [str(i + 1) for i in range(len(cards))]
    assert cards[0].notes[0] == "Nearest place."
    assert browser.scene.origin == towns[0].point
    assert [entry.label for entry in browser.scene.legend] == [
        *(texts.minutes(value) for value in (10, 20, 30)),
        "colleagues",
    ]
    for card in cards:
        assert " " not in card.headline  # no line break may part a number from its unit
        assert "back" in card.detail


def test_the_address_names_the_settlement_and_never_the_exact_start(answered, browser, towns):
    point = towns[0].point
    exact = Point(point.lon + 0.0031, point.lat + 0.0017)
    browser.pick(answered, exact)
    assert browser.scene.origin == exact
    said = browser.address(answered)
    assert said["from"] == [f"{point.lat:.5f},{point.lon:.5f},{towns[0].label}"]
    assert "Home" not in str(said)
    browser.share(answered)
    answered.toggle(key="exact").set_value(True).run()
    assert f"{exact.lat:.5f},{exact.lon:.5f}" in browser.address(answered)["from"][0]


def test_an_address_opens_the_same_search(app, browser, towns) -> None:
    point = towns[0].point
    app.query_params["from"] = f"{point.lat:.5f},{point.lon:.5f},Somewhere"
    app.query_params["minutes"] = "45"
    app.query_params["kind"] = ["library", "cafe"]
    app.query_params["roads"] = "mud"
    app.query_params["ferries"] = "no"
    app.run()
    assert browser.box["value"] == "Somewhere"
    assert app.slider(key="min").value == 45
    assert {card.kind for card in browser.scene.cards} <= {"café", "library"}
    assert app.radio(key="roads").value == "mud"
    said = browser.address(app)
    assert (said["minutes"], said["roads"], said["ferries"]) == (["45"], ["mud"], ["no"])
    assert sorted(said["kind"]) == ["cafe", "library"]


@pytest.mark.parametrize(
    ("field", "value"), [("minutes", "soon"), ("from", "here"), ("open", "1 o'clock")]
)
def test_a_damaged_address_is_told_and_asks_nothing(app, browser, field, value) -> None:
    app.query_params[field] = value
    app.run()
    assert not app.exception
    assert "The link is damaged" in app.warning[0].value
    assert browser.scene.cards == ()


def test_values_that_the_controls_cannot_say_become_the_nearest(app) -> None:
    app.query_params["minutes"] = "1234"
    app.query_params["kind"] = ["no such kind", "library"]
    app.query_params["roads"] = "lava"
    app.run()
    assert not app.exception
    assert app.slider(key="min").value == 90
    assert app.session_state["kinds"] == ["library"]
    assert app.radio(key="roads").value == "dry"


def test_a_choice_draws_the_route_and_a_second_start_forgets_it(answered, browser, towns) -> None:
    last = browser.scene.cards[-1]
    browser.select(answered, last.id)
    assert browser.scene.selected == last.id
    assert len(browser.scene.route) > 2
    browser.share(answered)
    assert "Invite people to" in "".join(one.value for one in answered.markdown)
    before = browser.scene.fit_id
    browser.select(answered, None)
    assert (browser.scene.selected, browser.scene.route) == (None, None)
    assert browser.scene.fit_id == before  # the camera stays
    browser.select(answered, last.id)
    browser.pick(answered, towns[1].point)
    assert browser.scene.selected is None
    assert browser.scene.fit_id != before


def test_a_point_far_from_every_road_changes_nothing_and_is_told(answered, browser, towns) -> None:
    browser.pick(answered, Point(-100.0, 40.0))
    assert not answered.exception
    assert browser.scene.origin == towns[0].point
    assert any("from the nearest road in County" in one.value for one in answered.markdown)
    answered.run()
    assert len(answered.toast) == 0


def test_a_link_to_another_part_of_the_world_is_told(app, browser) -> None:
    app.query_params["from"] = "42.5,1.5,Andorra"
    app.run()
    assert not app.exception
    assert browser.scene.origin is None
    assert len(app.toast) == 1
    assert "from" not in browser.address(app)


def test_nothing_within_reach_shows_the_nearest_beyond_and_what_would_help(
    app, browser, county
) -> None:
    wanted = next(place for place in _places(county) if place.kind == "coworking")
    far = max(
        (place.point for place in _places(county) if place.kind != "coworking"),
        key=lambda point: abs(point.lon - wanted.point.lon),
    )
    app.query_params["from"] = f"{far.lat:.5f},{far.lon:.5f},Far"
    app.query_params["minutes"] = "10"
    app.query_params["kind"] = "coworking"
    app.run()
    assert browser.scene.heading == texts.NO_PLACES_WITHIN.format(limit=texts.minutes(10))
    assert 0 < len(browser.scene.cards) <= 3
    assert {card.kind for card in browser.scene.cards} == {"coworking space"}
    offers = [one for one in app.button if one.label.startswith("Also look for")]
    assert offers
    offers[0].click().run()
    assert browser.scene.heading == texts.places_heading(
        len(browser.scene.cards), texts.minutes(10)
    )


def test_what_is_known_to_be_closed_is_left_out_when_asked(answered, browser) -> None:
    everything = {card.id for card in browser.scene.cards}
    answered.radio(key="when").set_value(texts.AT_TIME).run()
    answered.session_state["at"] = answered.session_state["at"].replace(
        year=2026, month=5, day=4, hour=3
    )
    answered.run()
    cards = browser.scene.cards
    assert {card.tone for card in cards} <= {"open", "unknown"}
    assert {card.id for card in cards} < everything
    assert browser.address(answered)["open"] == ["2026-05-04T03:00"]
    answered.radio(key="when").set_value(texts.NOW).run()
    assert "open" not in browser.address(answered)  # a link must not fix the present


def test_the_best_to_work_at_go_first_when_asked(answered, browser) -> None:
    by_drive = [card.id for card in browser.scene.cards]
    answered.radio(key="order").set_value(texts.BEST_FOR_WORK).run()
    by_work = [card.id for card in browser.scene.cards]
    assert sorted(by_work) == sorted(by_drive)
    assert by_work != by_drive


def test_another_region_has_no_start_yet_and_the_first_remembers_its_own(
    second, app, browser, towns, county
) -> None:
    app.query_params["region"] = "county"
    app.run()
    browser.type(app, towns[0].point, "Home")
    app.radio(key="region").set_value(second.name).run()
    assert not app.exception
    assert browser.scene.region == second.bbox
    assert (browser.scene.origin, browser.box["value"]) == (None, "")
    assert browser.address(app) == {"region": [second.name], "minutes": ["30"]}
    app.radio(key="region").set_value("county").run()
    assert browser.scene.origin == towns[0].point


def test_a_real_region_goes_before_the_fictional_one(second, app, browser, county) -> None:
    assert county.name < second.name
    app.run()
    assert browser.scene.region == second.bbox


def test_a_region_that_is_not_here_is_told(second, app, browser) -> None:
    app.query_params["region"] = "atlantis"
    app.run()
    assert "“Atlantis”" in app.warning[0].value
    assert browser.scene.region != ()


def test_a_link_cannot_put_markup_on_the_page(second, app) -> None:
    app.query_params["region"] = "[free](https://evil.example)"
    app.run()
    assert "[free](" not in app.warning[0].value


def test_a_moment_with_a_zone_is_read_as_the_clock_there(app) -> None:
    app.query_params["open"] = "2026-05-04T10:00+09:00"
    app.run()
    assert not app.exception
    assert app.session_state["at"].isoformat() == "2026-05-04T10:00:00"


def test_the_question_goes_along_to_the_other_pages_and_back(answered, browser, towns) -> None:
    answered.slider(key="min").set_value(20).run()
    answered.radio(key="roads").set_value("winter").run()
    answered.switch_page("views/halfway.py").run()
    assert not answered.exception
    assert answered.slider(key="min").value == 20
    answered.switch_page("views/regions.py").run()
    answered.switch_page("views/near.py").run()
    assert (answered.slider(key="min").value, answered.radio(key="roads").value) == (20, "winter")
    assert browser.scene.origin == towns[0].point


def test_a_remote_basemap_shows_only_where_an_operator_chose_it(
    app, browser, county, monkeypatch
) -> None:
    app.run()
    assert browser.scene.tiles.startswith("crossroads/tiles/")
    url = "https://tiles.example.org/{z}/{x}/{y}.png"
    monkeypatch.setenv("CROSSROADS_BASEMAP", url)
    monkeypatch.setenv("CROSSROADS_BASEMAP_ATTRIBUTION", "© Example")
    app.run()
    assert browser.scene.tiles == url
    assert browser.scene.attribution == f"© Example · {county.manifest.attribution}"


def _places(region):
    return [region.places[int(row)] for row in region.places.rows()]
