"""For whom each page is, written out once more by hand."""

from __future__ import annotations

import sys

import pytest

from geo import texts
from geo.privacy import Action, Role, Viewer, may_see
from geo.texts import profile
from geo.ui import MAIN
from geo.ui.navigation import PAGES

EVERYBODYS = {texts.NEAR, texts.HALFWAY, texts.COLLEAGUES, texts.PROFILE, texts.REGIONS}
PLANNERS = {texts.PLAN, texts.COVERAGE, texts.MEETUPS, texts.ROSTER, texts.VENUES}
ADMINS = {texts.AUDIT}


@pytest.mark.parametrize(
    ("role", "open_to"),
    [
        (Role.EMPLOYEE, EVERYBODYS),
        (Role.PLANNER, EVERYBODYS | PLANNERS),
        (Role.ADMIN, EVERYBODYS | PLANNERS | ADMINS),
    ],
)
def test_the_table_of_pages(role: Role, open_to: set[str]) -> None:
    viewer = Viewer(id="somebody", role=role)
    assert {page.title for page in PAGES if may_see(viewer, page.needs)} == open_to


def test_every_page_can_say_for_whom_it_is() -> None:
    needs = {page.needs for page in PAGES}
    assert needs - {Action.SEARCH_PLACES} <= set(profile.FORBIDDEN)


def test_nothing_is_called_as_a_module_of_python_is() -> None:
    """Streamlit puts the folder of its script before Python's own: `cProfile` imports `profile`."""
    names = {path.stem for path in MAIN.parent.iterdir()}
    assert names & sys.stdlib_module_names == set()
