"""The visitor's own wishes on the pages that look for places, and the switch to leave them out."""

from __future__ import annotations

import streamlit as st

from geo import texts
from geo.errors import CrossroadsError
from geo.network import Conditions
from geo.people.preferences import Preferences, my_preferences
from geo.places import get_kind
from geo.texts import profile as said
from geo.ui.auth import current_store, current_viewer
from geo.ui.navigation import page_path

_ACTIVE_KEY = "wishes-followed"


def own_preferences() -> Preferences:
    """Return what the visitor said that they want; anything where that cannot be known."""
    try:
        return my_preferences(current_store(), current_viewer().id)
    except CrossroadsError:  # without a store whatever needs none goes on
        return Preferences()


def active_preferences(wanted: Preferences) -> Preferences:
    """Return the visitor's wishes as far as they are to count on this page."""
    return wanted if _preference_labels(wanted) and _is_on() else Preferences()


def preferences_chip(wanted: Preferences) -> None:
    """Show the switch to whoever has wishes for places."""
    told = _preference_labels(wanted)
    if not told:
        return
    on = _is_on()
    with st.popover(
        said.BY_PREFERENCES if on else said.PREFERENCES_OFF,
        icon=":material/favorite:" if on else ":material/heart_broken:",
        key="chip-wishes",
    ):
        st.session_state.setdefault(_ACTIVE_KEY, True)
        st.toggle(said.FOLLOW_PREFERENCES, key=_ACTIVE_KEY, persist_state="session")
        st.markdown("\n".join(f"- {one}" for one in told))
        st.caption(said.FOLLOW_PREFERENCES_HELP)
        st.page_link(page_path("profile.py"), label=said.TO_PREFERENCES)


def _is_on() -> bool:
    return bool(st.session_state.get(_ACTIVE_KEY, True))


def roads_for(wanted: Preferences, roads: Conditions) -> Conditions:
    """Return the roads as whoever avoids unpaved ones takes them: as in the mud season."""
    if wanted.avoids_unpaved and roads.name == "dry":
        return Conditions("mud", ferries=roads.ferries, tolls=roads.tolls)
    return roads


def preferences_note(wanted: Preferences, left_out: int) -> str:
    """Return what is said over a list that follows wishes; empty where there are none."""
    told = [
        _kinds_text(wanted),
        _mood_text(wanted),
        said.STEP_FREE_LABEL if wanted.step_free else "",
    ]
    shown = [one for one in told if one]
    return said.preferences_note(shown, left_out) if shown else ""


def _preference_labels(wanted: Preferences) -> list[str]:
    """Return each wish for places, as the switch lists it."""
    told = [
        _kinds_text(wanted),
        _mood_text(wanted),
        said.STEP_FREE_LABEL if wanted.step_free else "",
    ]
    return [texts.capitalise(one) for one in told if one]


def _kinds_text(wanted: Preferences) -> str:
    if not wanted.kinds:
        return ""
    return said.kinds_first([get_kind(kind).plural for kind in wanted.kinds])


def _mood_text(wanted: Preferences) -> str:
    return said.MOODS_FIRST.get(wanted.mood, "")
