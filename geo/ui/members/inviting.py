"""Inviting people: addresses in, one link for each out, shown once."""

from __future__ import annotations

import streamlit as st

from geo.errors import CrossroadsError
from geo.people import Invitation, check_emails, invite
from geo.settings import read_settings
from geo.ui.markdown import plain
from geo.ui.origin import tell
from geo.ui.viewer import current_viewer, the_sign_in, the_store
from geo.ui.words import capital
from geo.ui.words import members as said

_MADE = "roster-invitations"
_TEXT = "invite-emails"


def show_invite() -> None:
    """Ask for addresses, or show the links that were made for them."""
    if the_sign_in() is None:
        st.info(said.LINKS_LOCAL, icon=":material/info:")
    made: list[Invitation] = st.session_state.get(_MADE, [])
    if made:
        _links(made)
        return
    with st.form("invite-form", border=False):
        st.text_area(said.ADDRESSES, placeholder=said.ADDRESSES_HINT, max_chars=20_000, key=_TEXT)
        st.form_submit_button(said.MAKE, type="primary", icon=":material/mail:", on_click=_make)


def _links(made: list[Invitation]) -> None:
    until = made[0].expires_at
    st.markdown(said.LINKS_HOW.format(day=f"{until.day} {until:%B %Y}"))
    for one in made:
        st.markdown(f"**{plain(one.email)}**")
        st.code(_link(one), language=None, wrap_lines=True)
    st.button(said.LINKS_DONE, key="hide-links", on_click=_hide)


def _link(one: Invitation) -> str:
    base = read_settings().url or (st.context.url or "").rsplit("/", 1)[0]
    return f"{base}/?invite={one.token}"


def _make() -> None:
    try:
        addresses = check_emails(st.session_state[_TEXT])
        days = read_settings().invitation_days
        made = invite(the_store(), current_viewer().id, addresses, days=days)
    except CrossroadsError as error:
        tell(capital(str(error)))
    else:
        st.session_state[_MADE] = made


def _hide() -> None:
    st.session_state.pop(_MADE, None)
