"""The pages of the app and the ways to them: everyday ones in the bar, the others behind a menu."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import streamlit as st
from streamlit.navigation.page import Page

from geo.ui import words

# The folder is not called "pages": Streamlit would take a folder of that name for its older way
# of navigation.
_VIEWS = Path(__file__).parent / "views"


class Entry(NamedTuple):
    """One page: what it is called, its icon, its file, and whether it is for everyday."""

    title: str
    icon: str
    file: str
    everyday: bool = True


PAGES = (
    Entry(words.NEAR, "near_me", "near.py"),
    Entry(words.HALFWAY, "group", "halfway.py"),
    Entry(words.PLAN, "event", "plan.py"),
    Entry(words.COVERAGE, "radar", "coverage.py"),
    Entry(words.VENUES, "storefront", "venues.py", everyday=False),
    Entry(words.REGIONS, "public", "regions.py", everyday=False),
)
"""Every page in the order of the bar and then of the menu; the first is the one that opens."""


def bar(entries: Sequence[Entry] = PAGES) -> Page:
    """Show the ways to the pages, and return the page to run.

    Streamlit's own navigation folds the links away on a phone; ours keeps the everyday ones in
    sight. The button of the menu is called by the page that it led to, so that everybody, whoever
    listens included, is told where they are.
    """
    pages = [
        st.Page(
            _VIEWS / entry.file,
            title=entry.title,
            icon=f":material/{entry.icon}:",
            default=entry is entries[0],
        )
        for entry in entries
    ]
    current = st.navigation(pages, position="hidden")
    with st.container(key="ways", horizontal=True, vertical_alignment="center"):
        for entry, page in zip(entries, pages, strict=True):
            if entry.everyday:
                st.page_link(page)
        rest = [page for entry, page in zip(entries, pages, strict=True) if not entry.everyday]
        if rest:
            _menu(rest, current)
    return current


def _menu(pages: Sequence[Page], current: Page) -> None:
    here = next((page for page in pages if page.url_path == current.url_path), None)
    with (
        st.container(key="more-here" if here else "more", width="content"),
        st.popover(
            here.title if here else words.MORE,
            icon=here.icon if here else ":material/more_horiz:",
            type="tertiary",
            key=f"more-of-{current.url_path}",
        ),
        st.container(key="more-pages"),
    ):
        for page in pages:
            st.page_link(page)
