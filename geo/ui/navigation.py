"""The pages of the app and the ways to them: everyday ones in the bar, the others behind a menu."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import streamlit as st
from streamlit.navigation.page import Page

from geo import texts
from geo.privacy import Action, Viewer, may_see

# The folder is not called "pages": Streamlit would take a folder of that name for its older way
# of navigation.
_VIEWS = Path(__file__).parent / "views"


class PageSpec(NamedTuple):
    """One page: what it is called, its icon, its file, whether it is for everyday, and for whom."""

    title: str
    icon: str
    file: str
    everyday: bool = True
    needs: Action = Action.SEARCH_PLACES


class Navigation(NamedTuple):
    """Every page by its entry, the one that was asked for, and its entry."""

    pages: Mapping[PageSpec, Page]
    current: Page
    asked: PageSpec


PAGES = (
    PageSpec(texts.NEAR, "near_me", "near.py"),
    PageSpec(texts.HALFWAY, "group", "halfway.py"),
    PageSpec(texts.COLLEAGUES, "diversity_3", "colleagues.py"),
    PageSpec(texts.PLAN, "event", "plan.py", needs=Action.PLAN),
    PageSpec(texts.COVERAGE, "radar", "coverage.py", needs=Action.PLAN),
    PageSpec(texts.PROFILE, "account_circle", "profile.py", everyday=False),
    PageSpec(texts.MEETUPS, "event_available", "meetups.py", everyday=False, needs=Action.PLAN),
    PageSpec(texts.ROSTER, "contacts", "roster.py", everyday=False, needs=Action.SEE_ROSTER),
    PageSpec(texts.VENUES, "storefront", "venues.py", everyday=False, needs=Action.CHANGE_VENUES),
    PageSpec(texts.REGIONS, "public", "regions.py", everyday=False),
    PageSpec(texts.AUDIT, "policy", "audit.py", everyday=False, needs=Action.SEE_AUDIT),
)
"""Every page in the order of the bar and then of the menu; the first is the one that opens."""


def declare_pages(entries: Sequence[PageSpec] = PAGES) -> Navigation:
    """Tell Streamlit of every page, and return the ways to them.

    All of them are declared to everybody: a page that is not for whoever asks says so, where
    Streamlit would say that there is none.
    """
    # Copies, because `st.navigation` marks the one that may be run.
    pages = [copy(_page(entry, default=entry is entries[0])) for entry in entries]
    current = st.navigation(pages, position="hidden")
    asked = next(
        entry
        for entry, page in zip(entries, pages, strict=True)
        if page.url_path == current.url_path
    )
    return Navigation(dict(zip(entries, pages, strict=True)), current, asked)


@lru_cache(maxsize=64)
def _page(entry: PageSpec, *, default: bool) -> Page:
    """Return a page as Streamlit knows it; to make one it looks for its file on the disk."""
    icon = f":material/{entry.icon}:"
    return st.Page(_VIEWS / entry.file, title=entry.title, icon=icon, default=default)


def page_names() -> list[str]:
    """Return how the pages are called in addresses; the first one opens without its name."""
    return [Path(entry.file).stem for entry in PAGES]


def everyday_pages() -> list[tuple[str, str]]:
    """Return the everyday pages by their names in addresses, with their titles."""
    return [
        ("" if entry is PAGES[0] else Path(entry.file).stem, entry.title)
        for entry in PAGES
        if entry.everyday and entry.needs == Action.SEARCH_PLACES
    ]


def page_path(file: str) -> Path:
    """Return what `st.page_link` and `st.switch_page` call a page by its file."""
    return _VIEWS / file


def show_navigation(ways: Navigation, viewer: Viewer) -> None:
    """Show the ways to the pages that somebody may open.

    Streamlit's own navigation folds the links away on a phone; ours keeps the everyday ones in
    sight. The button of the menu is called by the page that it led to, so that everybody, whoever
    listens included, is told where they are.
    """
    open_to = {entry: page for entry, page in ways.pages.items() if may_see(viewer, entry.needs)}
    with st.container(key="navigation", horizontal=True, vertical_alignment="center"):
        for entry, page in open_to.items():
            if entry.everyday:
                st.page_link(page)
        if rest := [page for entry, page in open_to.items() if not entry.everyday]:
            _show_menu(rest, ways.current)


def _show_menu(pages: Sequence[Page], current: Page) -> None:
    here = next((page for page in pages if page.url_path == current.url_path), None)
    with (
        st.container(key="more-here" if here else "more", width="content"),
        st.popover(
            here.title if here else texts.MORE,
            icon=here.icon if here else ":material/more_horiz:",
            type="tertiary",
            key=f"more-of-{current.url_path}",
        ),
        st.container(key="more-pages"),
    ):
        for page in pages:
            st.page_link(page)
