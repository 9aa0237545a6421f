"""One's name, one's data to take along, and the way to have it all deleted."""

from __future__ import annotations

import json
from functools import partial

import streamlit as st

from geo.errors import CrossroadsError
from geo.people import Profile, export_my_data, forget, rename
from geo.ui.colleagues.seeing import look_anew
from geo.ui.origin import tell
from geo.ui.twice import Question, ask_twice
from geo.ui.viewer import current_viewer, leave, leave_everywhere, the_sign_in, the_store
from geo.ui.words import capital, signin
from geo.ui.words import profile as said


def show_data(profile: Profile) -> None:
    """Show them."""
    with st.container(key="profile-data", border=True):
        st.subheader(said.NAME_TITLE, anchor=False)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.text_input(said.NAME, profile.person.name, max_chars=120, key="my-name")
            st.button(said.SAVE, key="save-name", on_click=_rename)
        st.subheader(said.DATA_TITLE, anchor=False)
        st.caption(said.DATA_HOW)
        st.download_button(
            said.DATA_SAVE,
            partial(_data, profile.person.id),
            file_name="crossroads-my-data.json",
            mime="application/json",
            icon=":material/download:",
            on_click="ignore",
            key="my-data",
        )
        if the_sign_in() is not None:
            st.caption(signin.SIGN_OUT_ALL_HOW)
            st.button(
                signin.SIGN_OUT_ALL,
                icon=":material/logout:",
                key="sign-out-everywhere",
                on_click=leave_everywhere,
            )
        st.caption(said.DELETE_HOW)
        question = Question(said.DELETE, said.DELETE_SURE, said.DELETE_YES, said.DELETE_NO)
        ask_twice(question, _delete, key="delete-me")


def _data(person_id: str) -> bytes:
    """Return all that is kept of somebody; made beside the pages, so it is told who asks."""
    told = export_my_data(the_store(), person_id)
    return json.dumps(told, ensure_ascii=False, indent=2).encode()


def _rename() -> None:
    try:
        rename(the_store(), current_viewer().id, st.session_state["my-name"])
    except CrossroadsError as error:
        tell(capital(str(error)))
    else:
        tell(said.SAVED)


def _delete() -> None:
    try:
        viewer = current_viewer()
        forget(the_store(), viewer.id, viewer.id)
    except CrossroadsError as error:
        tell(capital(str(error)))
        return
    look_anew()
    tell(said.DELETED)
    if the_sign_in() is not None:
        leave()
