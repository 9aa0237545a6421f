"""The questions that pages share: how far, what, when, on which roads.

Each control is bound to the address of the page, so a shared link asks the same question.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from geo.network import CONDITIONS, Conditions
from geo.places import get_kind, shown_kinds
from geo.ui import words


@dataclass(frozen=True, slots=True)
class Question:
    """What the controls say.

    Attributes
    ----------
    cutoff_s
        The longest drive.
    kinds
        Kinds of place.
    at
        When the places should be open; with a zone it is an instant, else each place's own clock.
    only_open
        Whether what is known to be closed then is left out.
    conditions
        The state of the roads.
    """

    cutoff_s: float
    kinds: tuple[str, ...]
    at: datetime
    only_open: bool
    conditions: Conditions

    @property
    def minutes(self) -> int:
        """The longest drive in minutes."""
        return round(self.cutoff_s / 60)


def ask() -> Question:
    """Show the controls in a row and return what they say."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        minutes = st.slider(
            words.DRIVE, 10, 90, 30, 5, format="%d min", key="min", bind="query-params", width=220
        )
        kinds = st.multiselect(
            words.KINDS,
            shown_kinds(),
            format_func=lambda kind: get_kind(kind).plural,
            placeholder=words.ALL_KINDS,
            key="kinds",
            bind="query-params",
            width=320,
        )
        at, only_open = _when()
        conditions = _roads()
    return Question(60.0 * minutes, tuple(kinds or shown_kinds()), at, only_open, conditions)


def _when() -> tuple[datetime, bool]:
    choice = st.selectbox(
        words.WHEN,
        [words.ANY_TIME, words.NOW, words.AT_TIME],
        key="when",
        bind="query-params",
        width=140,
    )
    if choice != words.AT_TIME:
        return datetime.now().astimezone(), choice == words.NOW
    at = st.datetime_input(words.AT_WHICH, key="at", bind="query-params", width=220)
    return at or datetime.now().astimezone(), True


def _roads() -> Conditions:
    with st.popover(words.ROADS, icon=":material/add_road:"):
        state = st.radio(
            words.ROADS,
            CONDITIONS,
            format_func=lambda name: words.ROAD_STATES[name],
            key="roads",
            bind="query-params",
        )
        ferries = st.toggle(words.FERRIES, value=True, key="ferries", bind="query-params")
        tolls = st.toggle(words.TOLLS, value=True, key="tolls", bind="query-params")
    return Conditions(state or "dry", ferries=ferries, tolls=tolls)
