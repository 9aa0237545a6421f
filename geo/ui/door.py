"""The door: where people sign in, and where those are told why who cannot come in.

What it shows hangs on `Stranger` alone, so it says nothing of who is on the roster to anybody but
the owner of a verified address.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from geo.ui import cookies
from geo.ui.markdown import plain
from geo.ui.viewer import Stranger, Why
from geo.ui.words import signin as words

_BRAND = base64.b64encode((Path(__file__).parent / "look" / "brand.svg").read_bytes()).decode()
_TITLES = {
    Why.INVALID: words.INVALID_TITLE,
    Why.UNVERIFIED: words.INVALID_TITLE,
    Why.UNKNOWN: words.UNKNOWN_TITLE,
    Why.INACTIVE: words.INACTIVE_TITLE,
}
_REASONS = {
    Why.ENDED: words.ENDED,
    Why.INVALID: words.INVALID,
    Why.UNVERIFIED: words.UNVERIFIED,
    Why.UNKNOWN: words.UNKNOWN,
    Why.INACTIVE: words.INACTIVE,
}


def show_door(stranger: Stranger, providers: Sequence[str]) -> None:
    """Show who is not let in how to come in, or why they cannot.

    Parameters
    ----------
    stranger
        Who they are, as far as it is known, and why they are not let in.
    providers
        Where they may sign in.
    """
    with st.container(key="door"):
        st.html(f'<img class="door-brand" src="data:image/svg+xml;base64,{_BRAND}" alt="">')
        st.title(_TITLES.get(stranger.why, words.TITLE), anchor=False)
        if stranger.why in _REASONS:
            st.markdown(_REASONS[stranger.why].format(email=f"**{plain(stranger.email)}**"))
        elif st.context.cookies.get(cookies.INVITATION):
            st.markdown(words.INVITED)
        else:
            st.markdown(words.ABOUT)
        if stranger.why in _TITLES:
            st.button(words.OTHER_ACCOUNT, type="primary", width="stretch", on_click=st.logout)
        else:
            _offer(providers)
        st.caption(words.PRIVATE)


def _offer(providers: Sequence[str]) -> None:
    for provider in providers:
        only = len(providers) == 1
        st.button(
            words.SIGN_IN if only else words.SIGN_IN_WITH.format(provider=provider.capitalize()),
            key=f"sign-in-{provider}",
            type="primary",
            width="stretch",
            on_click=st.login,
            args=(provider,),
        )
