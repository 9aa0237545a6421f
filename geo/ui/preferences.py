"""The visitor's own wishes on the pages that look for places, and the switch to leave them out."""

from __future__ import annotations

import streamlit as st

from geo import texts
from geo.errors import CrossroadsError
from geo.network import Conditions
from geo.people import Preferences, my_preferences
from geo.places import get_kind
from geo.texts import profile as said
from geo.ui.auth import current_viewer, the_store
from geo.ui.navigation import page_of

_FOLLOWED = "wishes-followed"


def own_wishes() -> Preferences:
    """Return what the visitor said that they want; anything where that cannot be known."""
    try:
        return my_preferences(the_store(), current_viewer().id)
    except CrossroadsError:  # without a store whatever needs none goes on
        return Preferences()


def followed(wanted: Preferences) -> Preferences:
    """Return the visitor's wishes as far as they are to count on this page."""
    return wanted if _told(wanted) and _is_on() else Preferences()


def wishes_chip(wanted: Preferences) -> None:
    """Show the switch to whoever has wishes for places."""
    told = _told(wanted)
    if not told:
        return
    on = _is_on()
    with st.popover(
        said.BY_WISHES if on else said.WISHES_OUT,
        icon=":material/favorite:" if on else ":material/heart_broken:",
        key="chip-wishes",
    ):
        st.session_state.setdefault(_FOLLOWED, True)
        st.toggle(said.FOLLOW, key=_FOLLOWED, persist_state="session")
        st.markdown("\n".join(f"- {one}" for one in told))
        st.caption(said.FOLLOW_HOW)
        st.page_link(page_of("profile.py"), label=said.TO_WISHES)


def _is_on() -> bool:
    return bool(st.session_state.get(_FOLLOWED, True))


def roads_for(wanted: Preferences, roads: Conditions) -> Conditions:
    """Return the roads as whoever avoids unpaved ones takes them: as in the mud season."""
    if wanted.avoids_unpaved and roads.name == "dry":
        return Conditions("mud", ferries=roads.ferries, tolls=roads.tolls)
    return roads


def wishes_line(wanted: Preferences, left_out: int) -> str:
    """Return what is said over a list that follows wishes; empty where there are none."""
    told = [_kinds(wanted), _mood(wanted), said.STEPS_WISH if wanted.step_free else ""]
    shown = [one for one in told if one]
    return said.followed(shown, left_out) if shown else ""


def _told(wanted: Preferences) -> list[str]:
    """Return each wish for places, as the switch lists it."""
    told = [_kinds(wanted), _mood(wanted), said.STEPS_WISH if wanted.step_free else ""]
    return [texts.capital(one) for one in told if one]


def _kinds(wanted: Preferences) -> str:
    if not wanted.kinds:
        return ""
    return said.kinds_first([get_kind(kind).plural for kind in wanted.kinds])


def _mood(wanted: Preferences) -> str:
    return said.MOODS_FIRST.get(wanted.mood, "")
