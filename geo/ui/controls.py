"""The questions that pages share: how far, what, when, on which roads.

The first answers come from the page's address or, on a visitor's second page, from their first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import streamlit as st

from geo.export.listing import Start
from geo.export.share import SharedSearch
from geo.network import CONDITIONS, Conditions
from geo.places import get_kind, load_kinds, shown_kinds
from geo.region import Region
from geo.ui import words

_LAST = "question"
_LEAST_MIN, _MOST_MIN, _USUAL_MIN, _STEP_MIN = 10, 90, 30, 5


@dataclass(frozen=True, slots=True)
class Question:
    """What the controls say.

    Attributes
    ----------
    minutes
        The longest drive.
    kinds
        Kinds of place; empty for all that are usual.
    at
        When the places should be open; without a zone it is each place's own clock.
    open_at
        The same where closed places are to be left out, else None.
    now
        Whether that moment is the present, which a link must not fix.
    conditions
        The state of the roads.
    """

    minutes: int
    kinds: tuple[str, ...]
    at: datetime
    open_at: datetime | None
    now: bool
    conditions: Conditions

    @property
    def cutoff_s(self) -> float:
        """The longest drive in seconds."""
        return 60.0 * self.minutes

    @property
    def searched_kinds(self) -> tuple[str, ...]:
        """The kinds to look for."""
        return self.kinds or tuple(shown_kinds())

    def shared(
        self, page: str, region: Region, starts: Sequence[Start], objective: str = ""
    ) -> SharedSearch:
        """Return the question as a link says it."""
        return SharedSearch(
            page=page,
            starts=tuple(starts),
            region=region.name,
            minutes=self.minutes,
            kinds=self.kinds,
            open_at=None if self.now else self.open_at,
            conditions=self.conditions.name,
            ferries=self.conditions.ferries,
            tolls=self.conditions.tolls,
            objective=objective,
        )


def ask(asked: SharedSearch) -> Question:
    """Show the controls and return what they say; the page lays them out in a row.

    Parameters
    ----------
    asked
        What the page's address said when it was opened.
    """
    _begin_with(asked)
    minutes = st.slider(
        words.DRIVE, _LEAST_MIN, _MOST_MIN, step=_STEP_MIN, format="%d min", key="min",
        width=170,
    )  # fmt: skip
    when = st.selectbox(words.WHEN, words.WHENS, key="when", width=140)
    at = datetime.now().astimezone()
    if when == words.AT_TIME:
        at = st.datetime_input(words.AT_WHICH, key="at", width=210) or at
    kinds = st.multiselect(
        words.KINDS,
        [key for key, kind in load_kinds().items() if kind.label],
        format_func=lambda kind: get_kind(kind).plural.capitalize(),
        placeholder=words.ALL_KINDS,
        key="kinds",
        width=270,
    )
    conditions = _roads()
    open_at = None if when == words.ANY_TIME else at
    question = Question(minutes, tuple(kinds), at, open_at, when == words.NOW, conditions)
    st.session_state[_LAST] = question
    return question


def _begin_with(asked: SharedSearch) -> None:
    """Fill the controls before they are shown for the first time on a page."""
    last: Question | None = st.session_state.get(_LAST)
    if last is not None and asked.minutes is None:
        asked = replace(
            asked,
            minutes=last.minutes,
            kinds=last.kinds,
            open_at=None if last.now else last.open_at,
            conditions=last.conditions.name,
            ferries=last.conditions.ferries,
            tolls=last.conditions.tolls,
        )
    minutes = min(max(asked.minutes or _USUAL_MIN, _LEAST_MIN), _MOST_MIN)
    first = {
        "min": round(minutes / _STEP_MIN) * _STEP_MIN,
        "kinds": [kind for kind in asked.kinds if kind in load_kinds()],
        "when": words.AT_TIME if asked.open_at else words.ANY_TIME,
        "at": asked.open_at or datetime.now().replace(minute=0, second=0, microsecond=0),
        "roads": asked.conditions if asked.conditions in CONDITIONS else CONDITIONS[0],
        "ferries": asked.ferries,
        "tolls": asked.tolls,
    }
    for key, value in first.items():
        st.session_state.setdefault(key, value)


def _roads() -> Conditions:
    with st.popover(words.ROADS, icon=":material/add_road:"):
        state = st.radio(
            words.ROADS, CONDITIONS, format_func=lambda name: words.ROAD_STATES[name], key="roads"
        )
        ferries = st.toggle(words.FERRIES, key="ferries")
        tolls = st.toggle(words.TOLLS, key="tolls")
    return Conditions(state, ferries=ferries, tolls=tolls)
