"""What is shown where there is nobody to see yet: how to ask others to join."""

from __future__ import annotations

import streamlit as st

from geo.people import Profile
from geo.privacy import Audience
from geo.settings import read_settings
from geo.ui.pages import page_of
from geo.ui.words import colleagues as said


def ask_others(profile: Profile, *, may_invite: bool) -> None:
    """Show a text to send, and the way to the invitations for those who may make them."""
    with st.container(key="first-step", border=True):
        st.subheader(said.NOBODY_TITLE, anchor=False)
        st.markdown(said.NOBODY)
        if profile.person.audience == Audience.TEAM:
            st.caption(said.NOBODY_TEAM)
        text = said.ASK_THEM.format(url=read_settings().url or st.context.url or "")
        st.code(text.strip(), language=None, wrap_lines=True)
        with st.container(horizontal=True, gap="small"):
            if may_invite:
                st.page_link(
                    page_of("roster.py"), label=said.INVITE_BY_MAIL, icon=":material/mail:"
                )
            st.page_link(page_of("profile.py"), label=said.TO_PROFILE)
