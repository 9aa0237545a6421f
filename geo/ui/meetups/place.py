"""Changing where a kept meetup is: places that all can reach, the least driving first."""

from __future__ import annotations

import streamlit as st

from geo.errors import CrossroadsError
from geo.measures import drive
from geo.people import OtherPlace, moved, other_places
from geo.places import get_kind
from geo.region import Region
from geo.store import Plan, PlannedMeetup
from geo.ui.distinct import distinct
from geo.ui.meetups import opened
from geo.ui.origin import tell
from geo.ui.viewer import current_viewer, the_store
from geo.ui.words import capital
from geo.ui.words import meetups as said


def change_place(region: Region, plan: Plan, meetup: PlannedMeetup, key: str) -> None:
    """Show the way to another place; which ones there are is asked when somebody wants to know."""
    found: list[OtherPlace] | None = st.session_state.get(f"places-{key}")
    with st.popover(said.CHANGE_PLACE, icon=":material/edit_location_alt:", key=f"place-{key}"):
        if found is None:
            st.caption(said.PLACES_HOW)
            st.button(
                said.FIND_PLACES,
                icon=":material/search:",
                key=f"find-{key}",
                on_click=_find,
                args=(region, plan, meetup, key),
            )
        elif not found:
            st.caption(said.NO_PLACES)
        else:
            _choose(meetup, found, key)


def _choose(meetup: PlannedMeetup, found: list[OtherPlace], key: str) -> None:
    named = distinct({one.place.osm_id: _described(one) for one in found})
    st.selectbox(
        said.OTHER_PLACE,
        list(named),
        format_func=named.__getitem__,
        key=f"other-{key}",
        width=420,
    )
    st.button(
        said.MOVE_THERE,
        type="primary",
        key=f"move-there-{key}",
        on_click=_move,
        args=(meetup, found, key),
    )


def _described(one: OtherPlace) -> str:
    kind = get_kind(one.place.kind).label
    if not one.total_s:
        return f"{one.place.name} · {kind}"
    return said.other_place(f"{one.place.name} · {kind}", drive(one.worst_s), drive(one.total_s))


def _find(region: Region, plan: Plan, meetup: PlannedMeetup, key: str) -> None:
    try:
        found = other_places(the_store(), current_viewer().id, region, plan, meetup)
    except CrossroadsError as error:
        tell(capital(str(error)))
    else:
        st.session_state[f"places-{key}"] = found


def _move(meetup: PlannedMeetup, found: list[OtherPlace], key: str) -> None:
    wanted = st.session_state[f"other-{key}"]
    chosen = next(one for one in found if one.place.osm_id == wanted)
    st.session_state.pop(f"places-{key}", None)
    opened.change(moved(meetup, chosen))
