"""Coverage, without a browser."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from geo.palette import SUGGESTED_COLOR
from geo.people.homes import area_at
from geo.texts import coverage as coverage_texts


@pytest.fixture
def page(app: AppTest) -> AppTest:
    """The page with the sample roster."""
    app.run()
    app.switch_page("views/coverage.py").run()
    app.button(key="sample-roster").click().run()
    app.button(key="use-roster").click().run()
    assert not app.exception
    return app


def chosen(app: AppTest, key: str, values: list[object]) -> AppTest:
    next(one for one in app.button_group if one.key == key).set_value(values).run()
    assert not app.exception
    return app


def html(app: AppTest) -> str:
    return "\n".join(str(one.value) for one in app.get("html"))


def test_everybody_is_counted_and_stands_in_their_area(page: AppTest, browser, county) -> None:
    scene = browser.scene
    assert sum(int(person.initials) for person in scene.people) == 24
    assert all(person.point == area_at(county, person.point, k=20).point for person in scene.people)
    assert [entry.label for entry in scene.legend] == [
        "Within 30 min", "Within 45 min", "Within 60 min", "None within 60 min",
    ]  # fmt: skip
    found = page.session_state["plan-workspace"].coverage[1]
    assert f"{found.covered[0]} of 24" in html(page)
    assert len(page.dataframe[0].value) == 24


def test_who_has_none_is_told_with_a_fallback_and_coloured(page: AppTest, browser) -> None:
    chosen(page, "coverage-kinds", ["coworking"])
    chosen(page, "coverage-min", [15, 30])
    found = page.session_state["plan-workspace"].coverage[1]
    lacking = found.without(900)
    assert lacking
    page.toggle(key="coverage-lacking").set_value(True).run()
    rows = page.dataframe[0].value
    assert list(rows[coverage_texts.COLUMNS["id"]]) == [one.id for one in lacking]
    assert all(rows[coverage_texts.COLUMNS["fallback"]])
    colors = {person.color for person in browser.scene.people}
    assert len(colors) > 1
    assert {entry.color for entry in browser.scene.legend} >= colors


def test_memberships_are_suggested_with_their_proof(page: AppTest, browser) -> None:
    found = page.session_state["plan-workspace"].coverage[1]
    assert len(found.suggestions) == len(browser.scene.cards) == 2
    assert browser.scene.hint == coverage_texts.PROVEN
    assert browser.scene.cards[0].color == SUGGESTED_COLOR
    page.number_input(key="coverage-new").set_value(0).run()
    assert len(browser.scene.cards) == 0


def test_the_answer_is_measured_once_for_a_question(page: AppTest) -> None:
    first = page.session_state["plan-workspace"].coverage
    page.run()
    assert page.session_state["plan-workspace"].coverage is first
    chosen(page, "coverage-min", [60])
    assert page.session_state["plan-workspace"].coverage is not first
