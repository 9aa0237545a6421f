"""How somebody likes to meet: what they say here, plans and suggestions follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import streamlit as st

from geo.errors import CrossroadsError
from geo.people import (
    GROUP_SIZES,
    MOODS,
    OFTEN,
    REST_DAYS,
    Preferences,
    Profile,
    set_preferences,
)
from geo.people import my_preferences as preferences_of
from geo.places import get_kind, shown_kinds
from geo.ui.controls import begin_from
from geo.ui.markdown import plain
from geo.ui.origin import tell
from geo.ui.viewer import current_viewer, the_store
from geo.ui.words import capital
from geo.ui.words import profile as said

_LONGEST_MIN = 240


def show_wishes(profile: Profile) -> None:
    """Show the questions as one form, and the days away below."""
    wanted = profile.preferences
    with st.container(key="profile-wishes", border=True):
        st.subheader(said.WISHES_TITLE, anchor=False)
        st.caption(said.WISHES_HOW)
        with st.form("wishes", border=False):
            _choices(wanted)
            _drives(wanted)
            st.form_submit_button(
                said.SAVE, type="primary", icon=":material/check:", on_click=_keep
            )
        _away(wanted)


def _choices(wanted: Preferences) -> None:
    rest = said.OFTEN_HOW.format(days=REST_DAYS[wanted.often])
    often_how = said.OFTEN_ANY if wanted.often == "any" else rest
    for label, options, names, value, key, how in (
        (said.GROUP, GROUP_SIZES, said.GROUPS, wanted.group_size, "wish-group", said.GROUP_HOW),
        (said.OFTEN, OFTEN, said.OFTENS, wanted.often, "wish-often", often_how),
    ):
        st.selectbox(
            label, options, index=options.index(value), format_func=names.__getitem__, key=key
        )
        st.caption(how)
    st.segmented_control(
        said.MOOD,
        MOODS,
        default=wanted.mood,
        required=True,
        format_func=said.MOODS.__getitem__,
        key="wish-mood",
    )
    st.caption(said.MOOD_HOW)
    st.pills(
        said.KINDS,
        list(shown_kinds()),
        selection_mode="multi",
        default=[kind for kind in wanted.kinds if kind in shown_kinds()],
        format_func=lambda kind: capital(get_kind(kind).plural),
        key="wish-kinds",
    )
    st.caption(said.KINDS_HOW)
    st.toggle(said.STEP_FREE, value=wanted.step_free, key="wish-steps")
    st.caption(said.STEP_FREE_HOW)


def _drives(wanted: Preferences) -> None:
    for label, value, key in (
        (said.LONGEST, wanted.longest_min, "wish-longest"),
        (said.LONGEST_DARK, wanted.longest_dark_min, "wish-dark"),
    ):
        st.number_input(label, 0, _LONGEST_MIN, value, step=5, placeholder=said.ANY, key=key)
    st.caption(said.LONGEST_HOW)
    st.toggle(said.UNPAVED, value=wanted.avoids_unpaved, key="wish-unpaved")
    st.caption(said.UNPAVED_HOW)


def _away(wanted: Preferences) -> None:
    st.markdown(f"**{said.AWAY}**")
    st.caption(said.AWAY_HOW)
    with st.container(key="away", horizontal=True, gap="small"):
        for position, (first, last) in enumerate(wanted.away):
            text = said.days(_date(first), _date(last))
            st.button(
                plain(text),
                icon=":material/close:",
                icon_position="right",
                help=said.AWAY_DROP.format(days=text),
                key=f"away-{position}",
                on_click=_drop_away,
                args=((first, last),),
            )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.date_input(said.AWAY_DATES, value=[], key="away-days", width=260)
        st.button(said.AWAY_ADD, icon=":material/add:", key="away-add", on_click=_add_away)


def _keep() -> None:
    state = st.session_state
    _change(
        group_size=state["wish-group"],
        often=state["wish-often"],
        mood=state["wish-mood"] or "any",
        kinds=tuple(state["wish-kinds"]),
        step_free=state["wish-steps"],
        longest_min=state["wish-longest"],
        longest_dark_min=state["wish-dark"],
        avoids_unpaved=state["wish-unpaved"],
    )


def _add_away() -> None:
    days = tuple(st.session_state["away-days"])
    if days:
        kept = preferences_of(the_store(), current_viewer().id).away
        _change(away=tuple(sorted({*kept, (days[0], days[-1])})))
        st.session_state["away-days"] = []


def _drop_away(days: tuple[date, date]) -> None:
    kept = preferences_of(the_store(), current_viewer().id).away
    _change(away=tuple(one for one in kept if one != days))


def _change(**values: object) -> None:
    """Change some wishes and leave the others as they are kept now."""
    try:
        store, viewer = the_store(), current_viewer()
        wanted = replace(preferences_of(store, viewer.id), **values)  # type: ignore[arg-type]
        set_preferences(store, viewer.id, wanted)
    except CrossroadsError as error:
        tell(capital(str(error)))
    else:
        begin_from(wanted)
        tell(said.SAVED)


def _date(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
