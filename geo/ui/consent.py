"""What the visitor agrees to: the whole text, by whom they are seen, and a way to change it."""

from __future__ import annotations

import streamlit as st

from geo.errors import CrossroadsError
from geo.people import CONSENT_TEXTS, CONSENT_VERSION, my_profile, set_consent
from geo.privacy import Audience
from geo.ui.colleagues.seeing import look_anew
from geo.ui.markdown import plain
from geo.ui.origin import tell
from geo.ui.viewer import current_viewer, the_store
from geo.ui.words import capital
from geo.ui.words import profile as said


def consent_text() -> None:
    """Show the text in full, with its version."""
    st.markdown(plain(CONSENT_TEXTS[CONSENT_VERSION]))
    st.caption(said.TEXT_VERSION.format(version=CONSENT_VERSION))


def agree(audience: Audience, *, planning: bool | None = None, paused: bool = False) -> None:
    """Keep what the visitor agrees to; ``planning`` as it was if None."""
    try:
        store, viewer = the_store(), current_viewer()
        if planning is None:
            planning = my_profile(store, viewer.id).person.planning
        set_consent(store, viewer.id, audience=audience, planning=planning, paused=paused)
    except CrossroadsError as error:
        tell(capital(str(error)))
    else:
        look_anew()
        tell(said.AGREED[audience] if not paused else said.PAUSED_NOW)
