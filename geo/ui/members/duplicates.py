"""People who may be one: the planner says whom to keep, and the others go."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from geo.errors import CrossroadsError
from geo.people import merge_people, possible_duplicates
from geo.privacy import Viewer
from geo.store import PersonRow
from geo.ui.distinct import distinct
from geo.ui.markdown import plain
from geo.ui.origin import tell
from geo.ui.viewer import current_viewer, the_store
from geo.ui.words import capital
from geo.ui.words import members as said

_SHOWN = 20


def show_duplicates(viewer: Viewer) -> None:
    """Show each set of people with the same name, and a way to make one of them."""
    found = possible_duplicates(the_store(), viewer.id)
    if not found:
        st.caption(said.NO_DUPLICATES)
        return
    st.caption(said.MERGE_HOW)
    for same in found[:_SHOWN]:
        _offer(same)
    if len(found) > _SHOWN:
        st.caption(said.MORE.format(count=len(found) - _SHOWN))


def _offer(same: Sequence[PersonRow]) -> None:
    named = distinct({one.id: _described(one) for one in same})
    key = f"merge-{same[0].id}"
    with st.container(key=f"{key}-box", border=True):
        st.radio(
            said.KEEP,
            list(named),
            format_func=lambda one: plain(named[one]),
            key=key,
        )
        st.button(
            said.MERGE, icon=":material/merge:", key=f"{key}-do", on_click=_merge, args=(key, same)
        )


def _described(one: PersonRow) -> str:
    known = (one.name, one.email, one.team, one.reference, said.STATUSES[one.status])
    return " · ".join(part for part in known if part)


def _merge(key: str, same: Sequence[PersonRow]) -> None:
    keep = st.session_state[key]
    drop = [one.id for one in same if one.id != keep]
    try:
        merge_people(the_store(), current_viewer().id, keep, drop)
    except CrossroadsError as error:
        tell(capital(str(error)))
    else:
        tell(said.MERGED)
