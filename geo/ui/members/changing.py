"""Changing one person of the roster: what the roster says of them, their role, their end."""

from __future__ import annotations

import streamlit as st

from geo.errors import CrossroadsError
from geo.people import Member, MemberField, change_member, end_all_sign_ins, forget, set_role
from geo.privacy import Action, Role, Subject, Viewer, may_see
from geo.ui.markdown import plain
from geo.ui.origin import tell
from geo.ui.viewer import current_viewer, the_sign_in, the_store
from geo.ui.words import capital
from geo.ui.words import members as said
from geo.ui.words.signin import ROLES

_SURE = "roster-remove-sure"


def show_changes(viewer: Viewer, member: Member) -> None:
    """Show the form of somebody; its fields are theirs alone, so that no two people mix."""
    person = member.person
    with st.container(key="roster-change", border=True):
        st.subheader(plain(said.CHANGE_TITLE.format(name=person.name)), anchor=False)
        subject = Subject(person.id, role=Role(person.role))
        if not may_see(viewer, Action.CHANGE_ROSTER, subject):
            st.caption(said.ADMINS_ONLY)
            return
        with st.form(f"change-{person.id}", border=False):
            with st.container(horizontal=True, gap="small"):
                for field, label, value in (
                    ("name", said.NAME, person.name),
                    ("team", said.TEAM, person.team),
                    ("email", said.EMAIL, person.email or ""),
                ):
                    st.text_input(
                        label, value, max_chars=254, key=f"{field}-{person.id}", width=250
                    )
                _status(member)
                if may_see(viewer, Action.SET_ROLE, subject):
                    st.selectbox(
                        said.ROLE,
                        list(Role),
                        index=list(Role).index(Role(person.role)),
                        format_func=ROLES.__getitem__,
                        key=f"role-{person.id}",
                        width=150,
                    )
            st.form_submit_button(
                said.SAVE, type="primary", icon=":material/check:", on_click=_save, args=(member,)
            )
        with st.container(horizontal=True, gap="small"):
            if the_sign_in() is not None and may_see(viewer, Action.END_SIGN_INS, subject):
                st.button(
                    said.END_SIGN_INS,
                    icon=":material/logout:",
                    help=said.END_SIGN_INS_HOW,
                    key="roster-end-sign-ins",
                    disabled=person.subject is None,
                    on_click=_end_sign_ins,
                    args=(person.id,),
                )
            _remove(member)


def _end_sign_ins(person_id: str) -> None:
    try:
        end_all_sign_ins(the_store(), current_viewer().id, person_id)
    except CrossroadsError as error:
        tell(capital(str(error)))
    else:
        tell(said.SIGN_INS_ENDED)


def _status(member: Member) -> None:
    statuses = list(said.STATUSES)
    st.selectbox(
        said.STATUS,
        statuses,
        index=statuses.index(member.person.status),
        format_func=said.STATUSES.__getitem__,
        key=f"status-{member.person.id}",
        width=150,
    )


def _save(member: Member) -> None:
    """Change what differs, so that what others changed meanwhile stays."""
    person, state = member.person, st.session_state
    before: dict[MemberField, str] = {
        "name": person.name,
        "team": person.team,
        "email": person.email or "",
        "status": person.status,
    }
    now = {field: state[f"{field}-{person.id}"] for field in before}
    changes = {field: now[field] for field, old in before.items() if now[field] != old}
    role = state.get(f"role-{person.id}", Role(person.role))
    try:
        store, viewer = the_store(), current_viewer()
        if changes:
            change_member(store, viewer.id, person.id, changes)
        if role != person.role:
            set_role(store, viewer.id, person.id, role)
    except CrossroadsError as error:
        tell(capital(str(error)))
    else:
        tell(said.SAVED)


def _remove(member: Member) -> None:
    person = member.person
    if st.session_state.get(_SURE) != person.id:
        st.button(
            said.REMOVE,
            icon=":material/delete:",
            key="roster-remove",
            on_click=_ask,
            args=(person.id,),
        )
        return
    st.warning(plain(said.REMOVE_SURE.format(name=person.name)), icon=":material/warning:")
    with st.container(horizontal=True, gap="small"):
        st.button(said.REMOVE_YES, key="remove-yes", on_click=_forget, args=(person.id,))
        st.button(said.REMOVE_NO, key="remove-no", on_click=_ask, args=(None,))


def _ask(person_id: str | None) -> None:
    st.session_state[_SURE] = person_id


def _forget(person_id: str) -> None:
    _ask(None)
    try:
        forget(the_store(), current_viewer().id, person_id)
    except CrossroadsError as error:
        tell(capital(str(error)))
    else:
        tell(said.REMOVED)
