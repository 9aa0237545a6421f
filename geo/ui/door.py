"""The door: where people sign in, and where those are told why who cannot come in.

What it shows hangs on `Stranger` alone, so it says nothing of who is on the roster to anybody but
the owner of a verified address.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path

import streamlit as st

from geo.ui import cookies
from geo.ui.viewer import Stranger, Why
from geo.ui.words import signin as words

_BRAND = base64.b64encode((Path(__file__).parent / "look" / "brand.svg").read_bytes()).decode()
_TEXTS = {
    Why.ENDED: (words.TITLE, words.ENDED),
    Why.IDLE: (words.TITLE, words.IDLE),
    Why.INVALID: (words.REFUSED_TITLE, words.INVALID),
    Why.UNVERIFIED: (words.REFUSED_TITLE, words.UNVERIFIED),
    Why.UNKNOWN: (words.UNKNOWN_TITLE, words.UNKNOWN),
    Why.LEFT: (words.LEFT_TITLE, words.LEFT),
    Why.BAD_INVITATION: (words.INVITATION_TITLE, ""),
    Why.UNAVAILABLE: (words.UNAVAILABLE_TITLE, words.UNAVAILABLE),
}
_MAY_SIGN_IN = {Why.SIGNED_OUT, Why.ENDED, Why.IDLE}


def show_door(stranger: Stranger, providers: Sequence[str]) -> None:
    """Show who is not let in how to come in, or why they cannot.

    Parameters
    ----------
    stranger
        Who they are, as far as it is known, and why they are not let in.
    providers
        Where they may sign in.
    """
    title, text = _TEXTS.get(stranger.why, (words.TITLE, words.ABOUT))
    if stranger.why in _MAY_SIGN_IN and st.context.cookies.get(cookies.INVITATION):
        text = words.INVITED
    with st.container(key="door"):
        st.html(f'<img class="door-brand" src="data:image/svg+xml;base64,{_BRAND}" alt="">')
        st.title(title, anchor=False)
        # Not by Markdown, which would make a link of the address.
        st.html(f"<p>{escape(stranger.told or text.format(email=stranger.email))}</p>")
        if stranger.why in _MAY_SIGN_IN:
            _offer(providers)
        elif stranger.why is not Why.UNAVAILABLE:
            st.button(words.OTHER_ACCOUNT, type="primary", width="stretch", on_click=st.logout)
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
